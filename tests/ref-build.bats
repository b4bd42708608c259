load helper
# shellcheck disable=SC2034
NEEDS="ref-build ref-map knn-transfer"

TRAIN=$GOLDEN/pbmc_train.h5ad

@test "a label that one donor alone has is held out by chance, not whole" {
	ref-build -q -l bulk_labels --donor bulk_labels --min-cells 5 "$GOLDEN/pbmc_train.h5ad" -o a.ref.h5
	python - <<-'P'
	import h5py, math
	a, b = h5py.File("a.ref.h5")["calibration/bulk_labels/share"][()].ravel()
	p = 1 / (1 + math.exp(-(a + b * math.log(0.99 / 0.01))))
	assert p > 0.8, p       # all held-out cells were wrong when their label was held out with them
	P
}

@test "a reference holds the space, the clusters and every label" {
	run_split ref-build -l bulk_labels -l louvain "$TRAIN" -o a.ref.h5
	grep -q '343 cells, 742 genes, 50 components, 11 clusters; 10 labels of bulk_labels' <<<"$errors"
	python - <<-'P'
	import h5py, numpy as np
	f = h5py.File("a.ref.h5")
	assert f.attrs["format"] == b"pipette-reference"
	z, c, n = f["coords/pca"][()], f["clusters/C"][()], f["clusters/Nr"][()]
	assert z.shape == (343, 50) and c.shape == (11, 50)
	assert abs(n.sum() - 343) < 1e-9 and np.abs(c.sum(0) - z.sum(0)).max() < 1e-4
	y = f["clusters/centroids"][()]
	assert np.abs((y * y).sum(1) - 1).max() < 1e-12
	assert set(f["labels"]) == {"bulk_labels", "louvain"}
	q = f["calibration/bulk_labels/knn"][()]
	assert q.shape == (10, 1001) and (np.diff(q, axis=1) >= 0).all()
	P
}

@test "the space is that of plain numpy" {
	ref-build -q -l bulk_labels --pcs 10 "$TRAIN" -o a.ref.h5
	ref-map -q -m a.ref.h5 --no-correct "$TRAIN" -o m.h5ad
	python - m.h5ad <<-'P'
	import h5py, numpy as np, sys
	r, q = h5py.File("a.ref.h5"), h5py.File(sys.argv[1])
	genes = r["genes"].asstr()[()]
	var = q["var"]; names = var[var.attrs["_index"]].asstr()[()]
	at = {g: i for i, g in enumerate(names)}
	X = q["X"]
	if isinstance(X, h5py.Group):
	    n = len(X["indptr"]) - 1; x = np.zeros((n, len(names)))
	    for i in range(n):
	        s = slice(X["indptr"][i], X["indptr"][i + 1]); x[i, X["indices"][s]] = X["data"][s]
	else:
	    x = X[()].astype(float)
	x = x[:, [at[g] for g in genes]]
	assert np.abs(x.mean(0) - r["mean"][()]).max() < 1e-6 and np.abs(x.std(0, ddof=1) - r["sd"][()]).max() < 1e-6
	z = np.clip((x - r["mean"][()]) / r["sd"][()], -10, 10) @ r["loadings"][()]
	assert np.abs(z - q["obsm/X_pca_reference"][()]).max() < 1e-4, np.abs(z - q["obsm/X_pca_reference"][()]).max()
	assert np.abs(z - r["coords/pca"][()]).max() < 1e-4
	P
}

@test "batches are taken out, and the input can have its coordinates" {
	run_split ref-build -l bulk_labels -b louvain --coordinates c.h5ad "$TRAIN" -o a.ref.h5
	grep -qE 'Harmony 2: [0-9]+ iterations of [0-9]+ batches' <<<"$errors"
	probe obsm c.h5ad >obsm.tsv 2>/dev/null || h5-info c.h5ad >obsm.tsv
	grep -q X_pca_harmony obsm.tsv
	for how in 0 1 none; do
		ref-build -q -l bulk_labels -b louvain --harmony $how "$TRAIN" -o $how.ref.h5
	done
	! cmp -s a.ref.h5 0.ref.h5 || false
	! cmp -s 1.ref.h5 0.ref.h5
}

@test "one batch is nothing to take out; ids come from a table or a column" {
	h5-obs get -q -c bulk_labels "$TRAIN" | awk -F '\t' -v OFS='\t' '{ print $1, NR == 1 ? "src" : "one", NR == 1 ? "the_id" : "CL:" length($2) }' >more.tsv
	h5-obs put -q -f more.tsv "$TRAIN" -o train.h5ad
	run_split ref-build -l bulk_labels -b src --ids the_id train.h5ad -o a.ref.h5
	grep -q 'all cells are of one batch: nothing is taken out' <<<"$errors"
	ref-map -q -m a.ref.h5 "$GOLDEN/pbmc_query.h5ad" -o m.h5ad
	knn-transfer -q -m a.ref.h5 m.h5ad | awk -F '\t' 'NR > 1 && $8 != "CL:" length($2) { exit 1 }'
	h5-obs get -q -c bulk_labels "$TRAIN" | awk -F '\t' -v OFS='\t' 'NR == 1 { print "label", "id"; next } !seen[$2]++ { print $2, "CL:" length($2) }' >ids.tsv
	ref-build -q -l bulk_labels --ids ids.tsv train.h5ad -o b.ref.h5
	knn-transfer -q -m b.ref.h5 m.h5ad | awk -F '\t' 'NR > 1 && $8 != "CL:" length($2) { exit 1 }'
	fails 1 'nowhere.tsv' ref-build -l bulk_labels --ids nowhere.tsv train.h5ad -o c.ref.h5
}

@test "any number of threads gives the same bytes" {
	ref-build -q -t 1 -l bulk_labels -b louvain --neighbors "$TRAIN" -o one.ref.h5
	ref-build -q -t 7 -l bulk_labels -b louvain --neighbors "$TRAIN" -o many.ref.h5
	same one.ref.h5 many.ref.h5
	ref-build -q --seed 1 -l bulk_labels -b louvain --neighbors "$TRAIN" -o other.ref.h5
	! cmp -s one.ref.h5 other.ref.h5
}

@test "without cells it is small, and still maps" {
	ref-build -q -l bulk_labels --no-cells "$TRAIN" -o small.ref.h5
	ref-map -q -m small.ref.h5 "$GOLDEN/pbmc_query.h5ad" -o m.h5ad
	knn-transfer -q -m small.ref.h5 -l bulk_labels --by profiles m.h5ad -o calls.tsv
	[ "$(wc -l <calls.tsv)" -eq 358 ]
	fails 3 'no cells .*--by profiles' knn-transfer --by cells -m small.ref.h5 -l bulk_labels m.h5ad
}

@test "what cannot be a reference is refused with number and option" {
	fails 1 'no column .cell_tipe.' ref-build -l cell_tipe "$TRAIN" -o a.ref.h5
	fails 2 'which labels' ref-build "$TRAIN"
	fails 3 '200 clusters of 343 cells.*--clusters' ref-build -l bulk_labels --clusters 200 "$TRAIN" -o a.ref.h5
	fails 3 'negative' ref-build -l part "$GOLDEN/norm_scaled.h5ad" -o a.ref.h5
	fails 3 'every one of 343 cells is a batch of its own.*--batch' ref-build -l bulk_labels -b percent_mito "$TRAIN" -o a.ref.h5
	[ ! -e a.ref.h5 ]
}
