# demo.bash - what the tests of the pipeline share: the demo's cells, typed by make.
#
# The recipe is the quicker one; default_recipe where a case is about the labels.

load helper

WORKFLOW=$TESTS/../workflows/typing.mk

copy_demo() {
	cp "$TESTS/../refs/demo/pbmc_train.h5ad" "$TESTS/../refs/demo/pbmc_query.h5ad" .
	cat >pbmc.yaml <<-'E'
	references:
	  - {path: pbmc_train.h5ad, label: bulk_labels}
	queries: pbmc_query.h5ad
	train: {min_cells: 4, recipe: celltypist}
	gate: {min_confidence: 0.3}
	outputs: {report: no}
	E
}

default_recipe() { sed -i 's/, recipe: celltypist}/}/' pbmc.yaml; }

# type_it ARGUMENT...: what was said goes to log; steps_run: which steps it says were run.
type_it() { make -s -f "$WORKFLOW" BIN="$BIN" CONFIG=pbmc.yaml "$@" 2>log; }
steps_run() { sed -nE 's/^\[[0-9:]+\] ([^:]+)$/\1/p' log | sort | paste -sd ' '; }
