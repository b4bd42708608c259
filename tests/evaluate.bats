load helper

small() {
	printf 'cell\tlabel\tconfidence\ttrue\n' >calls.tsv
	printf 'c%s\t%s\t%s\t%s\n' 1 T 0.95 T 2 T 0.85 B 3 B 0.75 B 4 Unknown 0.15 B 5 NK 0.55 T 6 B 0.65 B >>calls.tsv
}

value() { awk -F '\t' -v w="$1" -v c="$2" '$1 == w && $2 == c { print $3 }' eval.tsv; }

@test "figures are those of scikit-learn" {
	small
	evaluate -q --truth true calls.tsv -o eval.tsv
	[ "$(value cells '')" = 6 ]
	[ "$(value unknown '')" = 1 ]
	[ "$(value accuracy '')" = 0.5 ]
	[ "$(value known_accuracy '')" = 0.6 ]
	[ "$(value balanced_accuracy '')" = 0.5 ]
	[ "$(value precision B)" = 1 ]
	[ "$(value recall B)" = 0.5 ]
	[ "$(value f1 B)" = 0.666666667 ]
	[ "$(value f1 T)" = 0.5 ]
	[ "$(value f1 NK)" = 0 ]
	[ "$(value macro_f1 '')" = 0.388888889 ]
	[ "$(value weighted_f1 '')" = 0.611111111 ]
	[ "$(value support NK)" = 0 ]
}

@test "the calibration error is the mean gap between confidence and accuracy" {
	small
	evaluate -q --truth true calls.tsv -o eval.tsv
	# bins of one cell each: |0.95-1|, |0.85-0|, |0.75-1|, |0.55-0|, |0.65-1|
	[ "$(value calibration_error '')" = 0.41 ]
}

@test "truth may be a table, in any order, with more cells" {
	small
	evaluate -q --truth true calls.tsv -o want.tsv
	printf 'cell\tlabel\n' >truth.tsv
	printf 'c%s\t%s\n' 9 T 6 B 5 T 4 B 3 B 2 B 1 T >>truth.tsv
	evaluate -q --truth truth.tsv calls.tsv -o eval.tsv
	same want.tsv eval.tsv
	evaluate -q --truth - calls.tsv -o piped.tsv <truth.tsv
	same want.tsv piped.tsv
	sed -i '2,$s/^c/d/' truth.tsv
	fails 1 'truth.tsv: none of the 6 cells of calls.tsv has a true label' evaluate --truth truth.tsv calls.tsv -o e.tsv
	[ ! -e e.tsv ]
}

@test "cells without a true label are left out and counted: not there, empty, or no type" {
	small
	head -n 5 calls.tsv >four.tsv
	evaluate -q --truth true four.tsv -o four.eval
	printf 'cell\tlabel\nc1\tT\nc2\tB\nc3\tB\nc4\tB\nc5\t\n' >truth.tsv
	evaluate --truth truth.tsv calls.tsv -o eval.tsv 2>said
	grep -q '2 cells have no true label and are left out' said
	[ "$(value cells '')" = 4 ]
	[ "$(value without_truth '')" = 2 ]
	same <(grep -v without_truth eval.tsv) <(grep -v without_truth four.eval)
	printf 'c6\tDoublet\n' >>truth.tsv
	evaluate -q --truth truth.tsv calls.tsv -o eval.tsv
	[ "$(value without_truth '')" = 2 ]
	evaluate -q --keep-label Doublet --truth truth.tsv calls.tsv -o eval.tsv
	[ "$(value without_truth '')" = 1 ]
}

@test "a gated table is scored before the gate and after it" {
	small
	gate -q --min-confidence 0.7 calls.tsv -o gated.tsv
	evaluate --truth true --label label_original --json e.json gated.tsv -o eval.tsv 2>said
	grep -q 'before the gate: accuracy 0.5000; after it: 3 are Unknown, accuracy of the others 0.6667' said
	[ "$(value before_gate_accuracy '')" = 0.5 ]
	[ "$(value after_gate_unknown '')" = 3 ]
	[ "$(value after_gate_known_accuracy '')" = 0.666666667 ]
	grep -q '"after_gate_unknown": 3' e.json
}

@test "the confusion matrix and the JSON hold the same counts" {
	small
	evaluate -q --truth true --confusion c.tsv --json e.json calls.tsv -o eval.tsv
	[ "$(tail -n +2 c.tsv | tr '\t\n' ' ,')" = "B B 2,B T 1,B Unknown 1,T NK 1,T T 1," ]
	python - <<-'PY'
	import json
	e = json.load(open("e.json"))
	assert e["label"] == "label"
	assert e["accuracy"] == 0.5
	assert sum(c["cells"] for c in e["confusion"]) == 6
	assert e["coverage"][0]["coverage"] == 5 / 6 and e["coverage"][-1]["accuracy"] is None
	assert [c["class"] for c in e["classes"]] == ["B", "NK", "T"]
	PY
}

@test "with ids, a descendant of the truth is right, and ancestors are shared" {
	printf 'cell\tlabel\tconfidence\ttrue\n' >calls.tsv
	printf 'c1\tCD4 T\t1\tT\nc2\tT\t1\tCD4 T\nc3\tnone\t1\tT\nc4\tT\t1\tT\n' >>calls.tsv
	printf 'label\tid\nCD4 T\tCL:0000624\nT\tCL:0000084\nnone\t\n' >map.tsv
	evaluate -q --truth true --map map.tsv calls.tsv -o eval.tsv
	[ "$(value accuracy '')" = 0.25 ]
	[ "$(value lenient_accuracy '')" = 0.5 ]
	awk -F '\t' '$1 ~ /^hierarchical/ { if (!($3 > 0.5 && $3 < 1)) bad = 1; n++ } END { exit bad || n != 3 }' eval.tsv
}

@test "of several rows of a map the first counts, obsolete ids are followed, unknown ones are errors" {
	printf 'cell\tlabel\tconfidence\ttrue\nc1\tCD4 T\t1\tT\nc2\told\t1\troot\n' >calls.tsv
	printf 'label\tid\nCD4 T\tCL:0000624\nCD4 T\tCL:0000236\nT\tCL:0000084\n' >map.tsv
	printf 'old\tCL:0000003\nroot\tCL:0000000\n' >>map.tsv
	evaluate -q --truth true --map map.tsv calls.tsv -o eval.tsv
	[ "$(value lenient_accuracy '')" = 1 ]
	printf 'label\tid\nT\tCL:9999999\nCD4 T\tNOPE\n' >map.tsv
	fails 1 'map.tsv: no terms of the ontology: CL:9999999 \(line 2\), NOPE \(line 3\)' \
		evaluate --truth true --map map.tsv calls.tsv
}

@test "bad tables are errors that name what is wrong" {
	small
	fails 2 '--truth is needed' evaluate calls.tsv
	fails 1 'no column trye.*did you mean true' evaluate --truth trye calls.tsv
	fails 1 'no column voted' evaluate --truth true --label voted calls.tsv
	head -n 1 calls.tsv >none.tsv
	fails 1 'no cells' evaluate --truth true none.tsv
	fails 1 'No space left' evaluate --truth true calls.tsv -o /dev/full
}

@test "novelty: types that are never called are unseen, and scored as scikit-learn does" {
	{
		printf 'cell\tlabel\tconfidence\tprobability\tnovelty\tsecond\ttrue\n'
		printf '%s\n' 'a	T	.9	.8	.1	B	T' 'b	T	.9	.6	.5	B	X' 'c	B	.9	.7	.5	T	B' 'd	B	.9	.9	2	T	X' 'e	B	.9	.9	3	T	T' 'f	T	.9	.9		B	X'
	} >calls.tsv
	evaluate -q --truth true calls.tsv -o eval.tsv
	[ "$(value unseen '')" = 2 ]
	# roc_auc_score, average_precision_score of scikit-learn
	[ "$(value novelty_auroc '')" = 0.583333333 ]
	[ "$(value novelty_aupr '')" = 0.5 ]
	[ "$(value novelty_fpr95 '')" = 0.666666667 ]
	# Confidence is the probability where there is one.
	evaluate -q --truth true --confidence confidence calls.tsv | grep calibration_error >raw
	! grep -qxF "$(grep calibration_error eval.tsv)" raw || false
	fails 1 'no column strangeness' evaluate --truth true --novelty strangeness calls.tsv
	# What lies above or below a called type is no unseen type.
	printf 'label\tid\nT\tCL:0000084\nX\tCL:0000624\nB\tCL:0000236\n' >map.tsv
	evaluate -q --truth true --map map.tsv calls.tsv -o eval.tsv
	[ "$(value unseen '')" = 0 ]
}

@test "--tree: a call that stops above the truth is partly right, a rejected cell has said nothing" {
	echo '((CD4,CD8)T,B)root;' >t.nwk
	printf 'cell\tlabel\tconfidence\ttrue\n1\tCD4\t1\tCD4\n2\tT\t1\tCD4\n3\tUnknown\t1\tB\n4\tB\t1\tCD8\n' >calls.tsv
	evaluate -q --truth true --tree t.nwk calls.tsv >scores.tsv
	grep -q $'^tree_precision\t\t0.75$' scores.tsv
	grep -q $'^tree_recall\t\t0.42857142' scores.tsv
	grep -q $'^tree_f1\t\t0.54545454' scores.tsv
	evaluate -q --truth true calls.tsv >plain.tsv
	grep -v '^tree_' scores.tsv | same /dev/stdin plain.tsv
	echo '(CD4,B)root;' >small.nwk
	fails 1 "small.nwk: label 'T' is not in the tree" evaluate --truth true --tree small.nwk calls.tsv
}

@test "nll, brier and the accuracy of the surest are those of scikit-learn and of counting" {
	small
	evaluate -q --truth true calls.tsv -o eval.tsv --json e.json
	python - <<-'E'
	import json, math
	p, right = [.95, .85, .75, .55, .65], [1, 0, 1, 0, 1]
	nll = -sum(math.log(x if r else 1 - x) for x, r in zip(p, right)) / 5
	brier = sum((x - r) ** 2 for x, r in zip(p, right)) / 5
	rows = {(a, b): c for a, b, c in (l.rstrip("\n").split("\t") for l in open("eval.tsv"))}
	assert abs(float(rows["nll", ""]) - nll) < 1e-8 and abs(float(rows["brier", ""]) - brier) < 1e-8
	# 6 cells, one of them Unknown: the 1, 2 ... 5 surest
	sure = [r for _, r in sorted(zip(p, right), reverse=True)]
	for share in range(5, 105, 5):
	    n = min(int(share * 6 / 100 + 1e-9), 5)
	    have = rows["accuracy_kept", "%.9g" % (share / 100)]
	    assert have == "" if n == 0 else abs(float(have) - sum(sure[:n]) / n) < 1e-8, (share, n, have)
	kept = json.load(open("e.json"))["kept"]
	assert len(kept) == 20 and abs(kept[0]["share"] - 5 / 6) < 1e-12
	E
	# a number that is no share has none
	sed -i 's/0.95/7.5/' calls.tsv
	evaluate -q --truth true calls.tsv -o eval.tsv
	[ -z "$(value nll '')" ]
	[ -z "$(value brier '')" ]
}

@test "--probabilities: log loss and Brier score over all classes, as scikit-learn has them" {
	small
	printf 'cell\tB\tT\tNK\n' >p.tsv
	printf 'c%s\t%s\t%s\t%s\n' 6 .65 .15 .2 1 .02 .95 .03 2 .1 .85 .05 3 .75 .2 .05 4 .6 .2 .2 9 1 0 0 5 .3 .15 .55 >>p.tsv
	evaluate -q --truth true --probabilities p.tsv calls.tsv -o eval.tsv
	# sklearn.metrics.log_loss(y, p, labels=["B", "NK", "T"]); the mean of the squares' sums
	python - <<-'E'
	import math
	rows = {(a, b): c for a, b, c in (l.rstrip("\n").split("\t") for l in open("eval.tsv"))}
	p = {"c1": (.02, .95, .03), "c2": (.1, .85, .05), "c3": (.75, .2, .05), "c4": (.6, .2, .2), "c5": (.3, .15, .55), "c6": (.65, .15, .2)}
	y = {"c1": 1, "c2": 0, "c3": 0, "c4": 0, "c5": 1, "c6": 0}
	nll = -sum(math.log(p[c][y[c]]) for c in y) / 6
	brier = sum(sum((x - (k == y[c])) ** 2 for k, x in enumerate(p[c])) for c in y) / 6
	assert abs(float(rows["class_nll", ""]) - nll) < 1e-8 and abs(float(rows["class_brier", ""]) - brier) < 1e-8
	assert rows["class_cells", ""] == "6" and rows["class_beyond", ""] == "0"
	E
	# a class that no column is of; the rest as without the option
	cut -f 1-3 p.tsv >two.tsv
	fails 1 'two.tsv: line 2: the classes.* numbers sum to 0.8, not to 1' evaluate --truth true --probabilities two.tsv calls.tsv
	sed -i 's/\tB$/\tPlasma/' calls.tsv
	evaluate -q --truth true --probabilities p.tsv calls.tsv -o eval.tsv
	[ "$(value class_cells '')" = 2 ]
	[ "$(value class_beyond '')" = 4 ]
	evaluate -q --truth true calls.tsv | same /dev/stdin <(grep -v '^class_' eval.tsv)
	sed -i 's/^c\([0-9]\)/d\1/' p.tsv
	fails 1 'has none of the cells' evaluate --truth true --probabilities p.tsv calls.tsv
}

@test "--by: each donor's figures are those of its cells alone" {
	small
	printf 'cell\tdonor\nc1\ta\nc2\ta\nc3\tb\nc4\tb\nc5\ta\nc6\t\n' >donors.tsv
	evaluate -q --truth true --by donors.tsv calls.tsv -o eval.tsv --json e.json
	[ "$(value accuracy_by a)" = 0.333333333 ]
	[ "$(value cells_by b)" = 2 ]
	[ "$(value unknown_by b)" = 1 ]
	[ "$(value known_accuracy_by b)" = 1 ]
	awk 'NR == 1 || /^c[125]\t/' calls.tsv >a.tsv
	evaluate -q --truth true a.tsv -o a.eval
	[ "$(awk -F '\t' '$1 == "calibration_error" { print $3 }' a.eval)" = "$(value calibration_error_by a)" ]
	grep -q '"by"' e.json
	paste calls.tsv <(cut -f 2 donors.tsv) >with.tsv
	evaluate -q --truth true --by donor with.tsv | same - eval.tsv
	fails 1 'no column donor' evaluate --truth true --by donor calls.tsv
}

@test "labels in other words are compared by their ids, and the matrix is in the true labels' words" {
	printf 'cell\tlabel\tconfidence\n' >calls.tsv
	printf 'c%s\t%s\t.9\n' 1 'CD4 T lymphocyte' 2 'naive B' 3 'CD8 T lymphocyte' 4 lymph 5 neuron >>calls.tsv
	printf 'cell\tlabel\nc1\tT cells\nc2\tB cells\nc3\tCD8 T\nc4\tT cells\nc5\tB cells\n' >truth.tsv
	printf 'label\tid\tname\nCD4 T lymphocyte\tCL:0000624\tx\nnaive B\tCL:0000788\tx\nCD8 T lymphocyte\tCL:0000625\tx\nlymph\tCL:0000542\tx\nneuron\tCL:0000540\tx\nT cells\tCL:0000084\tx\nB cells\tCL:0000236\tx\nCD8 T\tCL:0000625\tx\n' >map.tsv
	evaluate --truth truth.tsv calls.tsv -o eval.tsv 2>said
	grep -q 'none of the labels is a true one' said
	[ "$(value accuracy '')" = 0 ]
	evaluate --truth truth.tsv --map map.tsv --json e.json calls.tsv -o eval.tsv 2>said
	head -n 1 said | grep -q "5 cells: accuracy 0.6000, macro F1 0.[0-9]*, 0 unknown (in the true labels' words, by their ids)"
	grep -q 'as the words are none of the labels is a true one' said
	[ "$(cut -f 1 eval.tsv | grep -n -m 1 accuracy)" = '5:common_accuracy' ]
	[ "$(value common_accuracy '')" = 0.6 ]
	python - <<-'E'
	import json
	pairs = {(p["truth"], p["predicted"]): p["cells"] for p in json.load(open("e.json"))["common"]["confusion"]}
	assert pairs == {("T cells", "T cells"): 1, ("B cells", "B cells"): 1, ("CD8 T", "CD8 T"): 1, ("T cells", "lymph"): 1, ("B cells", "neuron"): 1}, pairs
	E
}
