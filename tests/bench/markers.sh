# Marker genes of 20,000 x 20,000 log-normalised cells in 40 groups, beside scanpy; with
# BENCH_LARGE=1 Wilcoxon's test of a million cells, in ours alone.
query=$(data markers-20k --cells 20000 --genes 20000 --types 40 --lognorm)
peer="$PYTHON -W ignore $PEER_SCRIPTS/markers.py $query"
compare 'markers, t-test, 20,000 x 20,000, 40 groups' 5 10 \
	"markers -q -g cell_type --method t-test $query -o $DATA_FOLDER/markers.tsv" "$peer t-test"
compare 'markers, wilcoxon, 20,000 x 20,000, 40 groups' 15 10 \
	"markers -q -g cell_type $query -o $DATA_FOLDER/markers.tsv" "$peer wilcoxon"
measure '  a plain read of that file' "norm-check -q --slot X $query -o /dev/null"
if [ "${BENCH_LARGE:-0}" = 1 ]; then
	large=$(data markers-1m --cells 1000000 --genes 20000 --types 40 --lognorm --compress gzip:1)
	RUNS=1 measure 'markers, wilcoxon, 1,000,000 x 20,000, 40 groups' \
		"markers -q -g cell_type $large -o $DATA_FOLDER/markers.tsv"
fi
