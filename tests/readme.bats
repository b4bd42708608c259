# The README's shell examples, run as they stand, in a folder that looks like a clone.

load helper

# What the examples take for granted, and names of the registry that lead to files instead of the net.
a_sample_and_a_registry() {
	local demo=$TESTS/../refs/demo
	cp "$demo/pbmc_query.h5ad" sample.h5ad
	h5-obs get -q -c bulk_labels "$demo/pbmc_train.h5ad" | sed '1s/bulk_labels/cell_type/' >cell_types.tsv
	h5-obs put -q -f cell_types.tsv "$demo/pbmc_train.h5ad" -o atlas.h5ad
	lr-train -q -l bulk_labels --min-cells 4 "$demo/pbmc_train.h5ad" -o zoo.h5
	lr-model export -q zoo.h5 -o zoo.pkl
	cat >zoo.yaml <<-'Y'
	datasets:
	  colon_immune_niches: {source: local, path: atlas.h5ad}
	  Immune_All_Low: {source: local, path: zoo.pkl}
	Y
	export PIPETTE_REGISTRY=$PWD/zoo.yaml CELLXGENE_CACHE_DIR=$PWD/cache
}

@test "every sh example of the README runs" {
	needs knn-graph overcluster ref-fetch ref-query
	ln -s "$TESTS/../refs" refs
	mkdir build
	ln -s "$BIN" build/bin
	a_sample_and_a_registry
	awk '/^```sh$/ { inside = 1; next } /^```$/ { inside = 0 } inside' "$TESTS/../README.md" >examples.sh
	[ "$(wc -l <examples.sh)" -gt 10 ]
	bash -euo pipefail examples.sh >said
	grep -q 'CL:0000451' said
	grep -q '^accuracy' said
	[ "$(wc -l <voted.tsv)" -eq 358 ]
	probe obs typed.h5ad | head -n 1 | grep -q 'predicted_labels'
	[ -s runs/colon/report.html ]
	[ -s runs/section/report.html ]
	[ "$(wc -l <runs/section/typed/section.tsv)" -eq 358 ]
	[ "$(wc -l <zoo.tsv)" -eq 358 ]
	grep -q '^Immune_All_High	Homo sapiens' said
	rm -rf build refs
}

@test "every config of the README is one, and its small print holds" {
	needs ref-query
	awk '/^```yaml$/ { inside = 1; next } /^```$/ { inside = 0 } inside && /^# [a-z]+\.yaml/ { file = $2 } inside { print > file }' "$TESTS/../README.md"
	mkdir samples
	touch atlas.h5ad second.rds samples/{a,b}.h5ad lung_atlas.h5ad gene_panel.json cell_feature_matrix.h5
	for config in colon xenium; do
		conf-mk $config.yaml
		[ -s runs/$config/run.mk ]
	done
	# The sets of models per tissue.
	sed -nE 's/^\| ([a-z_]+ \| .*) \|$/\1/p' "$TESTS/../README.md" | grep -E '^(colon|lung|lung_airway|liver) ' |
		tr '|' '\n' | sed 's/^ *//; s/ *$//' | paste - - | awk -F '\t' '$1 { print $1 ": [Immune_All_Low.pkl, Pan_Fetal_Human.pkl" ($2 ? ", " $2 ".pkl" : "") "]" }' | sort >told
	grep -E '^[a-z_]+: \[' "$TESTS/../refs/tissues.yaml" | sort >there
	same told there
	# The numbers of published models.
	ref-query -q --source models | awk -F '\t' 'NR > 1 { n++; of[$11]++ } END { print n, of["Homo sapiens"], of["Mus musculus"] }' >numbers
	[ "$(<numbers)" = "$(tr '\n' ' ' <"$TESTS/../README.md" | sed -nE 's/.*registry knows ([0-9]+), ([0-9]+) of them human and ([0-9]+) mouse.*/\1 \2 \3/p')" ]
}

@test "the ten lines of h5py read a model, and score as lr-predict does" {
	lr-train -q -l bulk_labels --min-cells 4 "$TESTS/../refs/demo/pbmc_train.h5ad" -o model.h5
	lr-predict -q -m model.h5 --decision scores.tsv "$TESTS/../refs/demo/pbmc_query.h5ad" -o calls.tsv
	awk '/^```python$/ { inside = 1; next } /^```$/ { inside = 0 } inside' "$TESTS/../README.md" >read.py
	cat >>read.py <<-'PY'
	import sys
	q = h5py.File(sys.argv[1])
	names = q["var"][q["var"].attrs["_index"]].asstr()[:]
	x = np.zeros(len(names))
	a, b = q["X/indptr"][:2]
	x[q["X/indices"][a:b]] = q["X/data"][a:b]
	ours = [float(v) for v in open("scores.tsv").readlines()[1].split("\t")[1:]]
	at = {g: i for i, g in enumerate(names)}
	theirs = scores(np.array([x[at[g]] for g in genes]))
	assert np.abs(theirs - ours).max() < 1e-6, (theirs, ours)
	PY
	python read.py "$TESTS/../refs/demo/pbmc_query.h5ad"
}

@test "the README's table has every filter, and no other" {
	sed -nE 's/^\| [a-z]+ \| `([a-z0-9-]+)` \|.*/\1/p' "$TESTS/../README.md" | sort >told
	for tool in "$TESTS"/../tools/*.c; do basename "$tool" .c; done | sort >there
	same told there
}
