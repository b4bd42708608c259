# The Python module pipette_cells on the filters under test, and its shim against CellTypist itself.

load ../helper

PEER_FILES=$BATS_TEST_DIRNAME

# peer WORK: one function of python_module.py, in this folder.
peer() {
	PYTHONPATH=$TESTS/../workflows/package/python PYTHONDONTWRITEBYTECODE=1 PIPETTE_BIN=$(realpath "$BIN") \
		"$PIPETTE_PEERS/bin/python" -W ignore "$PEER_FILES/python_module.py" "$1" "$GOLDEN" 2>said.txt ||
		{ tail -n 25 said.txt; return 1; }
}

@test "annotate, train, markers and run: columns come back, the file stays as it was" { peer whole; }
@test "a view, a backed file and a read-only one are typed; a backed one goes by its path" { peer backed; }
@test "sparse arrays, 64-bit indices, CSC and dense matrices say the same" { peer forms; }
@test "names that are not unique do no harm" { peer names; }
@test "blanks and unicode in paths and columns" { peer paths; }
@test "a column of obs that exists already is kept, unless it is ours or told so" { peer columns; }
@test "errors are exceptions with the filter's line; a refusal is told apart" { peer errors; }
@test "where no filters came with it, and without the GPL's, a clear word" { peer missing; }
@test "interrupted: no process and no file is left" { peer interrupted; }
@test "interrupted while a filter's process is being made: none is left" { peer interrupted_early; }
@test "importing loads no package beyond those of anndata" { peer quick; }
@test "the shim: CellTypist's labels, decisions and probabilities, both modes, voting, to_adata" { peer shim; }
@test "the shim trains what CellTypist loads and predicts with" { peer shim_train; }
