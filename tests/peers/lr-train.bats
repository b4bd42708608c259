# lr-train against the installed scikit-learn and CellTypist.

load ../helper

peer() { "$PIPETTE_PEERS/bin/python" "$BATS_TEST_DIRNAME/train_peer.py" "$@"; }

# optimum KIND OPTION...: both solve the same random problem to the end.
optimum() {
	local kind=$1 seed label=type
	shift
	[ "$kind" != binary ] || label=two
	for seed in 1 2; do
		peer make "$seed" cells.h5ad
		lr-train -q --recipe celltypist -l "$label" --min-cells 1 --tol 1e-8 --max-passes 2000 "$@" cells.h5ad -o model.h5
		peer check "$kind" cells.h5ad model.h5
	done
}

@test "one against the rest: scikit-learn's optimum" { optimum ovr; }
@test "for other C too" { optimum C=0.05 --C 0.05; }
@test "balanced classes: scikit-learn's class_weight" { optimum balanced --class-weight balanced; }
@test "without centring" { optimum nomean --no-mean; }
@test "two classes" { optimum binary; }
@test "softmax" { optimum softmax --loss softmax; }
@test "balanced softmax" { optimum balanced-softmax --loss softmax --class-weight balanced; }

@test "SGD ends where scikit-learn's SGDClassifier does, on average over seeds" {
	local seed
	peer make 3 cells.h5ad
	for seed in $(seq 10); do
		lr-train -q --recipe celltypist -l type --min-cells 1 --solver sgd --alpha 0.01 --seed "$seed" --report "sgd$seed.tsv" cells.h5ad -o sgd.h5
	done
	awk -F '\t' 'FNR > 1 { sum += $4 } END { print sum / 10 }' sgd*.tsv >ours
	peer sgd 0.01 cells.h5ad >theirs
	cat ours theirs
	paste ours theirs | awk '{ exit !($1 > 0.85 * $2 && $1 < 1.15 * $2) }'
}

@test "a model written as a pickle predicts the same in CellTypist" {
	peer make 4 cells.h5ad
	lr-train -q --recipe celltypist -l type --min-cells 1 cells.h5ad -o model.h5
	lr-train -q --recipe celltypist -l type --min-cells 1 cells.h5ad -o model.pkl
	lr-predict -q -m model.h5 cells.h5ad | cut -f 1,2 >ours
	mkdir -p celltypist/data/models
	echo '{"models": []}' >celltypist/data/models/models.json
	CELLTYPIST_FOLDER=$PWD/celltypist "$PIPETTE_PEERS/bin/python" - 2>log <<-'END' || { tail -n 5 log; return 1; }
	import anndata, celltypist
	a = anndata.read_h5ad("cells.h5ad")
	a.X = a.X.toarray()
	calls = celltypist.annotate(a, model=celltypist.models.Model.load("model.pkl")).predicted_labels
	with open("theirs", "w") as f:
	    f.write("cell\tlabel\n")
	    for cell, label in zip(calls.index, calls["predicted_labels"]):
	        f.write(f"{cell}\t{label}\n")
	END
	same ours theirs
}
