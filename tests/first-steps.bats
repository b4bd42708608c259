# pipette new, pipette doctor, and the completions: what somebody meets first.

load helper

TREE=$(realpath "$TESTS/..")
pipette() { "$BIN/pipette" "$@"; }
labelled() { h5-obs get -q -c bulk_labels --as cell_type "$TREE/refs/demo/pbmc_$1.h5ad" >l.tsv && h5-obs put -q -f l.tsv "$TREE/refs/demo/pbmc_$1.h5ad" -o "$2"; }

@test "new: labelled files are references, the others queries, and the config runs" {
	labelled train atlas.h5ad
	cp "$TREE/refs/demo/pbmc_query.h5ad" sample.h5ad
	run_split pipette new
	[ "$status" = 0 ] && [ "$output" = pipette.yaml ]
	grep -q 'atlas.h5ad: a reference, for its column cell_type' <<<"$errors"
	grep -q 'sample.h5ad: a query' <<<"$errors"
	grep -qF -- '- {path: atlas.h5ad, label: cell_type}' pipette.yaml
	conf-mk -q --check pipette.yaml
	fails 1 'pipette.yaml is there already' pipette new
	pipette new -o other.yaml atlas.h5ad sample.h5ad 2>/dev/null
	same pipette.yaml other.yaml || grep -q . other.yaml
	conf-mk -q --check other.yaml
}

@test "new: nothing labelled takes a model; only labelled ones are cut in two, and it is said" {
	cp "$TREE/refs/demo/pbmc_query.h5ad" sample.h5ad
	pipette new 2>said
	grep -q '^models: \[Immune_All_Low\]' pipette.yaml
	conf-mk -q --check pipette.yaml
	rm sample.h5ad pipette.yaml
	labelled train big.h5ad
	labelled query small.h5ad
	pipette new 2>said
	grep -qE '(big|small).h5ad: the query after all' said
	grep -q '^truth: cell_type' pipette.yaml
	conf-mk -q --check pipette.yaml
}

@test "new: what cannot be is said and left out" {
	fails 1 'no .h5ad, .rds, 10x .h5 or folder' pipette new
	fails 1 'nowhere: no such file' pipette new nowhere
	fails 2 'no option --what' pipette new --what
	cp "$TREE/refs/demo/pbmc_query.h5ad" 'two words.h5ad'
	cp "$TREE/refs/demo/pbmc_query.h5ad" plain.h5ad
	pipette new 2>said
	grep -q 'two words.h5ad: .*left out' said
	conf-mk -q --check pipette.yaml
	h5-obs get -q -c louvain --as seurat_clusters plain.h5ad >c.tsv
	h5-obs put -q -f c.tsv plain.h5ad -o clustered.h5ad
	pipette new -o c.yaml clustered.h5ad 2>said
	grep -q 'are clusters, no types' said
	grep -q '  - clustered.h5ad' c.yaml
	head -c 5000 plain.h5ad >broken.h5ad
	fails 1 'broken.h5ad' pipette new -o d.yaml broken.h5ad
	[ ! -e d.yaml ] && [ ! -e d.yaml.part ]
}

@test "new: folders of a matrix.mtx and samples of Cell Ranger are queries; what lies deeper is named" {
	labelled train atlas.h5ad
	mkdir -p tenx s1/outs more
	printf '%%%%MatrixMarket matrix coordinate integer general\n2 2 2\n1 1 3\n2 2 1\n' >tenx/matrix.mtx
	printf 'c1\nc2\n' >tenx/barcodes.tsv
	printf 'CD3D\nCD19\n' >tenx/genes.tsv
	: >s1/outs/filtered_feature_bc_matrix.h5
	: >old.rds
	cp atlas.h5ad more/
	pipette new 2>said
	grep -qx 'pipette: tenx: a query' said
	grep -q 'old.rds: a query, not looked into' said
	grep -qx 'pipette: not looked at: more (pipette new . more)' said
	for query in tenx s1/outs/filtered_feature_bc_matrix.h5 old.rds; do grep -qx "  - $query" pipette.yaml; done
	conf-mk -q --check pipette.yaml
	mkdir deep deep/er
	cp atlas.h5ad deep/er/
	fails 1 'there are some in deep/er: pipette new deep/er' pipette new -o d.yaml deep
	pipette new -o t.yaml tenx 2>/dev/null
	grep -qx '  - tenx' t.yaml
}

# with_column NAME VALUES.awk FILE: the demo's query with one more column of text.
with_column() {
	h5-obs get -q -c bulk_labels "$TREE/refs/demo/pbmc_query.h5ad" |
		awk -F '\t' -v OFS='\t' "NR == 1 { print \"cell\", \"$1\"; next } { print \$1, $2 }" >c.tsv
	h5-obs put -q --text "$1" -f c.tsv "$TREE/refs/demo/pbmc_query.h5ad" -o "$3"
}

@test "new: a column of the right name with the wrong content is no guess, and that is said" {
	labelled train atlas.h5ad
	with_column cell_type '"unknown"' same.h5ad
	with_column cell_type '$1' each.h5ad
	with_column cell_type 'NR % 7' numbers.h5ad
	with_column donor '"d1"' one_donor.h5ad
	with_column donor 'NR % 3 ? "d1" : "d2"' two_donors.h5ad
	pipette new 2>said
	grep -q 'same.h5ad: its column cell_type has one value for all cells: not taken' said
	grep -q 'each.h5ad: its column cell_type differs from cell to cell: not taken' said
	grep -q 'numbers.h5ad: its column cell_type has numbers, as clusters have: not taken' said
	[ "$(grep -c '^  - {path' pipette.yaml)" -eq 1 ]
	for file in same each numbers one_donor two_donors; do grep -qx "  - $file.h5ad" pipette.yaml; done
	conf-mk -q --check pipette.yaml
	pipette new -o one.yaml atlas.h5ad one_donor.h5ad 2>said
	grep -q '^# batch: donor ' one.yaml
	pipette new -o two.yaml atlas.h5ad two_donors.h5ad 2>said
	grep -q '^batch: donor ' two.yaml
	conf-mk -q --check two.yaml
}

@test "a label column that a config names wrongly is told by the step that reads it, with those there are" {
	cp "$TREE/refs/demo/pbmc_train.h5ad" atlas.h5ad
	cp "$TREE/refs/demo/pbmc_query.h5ad" sample.h5ad
	printf 'references:\n  - {path: atlas.h5ad, label: cell_kind}\nqueries: sample.h5ad\n' >c.yaml
	run pipette type c.yaml
	[ "$status" -ne 0 ]
	grep -q 'cell_kind' <<<"$output" && grep -q 'bulk_labels' <<<"$output"
}

@test "doctor: a line each, nothing left behind, bad is status 1" {
	pipette doctor >said
	for what in version filters threads memory disk locks make bash; do grep -qE "^(ok|note) +$what" said; done
	run grep -q '^bad' said
	[ "$status" -ne 0 ]
	[ -z "$(ls tmp)" ]
	TMPDIR=/nowhere run pipette doctor
	[ "$status" -eq 1 ]
	grep -q '^bad *disk *.*set TMPDIR' <<<"$output"
}

@test "doctor: a filter that is there is not called missing, however slowly the list comes" {
	mkdir slow
	cat >slow/pipette <<-END
		#!/bin/sh
		[ "\$1" = --list-filters ] || exec "$BIN/pipette" "\$@"
		printf 'knn-graph\noverclusters\nref-fetch\n'; sleep .2; printf 'overcluster\n'
	END
	chmod +x slow/pipette
	PATH=$PWD/slow:$BIN:$PATH "$TREE/workflows/run/doctor" >said || true
	run grep -q 'not built' said
	[ "$status" -ne 0 ]
	sed -i s/knn-graph/knn-graphs/ slow/pipette
	PATH=$PWD/slow:$BIN:$PATH "$TREE/workflows/run/doctor" >said || true
	grep -qx 'note  filters      not built for want of a library: knn-graph (libopenblas-dev)' said
}

@test "h5-info --label-column: the column that auto takes, or nothing" {
	labelled train atlas.h5ad
	[ "$(h5-info --label-column atlas.h5ad)" = cell_type ]
	[ -z "$(h5-info --label-column "$TREE/refs/demo/pbmc_train.h5ad")" ]
}

@test "completion in zsh and fish, where they are" {
	local done=0
	if command -v zsh >/dev/null; then zsh -n "$TREE/workflows/package/completion.zsh" && done=1; fi
	if command -v fish >/dev/null; then
		PATH=$BIN:$PATH fish -c "source $TREE/workflows/package/completion.fish; complete -C 'pipette lr-train --solver '" >said
		grep -qx sgd said
		PATH=$BIN:$PATH fish -c "source $TREE/workflows/package/completion.fish; complete -C 'pipette h5-s'" >said
		grep -q h5-subsample said
		done=1
	fi
	[ $done = 1 ] || skip 'neither zsh nor fish is here'
}
