#!/usr/bin/env bats
# vae-map: a query in the latent space of a reference model.
NEEDS=vae-map
load helper

G=$GOLDEN/vae
MAP="vae-map -q --epochs 3"

# latents FILE KEY: obsm as a table, for comparing.
latents() {
	python -c 'import h5py, sys
for row in h5py.File(sys.argv[1])["obsm/" + sys.argv[2]][()]: print("\t".join("%.6g" % v for v in row))' "$@"
}

golden() {
	python -c 'import h5py, sys
for row in h5py.File(sys.argv[1])["qzm"][()]: print("\t".join("%.6g" % v for v in row))' "$1"
}

@test "the reference's own cells lie where scvi-tools puts them, genes in any order" {
	vae-map -q -m "$G/scanvi_arches.pt" "$G/ref.h5ad" -o out.h5ad -c calls.tsv
	latents out.h5ad X_scANVI >ours.tsv
	golden "$G/scanvi_arches.h5" >theirs.tsv
	close ours.tsv theirs.tsv 1e-4 1e-5
	head -n 1 calls.tsv | grep -qx "cell	label	confidence	margin	second	entropy	model"
	[ "$(wc -l <calls.tsv)" = 601 ]
}

@test "a query after scvi-tools' surgery lies where scvi-tools puts it" {
	vae-map -q -m "$G/scanvi_arches.query.pt" "$G/query.h5ad" -o out.h5ad -c calls.tsv
	latents out.h5ad X_scANVI >ours.tsv
	golden "$G/scanvi_arches.query.h5" >theirs.tsv
	close ours.tsv theirs.tsv 1e-4 1e-5
}

@test "surgery learns the new batch and leaves every other number alone" {
	$MAP -m "$G/scanvi_arches.pt" "$G/query.h5ad" -o out.h5ad --save-model after.h5 --history h.tsv
	vae-model import -q "$G/scanvi_arches.pt" -o before.h5
	python - <<-'END'
	import h5py, numpy as np
	a, b = h5py.File("before.h5"), h5py.File("after.h5")
	grown = 0
	for n in a["params"]:
	    x, y = a["params"][n][()], b["params"][n][()]
	    if x.shape != y.shape:
	        grown += 1
	        y = y[:, :x.shape[1]]
	    assert x.tobytes() == np.ascontiguousarray(y).tobytes(), n
	assert grown == 4 and list(b["batches"].asstr())[-1] == "b3"
	END
	[ "$(wc -l <h.tsv)" = 4 ]
	vae-map -q -m before.h5 "$G/ref.h5ad" -o r1.h5ad
	vae-map -q -m after.h5 "$G/ref.h5ad" -o r2.h5ad
	latents r1.h5ad X_scANVI >r1.tsv
	latents r2.h5ad X_scANVI >r2.tsv
	same r1.tsv r2.tsv
}

@test "one thread or three, counts in memory or in a scratch file: the same bytes" {
	$MAP -t 1 -m "$G/scanvi_arches.pt" "$G/query2.h5ad" -o a.h5ad -c a.tsv --save-model a.h5
	$MAP -t 3 -m "$G/scanvi_arches.pt" "$G/query2.h5ad" -o b.h5ad -c b.tsv --save-model b.h5 --memory 1k
	cmp a.h5ad b.h5ad
	cmp a.h5 b.h5
	same a.tsv b.tsv
}

@test "without surgery a new batch is taken for the old one that explains it best" {
	run_split vae-map --no-surgery -m "$G/scanvi_arches.pt" "$G/query.h5ad" -o out.h5ad
	[ "$status" = 0 ]
	[[ $errors == *"batch b3 is taken for b"*", which explains it best"* ]]
}

@test "where the encoder never sees the batch, surgery is left out and said so" {
	run_split vae-map -m "$G/scanvi_zinbbn.query2.pt" -b truth "$G/ref.h5ad" -o out.h5ad
	[ "$status" = 0 ]
	[[ $errors == *"never sees the batch"* ]]
}

@test "too few genes, no counts and negative values are refused" {
	vae-model genes "$G/scanvi_arches.pt" | sed -n '2,101p' >some.txt
	h5-select -q --genes some.txt "$G/query.h5ad" -o few.h5ad
	fails 3 "of the model's 200 genes are there.*--min-coverage is 0.8" vae-map -m "$G/scanvi_arches.pt" few.h5ad -o out.h5ad
	run_split vae-map --skip-below -m "$G/scanvi_arches.pt" -c skipped.tsv few.h5ad -o passed.h5ad
	[ "$status" = 0 ]
	[[ $errors == *"it is not mapped"* ]]
	[ -e skipped.tsv ] && [ ! -s skipped.tsv ]
	vae-map -q --no-surgery --min-coverage 0.3 -m "$G/scanvi_arches.pt" few.h5ad -o out.h5ad
	lognorm -q "$G/query.h5ad" -o norm.h5ad
	fails 3 "no matrix holds counts" vae-map -m "$G/scanvi_arches.pt" norm.h5ad -o out.h5ad
	fails 1 "scVI model has no labels" vae-map -m "$G/scvi_gbatch.pt" -c calls.tsv "$G/query.h5ad" -o out.h5ad
	fails 1 "no column .nothing." vae-map -m "$G/scanvi_arches.pt" -b nothing "$G/query.h5ad" -o out.h5ad
	fails 2 "which model" vae-map "$G/query.h5ad" -o out.h5ad
}

@test "cells without a count are counted and called Unknown" {
	python - "$G/query.h5ad" <<-'END'
	import h5py, shutil, sys
	shutil.copy(sys.argv[1], "empty.h5ad")
	with h5py.File("empty.h5ad", "r+") as f:
	    f["X/data"][: f["X/indptr"][1]] = 0
	END
	run_split vae-map --epochs 2 -m "$G/scanvi_arches.pt" empty.h5ad -o out.h5ad -c calls.tsv
	[ "$status" = 0 ]
	[[ $errors == *"1 cells have no count"* ]]
	sed -n 2p calls.tsv | cut -f 2,3 | grep -qx "Unknown	0"
}

@test "prototypes are the means of their cells, and a query is labelled by the nearest" {
	vae-model prototypes -q -l truth "$G/scanvi_arches.pt" "$G/ref.h5ad" -o places.h5
	vae-model info places.h5 | grep -qx "prototypes	5"
	vae-map -q -m places.h5 --prototypes "$G/ref.h5ad" -o out.h5ad -c calls.tsv -p shares.tsv
	python - <<-'END'
	import csv, h5py, numpy as np
	z = h5py.File("out.h5ad")["obsm/X_scANVI"][()]
	g = h5py.File("out.h5ad")["obs/truth"]
	truth = g["categories"].asstr()[()][g["codes"][()]]
	p = h5py.File("places.h5")["prototypes"]
	names = list(p["labels"].asstr()[()])
	for i, n in enumerate(names):
	    mine = z[truth == n]
	    d = np.linalg.norm(mine - mine.mean(0), axis=1)
	    assert np.allclose(p["means"][i], mine.mean(0), atol=1e-5)
	    assert np.allclose(p["quantiles"][i], np.quantile(d, np.arange(101) / 100), atol=1e-4)
	    assert p["cells"][i] == len(mine)
	rows = list(csv.DictReader(open("calls.tsv"), delimiter="\t"))
	d = np.linalg.norm(z[:, None] - p["means"][()][None], axis=2)
	assert [r["label"] for r in rows] == [names[k] for k in d.argmin(1)]
	assert np.mean([r["label"] == t for r, t in zip(rows, truth)]) > 0.97
	assert np.allclose([float(r["distance"]) for r in rows], d.min(1), atol=1e-4)
	q = np.array([float(r["distance_quantile"]) for r in rows])
	assert abs(q.mean() - 0.5) < 0.02 and q.min() >= 0 and q.max() <= 1
	e = np.exp(-d); e /= e.sum(1, keepdims=True)
	assert np.allclose([float(r["confidence"]) for r in rows], e.max(1), atol=1e-4)
	END
	# Surgery leaves the prototypes; a model after it is no reference for them.
	$MAP -m places.h5 --prototypes "$G/query.h5ad" -o q.h5ad -c q.tsv --save-model after.h5
	vae-model info after.h5 | grep -qx "prototypes	5"
	fails 1 "batch b3 is not the model's" vae-model prototypes -l batch "$G/scanvi_arches.pt" "$G/query.h5ad" -o x.h5
	fails 1 "has no prototypes" vae-map -m "$G/scanvi_arches.pt" --prototypes "$G/query.h5ad" -o out.h5ad
	fails 2 "-l COLUMN" vae-model prototypes "$G/scanvi_arches.pt" "$G/ref.h5ad" -o x.h5
}

@test "an scVI model labels by prototypes; what training made is kept" {
	vae-train -q -b batch -g all --hidden 32 --latent 8 -l lab -e 30 --class-epochs 5 "$G/ref.h5ad" -o m.h5
	vae-model info m.h5 | grep -qx "prototypes	5"
	vae-model prototypes -q -l lab "$G/scvi_gbatch.pt" "$G/ref.h5ad" -o v.h5
	vae-map -q -m v.h5 --prototypes "$G/ref.h5ad" -o out.h5ad -c calls.tsv
	head -n 1 calls.tsv | grep -qx "cell	label	confidence	margin	second	entropy	model	distance	distance_quantile"
}
