# Training: CellTypist's recipe, one logistic regression, hard cells, and a million cells.
peer="$PYTHON $PEER_SCRIPTS/celltypist-train.py"
here=$DATA_FOLDER/train
mkdir -p "$here"

# take FILE CELLS GENES OUT...: the first cells and genes to one file, the rest of the cells to another.
take() {
	[ -e "$4" ] && [ -e "$5" ] || "$PYTHON" - "$@" <<-'END'
	import sys, anndata
	a = anndata.read_h5ad(sys.argv[1])[:, :int(sys.argv[3])]
	if sys.argv[2].isdigit():
	    first = a.obs_names.isin(a.obs_names[:int(sys.argv[2])])
	else:
	    first = ~a.obs["donor"].isin(sys.argv[2].split(","))
	a[first].write_h5ad(sys.argv[4])
	a[~first].write_h5ad(sys.argv[5])
	END
}

# score MODEL TEST TRUTH: accuracy and macro-F1 of our calls.
score() {
	lr-predict -q -m "$1" "$2" -o "$here/calls.tsv"
	"$PYTHON" "$PEER_SCRIPTS/f1.py" "$here/calls.tsv" "$2" "$3"
}

# race TITLE GOAL_SPEED GOAL_MEMORY OPTIONS RECIPE TRAIN TEST TRUTH: one run of theirs, RUNS of ours.
race() {
	local title=$1 options=$4 recipe=$5 train=$6 test=$7 truth=$8 theirs=$here/$5-$(basename "$6").tsv i
	[ -s "$theirs" ] || $peer "$recipe" "$train" "$test" cell_type "$here/peer.pkl" "$truth" \
		>"$theirs" 2>>"$DATA_FOLDER/log" || return 1
	: >"$DATA_FOLDER/ours"
	for ((i = 0; i < RUNS; i++)); do
		once "lr-train -q -l cell_type $options $train -o $here/ours.h5 --report $here/report.tsv" \
			>>"$DATA_FOLDER/ours" || return 1
	done
	awk -F '\t' '{ print $2, $3 * 1024 }' "$theirs" >"$DATA_FOLDER/theirs"
	row_of "$title" "$DATA_FOLDER/ours" "$DATA_FOLDER/theirs" "$2" "$3"
	echo "|   held-out accuracy and macro-F1; objective | $(score "$here/ours.h5" "$test" "$truth")," \
		"$(awk -F '\t' 'NR > 1 { s += $4 } END { printf "%.6g", s }' "$here/report.tsv") |" \
		"$(awk -F '\t' '{ print $4 ", " $5 ", " $6 }' "$theirs") | | |"
}

plain=$(data train-25k --cells 25000 --genes 20000 --types 40 --lognorm)
hard=$(data train-hard --cells 20000 --genes 5000 --types 30 --siblings 6 --ambient 0.1 \
	--doublets 0.06 --label-noise 0.05 --density 0.2 --lognorm)
take "$plain" 20000 20000 "$here/all.h5ad" "$here/all-test.h5ad"
take "$plain" 20000 4000 "$here/part.h5ad" "$here/part-test.h5ad"
take "$hard" donor_003,donor_005 5000 "$here/hard.h5ad" "$here/hard-test.h5ad"

# Both are ours: what the recipe's annexes cost; no more than the weights themselves.
compare 'lr-train, 20,000 x 20,000, with factors, calibration and landmarks, beside weights alone (ours, too)' \
	0.5 - "lr-train -q -l cell_type $here/all.h5ad -o $here/ours.h5" \
	"lr-train -q -l cell_type --factors 0 $here/all.h5ad -o $here/weights.h5"
race "lr-train --feature-selection, CellTypist's recipe" 25 8 --feature-selection recipe \
	"$here/all.h5ad" "$here/all-test.h5ad" cell_type
race 'lr-train, 20,000 x 4,000, to a lower objective' 15 - '--tol 5e-5' default \
	"$here/part.h5ad" "$here/part-test.h5ad" cell_type
race 'lr-train, 20,000 x 4,000, converged' 8 - '' default \
	"$here/part.h5ad" "$here/part-test.h5ad" cell_type
race 'lr-train, hard cells' 10 - '' default "$here/hard.h5ad" "$here/hard-test.h5ad" true_type
race 'lr-train --feature-selection, hard cells' 10 - --feature-selection default \
	"$here/hard.h5ad" "$here/hard-test.h5ad" true_type
race 'lr-train --C auto, hard cells' 10 - '--C auto --by donor' default \
	"$here/hard.h5ad" "$here/hard-test.h5ad" true_type
race 'lr-train --C auto --feature-selection, hard cells' 10 - '--C auto --by donor --feature-selection' default \
	"$here/hard.h5ad" "$here/hard-test.h5ad" true_type
measure 'products of training: see the log' "$BENCH_BIN/products"
