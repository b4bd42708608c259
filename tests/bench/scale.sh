# A million cells of 20,000 genes, 40 types: memory of prediction against 50,000 cells, and training
# on all of them within 4 GB. Some 2.5 GB of disk, removed at the end. Runs with BENCH_LARGE=1, or
# with fewer cells, SCALE_CELLS=N.
[ -n "${BENCH_LARGE:-}${SCALE_CELLS:-}" ] || { echo 'bench: scale: BENCH_LARGE=1 runs it' >&2; return 0; }
cells=${SCALE_CELLS:-1000000}
here=$DATA_FOLDER/scale
mkdir -p "$here"
trap 'rm -rf "$here"' EXIT
small=$here/small.h5ad
large=$here/large.h5ad
"$BENCH_BIN/make-counts" -q --cells $((cells / 20)) --types 40 --compress gzip:4 -o "$small"
"$BENCH_BIN/make-counts" -q --cells "$cells" --types 40 --compress gzip:4 -o "$large"

measure "lr-train on $cells cells" "lr-train -q -l cell_type --memory 2500M $large -o $here/model.h5"
measure "lr-predict on $((cells / 20)) cells" "lr-predict -q -m $here/model.h5 $small -o $here/calls.tsv"
cp "$DATA_FOLDER/ours" "$here/small"
measure "lr-predict on $cells cells" "lr-predict -q -m $here/model.h5 $large -o $here/calls.tsv"
paste -d ' ' "$here/small" "$DATA_FOLDER/ours" | awk '
	{ seconds += $3 / $1; memory += $4 / $2; n++ }
	END { printf "| twenty times the cells: time and memory, times | %.1f, %.2f | | | |\n", seconds / n, memory / n }'
