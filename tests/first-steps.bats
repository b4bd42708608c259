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
	fails 1 'no .h5ad, .rds or 10x' pipette new
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
