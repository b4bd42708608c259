load helper

verdict() { norm-check "$@" | awk -F '\t' 'NR > 1 { print $1 "=" $13 }' | paste -sd ';'; }

@test "every golden file gets the verdict its makers know" {
	local file want note got n=0
	while IFS=$'\t' read -r file want note; do
		[ "$file" = file ] && continue
		got=$(verdict "$GOLDEN/$file")
		# the table's makers had no word for counts that are no whole numbers
		[ "$file" = norm_ambient_corrected.h5ad ] && want=fractional_counts
		case $want in *=*) ;; *) want="X=$want" ;; esac
		# a file may have more slots than the table speaks of
		case ";$got;" in *";$want;"*) ;; *) echo "$file: $got, not $want ($note)"; return 1 ;; esac
		n=$((n + 1))
	done <"$GOLDEN/norm_expected.tsv"
	[ "$n" -eq 14 ]
}

@test "the target sum of other log-normalised files is recovered" {
	norm-check --slot X "$GOLDEN/norm_log1p_median.h5ad" |
		awk -F '\t' 'NR == 2 { d = $11 - 2126.5; exit !(d < 2 && d > -2) }'
	norm-check --slot X "$GOLDEN/norm_log1p_1e6.h5ad" |
		awk -F '\t' 'NR == 2 { d = $11 / 1e6 - 1; exit !(d < 1e-4 && d > -1e-4) }'
	norm-check --slot X "$GOLDEN/norm_log2_10k.h5ad" | awk -F '\t' 'NR == 2 { exit $12 != 2 }'
}

# log1p data made from counts by a line of Python: verdict_of 'counts -> matrix'
verdict_of() {
	cp "$GOLDEN/sample_counts.h5ad" made.h5ad
	python - "$1" <<-'END'
		import sys
		import h5py
		import numpy as np
		f = h5py.File("made.h5ad", "a")
		x = f["X"]
		starts, values = x["indptr"][:], x["data"][:].astype("f8")
		cells = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
		sums = np.bincount(cells, values, len(starts) - 1)[cells]
		draw = np.random.RandomState(1).uniform(0.5, 1.5, len(starts))[cells]
		made = eval(sys.argv[1]).astype("f4")
		del x["data"]
		x["data"] = made
	END
	norm-check --slot X made.h5ad | tail -n 1 | cut -f13,14
}

@test "logarithms of counts that were never scaled, or by size factors, are no subset" {
	[[ $(verdict_of 'np.log1p(values)') == unknown*'not scaled'* ]]
	[[ $(verdict_of 'np.log1p(np.maximum(1, np.rint(values / sums * 3000)))') == unknown*'not scaled'* ]]
	[[ $(verdict_of 'np.log1p(values / draw)') == unknown*'size factors'* ]]
	[[ $(verdict_of 'np.log1p(np.where(cells % 2, 1e4, 1e6) * values / sums)') == unknown* ]]
	[[ $(verdict_of 'np.log1p(values / sums * 1e4)') == log1p_10k* ]]
}

@test "counts corrected, shared out or scaled by cell are fractional counts; square roots and noise are not" {
	[[ $(verdict_of 'np.maximum(0, values - 0.3 * values / values.max() - 0.02)') == fractional_counts*'just below'* ]]
	[[ $(verdict_of 'np.where(np.arange(len(values)) % 7, values, values * 0.37)') == fractional_counts*'just below'* ]]
	[[ $(verdict_of 'values * draw') == fractional_counts*'factor of their cell'* ]]
	[[ $(verdict_of 'np.sqrt(values)') == unknown*'square roots'* ]]
	[[ $(verdict_of 'np.log2(values + 1)') == unknown*'log2 of counts'* ]]
	[[ $(verdict_of 'np.log1p(1e4 * values / sums) * (1 + np.modf(np.arange(len(values)) * 0.618)[0])') == unknown* ]]
}

@test "ones where counts would repeat are binary; ones of cells of one count are counts" {
	[[ $(verdict_of '(values > 0) * 1.0') == binary*'above it'* ]]
	[[ $(verdict_of '(np.arange(len(values)) == starts[cells]) * 1.0') == counts* ]]
}

@test "fractions of one are told from their logarithms" {
	[[ $(verdict_of 'values / sums') == normalized_not_logged*'sums to 1 '* ]]
	[[ $(verdict_of 'np.log1p(values / sums)') == log1p_other* ]]
}

@test "--expect exits with 3 when the verdict is another, and writes the table all the same" {
	fails 3 'X is counts, not log1p_10k' norm-check --expect log1p_10k "$GOLDEN/norm_counts.h5ad"
	[ "$(wc -l <<<"$output")" -eq 2 ]
	norm-check --expect counts "$GOLDEN/norm_counts.h5ad"
	norm-check --expect log1p_10k "$GOLDEN/norm_slots.h5ad"
	fails 2 'not one of counts, fractional_counts' norm-check --expect fine "$GOLDEN/norm_counts.h5ad"
}

@test "a slot that is not there is an error that lists those that are" {
	fails 1 'layers/count.*layers/counts' norm-check --slot layers/count "$GOLDEN/norm_slots.h5ad"
}

@test "a missing file is named" {
	fails 1 'nowhere\.h5ad.*No such file' norm-check nowhere.h5ad
}

@test "one thread and eight give the same table" {
	norm-check -t 1 "$GOLDEN/norm_slots.h5ad" >one
	norm-check -t 8 "$GOLDEN/norm_slots.h5ad" >eight
	same one eight
}

@test "a pipe is read" {
	norm-check <"$GOLDEN/norm_counts.h5ad" >a
	norm-check "$GOLDEN/norm_counts.h5ad" >b
	same a b
}

@test "a full disk is reported" {
	run sh -c "norm-check $GOLDEN/norm_counts.h5ad >/dev/full"
	[ "$status" -eq 1 ]
	fails 1 'No space left' norm-check "$GOLDEN/norm_counts.h5ad" -o /dev/full
}

@test "the manifest says what was read and decided" {
	norm-check "$GOLDEN/norm_counts.h5ad" --manifest m.json >table
	python - "$GOLDEN/norm_counts.h5ad" <<-'PY'
	import json, hashlib, sys
	m = json.load(open("m.json"))
	assert m["tool"] == "norm-check"
	assert m["inputs"][0]["sha256"] == hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest()
	assert m["decisions"]["X"].startswith("counts: ")
	assert m["peak_memory_bytes"] > 0
	PY
}

@test "a subset whose values were rounded is a subset still" {
	norm-check "$TESTS/../refs/demo/pbmc_train.h5ad" --expect subset | grep -q 'genes were dropped'
}
