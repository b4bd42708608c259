# A neighbour graph laid out in the plane, and new cells put into a layout.

load helper
# shellcheck disable=SC2034
NEEDS="layout knn-graph"

look() { python "$TESTS/probe/layout_check.py" "$@"; }

graph() { knn-graph -q "$GOLDEN/sample_lognorm.h5ad" -o graph.h5ad; }

@test "neighbours stay neighbours: the layout's trustworthiness is that of a good layout" {
	graph
	layout -q graph.h5ad -o out.h5ad
	look trust graph.h5ad out.h5ad 0.75
	layout -q --start graph graph.h5ad -o waves.h5ad
	look trust graph.h5ad waves.h5ad 0.75
	layout -q --rounds 1 --seed 3 --start graph graph.h5ad -o early.h5ad
	run look trust graph.h5ad early.h5ad 0.75
	[ "$status" -ne 0 ] # the check can fail
}

@test "any number of threads gives the same bytes, another seed others" {
	graph
	for start in coordinates graph; do
		layout -q -t 1 --start $start --rounds 40 graph.h5ad -o one.h5ad
		layout -q -t 7 --start $start --rounds 40 graph.h5ad -o seven.h5ad
		same one.h5ad seven.h5ad
	done
	layout -q --rounds 40 --seed 1 graph.h5ad -o other.h5ad
	run cmp -s one.h5ad other.h5ad
	[ "$status" -ne 0 ]
}

@test "everything else is carried over; a layout that is there is replaced, and said" {
	graph
	layout --rounds 10 graph.h5ad 2>said | layout --rounds 20 -o twice.h5ad 2>again
	run grep -q replaced said
	[ "$status" -ne 0 ]
	grep -q 'obsm/X_umap is replaced' again
	probe obs graph.h5ad >a
	probe obs twice.h5ad >b
	same a b
	look params twice.h5ad
}

@test "the curve is umap-learn's: a and b of min-dist 0.1 and 0.5" {
	graph
	layout -q --rounds 1 graph.h5ad -o out.h5ad
	look curve out.h5ad 0.583030 1.334167
	layout -q --rounds 1 --min-dist 0.1 graph.h5ad -o out.h5ad
	look curve out.h5ad 1.576943 0.895061
}

@test "the graph may stand in another file, of the same cells" {
	graph
	layout -q --rounds 30 graph.h5ad -o whole.h5ad
	layout -q --rounds 30 --graph graph.h5ad "$GOLDEN/sample_lognorm.h5ad" -o apart.h5ad
	look same whole.h5ad apart.h5ad
	h5-select -q --shard 1/2 "$GOLDEN/sample_lognorm.h5ad" -o half.h5ad
	fails 1 'not its graph' layout --graph graph.h5ad half.h5ad -o no.h5ad
	[ ! -e no.h5ad ]
}

@test "new cells stand where their neighbours stand, whoever comes with them" {
	graph
	layout -q graph.h5ad -o ref.h5ad
	layout -q --onto ref.h5ad -k 1 graph.h5ad -o again.h5ad
	look same ref.h5ad again.h5ad
	layout -q --onto ref.h5ad graph.h5ad -o all.h5ad
	h5-select -q --shard 1/3 graph.h5ad -o third.h5ad
	layout -q --onto ref.h5ad third.h5ad -o some.h5ad
	look first all.h5ad some.h5ad
	fails 1 'not one space|has no obsm|no X_nothing|X_nothing' layout --onto ref.h5ad --use X_nothing graph.h5ad -o no.h5ad
}

@test "a file without a graph is refused with the next command, or passed on" {
	fails 1 'knn-graph .* makes one' layout "$GOLDEN/sample_lognorm.h5ad" -o no.h5ad
	[ ! -e no.h5ad ]
	layout --few pass "$GOLDEN/sample_lognorm.h5ad" -o same.h5ad 2>said
	grep -q 'passed on without a layout' said
	probe obs "$GOLDEN/sample_lognorm.h5ad" >a
	probe obs same.h5ad >b
	same a b
}

@test "graphs that are none are refused" {
	graph
	look break graph.h5ad lopsided.h5ad lopsided
	fails 1 'symmetric|not the same|weight' layout lopsided.h5ad -o no.h5ad
	look break graph.h5ad nan.h5ad nan
	fails 1 'X_pca|row' layout nan.h5ad -o no.h5ad
	fails 2 'min-dist' layout --min-dist 9 graph.h5ad
	fails 2 'onto needs no --graph' layout --onto a.h5ad --graph b.h5ad graph.h5ad
}

@test "in a config: the typed file has the layout, and the report its picture" {
	needs lr-train report
	cp "$(realpath "$TESTS/..")"/refs/demo/pbmc_{train,query}.h5ad .
	printf 'references:\n  - {path: pbmc_train.h5ad, label: bulk_labels}\nqueries: pbmc_query.h5ad\ntrain: {min_cells: 4}\noutputs: {layout: yes}\n' >pbmc.yaml
	"$BIN/pipette" type pbmc.yaml -j2 >log 2>&1 || { tail -n 5 log; return 1; }
	[ -s runs/pbmc/manifests/layout.pbmc_query.json ]
	look same runs/pbmc/layout/pbmc_query.h5ad runs/pbmc/typed/pbmc_query.h5ad
	run look same pbmc_query.h5ad runs/pbmc/typed/pbmc_query.h5ad
	[ "$status" -ne 0 ]
	grep -q 'cells by X_umap, coloured by label' runs/pbmc/report.html
}
