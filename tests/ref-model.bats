load helper
# shellcheck disable=SC2034
NEEDS="ref-build ref-map knn-transfer ref-model"

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
