# Reference mapping on generated cells: a query of 50,000 cells placed in a reference, labels by
# neighbours, anchors and down a tree, Harmony; beside symphonypy, scikit-learn, scHPL and harmonypy
# where they are installed: in PYTHON, or each in a Python of its own, SYMPHONYPY, SCHPL, HARMONYPY_0
# (0.0.10) and HARMONYPY_2 (2.1.0). BENCH_LARGE=1 takes references of the full size, and then tells
# whether the seconds and megabytes aimed at on two cores are kept. Ours read and write whole files;
# the peers' answers stay in memory.
peer="-W ignore $PEER_SCRIPTS/map.py"
embedded() { # embedded NAME CELLS SEED [DIMENSIONS [BATCHES]]
	local file=$DATA_FOLDER/$1.h5ad
	shift
	[ -e "$file" ] || "$PYTHON" -W ignore "$PEER_SCRIPTS/map.py" embed "$1" "$2" "$file" "${@:3}"
	echo "$file"
}
# beside MODULE PYTHON TITLE SPEED MEMORY OURS THEIRS: ours alone, and why, when the module is not there.
beside() {
	if [ -n "$2" ] && "$2" -W ignore -c "import $1" 2>/dev/null; then
		compare "$3" "$4" "$5" "$6" "$2 $7"
	else
		measure "$3; $1 is not installed" "$6"
	fi
}
goal() { if [ "$large" = 0 ]; then echo -; else echo "$1"; fi; } # of the full size only
large=${BENCH_LARGE:-0} cells=20000 points=100000
[ "$large" = 0 ] || cells=100000 points=500000

atlas=$(data "map-atlas-$cells" --cells "$cells" --genes 20000 --types 40 --lognorm)
query=$(data map-query --cells 50000 --genes 20000 --types 40 --lognorm --seed 2)
ref=$DATA_FOLDER/map-$cells.ref.h5
measure "ref-build, $cells x 20,000, 50 components" "ref-build -q -l cell_type $atlas -o $ref" "$(goal 60)" "$(goal 1000)"
ref-model export -q "$ref" -o "$DATA_FOLDER/map.symphonypy.h5ad"
placing="ref-map -q -m $ref $query -o $DATA_FOLDER/mapped.h5ad"
beside symphonypy "${SYMPHONYPY:-$PYTHON}" "ref-map, 50,000 x 20,000 onto $cells, K 100, and the file written" 5 5 \
	"$placing" "$peer symphonypy $DATA_FOLDER/map.symphonypy.h5ad $query"
[ "$large" = 0 ] || measure '  the same alone' "$placing" 2.5 100

a=$(embedded "embed-$points" "$points" 1) q=$(embedded embed-50k 50000 3) few=$(embedded embed-20k 20000 4)
transfer="knn-transfer -q --coordinates X_e -l kind -o $DATA_FOLDER/calls.tsv"
beside sklearn "$PYTHON" "knn-transfer, 50,000 on $points, d 30, exact" - - \
	"$transfer -m $a --exact-cells $points $q" "$peer knn $a $q"
[ "$large" = 0 ] || measure '  the same alone' "$transfer -m $a --exact-cells $points $q" 20
measure '  the same by groups' "$transfer --manifest $DATA_FOLDER/groups.json -m $a --exact-cells 1000 $q" "$(goal 4)"
sed -n 's/.*"recall": *\([0-9.]*\).*/|   its recall, of a sample of the reference | \1 | | | |/p' "$DATA_FOLDER/groups.json"
anchored=$(embedded embed-100k 100000 2)
measure 'anchors with mapping score, 20,000 on 100,000, d 30' "$transfer --by anchors -m $anchored $few" 20 1000
{ printf '('; printf 'type%02d,' $(seq 0 38); printf 'type39)root;'; } >"$DATA_FOLDER/flat.nwk"
beside scHPL "${SCHPL:-$PYTHON}" 'down a tree of 40 labels, 20,000 on 100,000, d 30' 20 - \
	"$transfer --tree $DATA_FOLDER/flat.nwk -m $anchored $few" "$peer schpl $anchored $few 20000"
[ "$large" = 0 ] || measure 'down a tree of 40 labels, 600,000 on 100,000, d 30' \
	"$transfer --tree $DATA_FOLDER/flat.nwk -m $anchored $(embedded embed-600k 600000 5)" 60

harmony() { # harmony VERSION PYTHON TITLE FILE SPEED
	beside harmonypy "$2" "Harmony $1 of $3, beside harmonypy of that kind" "$5" - \
		"$BENCH_BIN/harmony-run -q --flavour $1 $4" "$peer harmony $4"
}
harmony 0 "${HARMONYPY_0:-}" '20,000 x 30, 8 batches' "$few" -
harmony 2 "${HARMONYPY_2:-}" '100,000 x 30, 8 batches' "$anchored" 0.67
[ "$large" = 0 ] || beside harmonypy "${HARMONYPY_0:-}" 'Harmony 2 of 100,000 x 28, 120 batches, beside harmonypy 0.0.10' 20 - \
	"$BENCH_BIN/harmony-run -q $(embedded embed-100k-120 100000 7 28 120)" "$peer harmony $(embedded embed-100k-120 100000 7 28 120)"
[ "$large" = 0 ] || harmony 2 "${HARMONYPY_2:-}" '858,000 x 28, 120 batches' "$(embedded embed-858k 858000 6 28 120)" 0.67
