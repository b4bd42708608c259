#!/usr/bin/env bats
# vae-model: models of scvi-tools read as data, and written for it.
NEEDS=vae-model
load helper

G=$GOLDEN/vae
torch() { python "$TESTS/probe/torch_make.py" "$1" "$1.pt"; }

@test "info says what a model is, and whether surgery can move anything" {
	vae-model info "$G/scanvi_arches.pt" >info.tsv
	grep -qx "class	SCANVI" info.tsv
	grep -qx "genes	200" info.tsv
	grep -qx "surgery	a new batch moves latents" info.tsv
	vae-model info "$G/scanvi_zinbbn.query2.pt" | grep "^surgery" | grep -q "moves nothing"
}

@test "labels are listed in the model's own order, without the word for none" {
	vae-model labels "$G/scanvi_arches.pt" >labels.tsv
	printf '%s\n' label 'B cell' 'NK cell' plasma Zymogenic pDC >want.tsv
	same labels.tsv want.tsv
	fails 1 "an scVI model has no labels" vae-model labels "$G/scvi_gbatch.pt"
}

@test "imported, exported and imported again a model keeps its numbers" {
	vae-model import -q "$G/scanvi_arches.pt" -o a.h5
	vae-model import -q a.h5 -o b.h5
	cmp a.h5 b.h5
	mkdir folder
	vae-model export -q a.h5 -o folder/model.pt
	vae-model import -q folder -o c.h5
	vae-model info a.h5 | grep -v ^origin >a.tsv
	vae-model info c.h5 | grep -v ^origin >c.tsv
	same a.tsv c.tsv
	python - <<-'END'
	import h5py, numpy
	a, c = h5py.File("a.h5"), h5py.File("c.h5")
	names = []
	a.visititems(lambda n, o: names.append(n) if isinstance(o, h5py.Dataset) else None)
	assert any(n.startswith("params/z_encoder") for n in names) and any(n.startswith("extras/l_encoder") for n in names)
	for n in names:
	    assert n == "text/origin" or numpy.array_equal(a[n][()], c[n][()]), n
	END
}

@test "ten lines of h5py read the container" {
	vae-model import -q "$G/scvi_gbatch.pt" -o a.h5
	python - <<-'END'
	import h5py
	with h5py.File("a.h5") as f:
	    genes = f["genes"].asstr()[:]
	    w = f["params/z_encoder.encoder.fc_layers.Layer 0.0.weight"][:]
	    assert w.shape == (f["recipe/n_hidden"][()], len(genes) + len(f["batches"]))
	    assert f["params/px_r"].shape == (len(genes), len(f["batches"]))
	END
}

@test "models of scvi-tools 0.20, 1.1 and 1.4 are read" {
	for m in scanvi_zinbbn.0.20.3 scanvi_arches scanvi_arches.1.4.2; do
		vae-model info "$G/$m.pt" | grep -qx "class	SCANVI"
	done
}

@test "a cut archive, a flipped byte and another file are refused with the reason" {
	head -c 100000 "$G/scanvi_arches.pt" >cut.pt
	fails 1 "cut.pt: not a whole zip archive" vae-model info cut.pt
	cp "$G/scvi_gbatch.pt" flipped.pt
	printf 'x' | dd of=flipped.pt bs=1 seek=120000 conv=notrunc 2>/dev/null
	fails 1 "its checksum is wrong" vae-model info flipped.pt
	echo hello >no.pt
	fails 1 "no.pt: not a whole zip archive" vae-model info no.pt
	fails 1 "not a model of vae-model" vae-model info "$GOLDEN/sample_counts.h5ad"
	fails 1 "nowhere/model.pt|nowhere: " vae-model info nowhere
}

@test "a pickle that asks for a command is refused, and nothing runs" {
	torch evil
	fails 1 "posix.system.*nothing was run" vae-model info evil.pt
	[ ! -e pwned ]
}

@test "tensors that do not fit their storage are refused by name" {
	for kind in strides:storage short:bytes bfloat:BFloat16Storage nan:finite overlap:overlap still:overlap; do
		torch "${kind%:*}"
		fails 1 "tensor px_r.*${kind#*:}" vae-model info "${kind%:*}.pt"
	done
	torch bomb
	fails 1 "share storages" vae-model info bomb.pt
	torch big
	fails 1 "big-endian" vae-model info big.pt
}

@test "a model saved on a GPU is the same model" {
	python "$TESTS/probe/torch_turn.py" cuda "$G/scvi_gbatch.pt" cuda.pt
	vae-model import -q cuda.pt -o a.h5
	vae-model import -q "$G/scvi_gbatch.pt" -o b.h5
	cmp a.h5 b.h5
}

@test "the folder that scvi-tools wrote before 0.15 is the same model" {
	for m in scanvi_arches scvi_gbatch; do
		python "$TESTS/probe/torch_turn.py" legacy "$G/$m.pt" $m
		vae-model info $m | grep -v ^origin >old.tsv
		vae-model info "$G/$m.pt" | grep -v ^origin >new.tsv
		same old.tsv new.tsv
		vae-model info $m | grep -qx "origin	scvi-tools 0.8.1"
		vae-model genes $m >old.tsv
		vae-model genes "$G/$m.pt" >new.tsv
		same old.tsv new.tsv
	done
	vae-model labels scanvi_arches >old.tsv
	vae-model labels "$G/scanvi_arches.pt" >new.tsv
	same old.tsv new.tsv
	vae-map -q --no-surgery -m scanvi_arches "$G/ref.h5ad" -b batch -c old.tsv -o old.h5ad
	vae-map -q --no-surgery -m "$G/scanvi_arches.pt" "$G/ref.h5ad" -b batch -c new.tsv -o new.h5ad
	cut -f 1-6 old.tsv >old6.tsv
	cut -f 1-6 new.tsv >new6.tsv
	same old6.tsv new6.tsv
}

@test "a folder that lacks a part, or holds what it should not, is refused by name" {
	python "$TESTS/probe/torch_turn.py" legacy "$G/scanvi_arches.pt" old
	cp -r old genes
	rm genes/var_names.csv
	fails 1 "genes/var_names.csv" vae-model info genes
	cp -r old fewer
	head -n 100 old/var_names.csv >fewer/var_names.csv
	fails 1 "fewer/model_params.pt: " vae-model info fewer
	cp -r old twice
	sed -i '2s/.*/g000/' twice/var_names.csv
	fails 1 "twice/var_names.csv: gene g000 stands twice" vae-model info twice
	cp -r old evil
	python -c 'import pickle, posix; pickle.dump(type("C", (), {"__reduce__": lambda s: (posix.system, ("touch pwned",))})(), open("evil/attr.pkl", "wb"), 3)'
	fails 1 "evil/attr.pkl: .*posix.system" vae-model info evil
	[ ! -e pwned ]
	cp -r old other
	python -c 'import pickle; pickle.dump({"init_params_": {}}, open("other/attr.pkl", "wb"), 3)'
	fails 1 "other/attr.pkl: no scvi_setup_dict_" vae-model info other
	rm old/attr.pkl
	fails 1 "old/attr.pkl" vae-model info old
}

@test "a model of another class is named and refused" {
	torch class
	fails 1 "a TOTALVI model: SCVI and SCANVI are read" vae-model info class.pt
}

@test "export wants a name that scvi-tools knows" {
	fails 2 "model.pt" vae-model export "$G/scvi_gbatch.pt"
	fails 2 "did you mean info" vae-model inof "$G/scvi_gbatch.pt"
}
