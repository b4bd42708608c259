# Reference mapping on generated cells: a query of 50,000 cells placed in a reference, labels by
# neighbours, anchors and down a tree, Harmony; beside symphonypy, scikit-learn, scHPL and harmonypy
# where they are installed: in PYTHON, or each in a Python of its own, SYMPHONYPY, SCHPL, HARMONYPY_0
# (0.0.10) and HARMONYPY_2 (2.1.0). BENCH_LARGE=1 takes references of the full size.
peer="-W ignore $PEER_SCRIPTS/map.py"
embedded() { # embedded NAME CELLS SEED
	[ -e "$DATA_FOLDER/$1.h5ad" ] || "$PYTHON" -W ignore "$PEER_SCRIPTS/map.py" embed "$2" "$3" "$DATA_FOLDER/$1.h5ad"
	echo "$DATA_FOLDER/$1.h5ad"
}
# beside MODULE PYTHON TITLE SPEED MEMORY OURS THEIRS: ours alone, and why, when the module is not there.
beside() {
	if "$2" -W ignore -c "import $1" 2>/dev/null; then
		compare "$3" "$4" "$5" "$6" "$2 $7"
	else
		measure "$3; $1 is not installed" "$6"
	fi
}
large=${BENCH_LARGE:-0} cells=20000 points=100000
[ "$large" = 0 ] || cells=100000 points=500000

atlas=$(data "map-atlas-$cells" --cells "$cells" --genes 20000 --types 40 --lognorm)
query=$(data map-query --cells 50000 --genes 20000 --types 40 --lognorm --seed 2)
ref=$DATA_FOLDER/map-$cells.ref.h5
measure "ref-build, $cells x 20,000" "ref-build -q -l cell_type $atlas -o $ref"
ref-model export -q "$ref" -o "$DATA_FOLDER/map.symphonypy.h5ad"
beside symphonypy "${SYMPHONYPY:-$PYTHON}" "ref-map, 50,000 x 20,000 onto $cells" 5 5 \
	"ref-map -q -m $ref $query -o $DATA_FOLDER/mapped.h5ad" "$peer symphonypy $DATA_FOLDER/map.symphonypy.h5ad $query"

a=$(embedded "embed-$points" "$points" 1) q=$(embedded embed-50k 50000 3) few=$(embedded embed-20k 20000 4)
transfer="knn-transfer -q --coordinates X_e -l kind -o $DATA_FOLDER/calls.tsv"
beside sklearn "$PYTHON" "knn-transfer, 50,000 on $points, d 30, exact" - - \
	"$transfer -m $a --exact-cells $points $q" "$peer knn $a $q"
measure "knn-transfer, the same by groups" "$transfer -m $a --exact-cells 1000 $q"
anchored=$(embedded embed-100k 100000 2)
measure 'anchors with mapping score, 20,000 on 100,000, d 30' "$transfer --by anchors -m $anchored $few"
{ printf '('; printf 'type%02d,' $(seq 0 38); printf 'type39)root;'; } >"$DATA_FOLDER/flat.nwk"
beside scHPL "${SCHPL:-$PYTHON}" 'down a tree of 40 labels, 20,000 on 100,000, d 30' 20 - \
	"$transfer --tree $DATA_FOLDER/flat.nwk -m $anchored $few" "$peer schpl $anchored $few 20000"
for version in 0 2; do
	of=HARMONYPY_$version
	python=${!of:-}
	if [ -n "$python" ]; then
		beside harmonypy "$python" "Harmony of 20,000 x 30, 8 batches, beside harmonypy $version" - - \
			"$BENCH_BIN/harmony-run -q --flavour $version $few" "$peer harmony $few"
	else
		measure "Harmony $version of 20,000 x 30, 8 batches; $of names no Python" "$BENCH_BIN/harmony-run -q --flavour $version $few"
	fi
done
