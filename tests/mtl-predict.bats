#!/usr/bin/env bats
# mtl-predict: calls at every level.
NEEDS=mtl-predict
load helper

G=$GOLDEN/vae

setup_file() {
	mtl-train -q --preset small -g all -l truth --neighbours 200 -e 3 "$GOLDEN/vae/ref.h5ad" -o "$BATS_FILE_TMPDIR/m.h5"
}

@test "modes have their columns, and threads change no byte" {
	cp "$BATS_FILE_TMPDIR/m.h5" m.h5
	mtl-predict -q -m m.h5 --mode minimal "$G/ref.h5ad" -o minimal.tsv
	head -n 1 minimal.tsv | grep -qx "cell	pred_truth"
	mtl-predict -q -t 1 -m m.h5 "$G/ref.h5ad" -o standard.tsv
	head -n 1 standard.tsv | grep -qx "cell	pred_truth	conf_truth	margin_truth	is_unknown_truth"
	mtl-predict -q -t 3 -m m.h5 "$G/ref.h5ad" -o again.tsv
	same standard.tsv again.tsv
	mtl-predict -q -m m.h5 --mode full --knn all "$G/ref.h5ad" -o full.tsv
	head -n 1 full.tsv | grep -q "is_unknown_truth	is_low_conf_truth	used_knn_truth	knn_vote_frac_truth	pred_truth_raw	pred_truth_knn$"
	mtl-predict -m m.h5 "$G/ref.h5ad" | head -n 3 | grep -q "^c1"
}

@test "neighbours choose for low calls only, or for all, and are counted exactly" {
	cp "$BATS_FILE_TMPDIR/m.h5" m.h5
	mtl-predict -q -m m.h5 --mode full --knn low_conf_only --high 0.9 -k 7 "$G/ref.h5ad" -o low.tsv
	mtl-predict -q -m m.h5 --mode full --knn all -k 7 "$G/ref.h5ad" -o all.tsv --h5ad places.h5ad
	python - <<-'END'
	import csv, h5py, numpy as np
	low, every = ([r for r in csv.DictReader(open(n), delimiter="\t")] for n in ("low.tsv", "all.tsv"))
	assert all((r["used_knn_truth"] == "True") == (r["is_low_conf_truth"] == "True") for r in low)
	assert all(r["used_knn_truth"] == "True" for r in every)
	m, z = h5py.File("m.h5"), h5py.File("places.h5ad")["obsm/X_mtl"][()].astype("f8")
	names = m["levels/1/labels"].asstr()[()]
	kept, node = m["neighbours/latent"][()].astype("f8"), m["neighbours/node"][()][:, 0]
	d = ((z[:, None] - kept[None]) ** 2).sum(2)
	share = np.array([(np.bincount(node[np.argsort(r, kind="stable")[:7]], minlength=len(names)) / 7).max() for r in d])
	said = np.array([float(r["knn_vote_frac_truth"]) for r in every])
	assert (abs(said - share) < 1e-5).mean() > 0.99
	END
}

@test "an unsure level is Unknown; calls keep the model's own answer" {
	cp "$BATS_FILE_TMPDIR/m.h5" m.h5
	mtl-predict -q -m m.h5 --unknown 1 -c calls.tsv "$G/ref.h5ad" -o out.tsv
	awk -F '\t' 'NR > 1 && $3 < 1 && $2 != "Unknown" { bad++ } NR > 1 && $2 == "Unknown" { n++ } END { exit bad || !n }' out.tsv
	run grep -c "Unknown" calls.tsv
	[ "$output" = 0 ]
	head -n 1 calls.tsv | grep -qx "cell	label	confidence	margin	second	entropy	model"
	gate -q calls.tsv -o gated.tsv
}

@test "genes are found by name in any order, too few are refused" {
	cp "$BATS_FILE_TMPDIR/m.h5" m.h5
	mtl-predict -q -m m.h5 "$G/query.h5ad" -o out.tsv
	[ "$(wc -l <out.tsv)" -gt 100 ]
	python -c 'print("\n".join("g%03d" % i for i in range(60)))' >some.txt
	h5-select -q --genes some.txt "$G/query.h5ad" -o few.h5ad
	fails 3 "of the model's 200 genes are there.*--min-coverage is 0.5" mtl-predict -m m.h5 few.h5ad -o x.tsv
	mtl-predict -q --min-coverage 0.1 -m m.h5 few.h5ad -o x.tsv
}

@test "coordinates are written on demand" {
	python - "$G/ref.h5ad" <<-'END'
	import h5py, shutil, sys
	shutil.copy(sys.argv[1], "place.h5ad")
	with h5py.File("place.h5ad", "r+") as f:
	    g = f["obs/truth"]
	    f["obsm/X_umap"] = (100 + 10 * g["codes"][()][:, None] * [[1, -1]]).astype("f4")
	END
	mtl-train -q --preset small -g all -l truth --coordinates X_umap --coordinate-weight 1 -e 40 place.h5ad -o c.h5
	mtl-predict -q -m c.h5 --h5ad out.h5ad --coordinates place.h5ad -o out.tsv
	python - <<-'END'
	import h5py, numpy as np
	f = h5py.File("out.h5ad")
	d = f["obsm/X_pred_umap"][()] - f["obsm/X_umap"][()]
	assert f["obsm/X_mtl"].shape == (600, 64) and np.median(abs(d)) < 3, np.median(abs(d))
	END
	mtl-predict -q -m c.h5 --h5ad plain.h5ad place.h5ad -o out.tsv
	run h5-info plain.h5ad
	[[ $output != *X_pred_umap* ]]
}

@test "wrong models and wishes are told" {
	cp "$BATS_FILE_TMPDIR/m.h5" m.h5
	fails 2 "which model" mtl-predict "$G/ref.h5ad" -o x.tsv
	fails 1 "not a model of mtl-train" mtl-predict -m "$G/ref.h5ad" "$G/ref.h5ad" -o x.tsv
	fails 1 "learned no coordinates" mtl-predict -m m.h5 --h5ad y.h5ad --coordinates "$G/ref.h5ad" -o x.tsv
	mtl-train -q --preset small -g all -l truth -e 1 "$G/ref.h5ad" -o bare.h5
	fails 1 "keeps no cells for --knn" mtl-predict -m bare.h5 --knn all "$G/ref.h5ad" -o x.tsv
	python - <<-'END'
	import h5py, shutil
	shutil.copy("m.h5", "bad.h5")
	with h5py.File("bad.h5", "r+") as f:
	    f["params/layer_2.bias"][3] = float("nan")
	shutil.copy("m.h5", "order.h5")
	with h5py.File("order.h5", "r+") as f:
	    f["levels/1/parent"][0] = 7
	END
	fails 1 "params/layer_2.bias: holds a number that is not finite" mtl-predict -m bad.h5 "$G/ref.h5ad" -o x.tsv
	fails 1 "levels/1/parent" mtl-predict -m order.h5 "$G/ref.h5ad" -o x.tsv
	[ ! -e x.tsv ]
}
