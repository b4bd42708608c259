#!/usr/bin/env bats
# mtl-train: a multi-task mapper learned from cells.
NEEDS=mtl-train
load helper

G=$GOLDEN/vae
TRAIN="mtl-train -q --preset small -g all"

# two_levels FILE: the toy with a column above its labels, some cells without one.
two_levels() {
	python - "$G/ref.h5ad" "$1" <<-'END'
	import h5py, numpy as np, shutil, sys
	shutil.copy(*sys.argv[1:])
	with h5py.File(sys.argv[2], "r+") as f:
	    g = f["obs/truth"]
	    fine = g["categories"].asstr()[()][g["codes"][()]]
	    def put(name, values):
	        names = sorted(set(values))
	        n = f["obs"].create_group(name)
	        n.attrs["encoding-type"], n.attrs["encoding-version"], n.attrs["ordered"] = "categorical", "0.2.0", False
	        n["codes"] = np.array([names.index(v) for v in values], dtype="i1")
	        n["categories"] = np.array(names, dtype=h5py.string_dtype())
	        for k in n: n[k].attrs["encoding-type"], n[k].attrs["encoding-version"] = ("string-array" if k == "categories" else "array"), "0.2.0"
	    put("coarse", ["lymphoid" if v in ("B cell", "NK cell", "plasma") else "myeloid" for v in fine])
	    put("fine", [v if i % 7 else "Unknown" for i, v in enumerate(fine)])
	    f["obs"].attrs["column-order"] = np.array(["batch", "lab", "truth", "coarse", "fine"], dtype=h5py.string_dtype())
	    f["obsm/X_umap"] = np.c_[np.arange(600) % 3, f["X/indptr"][1:] - f["X/indptr"][:-1]].astype("f4")
	END
}

@test "levels are learned, and a child's probability is within its parent's" {
	two_levels two.h5ad
	$TRAIN -l coarse,fine -e 30 --history h.tsv two.h5ad -o m.h5
	[ "$(wc -l <h.tsv)" = 31 ]
	awk -F '\t' 'NR == 2 { first = $2 } NR == 31 { exit !($2 < 0.5 * first) }' h.tsv
	mtl-predict -q -m m.h5 -c calls.tsv two.h5ad -o out.tsv
	h5-obs get -q -c truth two.h5ad >truth.tsv
	paste <(cut -f 2 calls.tsv) <(cut -f 2 truth.tsv) | awk -F '\t' 'NR > 1 { n++; ok += $1 == $2 } END { exit !(ok > 0.95 * n) }'
	python - <<-'END'
	import csv
	rows = list(csv.DictReader(open("out.tsv"), delimiter="\t"))
	assert len(rows) == 600
	above = {"B cell": "lymphoid", "NK cell": "lymphoid", "plasma": "lymphoid", "Zymogenic": "myeloid", "pDC": "myeloid"}
	for r in rows:
	    assert float(r["conf_fine"]) <= float(r["conf_coarse"]) + 1e-6
	    assert r["pred_fine"] == "Unknown" or r["pred_coarse"] == above[r["pred_fine"]]
	END
}

@test "one thread or three, values in memory or not: the same model; another seed another" {
	two_levels two.h5ad
	$TRAIN -t 1 --values binary -l coarse,fine -e 3 two.h5ad -o a.h5
	$TRAIN -t 3 --values binary -l coarse,fine -e 3 --memory 1k two.h5ad -o b.h5
	cmp a.h5 b.h5
	$TRAIN --values binary -l coarse,fine -e 3 --seed 1 two.h5ad -o c.h5
	run cmp -s a.h5 c.h5
	[ "$status" = 1 ]
}

@test "how much of a gene, coordinates, cells kept: all in the file, which h5py reads" {
	two_levels two.h5ad
	$TRAIN -l fine --values lognorm --coordinates X_umap --neighbours 50 -e 2 -g 40 two.h5ad -o m.h5
	python - <<-'END'
	import h5py
	with h5py.File("m.h5") as f:
	    assert f["genes"].shape == (40,) and f["recipe/binary"][()] == 0
	    assert f["params/layer_1.weight"].shape == (40, 128) and f["params/head_1.weight"].shape == (64, 5)
	    assert f["coordinates/1/name"].asstr()[()] == "X_umap" and f["coordinates/1/mean"].shape == (2,)
	    assert f["neighbours/latent"].shape == (50, 64) and f["neighbours/node"].shape == (50, 1)
	    assert f["levels/1/temperature"][()] > 0
	END
}

@test "training stops when cells held out gain nothing" {
	run_split mtl-train --preset small -g all -l truth -e 200 --patience 3 --held-out 0.3 --rate 0.02 "$G/ref.h5ad" -o m.h5
	[ "$status" = 0 ]
	[[ $errors == *"(no gain since)"* ]]
}

@test "training that was interrupted goes on from its checkpoint, and ends with the same bytes" {
	two_levels two.h5ad
	$TRAIN -l coarse,fine -e 6 --neighbours 20 --history whole.tsv two.h5ad -o whole.h5
	$TRAIN -l coarse,fine -e 3 --every 2 --checkpoint half.h5 two.h5ad -o first.h5
	run_split mtl-train --preset small -g all -l coarse,fine -e 6 -t 3 --memory 1k --neighbours 20 \
		--checkpoint half.h5 --history resumed.tsv two.h5ad -o resumed.h5
	[ "$status" = 0 ]
	[[ $errors == *"half.h5: 3 epochs were done"* ]]
	cmp whole.h5 resumed.h5
	same whole.tsv resumed.tsv
	# killed between checkpoints, it goes on from the last one
	cp half.h5 six.h5
	$TRAIN -l coarse,fine -e 6 --neighbours 20 --checkpoint six.h5 two.h5ad -o again.h5
	cmp whole.h5 again.h5
	fails 1 "half.h5: 6 epochs are done, more than 4" $TRAIN -l coarse,fine -e 4 --checkpoint half.h5 two.h5ad -o x.h5
	fails 1 "half.h5: the checkpoint of another run" $TRAIN -l coarse,fine -e 9 --seed 2 --checkpoint half.h5 two.h5ad -o x.h5
	fails 1 "half.h5: the checkpoint of another run" $TRAIN -l fine -e 9 --checkpoint half.h5 two.h5ad -o x.h5
	fails 1 "not a checkpoint of mtl-train" $TRAIN -l fine -e 9 --checkpoint whole.h5 two.h5ad -o x.h5
	[ ! -e x.h5 ]
}

@test "early stopping is remembered by a checkpoint" {
	TRAIN="mtl-train -q --preset small -g all -l truth --patience 3 --held-out 0.3 --rate 0.02"
	$TRAIN -e 200 --history whole.tsv "$G/ref.h5ad" -o whole.h5
	n=$(($(wc -l <whole.tsv) - 1))
	$TRAIN -e $((n - 2)) --checkpoint c.h5 "$G/ref.h5ad" -o part.h5
	$TRAIN -e 200 --checkpoint c.h5 "$G/ref.h5ad" -o resumed.h5
	cmp whole.h5 resumed.h5
	$TRAIN -e 200 --checkpoint c.h5 "$G/ref.h5ad" -o done.h5
	cmp whole.h5 done.h5
}

@test "what cannot be learned from is refused" {
	fails 2 "which labels" mtl-train "$G/ref.h5ad" -o m.h5
	fails 1 "no column .nothing." mtl-train -l nothing -g all "$G/ref.h5ad" -o m.h5
	fails 1 "nothing" mtl-train -l truth -g all --coordinates nothing "$G/ref.h5ad" -o m.h5
	fails 1 "epoch [0-9]+, step [0-9]+: the loss is not a finite number.* cell [0-9]+ .*gene g[0-9]{3}" mtl-train -l truth -g all --values lognorm --rate 1e30 -e 20 "$G/ref.h5ad" -o m.h5
	cp "$G/ref.h5ad" one.h5ad # but one cell has no counts, so a step has none
	python -c 'import h5py
X = h5py.File("one.h5ad", "r+")["X"]
values = X["data"][:]
values[X["indptr"][1]:] = 0
X["data"][...] = values'
	fails 1 "epoch 1, step [0-9]+: the loss is not a finite number \(lower --rate\)" mtl-train -l truth -g all --values lognorm --rate 1e30 -e 3 one.h5ad -o m.h5
	fails 2 "held-out" mtl-train -l truth --held-out 1 "$G/ref.h5ad" -o m.h5
	[ ! -e m.h5 ]
}
