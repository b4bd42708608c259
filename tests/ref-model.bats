load helper
# shellcheck disable=SC2034
NEEDS="ref-build ref-map knn-transfer ref-model h5-select h5-obs"

@test "info says what is in a reference; slim leaves its cells out" {
	ref-build -q -l bulk_labels --neighbors "$GOLDEN/pbmc_train.h5ad" -o a.ref.h5
	ref-model info a.ref.h5 >info.tsv
	grep -q '^reference	cells	343$' info.tsv
	grep -q '^reference	neighbors	31$' info.tsv
	grep -q '^clusters	flavour	soft-kmeans$' info.tsv
	grep -q '^bulk_labels	CD14+ Monocyte	' info.tsv
	grep -q 'sha256' info.tsv
	ref-model slim a.ref.h5 -o small.ref.h5
	ref-model info small.ref.h5 | grep -q '^reference	coordinates	no$'
	ref-build -q -l bulk_labels --no-cells "$GOLDEN/pbmc_train.h5ad" -o never.ref.h5
	same small.ref.h5 never.ref.h5
}

@test "symphonypy's reference becomes ours and maps its query" {
	ref-model import -q -l label "$GOLDEN/map/symphony_ref.h5ad" -o s.ref.h5
	ref-map -q -m s.ref.h5 -b donor "$GOLDEN/map/symphony_query.h5ad" -o m.h5ad
	python - "$GOLDEN/map/symphony_results.h5" <<-'P'
	import h5py, numpy as np, sys
	a = h5py.File("m.h5ad")["obsm/X_pca_mapped"][()]; b = h5py.File(sys.argv[1])["one/X_pca_harmony"][()]
	assert np.abs(a - b).max() < 1e-5 * np.abs(b).max()
	P
	knn-transfer -q -m s.ref.h5 -l label -k 5 --metric euclidean --weights uniform m.h5ad | cut -f 2 | tail -n +2 >called
	python - "$GOLDEN/map/symphony_results.h5" >want <<-'P'
	import h5py, sys
	print("\n".join(x.decode() for x in h5py.File(sys.argv[1])["one/knn5_label"][()]))
	P
	same called want
}

@test "Symphony's own reference, saved by R, is the same" {
	python "$TESTS/probe/rds_make.py" symphony s.rds "$GOLDEN/map/symphony_ref.h5ad"
	ref-model import -q -l label s.rds -o rds.ref.h5
	ref-model import -q -l label "$GOLDEN/map/symphony_ref.h5ad" -o py.ref.h5
	for r in rds py; do
		ref-map -q -m $r.ref.h5 -b donor "$GOLDEN/map/symphony_query.h5ad" -o $r.h5ad
		knn-transfer -q --name x -m $r.ref.h5 -k 5 $r.h5ad -o $r.tsv
	done
	close rds.tsv py.tsv 1e-6
	ref-model info rds.ref.h5 | grep -q 'Symphony, read by pipette'
	fails 1 'is it a Symphony reference' ref-model import -l groups "$GOLDEN/rds/pbmc_small.rds" -o x.ref.h5
	fails 1 'no column .*nothing' ref-model import -l nothing s.rds -o x.ref.h5
	[ ! -e x.ref.h5 ]
}

@test "Azimuth's ref.Rds: its cells, labels, picture and dimensions; what it places others by is not there, and said" {
	python "$TESTS/probe/rds_make.py" azimuth ref.Rds "$GOLDEN/map/symphony_ref.h5ad"
	ref-model import -q -l label --neighbors ref.Rds -o a.ref.h5
	ref-model info a.ref.h5 >info.tsv
	grep -q 'Azimuth, read by pipette' info.tsv
	grep -qx 'reference	projects	no' info.tsv
	grep -qx 'reference	neighbors	31' info.tsv
	python - "$GOLDEN/map/symphony_ref.h5ad" <<-'P'
	import h5py, numpy as np, sys
	a, f = h5py.File("a.ref.h5"), h5py.File(sys.argv[1])
	at = f["obsm/X_pca"][()]
	assert a["coords/pca"].shape == (at.shape[0], at.shape[1] - 1)          # those that neighbours were searched in
	assert np.abs(a["coords/pca"][()] - at[:, :-1]).max() < 1e-5 * np.abs(at).max()
	assert np.abs(a["coords/umap"][()] - at[:, :2]).max() < 1e-5 * np.abs(at).max()
	used = f["var/highly_variable"][()].astype(bool)
	assert np.abs(a["loadings"][()] - f["varm/PCs"][()][used][:, :-1]).max() < 1e-12
	text = lambda d: d.asstr()[()] if isinstance(d, h5py.Dataset) else d["categories"].asstr()[()][d["codes"][()]]
	names = np.array([x.decode() for x in a["labels/label/names"][()]])
	assert (names[a["labels/label/codes"][()]] == text(f["obs/label"])).all()
	P
	fails 3 "no gene has a deviation.*knn-transfer --coordinates" ref-map -m a.ref.h5 "$GOLDEN/map/symphony_query.h5ad" -o m.h5ad
	[ ! -e m.h5ad ]
	# A query that another program has placed is called as by any reference.
	ref-model import -q -l label "$GOLDEN/map/symphony_ref.h5ad" -o s.ref.h5
	ref-map -q -m s.ref.h5 --no-correct "$GOLDEN/map/symphony_query.h5ad" -o m.h5ad
	python - <<-'P'
	import h5py
	f = h5py.File("m.h5ad", "r+"); f["obsm/integrated_dr"] = f["obsm/X_pca_reference"][:, :-1]
	f["obsm/integrated_dr"].attrs["encoding-type"], f["obsm/integrated_dr"].attrs["encoding-version"] = "array", "0.2.0"
	P
	knn-transfer -q -m a.ref.h5 --coordinates integrated_dr m.h5ad -o calls.tsv
	head -n 1 calls.tsv | grep -q 'knn_pct.*probability'
	knn-transfer -q -m a.ref.h5 --coordinates integrated_dr --weights uniform m.h5ad | cut -f 2 | tail -n +2 >called
	python - >want <<-'P'
	import h5py, numpy as np
	a, q = h5py.File("a.ref.h5"), h5py.File("m.h5ad")["obsm/integrated_dr"][()].astype(float)
	unit = lambda x: x / np.linalg.norm(x, axis=1)[:, None]
	names, codes = [x.decode() for x in a["labels/label/names"][()]], a["labels/label/codes"][()]
	for row in unit(q) @ unit(a["coords/pca"][()].astype(float)).T:
	    print(names[np.bincount(codes[np.argsort(-row, kind="stable")[:15]], minlength=len(names)).argmax()])
	P
	[ "$(paste called want | awk -F '\t' '$1 != $2' | wc -l)" -le 1 ]
}

@test "Azimuth's ref.Rds with the model its cells were placed by: counts are placed by its residuals" {
	python "$TESTS/probe/rds_make.py" azimuth-sct ref.Rds "$GOLDEN/map/symphony_ref.h5ad"
	ref-model import -q -l label ref.Rds -o a.ref.h5
	ref-model info a.ref.h5 | grep -qx 'reference	projects	yes'
	python - "$GOLDEN/map/symphony_query.h5ad" <<-'P'
	import h5py, numpy as np, shutil, sys
	shutil.copy(sys.argv[1], "counts.h5ad"); f = h5py.File("counts.h5ad", "r+"); X = f["X"]
	for data in ([X["data"]] if isinstance(X, h5py.Group) else [X]):
	    data[...] = np.ceil(3 * data[()])
	P
	ref-map -q -m a.ref.h5 -t 1 counts.h5ad -o m.h5ad
	python - "$TESTS/probe" "$GOLDEN/map/symphony_ref.h5ad" <<-'P'
	import sys; sys.path.insert(0, sys.argv[1])
	import rds_make as r, h5py, numpy as np
	f, q, a = h5py.File(sys.argv[2]), h5py.File("m.h5ad"), h5py.File("a.ref.h5")
	genes = r.symphonypy(sys.argv[2])[2]; b0, b1, theta, mean = (dict(zip(reversed(genes), v)) for v in r.sct_parameters(genes))
	X = q["X"]
	if isinstance(X, h5py.Group):
	    dense = np.zeros(X.attrs["shape"]); p = X["indptr"][()]
	    for i in range(len(p) - 1): dense[i, X["indices"][p[i]:p[i + 1]]] = X["data"][p[i]:p[i + 1]]
	else: dense = X[()].astype(float)
	var = q["var"]; names = list(var[var.attrs["_index"]].asstr()[()]); depth = np.log10(dense.sum(1)); out = 0
	L = a["loadings"][()]
	for g, row in zip(genes, L):
	    if g not in names: continue
	    y, mu = dense[:, names.index(g)], np.exp(b0[g] + b1[g] * depth)
	    z = (y - mu) / np.sqrt(np.maximum(mu + mu * mu / theta[g], 0.04)) - mean[g]
	    out = out + np.clip(z, *r.SCT_CLIP)[:, None] * row
	d = np.abs(out - q["obsm/X_pca_reference"][()]).max() / np.abs(out).max()
	assert d < 1e-6, d
	P
	ref-map -q -m a.ref.h5 -t 7 counts.h5ad -o seven.h5ad
	same m.h5ad seven.h5ad
	h5-select -q --shard 2/3 counts.h5ad -o s.h5ad
	ref-map -q --no-correct -m a.ref.h5 s.h5ad -o s.m.h5ad
	h5-obs get -q -c map_distance s.m.h5ad >part
	h5-obs get -q -c map_distance m.h5ad | grep -Fxf part >all
	same part all
	knn-transfer -q -m a.ref.h5 m.h5ad | head -n 1 | grep -q knn_pct
	fails 3 'counts are needed' ref-map -m a.ref.h5 "$GOLDEN/map/symphony_query.h5ad" -o x.h5ad
	[ ! -e x.h5ad ]
}

@test "a damaged ref.Rds is refused by what it lacks" {
	python - "$TESTS/probe" "$GOLDEN/map/symphony_ref.h5ad" <<-'P'
	import sys; sys.path.insert(0, sys.argv[1])
	import rds_make as r
	whole = r.azimuth(sys.argv[2])
	head = b"X\n" + r.word(3, 0x040202, 0x030500, 5) + b"UTF-8"
	for name, old, new in (("loadings", b"feature.loadings\0", b""), ("cells", b"cell.embeddings", b"cell.embeddingz"),
	                       ("meta", b"meta.data", b"meta.dota"), ("genes", b"feature.loadings", b"feature.loadingz")):
	    if old in whole: open(name + ".Rds", "wb").write(head + whole.replace(old, new))
	P
	fails 1 'refDR: cell.embeddings is no matrix' ref-model import -l label cells.Rds -o x.ref.h5
	fails 1 'refDR: feature.loadings is no matrix' ref-model import -l label genes.Rds -o x.ref.h5
	fails 1 'there is no meta.data' ref-model import -l label meta.Rds -o x.ref.h5
	[ ! -e x.ref.h5 ]
}

@test "exported, a reference is one of symphonypy's, and comes back" {
	ref-build -q -l bulk_labels -b louvain "$GOLDEN/pbmc_train.h5ad" -o a.ref.h5
	ref-model export -q a.ref.h5 -o a.h5ad
	ref-model import -q -l bulk_labels a.h5ad -o b.ref.h5
	for r in a b; do
		ref-map -q -m $r.ref.h5 "$GOLDEN/pbmc_query.h5ad" -o $r.m.h5ad
	done
	python - <<-'P'
	import h5py, numpy as np
	a, b = (h5py.File(f"{r}.m.h5ad")["obsm"] for r in "ab")
	assert np.abs(a["X_pca_reference"][()] - b["X_pca_reference"][()]).max() < 1e-5
	f = h5py.File("a.h5ad"); h = f["uns/harmony"]; r = h5py.File("a.ref.h5")["clusters"]
	assert (h["Nr"][()] == r["Nr"][()]).all() and (h["C"][()] == r["C"][()]).all()
	assert h["R"].shape == (h["K"][()], 343) and np.abs(h["R"][()].sum(0) - 1).max() < 1e-9
	assert f["varm/PCs"].dtype == "f8"
	P
}

@test "what is no reference, and wrong verbs, are told" {
	fails 1 'is not a reference' ref-model info "$GOLDEN/pbmc_train.h5ad"
	fails 1 'no column .mean.|mean' ref-model import -l bulk_labels "$GOLDEN/sample_lognorm.h5ad" -o x.ref.h5
	fails 2 'info, import, export or slim' ref-model look "$GOLDEN/pbmc_train.h5ad"
	fails 2 'which labels' ref-model import "$GOLDEN/map/symphony_ref.h5ad"
	[ ! -e x.ref.h5 ]
}
