# The usage example of the pipeline's specification, from its first line to its last, by make: two
# atlases by their names and one by words of its title, from a service on this machine; combined;
# a model trained on the genes of the query's panel; the query annotated by it and the tissue's
# published models; labels mapped to ontology ids.

load helper

setup() {
	needs ref-fetch
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir -p tmp server/files
	export TMPDIR=$PWD/tmp CELLXGENE_CACHE_DIR=$PWD/cache
	unset PIPETTE_REGISTRY SCRNASEQ_DATA_DIR http_proxy https_proxy all_proxy HTTPS_PROXY ALL_PROXY
	serve ref_server.py ports || return 1
	read -r PORT _ <server/ports
	HERE=http://127.0.0.1:$PORT/ok
}

teardown() { stop_server; }

# atlas NAME SHARD WORDS: a third of the demo's cells as CELLxGENE has atlases: Ensembl ids for names,
# symbols in feature_name, types in cell_type, in words of its own.
atlas() {
	h5-select -q --shard "$2" "$TESTS/../refs/demo/pbmc_train.h5ad" -o part.h5ad
	h5-obs get -q -c bulk_labels part.h5ad | sed -e 1s/bulk_labels/cell_type/ -e "$3" >types.tsv
	h5-obs put -q -f types.tsv part.h5ad -o "server/files/$1.h5ad"
	python - "server/files/$1.h5ad" "$TESTS/../refs/genes/ensembl.tsv.gz" <<-'END'
	import gzip, sys, h5py
	ids = {}
	for line in gzip.open(sys.argv[2], "rt"):
	    i, s = line.rstrip("\n").split("\t")
	    ids.setdefault(s, i)
	with h5py.File(sys.argv[1], "r+") as f:
	    var = f["var"]
	    key = var.attrs["_index"]
	    names = [n.decode() for n in var[key][:]]
	    text = h5py.string_dtype()
	    del var[key]
	    var.create_dataset(key, data=[ids.get(n, n) for n in names], dtype=text)
	    var.create_dataset("feature_name", data=names, dtype=text)
	    for d in key, "feature_name":
	        var[d].attrs.update({"encoding-type": "string-array", "encoding-version": "0.2.0"})
	    var.attrs["column-order"] = list(var.attrs["column-order"]) + ["feature_name"]
	END
}

# published NAME GENES: a model as CellTypist publishes it.
published() {
	lr-train -q -l bulk_labels --recipe celltypist --min-cells 4 --genes "$2" "$TESTS/../refs/demo/pbmc_train.h5ad" \
		-o "server/files/$1.pkl"
}

world() {
	atlas 2872f4b0-b171-46e2-abc6-befcf6de6306 1/3 's/x^//'
	atlas 4dd00779-7f73-4f50-89bb-e2d3c6b71b18 2/3 's/CD19+ B/B cells/'
	atlas 11111111-2222-3333-4444-555555555555 3/3 's/CD14+ Monocyte/Monocytes, CD14+/'
	probe var "$TESTS/../refs/demo/pbmc_query.h5ad" | cut -f 1 | sed 1d >genes
	awk 'NR % 2' genes >panel
	awk 'NR % 2 == 0' genes >others
	h5-select -q --genes panel "$TESTS/../refs/demo/pbmc_query.h5ad" -o section.h5ad
	published Immune_All_Low genes
	published Pan_Fetal_Human others
	published Cells_Intestinal_Tract panel
	cat >here.yaml <<-E
	services: {census_h5ads: "$HERE/", discover: "$HERE/datasets"}
	datasets:
	  Immune_All_Low: {source: models, url: "$HERE/Immune_All_Low.pkl"}
	  Pan_Fetal_Human: {source: models, url: "$HERE/Pan_Fetal_Human.pkl"}
	  Cells_Intestinal_Tract: {source: models, url: "$HERE/Cells_Intestinal_Tract.pkl"}
	E
	cat >server/files/datasets <<-E
	[{"dataset_id": "11111111-2222-3333-4444-555555555555", "title": "Tabula Sapiens - Blood", "cell_count": 100,
	  "assets": [{"filetype": "H5AD", "url": "$HERE/11111111-2222-3333-4444-555555555555.h5ad"}]}]
	E
	cat >colon.yaml <<-'E'
	registry: here.yaml
	discover: service
	references:
	  - {id: colon_immune_niches}
	  - {id: colon_ulcerative_colitis}
	  - {id: tabula_sapiens_blood, cells: 100000}
	panel: section.h5ad
	queries: section.h5ad
	tissue: Colon
	train: {min_cells: 4}
	gate: {min_confidence: 0.3}
	truth: bulk_labels
	outputs: {report: no, columns: spec}
	E
}

type_it() { make -s -f "$TESTS/../workflows/typing.mk" BIN="$BIN" CONFIG=colon.yaml "$@" 2>log; }

@test "the specification's usage example: download, combine, train on a panel, annotate, map" {
	world
	type_it || { tail -n 20 log; return 1; }
	cat log

	# 1. downloaded, the label column is the registry's, and the one without an id was found by words
	[ "$(awk '{ print $3 }' server/requests | sort -u | grep -c h5ad)" -eq 3 ]
	grep -q 'colon_immune_niches: labels are in cell_type, says the registry' log
	# 2. and 3. combined on the panel's genes, each reference's overlap said
	for name in colon_immune_niches colon_ulcerative_colitis tabula_sapiens_blood; do
		grep -q "$name.log.h5ad: 383 of the panel's 383 genes" log
	done
	[ "$(<runs/colon/missing.tsv)" = "gene	file" ]
	[ "$(lr-model genes runs/colon/models/trained.h5 | sed 1d | wc -l)" -eq 383 ]
	# the same types in other words became one class
	grep -q 'B cell: B cells (colon_ulcerative_colitis), CD19+ B (colon_immune_niches)' log
	# 4. annotated by all models but the one that knows too few of the genes
	grep -q 'Pan_Fetal_Human.* skipped\|skipped .*Pan_Fetal_Human' log
	h5-obs get -q -c cell_type_model runs/colon/typed/section.h5ad | sed 1d | cut -f 2 | sort -u | paste -sd, >models
	cat models
	# the trained model is softmax and calibrated, the published ones are not: none wins all cells
	h5-obs get -q -c cell_type_model runs/colon/typed/section.h5ad | sed 1d | cut -f 2 | sort | uniq -c >wins
	cat wins
	awk '{ n[$2 == "trained"] += $1 } END { exit !(n[0] > 20 && n[1] > 20) }' wins
	grep -q trained models
	grep -q Immune_All_Low models || grep -q Cells_Intestinal_Tract models
	! grep Pan_Fetal models || false
	# 5. every cell has an id or Unknown
	h5-obs get -q -c cell_type,cell_type_confidence,cell_type_ontology_id runs/colon/typed/section.h5ad >typed.tsv
	[ "$(wc -l <typed.tsv)" -eq 358 ]
	sed 1d typed.tsv | awk -F '\t' '$4 !~ /^CL:[0-9]+$/ && $4 != "Unknown" { print; exit 1 }
		$2 != "Unknown" && $4 ~ /^CL:/ { n++ } END { exit !(n > 250) }'
	grep -qE 'by their ids, a descendant of the truth being right: accuracy 0\.[789]' log
	type_it status | grep -v '^fresh' && return 1

	# The index of datasets was asked for once; another config that looks for the same words finds them
	# when the service is down.
	[ "$(grep -c 'GET /ok/datasets' server/requests)" -eq 1 ]
	stop_server
	sed 's/^queries/name: again\nqueries/' colon.yaml >again.yaml
	make -s -f "$TESTS/../workflows/typing.mk" BIN="$BIN" CONFIG=again.yaml runs/again/refs/tabula_sapiens_blood.fetched.h5ad 2>log
	grep -q 'the answer in the cache is taken' log || { cat log; return 1; }
	same runs/again/refs/tabula_sapiens_blood.fetched.h5ad runs/colon/refs/tabula_sapiens_blood.fetched.h5ad
}
