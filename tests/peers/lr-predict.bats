# lr-predict and lr-model against the real CellTypist: models trained now, pickles loaded there.

load ../helper

PEER_FILES=$BATS_TEST_DIRNAME

# answers KIND SEED: CellTypist trains and annotates; ours must say the same.
answers() {
	"$PIPETTE_PEERS/bin/python" "$PEER_FILES/random_model.py" "$1" "$2" . >peer.log 2>&1 || { tail -n 5 peer.log; return 1; }
	lr-predict -q -m model.pkl --decision d.h5 --probability p.tsv -o calls.tsv query.h5ad
	"$PIPETTE_PEERS/bin/python" - <<-'PY'
	import h5py, numpy as np, pandas as pd
	want = pd.read_csv("decision.tsv", sep="\t", index_col=0)
	have = h5py.File("d.h5")
	assert list(have["classes"].asstr()[()]) == list(want.columns)
	worst = np.abs(have["decision"][()] - want.values).max()
	print("decisions differ by", worst, "of", np.abs(want.values).max())
	assert worst < 1e-6 * max(1, np.abs(want.values).max() / 100)
	want = pd.read_csv("probability.tsv", sep="\t", index_col=0).values
	have = pd.read_csv("p.tsv", sep="\t", index_col=0).values
	assert np.abs(have - want).max() < 1e-6
	labels = pd.read_csv("labels.tsv", sep="\t").iloc[:, 1].values
	assert (pd.read_csv("calls.tsv", sep="\t").label.values == labels).all()
	PY
	lr-predict -q -m model.pkl -o from_counts.tsv counts.h5ad
	cut -f 1,2 calls.tsv >a
	cut -f 1,2 from_counts.tsv >b
	same a b
}

@test "random models trained now: logistic regression" { answers lr 1; answers lr 2; }

@test "random models trained now: without centring" { answers nomean 3; }

@test "random models trained now: SGD" { answers sgd 4; answers sgd 5; }

@test "random models trained now: two classes" { answers binary 6; }

@test "random models trained now: sixty classes" { answers wide 7; }

# zoo PYTHON: dozens of models made by it, labels in both modes, scores and probabilities.
zoo() {
	local model name threshold
	mkdir zoo
	OMP_NUM_THREADS=1 "$1/bin/python" "$PEER_FILES/zoo.py" make zoo >zoo.log 2>&1 || { tail -n 5 zoo.log; return 1; }
	for model in zoo/*.pkl; do
		name=${model%.pkl}
		lr-predict -q -m "$model" --min-coverage 0 --decision "$name.d.h5" --probability "$name.p.h5" -o "$name.best.tsv" zoo/query.h5ad
		for threshold in 0.1 0.5 0.9; do
			lr-predict -q -m "$model" --min-coverage 0 --mode prob --threshold $threshold -o "$name.$threshold.tsv" zoo/query.h5ad
		done
	done
	"$PIPETTE_PEERS/bin/python" "$PEER_FILES/zoo.py" check zoo
}

@test "a zoo of models made with scikit-learn 1.2" { zoo "$PIPETTE_PEERS-sk12"; }
@test "a zoo of models made with scikit-learn 1.5" { zoo "$PIPETTE_PEERS"; }
@test "a zoo of models made with scikit-learn 1.9" { zoo "$PIPETTE_PEERS-sk19"; }

@test "every form of a file gives the same calls: dense, by column, wide, raw, counts, integers, a layer" {
	local python form
	for python in "$PIPETTE_PEERS-sk12" "$PIPETTE_PEERS" "$PIPETTE_PEERS-sk19"; do
		rm -rf zoo
		mkdir zoo
		"$python/bin/python" "$PEER_FILES/zoo.py" queries zoo >zoo.log 2>&1 || { tail -n 5 zoo.log; return 1; }
		lr-predict -q -m zoo/lr.pkl zoo/query.h5ad | cut -f 1,2 >want
		[ "$(wc -l <want)" = 151 ]
		for form in dense csc wide raw counts ints layer; do
			echo "$python $form"
			lr-predict -q -m zoo/lr.pkl "zoo/query-$form.h5ad" | cut -f 1,2 >have
			same have want
		done
	done
}

@test "exported pickles load in CellTypist of three scikit-learn generations and say the same" {
	local kind python
	for kind in lr binary nomean; do
		"$PIPETTE_PEERS/bin/python" "$PEER_FILES/random_model.py" $kind 8 . >peer.log 2>&1
		lr-model import model.pkl -o model.h5
		lr-model export model.h5 -o ours.pkl
		for python in "$PIPETTE_PEERS-sk12" "$PIPETTE_PEERS" "$PIPETTE_PEERS-sk19"; do
			"$python/bin/python" "$PEER_FILES/load_model.py" ours.pkl query.npz decision.tsv 2>err.txt || { tail -n 5 err.txt; return 1; }
		done
	done
}
