# The whole pipeline, one config: two references of 100,000 x 20,000 (gzip, 40 types) cut to 20,000 cells
# each and trained on, all genes; a query of 50,000 typed by that model and a CellTypist model, no vote;
# gate, ontology, h5ad, table. Ours writes the report and the manifests, too. Memory is that of all
# processes together. Theirs takes half an hour or more, and 20 GB: it runs only with BENCH_LARGE, once,
# and its figures are kept. How right both are is compared on a smaller run of hard cells.
here=$DATA_FOLDER/pipeline
root=$(dirname "$0")/../..
types=$root/tests/bench/types.txt
mkdir -p "$here"

# config NAME CELLS MODEL QUERY REFERENCE REFERENCE
config() {
	cat >"$here/$1.yaml" <<-END
		references:
		  - {path: $5, cells: $2}
		  - {path: $6, cells: $2}
		subsample: {mode: equal}
		queries: {path: $4, name: query}
		models: [$3]
		gate: {min_confidence: 0.3}
	END
}

# ours NAME RUNS OPTIONS...: seconds, kilobytes, seconds of processor time.
ours() {
	local name=$1 runs=$2
	shift 2
	"$PYTHON" "$PEER_SCRIPTS/tree-peak.py" make -s -f "$root/workflows/typing.mk" BIN="$BIN" \
		CONFIG="$here/$name.yaml" RUNS="$here/$runs" "$@" 2>>"$DATA_FOLDER/log" ||
		{ echo "bench: make of $name.yaml failed (see $DATA_FOLDER/log)" >&2; return 1; }
}

# theirs NAME CELLS MODEL QUERY REFERENCE REFERENCE: the same of theirs, run once.
theirs() {
	local out=$here/$1-python
	shift
	[ -s "$out/typed.tsv" ] ||
		"$PYTHON" "$PEER_SCRIPTS/pipeline.py" "$out" "$root/ontology/cl.tsv" "$@" >>"$DATA_FOLDER/log" 2>&1 || return 1
	awk -F '\t' '$1 == "total" { print $2, $4 * 1024, $3 }' "$out/stages.tsv"
}

# right TABLE COLUMN H5AD TRUTH: accuracy and macro-F1 of a column of a table of calls.
right() {
	awk -F '\t' -v OFS='\t' -v name="$2" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) at = i }
		{ print $1, $at }' "$1" >"$here/column.tsv"
	"$PYTHON" "$PEER_SCRIPTS/f1.py" "$here/column.tsv" "$3" "$4"
}

# A CellTypist model of a sample.
model_of() { # model_of H5AD MODEL.pkl
	[ -e "$2" ] || lognorm -q "$1" | lr-train -q -l cell_type --feature-selection --min-cells 1 -o "$2"
}

# ---- speed ----
sample() { # sample NAME CELLS SEED
	data "pipeline-$1" --cells "$2" --genes 20000 --types 40 --type-names "$types" --cells-seed "$3" --compress gzip:4
}
speed() {
	local query input jobs i file
	query=$(sample query 50000 3)
	input=(20000 "$here/other.pkl" "$query" "$(sample reference-1 100000 1)" "$(sample reference-2 100000 2)")
	model_of "$(sample reference-3 10000 4)" "$here/other.pkl"
	config pipeline "${input[@]}"
	theirs pipeline "${input[@]}" >"$here/peer" || return 1
	for jobs in 1 2; do
		: >"$here/times-$jobs"
		for ((i = 0; i < RUNS; i++)); do
			rm -rf "$here/runs-$jobs"
			ours pipeline "runs-$jobs" "-j$jobs" >>"$here/times-$jobs" || return 1
		done
		row_of "whole pipeline, make -j$jobs" "$here/times-$jobs" "$here/peer" 25 -
		awk -v s="$(column 3 "$here/times-$jobs" | median)" -v t="$(column 3 "$here/peer")" \
			-v m="$(column 2 "$here/times-$jobs" | median)" 'BEGIN {
			printf "|   its processor time; memory goal 1.5 GB: %s | %.1f s | %.1f s | %.1fx | |\n",
				m < 1500000 ? "met" : "MISSED", s, t, t / s }'
	done
	ours pipeline runs-2 -j2 >"$here/again" || return 1
	awk '{ printf "|   make again, nothing to do (goal 0.5 s: %s) | %.2f s | | | |\n", $1 < 0.5 ? "met" : "MISSED", $1 }' "$here/again"
	for file in query.h5ad query.tsv; do
		cmp "$here/runs-1/pipeline/typed/$file" "$here/runs-2/pipeline/typed/$file" >&2 ||
			echo "|   -j1 and -j2: $file DIFFERS | | | | |"
	done
	echo "|   accuracy and macro-F1 before the gate | $(right "$here/runs-1/pipeline/typed/query.tsv" label_original "$query" cell_type) |" \
		"$(right "$here/pipeline-python/typed.tsv" celltypist_original "$query" cell_type) | | |"
}
if [ -n "${BENCH_LARGE-}" ] || [ -s "$here/pipeline-python/typed.tsv" ]; then
	speed || return 1
fi

# ---- how right ----
hard() { # hard NAME CELLS SEED
	data "pipeline-hard-$1" --cells "$2" --genes 3000 --types 30 --siblings 6 --ambient 0.1 --doublets 0.06 \
		--label-noise 0.05 --density 0.2 --cells-seed "$3" --compress gzip:4
}
query=$(hard query 5000 3)
input=(3000 "$here/hard-other.pkl" "$query" "$(hard reference-1 8000 1)" "$(hard reference-2 8000 2)")
model_of "$(hard reference-3 4000 4)" "$here/hard-other.pkl"
config hard "${input[@]}"
theirs hard "${input[@]}" >"$here/peer" || return 1
rm -rf "$here/runs-hard"
ours hard runs-hard -j2 >"$here/times-hard" || return 1
row_of 'whole pipeline, 6,000 hard cells x 3,000 genes' "$here/times-hard" "$here/peer" - -
echo "|   accuracy and macro-F1 before the gate | $(right "$here/runs-hard/hard/typed/query.tsv" label_original "$query" true_type) |" \
	"$(right "$here/hard-python/typed.tsv" celltypist_original "$query" true_type) | | |"
