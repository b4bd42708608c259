# The filters on files as users have them, and not as the other benchmarks make them: genes shuffled
# or in part shared, CSC, dense float64, int64, one huge chunk (whole: a dense one), chunks as tall as
# the matrix, a chunk a row, gzip 9, 60 columns of obs with 100,000 categories, names of 500 letters,
# few cells; models of 200 classes, and 30 models.
# No row may be slower than Python (goal 1.5x). SHAPE_CELLS (20,000) cells of 20,000 genes; memory is
# measured again on a quarter of them. SHAPES="gzip9 wide memory" runs these alone: a shape, wide,
# classes, models, graphs, memory.
cells=${SHAPE_CELLS:-20000}
here=$DATA_FOLDER/shapes-$cells
work="$PYTHON -W ignore $PEER_SCRIPTS/shape-work.py"
mkdir -p "$here/models" "$here/calls"
base=$(data "shapes-$cells" --cells "$cells" --genes 20000)
quarter=$(data "shapes-$((cells / 4))" --cells $((cells / 4)) --genes 20000)
out=$DATA_FOLDER/out.h5ad

shape() { # a file of a shape, made once; its path
	if [ ! -e "$here/$1.h5ad" ]; then
		"$PYTHON" -W ignore "$PEER_SCRIPTS/shapes.py" "$1" "$base" "$here/part" >&2 || return 1
		mv "$here/part" "$here/$1.h5ad"
	fi
	echo "$here/$1.h5ad"
}

make_model() { # make_model FILE TYPES [CELLS]
	[ -e "$1" ] || "$PYTHON" "$PEER_SCRIPTS/predict-model.py" "${3:-$here/logged.h5ad}" "$1" "$2"
}

# steps SHAPE [JOIN]: what stands at the beginning of every pipeline. Long names are those of no other
# file: they have a model of their own, and are joined to themselves.
steps() {
	local file model=$here/model.pkl other=$base
	file=$(shape "$1") || return 1
	if [ "$1" = longnames ]; then
		model=$here/model-$1.pkl other=$file
		[ -e "$model" ] || { lognorm -q "$file" -o "$out" && make_model "$model" 40 "$out"; } || return 1
	fi
	compare "$1: lognorm" 1.5 1 "lognorm -q $file -o $out" "$PYTHON $PEER_SCRIPTS/lognorm.py $file $out"
	compare "$1: lr-predict" 1.5 1 "lr-predict -q --min-coverage 0 -m $model $file -o $here/calls.tsv" \
		"$work predict $file $here/peer $model"
	compare "$1: h5-subsample" 1.5 1 "h5-subsample -q -n 100 -l cell_type $file -o $out" \
		"$PYTHON -W ignore $PEER_SCRIPTS/subsample.py $file $out 100"
	compare "$1: concat with ${other##*/}" 1.5 1 "concat -q --join ${2:-inner} $file $other -o $out" \
		"$work join $file $out $other ${2:-inner}"
}

lognorm -q "$quarter" -o "$here/logged.h5ad"
make_model "$here/model.pkl" 40
make_model "$here/model-200.pkl" 200
for i in $(seq 30); do
	cp "$here/model.pkl" "$here/models/$i.pkl"
done

wanted() { [[ -z ${SHAPES-} || " $SHAPES " = *" $1 "* ]]; }

for name in shuffled csc dense64 int64 onechunk rowchunks whole tall gzip9 longnames; do
	! wanted "$name" || steps "$name"
done
! wanted part || steps part outer
if wanted wide; then
	wide=$(shape wide)
	compare 'wide: h5-obs get' 1.5 1 "h5-obs get -q $wide -o $here/obs.tsv" "$work get $wide $here/obs.tsv"
	h5-obs get -q "$wide" -o "$here/obs.tsv"
	compare 'wide: h5-obs put' 1.5 1 "h5-obs put -q -f $here/obs.tsv --prefix new_ $base -o $out" \
		"$work put $base $out $here/obs.tsv"
	compare 'wide: h5-select' 1.5 1 "h5-select -q --shard 2/4 $wide -o $out" "$work take $wide $out 2 4"
	compare 'wide: concat with itself' 1.5 1 "concat -q $wide $wide -o $out" "$work join $wide $out $wide inner"
fi
! wanted classes || compare '200 classes: lr-predict' 1.5 1 "lr-predict -q -m $here/model-200.pkl $base -o $here/calls.tsv" \
	"$work predict $base $here/peer $here/model-200.pkl"
models=$(printf " $here/models/%s.pkl" $(seq 30))
! wanted models || compare '30 models: lr-predict' 1.5 1 "lr-predict -q ${models// / -m } $base -o $here/calls" \
	"$work predict $base $here/peer $models"
if wanted graphs; then
	for name in few tiny dense64 shuffled csc; do
		file=$(shape "$name")
		compare "$name: knn-graph" 1.5 1 "knn-graph -q $file -o $here/graph.h5ad" "$work graph $file $out"
	done
	compare 'a graph: h5-select, obsp and all' 1.5 1 "h5-select -q --shard 2/4 $here/graph.h5ad -o $out" \
		"$work take $here/graph.h5ad $out 2 4"
fi

# flat TITLE COMMAND: peak memory on all cells and on a quarter of them; FILE stands for the file.
flat() {
	once "${2//FILE/$base}" >"$DATA_FOLDER/ours" && once "${2//FILE/$quarter}" >"$DATA_FOLDER/theirs" &&
		paste -d ' ' "$DATA_FOLDER/ours" "$DATA_FOLDER/theirs" | awk -v title="$1" '
			{ printf "| memory, all cells and a quarter: %s | %.0f MB | %.0f MB | | %.2fx |\n", title, $2 / 1024, $4 / 1024, $2 / $4 }'
}
if wanted memory; then
	shape shuffled >/dev/null
	flat lognorm "lognorm -q FILE -o $out"
	flat lr-predict "lr-predict -q -m $here/model.pkl FILE -o $here/calls.tsv"
	flat concat "concat -q FILE $here/shuffled.h5ad -o $out"
	flat h5-select "h5-select -q --shard 2/4 FILE -o $out"
fi
rm -f "$out" "$here/graph.h5ad" "$here/obs.tsv" "$here"/peer.*
