load helper

TRAIN=$GOLDEN/pbmc_train.h5ad

dump() { python "$TESTS/probe/modeldump.py" "$@"; }

# learn OUT ARG...: train quietly on the PBMC set; rare classes stay.
learn() {
	local out=$1
	shift
	lr-train -q -l bulk_labels --recipe celltypist --min-cells 1 "$@" "$TRAIN" -o "$out"
}

# gap A B: the largest difference of coefficients, relative to the largest of the class.
gap() {
	paste "$1" "$2" | awk -F '\t' '
	function size(x) { return x < 0 ? -x : x }
	NR == 1 { n = NF / 2; next }
	$1 != $(n + 1) { print "rows differ: " $1 " " $(n + 1); exit }
	$1 == "(Intercept)" { next }
	{ for (i = 4; i <= n; i++) {
		if (size($i) > most[i]) most[i] = size($i)
		d = size($i - $(n + i)); if (d > off[i]) off[i] = d } }
	END { for (i in off) { r = off[i] / most[i]; if (r > worst) worst = r }; print worst + 0 }'
}

@test "a tight tolerance reaches scikit-learn's optimum to 1e-4, for both C" {
	local C
	for C in 1.0 0.1; do
		learn model.h5 --C "$C" --tol 1e-8 --max-passes 500
		dump coef model.h5 >ours
		[ "$(head -n 1 ours)" = "$(head -n 1 "$GOLDEN/train_optimum.C$C.tsv")" ]
		gap "$GOLDEN/train_optimum.C$C.tsv" ours | tee gap
		awk '{ exit !($1 < 1e-4) }' gap
	done
}

@test "means and scales are StandardScaler's to 1e-9" {
	learn model.h5
	dump coef model.h5 | sed '$d' | cut -f 1-3 >ours
	sed '$d' "$GOLDEN/train_optimum.C1.0.tsv" | cut -f 1-3 >theirs
	close ours theirs 1e-9 1e-9
}

@test "threads, memory and disk do not change a byte" {
	learn one.h5 -t 1
	learn five.h5 -t 5
	learn disk.h5 --memory 1k
	cmp one.h5 five.h5
	cmp one.h5 disk.h5
}

@test "the report says what every class reached, within the tolerance" {
	learn model.h5 --report report.tsv
	[ "$(head -n 1 report.tsv)" = "$(printf 'label\tcells\tpasses\tobjective\tgradient\tconverged')" ]
	[ "$(wc -l <report.tsv)" -eq 11 ]
	awk -F '\t' 'NR > 1 && !($5 <= 3e-6 && $6 == "yes") { exit 1 }' report.tsv
}

@test "too few passes are said so, by count, and the model is still written" {
	run_split lr-train -l bulk_labels --min-cells 1 --max-passes 2 "$TRAIN" -o model.h5
	[ "$status" -eq 0 ]
	grep -q '10 of 10 classes are above the tolerance' <<<"$errors"
	[ -s model.h5 ]
}

@test "classes below --min-cells are left out, with a line each" {
	run_split lr-train --recipe celltypist --allow-loss -l bulk_labels "$TRAIN" -o model.h5
	[ "$(grep -c 'is left out' <<<"$errors")" -eq 8 ]
	grep -q 'class "CD34+" is left out: 4 training cells (--min-cells 50)' <<<"$errors"
}

@test "a model that lost many types is refused unless told, and says them ever after" {
	fails 3 '8 of 10 types, [0-9]+ of 343 cells, have fewer than --min-cells 50 .*--min-cells 4 keeps all; --allow-loss' \
		lr-train -l bulk_labels --recipe celltypist "$TRAIN" -o model.h5
	[ ! -e model.h5 ]
	lr-train -q --min-cells 10 -l bulk_labels "$TRAIN" -o model.h5
	lr-model info model.h5 | grep -E 'left out for want of cells: CD34\+ \(4 cells\)'
	lr-model subset -d 'CD19+ B' model.h5 -o three.h5
	lr-model info three.h5 | grep -q 'left out for want of cells: CD34+'
	lr-predict -m model.h5 --manifest m.json "$TRAIN" 2>said >calls.tsv
	grep -q 'model does not know CD34+ (4 cells)' said
	grep -q '"not known to model": "CD34+ (4 cells)' m.json
}

# relabel OLD NEW: the training cells, one label under another name
relabel() {
	cp "$TRAIN" relabelled.h5ad
	python - "$@" <<-'PY'
	import sys, h5py
	f = h5py.File("relabelled.h5ad", "a")
	labels = f["obs/bulk_labels/categories"]
	names = labels.asstr()[()]
	names[list(names).index(sys.argv[1])] = sys.argv[2]
	labels[...] = names
	PY
}

@test "labels that name no type are left out with a count; --keep-label learns them" {
	local word
	for word in Unknown 'doublets_2' N.D. 'Low-quality cells' '?'; do
		relabel 'CD56+ NK' "$word"
		lr-train -l bulk_labels --min-cells 1 --tol 1e-2 relabelled.h5ad -o model.h5 2>said
		grep -qE "[0-9]+ cells are called \"${word//\?/.}\", which is no type: left out" said || { cat said; return 1; }
		[ "$(lr-model classes model.h5 | wc -l)" -eq 10 ]
	done
	lr-train -q -l bulk_labels --min-cells 1 --tol 1e-2 --keep-label '?' relabelled.h5ad -o model.h5
	[ "$(lr-model classes model.h5 | wc -l)" -eq 11 ]
	relabel 'CD56+ NK' 'NK'
	lr-train -q -l bulk_labels --min-cells 1 --tol 1e-2 relabelled.h5ad -o model.h5
	[ "$(lr-model classes model.h5 | wc -l)" -eq 11 ]
}

@test "two classes give one row, the second's, as scikit-learn" {
	lr-train -q --recipe celltypist --allow-loss -l bulk_labels "$TRAIN" -o model.h5
	[ "$(dump coef model.h5 | head -n 1)" = "$(printf 'gene\tmean\tscale\tDendritic')" ]
}

@test "feature selection keeps the union of top genes, with the first means and scales" {
	learn all.h5
	learn some.h5 --feature-selection --top-genes 20
	dump coef all.h5 | cut -f 1-3 >all
	dump coef some.h5 | cut -f 1-3 >some
	[ "$(wc -l <some)" -gt 100 ]
	[ "$(wc -l <some)" -lt 203 ]
	[ -z "$(grep -vxFf all some)" ]
}

@test "too few genes to choose from is an error that says so" {
	fails 1 '764 genes.*--top-genes' learn x.h5 --feature-selection --top-genes 765
	[ ! -e x.h5 ]
}

@test "--label auto finds the column of cell types and says which" {
	h5-obs get -c bulk_labels "$TRAIN" | sed '1s/bulk_labels/celltype/' >types.tsv
	h5-obs put -q -f types.tsv "$TRAIN" -o named.h5ad
	lr-train -l auto --min-cells 1 named.h5ad -o auto.h5 2>message
	grep -q 'labels are in celltype$' message
	fails 1 'no column is known to have cell types; there are: ' lr-train -l auto "$TRAIN" -o x.h5
}

@test "--genes trains on the panel, whatever its order, and says how much of it is there" {
	printf '%s\n' LYZ CD79A NO_SUCH_GENE CD3D NKG7 >panel.txt
	run_split lr-train -l bulk_labels --min-cells 1 --genes panel.txt "$TRAIN" -o model.h5
	echo "$errors"
	grep -q '4 of the panel.s 5 genes' <<<"$errors"
	[ "$(dump coef model.h5 | cut -f 1 | grep -c '^[A-Z]')" -eq 4 ]
	grep -q 'it lacks NO_SUCH_GENE$' <<<"$errors"
	h5-select -q --genes panel.txt "$TRAIN" -o panel.h5ad
	lr-train -q -l bulk_labels --min-cells 1 --genes panel.h5ad "$TRAIN" -o same.h5
	[ "$(dump coef model.h5 | cut -f 1)" = "$(dump coef same.h5 | cut -f 1)" ]
	echo NO_SUCH_GENE >none.txt
	fails 3 'no gene of the panel' lr-train -l bulk_labels --genes none.txt "$TRAIN" -o x.h5
}

@test "counts are normalised on the way: the same model as from lognorm's output" {
	# a sixth of the genes: the default recipe takes long over 33,000
	h5-select -q --genes <(probe var "$GOLDEN/sample_counts.h5ad" | sed 1d | cut -f 1 | awk 'NR % 6 == 1') \
		"$GOLDEN/sample_counts.h5ad" -o some.h5ad
	lognorm -q some.h5ad -o some.log.h5ad
	lr-train -q -l part some.h5ad -o counts.h5
	lr-train -q -l part some.log.h5ad -o lognorm.h5
	dump coef counts.h5 >counts
	dump coef lognorm.h5 >lognorm
	[ "$(wc -l <counts)" -gt 1000 ]
	awk '{ exit !($1 < 1e-3) }' <(gap counts lognorm)
}

@test "cross-validation keeps donors together and gives every cell a decision" {
	run_split lr-train -l bulk_labels --min-cells 1 --folds 3 --by louvain --oof oof.tsv "$TRAIN" -o m.h5
	echo "$errors"
	[ "$status" -eq 0 ]
	grep -q 'cross-validation: 343 cells, accuracy' <<<"$errors"
	[ "$(wc -l <oof.tsv)" -eq 344 ]
	[ "$(head -n 1 oof.tsv | cut -f 1-4)" = "$(printf 'cell\tlabel\tcall\tfold')" ]
	python - "$TRAIN" >obs.tsv <<-'END'
	import h5py, sys
	obs = h5py.File(sys.argv[1])["obs"]
	for cell, code in zip(obs["index"][:], obs["louvain/codes"][:]):
	    print(cell.decode(), code, sep="\t")
	END
	# each cluster lies in one fold, and all three folds are used
	awk -F '\t' 'NR == FNR { of[$1] = $2; next }
		FNR > 1 { if (!(of[$1] in fold)) fold[of[$1]] = $4
			else if (fold[of[$1]] != $4) exit 1; used[$4] = 1 }
		END { n = 0; for (f in used) n++; exit n != 3 }' obs.tsv oof.tsv
	dump card m.h5 | grep -q '"cross_validation"'
}

@test "--C auto takes the penalty that calls unseen cells best, and says so" {
	local tight='--tol 1e-8 --max-passes 500'
	run_split lr-train -l bulk_labels --recipe celltypist --min-cells 1 --C auto $tight "$TRAIN" -o auto.h5
	echo "$errors"
	[ "$(grep -c 'C = .*: accuracy.*(3 of 3 folds)' <<<"$errors")" -ge 3 ]
	# The path goes on while one of the last two trials was as good as any before.
	sed -n 's/.*C = .*: acc.*F1 \([0-9.]*\) .*/\1/p' <<<"$errors" | awk '
		{ idle = $1 >= best ? 0 : idle + 1; if ($1 >= best) best = $1; if (idle >= 2 && !ended) ended = NR }
		END { exit !((ended && ended == NR) || (!ended && NR == 7)) }'
	chosen=$(sed -n 's/.*C = \(.*\) is chosen/\1/p' <<<"$errors")
	best=$(sed -n 's/.*C = \(.*\): acc.*F1 \([0-9.]*\) .*/\2 \1/p' <<<"$errors" | tac | sort -k 1,1gr -s | head -n 1)
	[ "$chosen" = "${best#* }" ]
	# It goes on from the folds' fits, to the same optimum.
	learn same.h5 --C "$chosen" $tight
	dump coef auto.h5 >a
	dump coef same.h5 >b
	gap a b | tee gap
	awk '{ exit !($1 < 1e-5) }' gap
	fails 2 'number or auto' lr-train -l bulk_labels --C much "$TRAIN" -o x.h5
}

@test "--C auto: a fold of thousands of cells walks the path alone, the others check its choice" {
	python - <<-'PY'
	import h5py, numpy as np
	r = np.random.default_rng(1)
	n, g = 15000, 30
	kind = r.integers(0, 3, n)
	x = r.poisson(1 + 2 * (np.arange(g)[None, :] % 3 == kind[:, None])) * (r.random((n, g)) < .7)
	x[:, 0] += 1
	with h5py.File("x.h5ad", "w") as f:
	    f["X"] = x.astype("f4")
	    f["X"].attrs.update({"encoding-type": "array", "encoding-version": "0.2.0"})
	    for name, m in ("obs", n), ("var", g):
	        t = f.create_group(name)
	        t.attrs.update({"_index": "_index", "encoding-type": "dataframe", "encoding-version": "0.2.0"})
	        t.attrs.create("column-order", ["kind"] if name == "obs" else [], dtype=h5py.string_dtype())
	        t["_index"] = np.array([f"{name}{i}" for i in range(m)], dtype="O")
	    f["obs/kind"] = np.array([f"k{k}" for k in kind], dtype="O")
	PY
	run_split lr-train -l kind --C auto -t 1 x.h5ad -o one.h5
	echo "$errors"
	[ "$(grep -c '(1 of 3 folds)' <<<"$errors")" -ge 3 ]
	[ "$(grep -c '(3 of 3 folds)' <<<"$errors")" = 1 ]
	dump card one.h5 | tr -d '\n' | grep -qE '"cross_validation": *\{ *"cells": *15000'
	lr-train -q -l kind --C auto -t 3 x.h5ad -o three.h5
	dump coef one.h5 >a
	dump coef three.h5 >b
	same a b
}

@test "folds do not change the model" {
	learn plain.h5
	learn folded.h5 --folds 4
	dump coef plain.h5 >a
	dump coef folded.h5 >b
	same a b
}

@test "held-out cells do not train, and the scores on them are printed and on the card" {
	run_split lr-train -l bulk_labels --min-cells 1 --holdout louvain=2 "$TRAIN" -o a.h5
	echo "$errors"
	grep -q 'held out: louvain=2' <<<"$errors"
	grep -qE 'held out: [0-9]+ cells, accuracy [01][.][0-9]+, macro-F1' <<<"$errors"
	dump card a.h5 | grep -q '"held_out_cells": "louvain=2"'
	run_split lr-train -l bulk_labels --min-cells 1 --holdout 0.2 "$TRAIN" -o b.h5
	grep -qE 'held out: 0[.]2 of the cells' <<<"$errors"
	run_split lr-train -l bulk_labels --min-cells 1 --holdout louvain "$TRAIN" -o c.h5
	grep -qE 'held out: louvain: [0-9]' <<<"$errors"
}

@test "SGD is seeded: the same seed the same bytes, another seed another model" {
	learn a.h5 --solver sgd --max-passes 20 --seed 1 -t 1
	learn b.h5 --solver sgd --max-passes 20 --seed 1 -t 3
	learn c.h5 --solver sgd --max-passes 20 --seed 2
	dump coef a.h5 >a; dump coef b.h5 >b; dump coef c.h5 >c
	same a b
	! cmp -s a c
}

@test "mini-batches train, balanced and not, and tell the classes apart" {
	local how
	for how in "" --balance; do
		run_split lr-train -l bulk_labels --min-cells 20 --allow-loss --holdout 0.3 --solver sgd --mini-batch \
			--batch-size 50 --batch-number 10 --epochs 30 $how "$TRAIN" -o "m$how.h5"
		echo "$errors"
		[ "$status" -eq 0 ]
		awk '/held out: .*accuracy/ { split($0, p, "accuracy "); exit !(p[2] + 0 > 0.6) }' <<<"$errors"
	done
	! cmp -s m.h5 m--balance.h5
}

@test "softmax is written as such" {
	learn model.h5 --loss softmax
	dump attrs model.h5 | grep -qx "$(printf 'loss\tsoftmax')"
}

@test "without centring the means are 0" {
	learn model.h5 --no-mean
	dump attrs model.h5 | grep -qx "$(printf 'with_mean\t0')"
	dump coef model.h5 | awk -F '\t' 'NR > 1 && $2 != 0 { exit 1 }'
}

@test "a missing label column lists those there are" {
	fails 1 'bulk_label.*bulk_labels' lr-train -l bulk_label "$TRAIN" -o x.h5
}

@test "one class is too few" {
	fails 1 'at least 2 are needed' lr-train -l bulk_labels --min-cells 100 "$TRAIN" -o x.h5
	[ ! -e x.h5 ]
}

@test "scaled values are refused with the evidence, unless accepted" {
	cp "$TRAIN" scaled.h5ad && chmod u+w scaled.h5ad
	python -c 'import h5py; f = h5py.File("scaled.h5ad", "r+"); f["X/data"][...] = f["X/data"][:] - 1.5'
	fails 3 'scaled' lr-train -l bulk_labels --min-cells 1 scaled.h5ad -o x.h5
	[ ! -e x.h5 ]
	lr-train -q -l bulk_labels --min-cells 1 --accept scaled scaled.h5ad -o x.h5
	[ -s x.h5 ]
}

@test "options that do not go together are wrong usage" {
	fails 2 'label' lr-train "$TRAIN" -o x.h5
	fails 2 'sgd' lr-train -l bulk_labels --mini-batch "$TRAIN" -o x.h5
	fails 2 'folds' lr-train -l bulk_labels --oof x.tsv "$TRAIN" -o x.h5
	fails 2 'above 0' lr-train -l bulk_labels --C 0 "$TRAIN" -o x.h5
}

@test "a full disk under the scratch file is told" {
	[ -c /dev/full ]
	export TMPDIR=/nonexistent
	fails 1 'TMPDIR' lr-train -l bulk_labels --min-cells 1 --memory 1k "$TRAIN" -o x.h5
	export TMPDIR=$PWD/tmp
	[ ! -e x.h5 ]
}

@test "a scratch file that cannot grow is told, and nothing is written" {
	! watched threads || skip "the sanitizer of threads writes a file of its own, which would be too large"
	run_split bash -c "ulimit -f 100; exec lr-train -l bulk_labels --min-cells 1 --memory 1k '$TRAIN' -o x.h5"
	echo "$status $errors"
	[ "$status" -eq 1 ]
	grep -q 'scratch file.*TMPDIR' <<<"$errors"
	[ ! -e x.h5 ]
}

@test "a label with a tab is refused by name" {
	cp "$TRAIN" tab.h5ad && chmod u+w tab.h5ad
	python - <<-'END'
	import h5py
	f = h5py.File("tab.h5ad", "r+")
	names = f["obs/bulk_labels/categories"]
	names[0] = "CD14\tMonocyte"
	END
	fails 1 'tab' lr-train -l bulk_labels --min-cells 1 tab.h5ad -o x.h5
}

@test "rows without a label are left out, with their number" {
	cp "$TRAIN" some.h5ad && chmod u+w some.h5ad
	python -c 'import h5py; f = h5py.File("some.h5ad", "r+"); f["obs/bulk_labels/codes"][:7] = -1'
	run_split lr-train -l bulk_labels --min-cells 1 some.h5ad -o x.h5
	grep -q '7 cells without a label' <<<"$errors"
	dump card x.h5 | grep -q '"cells": 336'
}

@test "an empty label is no label" {
	cp "$TRAIN" some.h5ad && chmod u+w some.h5ad
	python -c 'import h5py; f = h5py.File("some.h5ad", "r+"); f["obs/bulk_labels/categories"][0] = ""'
	run_split lr-train -l bulk_labels --min-cells 1 some.h5ad -o x.h5
	grep -qE '[0-9]+ cells without a label' <<<"$errors"
	[ "$(lr-model classes x.h5 | wc -l)" -eq 10 ]
}

@test "a gene without a name is a gene, one with a tab is refused before training" {
	local name
	for name in '' 'a\tb'; do
		cp "$TRAIN" some.h5ad && chmod u+w some.h5ad
		python -c 'import h5py, sys; f = h5py.File("some.h5ad", "r+"); f["var"][f["var"].attrs["_index"]][3] = sys.argv[1]' "$(printf %b "$name")"
		run_split lr-train -l bulk_labels --min-cells 1 --tol 1e-3 some.h5ad -o "x$name.h5"
		echo "$status $errors"
		[ "$status" -eq $((${#name} > 0)) ]
		[ -z "$name" ] || [ "$errors" = "lr-train: some.h5ad: gene 4 ('a	b') holds a tab or newline" ]
	done
	lr-predict -q -m x.h5 "$TRAIN" >/dev/null
}

@test "a name ending in .pkl is written as a pickle" {
	learn model.pkl
	[ "$(head -c 1 model.pkl | od -An -tx1)" = " 80" ]
}

@test "with a map, classes keep their ontology ids and lr-predict prints them" {
	printf 'label\tid\tname\tscore\n' >map.tsv
	printf '%s\t%s\t%s\t%s\n' 'CD56+ NK' CL:0000623 'natural killer cell' 0.95 'Dendritic' CL:0000451 'dendritic cell' 0.99 \
		'CD34+' CL:0008001 'hematopoietic precursor cell' 0.3 'CD19+ B' CL:0000236 'B cell' 0.9 >>map.tsv
	lr-train -l bulk_labels --recipe celltypist --min-cells 1 --tol 1e-3 --map map.tsv "$TRAIN" -o model.h5 2>message
	grep -qE 'map.tsv: 3 of [0-9]+ classes have an ontology id' message
	learn plain.h5 --tol 1e-3
	lr-predict -q -m model.h5 "$TRAIN" -o calls.tsv
	lr-predict -q -m plain.h5 "$TRAIN" | sed 's/\tplain$/\tmodel/; s/\tplain\t/\tmodel\t/' >plain.tsv
	cut -f 1-11 calls.tsv >have
	same have plain.tsv
	[ "$(head -n 1 calls.tsv)" = "$(head -n 1 plain.tsv)	cl_id" ]
	# by label, too low a score, not in the map
	awk -F '\t' 'NR > 1 { print $2 "=" $12 }' calls.tsv | sort -u >ids
	grep -qx 'CD56+ NK=CL:0000623' ids
	grep -qx 'Dendritic=CL:0000451' ids
	grep -qx 'CD19+ B=CL:0000236' ids
	grep -qx 'CD14+ Monocyte=' ids
	[ "$(grep -c CL:0008001 ids)" -eq 0 ]
	lr-predict -q -m model.h5 --mode prob --threshold 0.2 "$TRAIN" | awk -F '\t' '$2 ~ /[|]|Unassigned/ && $12 != "" { exit 1 }'
	lr-predict -q -m model.h5 --mode prob --threshold 0.2 "$TRAIN" | awk -F '\t' '$2 == "Dendritic" && $12 != "CL:0000451" { exit 1 }'
	printf 'label\tid\tname\nother\tCL:0000236\tx\n' >map.tsv
	learn none.h5 --tol 1e-3 --map map.tsv
	[ "$(lr-predict -q -m none.h5 "$TRAIN" | head -n 1 | tr '\t' '\n' | grep -c cl_id)" -eq 0 ]
	fails 1 'no.tsv' lr-train -l bulk_labels --map no.tsv "$TRAIN" -o no.h5
	[ ! -e no.h5 ]
}

@test "thinned cells: the fewer the counts the more are Unknown, and who is called is right" {
	local depth before=400
	lr-train -q -l bulk_labels --min-cells 4 "$TRAIN" -o model.h5
	h5-obs get -c bulk_labels "$GOLDEN/pbmc_query.h5ad" | cut -f 2 >truth
	for depth in 1 10 40 100 0; do
		cp "$GOLDEN/pbmc_query.h5ad" thin.h5ad
		python - "$depth" <<-'PY'
		import sys, h5py
		import numpy as np
		depth, rng = int(sys.argv[1]), np.random.RandomState(3)
		f = h5py.File("thin.h5ad", "a")
		x, starts = f["X/data"][()], f["X/indptr"][()]
		for i in range(len(starts) - 1 if depth else 0):
		    row = x[starts[i]:starts[i + 1]]
		    counts = np.rint(np.expm1(row) / np.expm1(row[row > 0].min())).astype(int)
		    tokens = np.repeat(np.arange(len(row)), counts)
		    drawn = np.bincount(rng.permutation(tokens)[:depth], minlength=len(row))
		    x[starts[i]:starts[i + 1]] = np.log1p(drawn / drawn.sum() * 1e4)
		f["X/data"][...] = x
		PY
		lr-predict -q -m model.h5 thin.h5ad 2>/dev/null | gate -q --min-confidence 0 >gated
		cut -f 2 gated >calls
		# few counts are not strange by themselves
		[ "$(grep -c FAR gated)" -le 9 ]
		paste truth calls | awk -F '\t' -v before="$before" -v depth="$depth" 'NR > 1 {
			if ($2 == "Unknown") unknown++; else { called++; right += $1 == $2 } }
			END { printf "%d counts: %d Unknown, %d of %d right\n", depth, unknown, right, called
			exit !(unknown + 0 <= before && right + 0 >= 0.8 * called) }' | tee said
		[ "${PIPESTATUS[1]}" -eq 0 ]
		before=$(sed 's/.*: \([0-9]*\) Unknown.*/\1/' said)
	done
	[ "$before" -lt 30 ]
}

@test "the robust recipe is the default, stores what answers are worth, and bows to options" {
	lr-train -l bulk_labels --tol 1e-3 "$TRAIN" -o robust.h5 2>message
	# Small classes of a small reference stay; what goes is named, with the number it lacks.
	grep -q 'class "CD8+/CD45RA+ Naive Cytotoxic" is left out: [0-4] training cells (--min-cells 5)' message || [ "$(grep -c 'left out' message)" -le 2 ]
	python - <<-'PY'
	import h5py, numpy as np
	f = h5py.File("robust.h5"); n = len(f["genes"]); k = len(f["classes"])
	assert f.attrs["loss"] == b"softmax" or f.attrs["loss"] == "softmax", f.attrs["loss"]
	L = f["factors/loadings"]; assert L.shape[0] == n and L.dtype == "f4" and 10 <= L.shape[1] <= 100, L
	assert (f["factors/rest"][:] > 0).all()
	assert (f["calibration/slope"][:] > 0).all() and f["calibration/offset"].shape == (k,)
	p = f["landmarks/places"]; assert p.shape[1] == 15
	d = f["landmarks/energies"][:]; assert (np.diff(d) >= 0).all()
	counts, d = f["depth/counts"][:], f["depth/novelty"][:]
	assert len(d) == len(counts) and d[0] > 0.5 and d[-1] == 0 and (np.diff(d) <= 0).all(), d
	limit, n = f["landmarks/limit"][0], len(p); assert abs(limit - max(1, .8 * np.log10(n))) < 1e-12, (limit, n)
	PY
	lr-train -q -l bulk_labels --loss ovr-log --factors 0 --tol 1e-3 "$TRAIN" -o bare.h5
	python -c 'import h5py; f = h5py.File("bare.h5")
assert not {"factors", "calibration", "landmarks"} & set(f) and set(f["depth"]) == {"confidence", "counts"}, list(f)'
	lr-predict -q -m bare.h5 "$TRAIN" | head -n 1 | tr '\t' '\n' >columns
	[ "$(grep -cxE 'probability|novelty|explained' columns)" -eq 0 ]
}

@test "annexes: threads and the disk do not change a byte" {
	lr-train -q -l bulk_labels --tol 1e-3 -t 1 "$TRAIN" -o one.h5
	lr-train -q -l bulk_labels --tol 1e-3 -t 3 --memory 1k "$TRAIN" -o three.h5
	cmp one.h5 three.h5
}

@test "--ids: every class keeps the id that most of its cells have" {
	h5-obs get -q -c bulk_labels "$TRAIN" | awk -F '\t' -v OFS='\t' '
		NR == 1 { print "cell", "own_id"; next }
		{ n[$2]++; id = $2 == "Dendritic" ? (n[$2] % 4 ? "CL:0000451" : "CL:0000990") : $2 == "CD19+ B" ? "unknown" : $2 == "CD56+ NK" ? "CL:0000623" : ""; print $1, id }' >ids.tsv
	h5-obs put -q -f ids.tsv "$TRAIN" -o with.h5ad
	lr-train -l bulk_labels --min-cells 1 --tol 1e-3 --ids own_id with.h5ad -o model.h5 2>message
	grep -qE 'own_id: 2 of [0-9]+ classes have an ontology id' message
	grep -q 'the cells of 1 classes have several ids' message
	[ "$(lr-model classes -q model.h5 | awk -F '\t' 'NR > 1 && $2 != ""' | sort)" = 'CD56+ NK	CL:0000623
Dendritic	CL:0000451' ]
	fails 1 'own_if' lr-train -l bulk_labels --ids own_if with.h5ad -o no.h5
	fails 2 '--ids or --map' lr-train -l bulk_labels --ids own_id --map ids.tsv with.h5ad -o no.h5
}

@test "labels that are finer than a panel's genes can tell are named, with what they are taken for" {
	local train="$TESTS/../refs/demo/pbmc_train.h5ad"
	printf '%s\n' LYZ CD79A NKG7 CST3 HLA-DRA GNLY FCER1A >panel.txt
	lr-train -l bulk_labels --min-cells 4 --genes panel.txt "$train" -o few.h5 2>message
	grep -qE '[2-9] of 10 labels are finer than these 7 genes tell: .*CD8\+ Cytotoxic T" \([0-9]+ % right, else mostly "' message
	grep -q 'a coarser column of labels' message
	h5-obs get -q -c bulk_labels "$train" | awk -F '\t' -v OFS='\t' 'NR == 1 { print $1, "broad"; next }
		{ print $1, $2 ~ /Mono|Dend/ ? "myeloid" : $2 ~ /CD19/ ? "B" : "other" }' >broad.tsv
	h5-obs put -q -f broad.tsv "$train" -o broad.h5ad
	lr-train -l broad --min-cells 4 --genes panel.txt broad.h5ad -o broad.h5 2>message
	! grep 'finer than' message
}

@test "levels that contradict each other are said with both parents" {
	h5-obs get -q -c bulk_labels "$TESTS/../refs/demo/pbmc_train.h5ad" >l.tsv
	put() {
		awk -F '\t' -v OFS='\t' "NR == 1 { print \$1, \"lv1\", \"lv2\"; next } $1" l.tsv >levels.tsv
		h5-obs put -q -f levels.tsv "$TESTS/../refs/demo/pbmc_train.h5ad" -o train.h5ad
	}
	put '{ print $1, NR == 50 ? "x" : "y", $2 }'
	fails 1 'train.h5ad: obs column lv1: cells of .* are .* and .*: a label has one parent' lr-train -l bulk_labels --min-cells 4 --levels lv1,lv2 train.h5ad -o m.h5
	put '{ print $1, $2 ~ /Mono/ ? "x" : "y", $2 ~ /Mono|Dend/ ? "myeloid" : "other" }'
	fails 1 'obs columns lv1 and lv2: myeloid is under [xy] and under [xy]: a name has one parent' lr-train -l bulk_labels --min-cells 4 --levels lv1,lv2 train.h5ad -o m.h5
	put '{ print $1, "a|b", $2 }'
	fails 1 'level "a.b" has a' lr-train -l bulk_labels --min-cells 4 --levels lv1,lv2 train.h5ad -o m.h5
	fails 1 "no column 'lv9'" lr-train -l bulk_labels --levels lv1,lv9 train.h5ad -o m.h5
	[ ! -e m.h5 ]
}

@test "the same training in another folder is the same model, to the byte" {
	mkdir -p one two/deep
	names() { probe var "$TRAIN" | cut -f 1 | sed -n '2,301p'; }
	for place in one two/deep; do
		cp "$TRAIN" $place/train.h5ad
		names >$place/panel.txt
		lr-train -q -l bulk_labels --min-cells 1 --genes $place/panel.txt --keep-label=a/b $place/train.h5ad -o $place/model.h5
	done
	same one/model.h5 two/deep/model.h5
	lr-model info one/model.h5 | grep -q 'a/b'
}

# generated: 12 near types of 150 genes, 480 cells of some 600 counts to train on, 480 to ask about.
generated() {
	python - <<-'E'
	import numpy as np
	r = np.random.default_rng(1)
	base = r.gamma(.5, 1, 150)
	kinds = [base * np.exp(.7 * r.normal(size=150) * (r.random(150) < .3)) for _ in range(12)]
	def table(name, depth, n=40):
	    with open(name + ".csv", "w") as f, open(name + ".tsv", "w") as t:
	        f.write("cell," + ",".join("g%d" % g for g in range(150)) + "\n")
	        t.write("cell\tkind\n")
	        for i in range(12 * n):
	            p = kinds[i % 12] / kinds[i % 12].sum()
	            x = r.poisson(depth * r.lognormal(0, .3) * r.gamma(4, p / 4))
	            f.write("c%d," % i + ",".join(map(str, x)) + "\n")
	            t.write("c%d\tk%d\n" % (i, i % 12))
	table("train", 600)
	table("query", 30)
	table("other", 600)
	E
	h5-import -q train.csv -o counts.h5ad
	h5-obs put -q -f train.tsv counts.h5ad -o train.h5ad
	h5-import -q query.csv -o query.h5ad
	h5-import -q other.csv -o other.h5ad
}

@test "--depths: shallow cells are called better; the same bytes for any threads and memory" {
	generated
	lr-train -q -l kind --factors 0 train.h5ad -o deep.h5
	lr-train -q -l kind --factors 0 --depths 1,.3,.1,.03 train.h5ad -o all.h5
	f1() { lr-predict -q -m $1 query.h5ad | evaluate -q --truth query.tsv - | awk -F '\t' '$1 == "macro_f1" { print $3 }'; }
	awk -v a="$(f1 deep.h5)" -v b="$(f1 all.h5)" 'BEGIN { print a, b; exit !(b > a + 0.03) }'
	lr-train -q -t 1 -l kind --factors 0 --depths 1,.3,.1,.03 --memory 100k train.h5ad -o one.h5
	same one.h5 all.h5
	# the counts told are of cells, not of copies
	lr-model info all.h5 | grep -q '"cells": *480'
	# depth 1 alone, over all genes, is the training there always was
	lr-train -q -l kind --factors 0 --depths 1 train.h5ad -o again.h5
	lr-predict -q -m again.h5 query.h5ad | cut -f 1,2 >again.tsv
	lr-predict -q -m deep.h5 query.h5ad | cut -f 1,2 | same - again.tsv
	fails 2 'depths begin with 1 and fall' lr-train -l kind --depths .3,.1 train.h5ad -o x.h5
	fails 2 'depths begin with 1 and fall' lr-train -l kind --depths 1,.1,.3 train.h5ad -o x.h5
	fails 2 'deep is no share' lr-train -l kind --depths 1,deep train.h5ad -o x.h5
	fails 2 'not with --depths' lr-train -l kind --folds 2 --oof x.tsv --depths 1,.1 train.h5ad -o x.h5
}

@test "--loss hce: cells that are only called by the upper name are found to be of the kinds below" {
	generated
	awk -F '\t' -v OFS='\t' 'NR == 1 { print $1, "lv1", "mixed"; next }
		{ up = $2 ~ /^k[0-3]$/; print $1, up ? "K" : $2, up && int((NR - 2) / 12) % 2 ? "K" : $2 }' train.tsv >levels.tsv
	h5-obs put -q -f levels.tsv train.h5ad -o mixed.h5ad
	train() { lr-train -q -l mixed --levels lv1 --min-cells 2 "$@" mixed.h5ad; }
	train --factors 0 -o flat.h5
	train --factors 0 --loss hce -o nested.h5
	right() { lr-predict -q -m $1 other.h5ad | evaluate -q --truth other.tsv - | awk -F '\t' '$1 == "recall" && $2 ~ /^k[0-3]$/ { sum += $3 } END { print sum }'; }
	awk -v a="$(right flat.h5)" -v b="$(right nested.h5)" 'BEGIN { print a, b; exit !(b > a + 0.2) }'
	lr-predict -q -m nested.h5 --levels lv1 other.h5ad | cut -f 2 | sort | uniq -c >calls
	awk '$2 == "K" { n = $1 } $2 == "k1" { k = $1 } END { exit !(n < 10 && k > 20) }' calls
	# a kind below is right for a cell that only has the upper name: whole cells have enough to go by
	lr-predict -q -m nested.h5 other.h5ad | gate -q --max-novelty 99 >gated.tsv 2>words
	awk -F '\t' '/DEPTH/ { n++ } END { print n + 0, NR; exit !(n < NR / 10) }' gated.tsv
	train --factors 0 --loss hce -t 1 -o one.h5
	same one.h5 nested.h5
	# with all that goes with a model: what is not exact has no part in the calibration
	train --loss hce -o whole.h5
	lr-predict -q -m whole.h5 --climb other.h5ad | head -n 1 | grep -q 'probability.*above'
	fails 3 'no class is below another' lr-train -l kind --loss hce train.h5ad -o x.h5
	fails 2 'no hce loss' lr-train -l kind --solver sgd --loss hce train.h5ad -o x.h5
}

@test "one donor, fewer cells than folds: one clear line, or a model all the same" {
	h5-obs get -q -c bulk_labels "$TRAIN" | awk -F '\t' -v OFS='\t' 'NR == 1 { print $1, "donor", "few"; next }
		{ n[$2]++; print $1, "d1", n[$2] <= 2 ? $2 : "" }' >columns.tsv
	h5-obs put -q -f columns.tsv "$TRAIN" -o one.h5ad
	fails 1 '--folds 3 --by donor: there is only 1 group$' lr-train -l bulk_labels --min-cells 4 --by donor one.h5ad -o x.h5
	[ ! -e x.h5 ]
	lr-train -q -l few --min-cells 1 --folds 50 one.h5ad -o x.h5
	lr-predict -q -m x.h5 one.h5ad 2>/dev/null | head -n 1 | grep -q 'probability.*novelty'
}
