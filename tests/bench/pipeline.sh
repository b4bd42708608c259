# The whole pipeline, one config: two references of 100,000 x 20,000 (gzip, 40 types) cut to 20,000 cells
# each and trained on, all genes; a query of 50,000 typed by that model and a CellTypist model, no vote;
# gate, ontology, h5ad, table. Ours writes the report and the manifests, too. Memory is that of all
# processes together. Theirs takes the better part of an hour and 14 GB: it runs once, its figures are
# kept.
here=$DATA_FOLDER/pipeline
root=$(dirname "$0")/../..
types=$root/tests/bench/types.txt
mkdir -p "$here"
sample() { # sample NAME CELLS SEED
	data "pipeline-$1" --cells "$2" --genes 20000 --types 40 --type-names "$types" --cells-seed "$3" --compress gzip:4
}
first=$(sample reference-1 100000 1)
second=$(sample reference-2 100000 2)
query=$(sample query 50000 3)
small=$(sample reference-3 10000 4)
other=$here/other.pkl
[ -e "$other" ] || lognorm -q "$small" | lr-train -q -l cell_type --feature-selection --min-cells 1 -o "$other"

# The config is made anew only when it changes: a second make has nothing to do.
cat >"$here/pipeline.yaml" <<END
references:
  - {path: $first, cells: 20000}
  - {path: $second, cells: 20000}
queries: {path: $query, name: query}
models: [$other]
gate: {min_confidence: 0.3}
END
type_it() { # type_it RUNS OPTIONS...
	local runs=$1
	shift
	"$PYTHON" "$PEER_SCRIPTS/tree-peak.py" make -s -f "$root/workflows/typing.mk" BIN="$BIN" \
		CONFIG="$here/pipeline.yaml" RUNS="$here/$runs" "$@" 2>>"$DATA_FOLDER/log"
}

# Accuracy and macro-F1 of a column of a table of calls.
right() { # right TABLE COLUMN
	awk -F '\t' -v OFS='\t' -v name="$2" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) at = i }
		{ print $1, $at }' "$1" >"$here/column.tsv"
	"$PYTHON" "$PEER_SCRIPTS/f1.py" "$here/column.tsv" "$query" cell_type
}

theirs=$here/python
[ -s "$theirs/typed.tsv" ] || "$PYTHON" "$PEER_SCRIPTS/pipeline.py" "$theirs" "$root/ontology/cl.tsv" 20000 \
	"$other" "$query" "$first" "$second" >>"$DATA_FOLDER/log" 2>&1
awk -F '\t' '$1 == "total" { print $2, $4 * 1024, $3 }' "$theirs/stages.tsv" >"$here/peer"

for jobs in 1 2; do
	: >"$here/times-$jobs"
	for ((i = 0; i < RUNS; i++)); do
		rm -rf "$here/runs-$jobs"
		type_it "runs-$jobs" "-j$jobs" >>"$here/times-$jobs"
	done
	row_of "whole pipeline, make -j$jobs" "$here/times-$jobs" "$here/peer" 25 -
	awk -v seconds="$(column 3 "$here/times-$jobs" | median)" -v theirs="$(column 3 "$here/peer")" -v memory="$(column 2 "$here/times-$jobs" | median)" \
		'BEGIN { printf "|   processor time; memory of all processes (goal 1,500 MB: %s) | %.1f s | %.1f s | %.1fx | |\n",
			memory < 1500 * 1024 ? "met" : "MISSED", seconds, theirs, theirs / seconds }'
done
type_it runs-2 -j2 >"$here/again"
awk '{ printf "|   make again (goal 0.5 s: %s) | %.2f s | | | |\n", $1 < 0.5 ? "met" : "MISSED", $1 }' "$here/again"
same=same
for file in query.h5ad query.tsv; do
	cmp -s "$here/runs-1/pipeline/typed/$file" "$here/runs-2/pipeline/typed/$file" || same=DIFFERENT
done
echo "|   accuracy and macro-F1 before the gate; -j1 and -j2: $same bytes |" \
	"$(right "$here/runs-1/pipeline/typed/query.tsv" label_original) |" \
	"$(right "$theirs/typed.tsv" celltypist_original) | | |"
