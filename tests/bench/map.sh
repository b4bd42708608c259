# Reference mapping on generated cells: a query of 50,000 cells placed in a reference, labels by
# neighbours, anchors and down a tree, Harmony; beside symphonypy, scikit-learn, scHPL and harmonypy
# where they are installed: in PYTHON, or each in a Python of its own, SYMPHONYPY, SCHPL, HARMONYPY_0
# (0.0.10) and HARMONYPY_2 (2.1.0). BENCH_LARGE=1 takes references of the full size, and then tells
# whether the seconds and megabytes aimed at on two cores are kept. BENCH_SMALL=1 takes all rows of
# that and a fiftieth of their cells, without goals, to see in a minute or two that each runs. Ours read
# and write whole files; the peers' answers stay in memory.
peer="-W ignore $PEER_SCRIPTS/map.py"
small=${BENCH_SMALL:-0} large=${BENCH_LARGE:-0} atlas_of=20000 points_of=100000
[ "$small" = 0 ] || large=1
[ "$large" = 0 ] || atlas_of=100000 points_of=500000

of() { echo $(($1 / (small ? 50 : 1))); }                  # how many cells are taken of so many
says() { of "$1" | sed ':a; s/\([0-9]\)\([0-9]\{3\}\)\($\|,\)/\1,\2\3/; ta'; } # the same as 50,000
always() { if [ "$small" = 0 ]; then echo "$1"; else echo -; fi; } # a goal, but not of a few cells
goal() { if [ "$large" = 0 ]; then echo -; else always "$1"; fi; } # of the full size only
embedded() { # embedded CELLS SEED [DIMENSIONS [BATCHES]], CELLS of the full size
	local n file
	n=$(of "$1")
	file=$DATA_FOLDER/embed-$n-$2.h5ad
	[ -e "$file" ] || "$PYTHON" -W ignore "$PEER_SCRIPTS/map.py" embed "$n" "$2" "$file" "${@:3}"
	echo "$file"
}
# beside MODULE PYTHON TITLE SPEED MEMORY OURS THEIRS: ours alone, and why, when the module is not there.
beside() {
	if [ -n "$2" ] && "$2" -W ignore -c "import $1" 2>/dev/null; then
		compare "$3" "$(always "$4")" "$(always "$5")" "$6" "$2 $7"
	else
		measure "$3; $1 is not installed" "$6"
	fi
}

n=$(of "$atlas_of") m=$(of 50000)
atlas=$(data "map-atlas-$n" --cells "$n" --genes 20000 --types 40 --lognorm)
query=$(data "map-query-$m" --cells "$m" --genes 20000 --types 40 --lognorm --seed 2)
ref=$DATA_FOLDER/map-$n.ref.h5
measure "ref-build, $(says "$atlas_of") x 20,000, 50 components" "ref-build -q -l cell_type $atlas -o $ref" "$(goal 60)" "$(goal 1000)"
ref-model export -q "$ref" -o "$DATA_FOLDER/map.symphonypy.h5ad"
placing="ref-map -q -m $ref $query -o $DATA_FOLDER/out.h5ad"
beside symphonypy "${SYMPHONYPY:-$PYTHON}" "ref-map, $(says 50000) x 20,000 onto $(says "$atlas_of"), K 100, and the file written" 5 5 \
	"$placing" "$peer symphonypy $DATA_FOLDER/map.symphonypy.h5ad $query"
[ "$large" = 0 ] || measure '  the same alone' "$placing" "$(goal 2.5)" "$(goal 100)"

a=$(embedded "$points_of" 1) q=$(embedded 50000 3) few=$(embedded 20000 4) p=$(of "$points_of")
transfer="knn-transfer -q --coordinates X_e -l kind -o $DATA_FOLDER/calls.tsv"
beside sklearn "$PYTHON" "knn-transfer, $(says 50000) on $(says "$points_of"), d 30, exact" - - \
	"$transfer -m $a --exact-cells $p $q" "$peer knn $a $q"
[ "$large" = 0 ] || measure '  the same alone' "$transfer -m $a --exact-cells $p $q" "$(goal 20)"
measure '  the same by groups' "$transfer --manifest $DATA_FOLDER/groups.json -m $a --exact-cells 1000 $q" "$(goal 4)"
sed -n 's/.*"recall": *\([0-9.]*\).*/|   its recall, of a sample of the reference | \1 | | | |/p' "$DATA_FOLDER/groups.json"
anchored=$(embedded 100000 2)
measure "anchors with mapping score, $(says 20000) on $(says 100000), d 30" "$transfer --by anchors -m $anchored $few" \
	"$(always 20)" "$(always 1000)"
{ printf '('; printf 'type%02d,' $(seq 0 38); printf 'type39)root;'; } >"$DATA_FOLDER/flat.nwk"
beside scHPL "${SCHPL:-$PYTHON}" "down a tree of 40 labels, $(says 20000) on $(says 100000), d 30" 20 - \
	"$transfer --tree $DATA_FOLDER/flat.nwk -m $anchored $few" "$peer schpl $anchored $few $(of 20000)"
[ "$large" = 0 ] || measure "down a tree of 40 labels, $(says 600000) on $(says 100000), d 30" \
	"$transfer --tree $DATA_FOLDER/flat.nwk -m $anchored $(embedded 600000 5)" "$(goal 60)"

harmony() { # harmony VERSION PYTHON TITLE FILE SPEED
	beside harmonypy "$2" "Harmony $1 of $3, beside harmonypy of that kind" "$5" - \
		"$BENCH_BIN/harmony-run -q --flavour $1 $4" "$peer harmony $4"
}
harmony 0 "${HARMONYPY_0:-}" "$(says 20000) x 30, 8 batches" "$few" -
harmony 2 "${HARMONYPY_2:-}" "$(says 100000) x 30, 8 batches" "$anchored" 0.67
if [ "$large" = 1 ]; then
	many=$(embedded 100000 7 28 120)
	beside harmonypy "${HARMONYPY_0:-}" "Harmony 2 of $(says 100000) x 28, 120 batches, beside harmonypy 0.0.10" 20 - \
		"$BENCH_BIN/harmony-run -q $many" "$peer harmony $many"
	harmony 2 "${HARMONYPY_2:-}" "$(says 858000) x 28, 120 batches" "$(embedded 858000 6 28 120)" 0.67
fi
