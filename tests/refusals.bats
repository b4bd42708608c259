load helper
# What is refused, and how that is said: the ways that no other file has, found by what the tests reached.

# put FILE TEXT: the text, with printf's escapes.
put() { printf '%b' "$2" >"$1"; }

@test "calls and tables" {
	put inf.tsv 'cell\tlabel\tconfidence\nc1\tT\tinf\n'
	fails 1 'inf.tsv: line 2: confidence is infinite' gate inf.tsv -o out.tsv
	put none.tsv 'cell\tlabel\ttrue\nc1\tT\t\n'
	fails 1 'none.tsv: no cell has a true label in true' evaluate --truth true none.tsv -o out.tsv
	put one.tsv 'cell\tlabel\tconfidence\ttrue\nc1\tT\t1\tT\n'
	put shares.tsv 'cell\tT\nc1\t-1\n'
	fails 1 'shares.tsv: line 2: column T: not a share' evaluate --truth true --probabilities shares.tsv one.tsv -o out.tsv
	printf 'cell\tlabel\nc1\tT\n' | gzip | head -c 24 >cut.tsv.gz
	fails 1 'cut.tsv.gz: the gzip data is cut short' evaluate --truth label cut.tsv.gz -o out.tsv
	{ printf 'cell\tlabel\nc1\tT\n' | gzip | head -c -8; printf '12345678'; } >bad.tsv.gz
	fails 1 'evaluate: bad.tsv.gz: the gzip data is damaged' evaluate --truth label bad.tsv.gz -o out.tsv
	fails 1 'gate: bad.tsv.gz: the gzip data is damaged' gate bad.tsv.gz -o out.tsv
	fails 1 'PIPETTE_SYNC: there is no always' env PIPETTE_SYNC=always gate one.tsv -o out.tsv
}

@test "markers, lists of genes and the Gene Ontology" {
	local db=$DATA/evidence/facts.tsv terms=$DATA/evidence/go.terms.tsv gaf=$DATA/evidence/go.gaf
	put neither.tsv 'cluster\tgene\tpadj\tlog2fc\na\tCD3D\t0\t1\n'
	fails 1 'neither.tsv: there is neither a column auc nor pct and pct_rest' marker-check --db "$db" neither.tsv -o out.tsv
	put empty.tsv 'cluster\tgene\tpadj\tlog2fc\tauc\na\tCD3D\t0\t1\t\n'
	fails 1 'empty.tsv: line 2: no auc' marker-check --db "$db" empty.tsv -o out.tsv
	put large.tsv 'cluster\tgene\tpadj\tlog2fc\tauc\na\tCD3D\t0\t1\t7\n'
	fails 1 'large.tsv: line 2: auc or pct is not from 0 to 1' marker-check --db "$db" large.tsv -o out.tsv
	put good.tsv 'cluster\tgene\tpadj\tlog2fc\tauc\na\tCD3D\t0\t1\t.9\n'
	put twice.tsv 'cluster\tlabel\na\tT cell\na\tB cell\n'
	fails 1 "twice.tsv: line 3: cluster 'a' stands there twice" marker-check --db "$db" -l twice.tsv good.tsv -o out.tsv
	put lists.tsv 'list\tgene\na\tCD3D\n'
	put genes.txt 'CD3D\n'
	put terms.tsv 'id\tname\taspect\tis_a\n'
	fails 1 'terms.tsv: there are no terms in it' go-enrich --terms terms.tsv --annotations "$gaf" --background genes.txt lists.tsv -o out.tsv
	put none.tsv 'symbol\tgene_id\tterm\tevidence\nCD3D\t1\tGO:9999999\tIDA\n'
	fails 1 'none.tsv: no annotation of a known term is left of 1 rows' go-enrich --terms "$terms" --annotations none.tsv --background genes.txt lists.tsv -o out.tsv
}

@test "matrix Market files and their lists" {
	cp "$DATA"/text/small.genes "$DATA"/text/small.cells .
	local import=(h5-import --genes small.genes --cells small.cells -o out.h5ad)
	put a.mtx '%%MatrixMarket matrix coordinate complex general\n3 3 1\n1 1 1 1\n'
	fails 1 'a.mtx: line 1: values of type "complex" cannot be read' "${import[@]}" a.mtx
	put a.mtx 'words\n3 3 1\n1 1 1\n'
	fails 1 'a.mtx: line 1:' "${import[@]}" --format mtx a.mtx
	put a.mtx '%%MatrixMarket matrix coordinate integer general\n5000000000 3 1\n1 1 1\n'
	fails 1 'a.mtx: line 2: 5000000000 x 3 is too large' "${import[@]}" a.mtx
	put a.mtx '%%MatrixMarket matrix coordinate integer general\n4 3 1\nx 1 1\n'
	fails 1 'a.mtx: line 3: should begin with a row and a column number' "${import[@]}" a.mtx
	put a.mtx '%%MatrixMarket matrix coordinate integer general\n4 3 1\n1 1 1\n'
	fails 1 'nowhere' h5-import nowhere -o out.h5ad
	mkdir two
	cp a.mtx two/x_matrix.mtx
	cp a.mtx two/y_matrix.mtx
	fails 1 'two: 2 matrices in this folder' h5-import --format mtx two -o out.h5ad
	put names.csv 'cell\na\nb\n'
	fails 1 'names.csv: ' h5-import names.csv -o out.h5ad
}

@test "10x and loom files whose parts do not fit" {
	python - <<-'END'
	import h5py, numpy as np
	text = lambda *v: np.array(v, "S8")
	def tenx(path, names=("A", "B", "C"), shape=(3, 3), cells=("c1", "c2", "c3")):
	    with h5py.File(path, "w") as f:
	        m = f.create_group("matrix")
	        for name, values in (("data", [1, 2, 3, 4]), ("indices", [0, 1, 0, 2]), ("indptr", [0, 2, 3, 4]), ("shape", shape)):
	            m[name] = np.array(values, "i4")
	        m["barcodes"] = text(*cells)
	        g = m.create_group("features")
	        g["id"], g["name"] = text("E1", "E2", "E3"), text(*names)
	        g["feature_type"], g["genome"] = text(*("Gene Expression",) * 3).astype("S15"), text("g", "g", "g")
	tenx("good.h5")
	tenx("names.h5", names=("A", "B"))
	tenx("shape.h5", shape=(3, 3, 3))
	tenx("below.h5", shape=(3, -1))
	with h5py.File("flat.loom", "w") as f:
	    f["matrix"] = np.zeros(4, "f4")
	    f.create_group("row_attrs"), f.create_group("col_attrs")
	with h5py.File("nameless.loom", "w") as f:
	    f["matrix"] = np.zeros((2, 2), "f4")
	    f.create_group("row_attrs"), f.create_group("col_attrs")
	END
	fails 1 'names.h5: /matrix/features/name: 2 names, but the matrix has 3' h5-import names.h5 -o out.h5ad
	fails 1 'shape.h5: /matrix/shape: should be two whole numbers' h5-import shape.h5 -o out.h5ad
	fails 1 'below.h5: /matrix/shape: 3 x -1 is no size of a matrix' h5-import below.h5 -o out.h5ad
	fails 1 'good.h5: there is no genome "none"' h5-import --genome none good.h5 -o out.h5ad
	fails 1 'flat.loom: /matrix: is no array of genes and cells' h5-import flat.loom -o out.h5ad
	fails 1 'nameless.loom: no names of genes' h5-import nameless.loom -o out.h5ad
}

@test "ontologies and what is said of labels" {
	put ids.tsv 'id\nCL:0000084\n'
	fails 1 'nowhere.obo' cl-level --level 1 --ontology nowhere.obo ids.tsv -o out.tsv
	put nul.obo '[Term]\nid: CL:1\nname: a\0b\n'
	fails 1 'nul.obo: line 3: a NUL byte' cl-level --level 1 --ontology nul.obo ids.tsv -o out.tsv
	printf '[Term]\nid: CL:1\nname: a\n' | gzip | head -c 30 >cut.obo.gz
	fails 1 'cut.obo.gz: the gzip data is cut short' cl-level --level 1 --ontology cut.obo.gz ids.tsv -o out.tsv
	put over.tsv 'label\tid\nx\tCL:9999999\n'
	put labels.tsv 'label\nx\n'
	fails 1 'over.tsv: not in the ontology, or obsolete: CL:9999999' cl-map --overrides over.tsv labels.tsv -o out.tsv
	fails 1 'not there \(PIPETTE_DATA is' env PIPETTE_DATA="$PWD" cl-map labels.tsv -o out.tsv
}

@test "registries and lists of references" {
	local what
	for what in '- a|a registry is a map of datasets' 'services: [a]|services: a map was expected' \
		'presets: [a]|presets: a map of names was expected' 'presets: {a: b}|a preset is a map of condition' \
		'datasets: [a]|datasets: a map of names was expected' 'datasets: {a: b}|a dataset is a map of source'; do
		put r.yaml "${what%%|*}\n"
		fails 1 "r.yaml:1:.*${what##*|}" ref-query --registry r.yaml -o out.tsv
	done
	head -c 1100000 /dev/zero | tr '\0' ' ' >long.yaml
	fails 1 'long.yaml: more than 1 MiB of YAML' ref-query --registry long.yaml -o out.tsv
	fails 1 'nowhere.yaml' ref-query --registry nowhere.yaml -o out.tsv
	put list.tsv 'id\tsource\taddress\tsize\na\tlocal\t/x\tmany\n'
	fails 1 'list.tsv: line 2: size: "many" is not a whole number' ref-fetch --cache cache list.tsv -o out.tsv
	put list.tsv 'id\tsource\taddress\n\tlocal\t/x\n'
	fails 1 'list.tsv: line 2: there is no id' ref-fetch --cache cache list.tsv -o out.tsv
	put list.tsv 'id\tsource\taddress\tmd5\na\tlocal\t/x\tzz\n'
	fails 1 'list.tsv: line 2: md5 "zz" is not 32 hexadecimal digits' ref-fetch --cache cache list.tsv -o out.tsv
	put a.csv 'x\n'
	printf 'id\tsource\taddress\tsha256\na\tlocal\t%s\t%064d\n' "$PWD/a.csv" 0 >list.tsv
	fails 1 'not the right content: sha256 is' ref-fetch --cache cache list.tsv -o out.tsv
	printf 'id\tsource\taddress\na\tlocal\t%s\n' "$PWD" >list.tsv
	fails 1 'is no file' ref-fetch --cache cache list.tsv -o out.tsv
	printf 'id\tsource\taddress\na\tlocal\t%s/nowhere\n' "$PWD" >list.tsv
	fails 1 'nowhere: cannot be opened' ref-fetch --cache cache list.tsv -o out.tsv
}

@test "a read that fails is told, by every reader of text" {
	[ -x "$FAULT" ] || skip "$FAULTLESS"
	put calls.tsv 'cell\tlabel\tconfidence\tcluster\nc1\tT\t.9\tx\n'
	put m.csv ',A,B\nc1,1,2\n'
	put p.json '{"genes": ["A"]}\n'
	put t.obo '[Term]\nid: CL:1\nname: a\n'
	put ids.tsv 'id\nCL:1\n'
	put c.yaml 'queries: m.csv\n'
	local command n told
	for command in 'gate calls.tsv -o out.tsv' 'vote -c cluster calls.tsv -o out.tsv' 'h5-import m.csv -o out.h5ad' \
		'cl-level --level 1 --ontology t.obo ids.tsv -o out.tsv' 'conf-mk --check c.yaml' 'ref-query --registry c.yaml -o out.tsv'; do
		told=0
		for n in 1 2 3 4 5 6 7 8; do
			# shellcheck disable=SC2086
			run_split "$FAULT" -c read -n $n -d EIO $command
			echo "$command, $n: $status ${errors-}"
			[ "$status" -le 3 ]
			! grep -q 'Input/output error' <<<"${errors-}" || told=$((told + 1))
		done
		[ $told -gt 0 ]
	done
}

@test "inputs that are not there, and outputs that cannot be written" {
	local train=$GOLDEN/pbmc_train.h5ad
	: >afile
	put t.obo '[Term]\nid: CL:0000001\nname: a\n'
	put ids.tsv 'id\nCL:0000001\n'
	fails 1 'nowhere.h5ad: No such file' overcluster nowhere.h5ad -o out.tsv
	fails 1 'nowhere.h5ad: No such file' knn-graph nowhere.h5ad -o out.h5ad
	knn-graph -q --neighbors 5 --pcs 5 "$train" -o graph.h5ad
	/usr/bin/python3 -c 'import h5py
with h5py.File("graph.h5ad", "r+") as f:
    f["obs"].move(f["obs"].attrs["_index"], "away")
    f["obs"].create_dataset(f["obs"].attrs["_index"], data=[[1.0]])'
	fails 1 'graph.h5ad: /obs/index: is not a one-dimensional array' overcluster graph.h5ad -o out.tsv
	fails 1 'nowhere.tsv: No such file' cl-level --to nowhere.tsv --ontology t.obo ids.tsv -o out.tsv
	fails 1 'nowhere.tsv: No such file' cl-level --level 1 --ontology t.obo nowhere.tsv -o out.tsv
	fails 1 'afile/out.tsv: ' cl-level --level 1 --ontology t.obo ids.tsv -o afile/out.tsv
	fails 1 'afile/out.tsv: ' rds-import --list "$GOLDEN/rds/counts.dgC.rds" -o afile/out.tsv
	fails 1 'a RangedSummarizedExperiment has one set of genes, and its matrices are chosen with --slot' \
		rds-import --assay RNA "$GOLDEN/rds/se_ranges.rds" -o out.h5ad
	lr-train -q --recipe celltypist -l bulk_labels --min-cells 1 "$train" -o model.h5
	fails 1 '1 of 10 classes would be left: a model needs two' lr-model subset --keep Dendritic model.h5 -o out.h5
	fails 1 'nowhere.tsv: No such file' lr-model convert --map nowhere.tsv model.h5 -o out.h5
	fails 1 'nowhere.h5ad: No such file' lr-model calibrate -l bulk_labels model.h5 nowhere.h5ad -o out.h5
	fails 1 'afile' lr-predict -q --min-coverage 0 -m model.h5 -m "$GOLDEN/lr.sk15.pkl" "$train" -o afile/out
	fails 1 'afile/out.h5: ' lr-train -q --recipe celltypist -l bulk_labels --min-cells 1 "$train" -o afile/out.h5
	put old.truth.tsv 'cell\tlabel\no1\tA\no2\tB\n'
	put old.calls.tsv 'cell\tlabel\tconfidence\no1\tC\t1\no2\tD\t1\n'
	put new.truth.tsv 'cell\tlabel\nn1\tC\nn2\tD\n'
	put new.calls.tsv 'cell\tlabel\tconfidence\nn1\tA\t1\nn2\tB\t1\n'
	fails 1 'afile/out.nwk: ' tree-learn --old-truth old.truth.tsv --new-truth new.truth.tsv old.calls.tsv new.calls.tsv -o afile/out.nwk
	ref-build -q -l bulk_labels -l louvain --pcs 5 --clusters 4 "$train" -o atlas.ref.h5
	fails 1 "pbmc_train.h5ad: no column 'nowhere'; there are:" ref-build -q -l bulk_labels --batch nowhere "$train" -o out.ref.h5
	fails 1 'nowhere' ref-map -q --slot nowhere -m atlas.ref.h5 "$train" -o out.h5ad
	fails 1 'afile/out.h5ad: ' ref-map -q -m atlas.ref.h5 "$train" -o afile/out.h5ad
	ref-map -q -m atlas.ref.h5 "$train" -o mapped.h5ad
	fails 1 'afile' knn-transfer -q -m atlas.ref.h5 -l bulk_labels -l louvain mapped.h5ad -o afile/out
	put d.json '{"collections": []}\n'
	fails 1 'd.json: no dataset with an h5ad asset' ref-query --discover d.json -s cellxgene -o out.tsv
	lr-predict -q --min-coverage 0 -m model.h5 "$train" -o calls.tsv
	fails 1 'not the file they were made from' report --h5ad "$GOLDEN/pbmc_query.h5ad" calls.tsv -o out.html
	run compgen -G "out*"
	[ "$status" -ne 0 ]
}

@test "a folder of a sample that holds a name of nothing is told, where the plan is printed" {
	mkdir cos
	cp "$DATA/text/small.mtx" cos/matrix.mtx
	cp "$DATA/text/small.genes" cos/genes.tsv
	cp "$DATA/text/small.cells" cos/barcodes.tsv
	cp "$GOLDEN/pbmc_train.h5ad" a.h5ad
	put c.yaml 'references: [{path: a.h5ad, label: bulk_labels}]\nqueries: cos\n'
	conf-mk --json c.yaml >plan.json
	ln -s nowhere cos/note
	fails 1 'conf-mk: cos/note: No such file' conf-mk --json c.yaml
	[ ! -e runs ]
}
