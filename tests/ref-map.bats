load helper
# shellcheck disable=SC2034
NEEDS="ref-build ref-map"

setup_file() {
	local bin=${PIPETTE_BUILD:-$BATS_TEST_DIRNAME/../build}/bin
	[ ! -x "$bin/ref-build" ] || "$bin/ref-build" -q --pcs 30 -l bulk_labels \
		"$BATS_TEST_DIRNAME/golden/pbmc_train.h5ad" -o "$BATS_FILE_TMPDIR/a.ref.h5"
}

QUERY=$GOLDEN/pbmc_query.h5ad

columns() { h5-obs get -q -c map_distance,map_pct "$1"; }

@test "cells get coordinates, a distance and what it means; the rest is carried over" {
	run_split ref-map -m "$BATS_FILE_TMPDIR/a.ref.h5" "$QUERY" -o m.h5ad
	grep -q '100.0% of its squared loadings' <<<"$errors"
	h5-info m.h5ad >info
	grep -q 'X_pca_reference' info
	grep -q 'X_pca_mapped' info
	grep -q 'map_coverage' info
	probe X m.h5ad >a
	probe X "$QUERY" >b
	same a b
	columns m.h5ad | awk -F '\t' 'NR > 1 && !($2 > 0 && $3 >= 0 && $3 <= 100) { exit 1 }'
}

@test "the correction is Symphony's formula in plain numpy" {
	ref-map -q -m "$BATS_FILE_TMPDIR/a.ref.h5" -b louvain "$QUERY" -o m.h5ad
	h5-obs get -q -c louvain "$QUERY" >batch.tsv
	python - "$BATS_FILE_TMPDIR/a.ref.h5" <<-'P'
	import h5py, numpy as np, sys
	r, q = h5py.File(sys.argv[1]), h5py.File("m.h5ad")
	z = q["obsm/X_pca_reference"][()].astype(float)
	y, N, C = (r["clusters/" + k][()] for k in ("centroids", "Nr", "C"))
	b = [l.rstrip("\n").split("\t")[1] for l in open("batch.tsv")][1:]
	levels = sorted(set(b)); D = np.array([[1.0] + [x == l for l in levels] for x in b])
	R = np.exp(-2 * (1 - (z / np.linalg.norm(z, axis=1)[:, None]) @ y.T) / np.float64(np.float32(0.1)))
	R /= R.sum(1)[:, None]; out = z.copy(); lam = np.diag([0.0] + [1.0] * len(levels))
	for k in range(len(y)):
	    W = D * R[:, [k]]; A = W.T @ D + lam; A[0, 0] += N[k]; s = W.T @ z; s[0] += C[k]
	    w = np.linalg.solve(A, s); w[0] = 0; out -= W @ w
	d = np.abs(out - q["obsm/X_pca_mapped"][()]).max()
	assert d < 1e-4, d
	P
}

@test "without batches on either side nothing is moved, unless that is asked for; a corrected reference moves by itself" {
	ref-map -q -m "$BATS_FILE_TMPDIR/a.ref.h5" --manifest m.json "$QUERY" -o plain.h5ad
	grep -q '"moved": "no"' m.json
	ref-map -q -m "$BATS_FILE_TMPDIR/a.ref.h5" --correct "$QUERY" -o moved.h5ad
	ref-build -q -l bulk_labels -b louvain "$GOLDEN/pbmc_train.h5ad" -o b.ref.h5
	ref-map -q -m b.ref.h5 "$QUERY" -o b.h5ad
	ref-map -q -m b.ref.h5 --no-correct "$QUERY" -o b.plain.h5ad
	python - <<-'P'
	import h5py, numpy as np
	moved = lambda f: np.abs((o := h5py.File(f)["obsm"])["X_pca_mapped"][()] - o["X_pca_reference"][()]).max()
	assert moved("plain.h5ad") == 0 and moved("b.plain.h5ad") == 0
	assert moved("moved.h5ad") > 0.1 and moved("b.h5ad") > 0.1
	P
	fails 2 'two things' ref-map -m b.ref.h5 --correct --no-correct "$QUERY"
}

@test "projected only, a query's shards are the whole" {
	ref-map -q --no-correct -m "$BATS_FILE_TMPDIR/a.ref.h5" "$QUERY" -o whole.h5ad
	for i in 1 2 3; do
		h5-select -q --shard $i/3 "$QUERY" -o s.h5ad
		ref-map -q --no-correct -m "$BATS_FILE_TMPDIR/a.ref.h5" s.h5ad -o m.h5ad
		columns m.h5ad | tail -n +2
	done | sort >parts
	columns whole.h5ad | tail -n +2 | sort >all
	same parts all
}

@test "any number of threads gives the same bytes" {
	ref-map -q -t 1 -m "$BATS_FILE_TMPDIR/a.ref.h5" "$QUERY" -o one.h5ad
	ref-map -q -t 7 -m "$BATS_FILE_TMPDIR/a.ref.h5" "$QUERY" -o seven.h5ad
	same one.h5ad seven.h5ad
}

@test "whole clusters are scored, small ones not" {
	h5-obs get -q -c bulk_labels "$QUERY" | sed '1s/bulk_labels/cluster/; 1s/^[^\t]*/cell/' >clusters.tsv
	ref-map -q -m "$BATS_FILE_TMPDIR/a.ref.h5" --clusters clusters.tsv --cluster-scores scores.tsv "$QUERY" -o m.h5ad
	awk -F '\t' '$1 == "CD14+ Monocyte" && $2 > 0 { seen++ } $1 == "CD34+" && $2 == "" { seen++ } END { exit seen != 2 }' scores.tsv
	fails 2 'go together' ref-map -m "$BATS_FILE_TMPDIR/a.ref.h5" --clusters clusters.tsv "$QUERY"
}

@test "a query of other genes, a broken batch and a file that is no reference are told" {
	fails 3 'below --min-coverage' ref-map -m "$BATS_FILE_TMPDIR/a.ref.h5" --min-coverage 1 "$GOLDEN/sample_lognorm.h5ad" -o m.h5ad
	fails 1 'no column .sampel.' ref-map -m "$BATS_FILE_TMPDIR/a.ref.h5" -b sampel "$QUERY" -o m.h5ad
	fails 1 'is not a reference' ref-map -m "$QUERY" "$QUERY" -o m.h5ad
	fails 2 'which reference' ref-map "$QUERY"
	[ ! -e m.h5ad ]
}
