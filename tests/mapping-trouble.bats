# What mapping cannot do, told with the number that failed and the option that helps: line by line of what users run into.

load helper
# shellcheck disable=SC2034
NEEDS="ref-build ref-map knn-transfer ref-model lognorm h5-select h5-obs tree-learn"

TRAIN=$GOLDEN/pbmc_train.h5ad QUERY=$GOLDEN/pbmc_query.h5ad

setup_file() {
	local bin=${PIPETTE_BUILD:-$BATS_TEST_DIRNAME/../build}/bin golden=$BATS_TEST_DIRNAME/golden
	[ -x "$bin/knn-transfer" ] || return 0
	"$bin/ref-build" -q -l bulk_labels "$golden/pbmc_train.h5ad" -o "$BATS_FILE_TMPDIR/a.ref.h5"
	"$bin/ref-map" -q -m "$BATS_FILE_TMPDIR/a.ref.h5" "$golden/pbmc_query.h5ad" -o "$BATS_FILE_TMPDIR/m.h5ad"
}

# with COLUMN VALUES: the training file with one more column; VALUES is awk over NR from 2 up.
with() {
	h5-obs get -q -c bulk_labels "$TRAIN" |
		awk -F '\t' -v OFS='\t' "NR == 1 { print \$1, \"$1\"; next } { print \$1, $2 }" >column.tsv
	h5-obs put -q -f column.tsv "$TRAIN" -o with.h5ad
}

@test "too few of the loadings: the share, the floor, and what the genes look like" {
	fails 3 '[0-9]+ genes of the reference, [0-9.]+% of its squared loadings: below --min-coverage 1 ' \
		ref-map -m "$BATS_FILE_TMPDIR/a.ref.h5" --min-coverage 1 "$GOLDEN/sample_lognorm.h5ad" -o m.h5ad
	[ ! -e m.h5ad ]
}

@test "genes of another species or naming are told apart from missing ones" {
	probe var "$QUERY" | cut -f 1 | tail -n +2 | awk '{ print toupper(substr($1, 1, 1)) tolower(substr($1, 2)) }' >mouse
	python - "$QUERY" <<-'P'
	import h5py, shutil, sys
	shutil.copy(sys.argv[1], "mouse.h5ad")
	f = h5py.File("mouse.h5ad", "r+"); v = f["var"]; key = v.attrs["_index"]
	names = [x.strip() for x in open("mouse")]
	del v[key]; v.create_dataset(key, data=names, dtype=h5py.string_dtype())
	P
	fails 3 'below --min-coverage' ref-map -m "$BATS_FILE_TMPDIR/a.ref.h5" mouse.h5ad -o m.h5ad
}

@test "a scaled query is refused with the verdict" {
	fails 3 'negative' ref-map -m "$BATS_FILE_TMPDIR/a.ref.h5" --min-coverage 0 "$GOLDEN/norm_scaled.h5ad" -o m.h5ad
}

@test "a batch column with gaps, and one with a batch for every cell" {
	with b 'NR % 7 ? "x" NR % 2 : ""'
	fails 3 'obs column b: 49 of 343 cells have no batch' ref-build -l bulk_labels -b b with.h5ad -o a.ref.h5
	with b 'NR'
	fails 3 'every one of 343 cells is a batch of its own.*--batch' ref-build -l bulk_labels -b b with.h5ad -o a.ref.h5
	fails 3 'every one of 343 cells is a batch of its own.*--batch' ref-map -m "$BATS_FILE_TMPDIR/a.ref.h5" -b b with.h5ad -o m.h5ad
}

@test "a batch of a single cell is taken as it is, whichever Harmony" {
	with b 'NR == 2 ? "alone" : "x" NR % 2'
	for how in 2 1 0; do
		ref-build -q -l bulk_labels -b b --harmony $how with.h5ad -o $how.ref.h5
		ref-map -q -m $how.ref.h5 "$QUERY" -o m.h5ad
		python -c 'import h5py, numpy as np; assert np.isfinite(h5py.File("m.h5ad")["obsm/X_pca_mapped"][()]).all()'
	done
}

@test "more clusters than half of the cells, one cluster, and too few cells" {
	fails 3 '200 clusters of 343 cells: 2 to half of the cells .--clusters' ref-build -l bulk_labels --clusters 200 "$TRAIN" -o a.ref.h5
	fails 3 '1 clusters of 343 cells: 2 to half of the cells .--clusters' ref-build -l bulk_labels --clusters 1 "$TRAIN" -o a.ref.h5
	probe obs "$TRAIN" | cut -f 1 | sed -n 2,6p >five
	h5-select -q --cells five "$TRAIN" -o five.h5ad
	run ref-build -l bulk_labels five.h5ad -o a.ref.h5
	[ "$status" -eq 3 ]
	h5-obs get -q -c bulk_labels five.h5ad | awk -F '\t' -v OFS='\t' 'NR == 1 { print $1, "b"; next } { print $1, NR % 2 }' >b.tsv
	h5-obs put -q -f b.tsv five.h5ad -o batches.h5ad
	h5-obs get -q -c b batches.h5ad | awk -F '\t' -v OFS='\t' 'NR == 1 { print $1, "l"; next } { print $1, "x" }' >l.tsv
	h5-obs put -q -f l.tsv batches.h5ad -o batches2.h5ad
	fails 3 'Harmony of 5 cells: 6 are the fewest' ref-build -l l -b b --clusters 2 --genes <(probe var "$TRAIN" | cut -f 1 | tail -n +2) batches2.h5ad -o a.ref.h5
	[ ! -e a.ref.h5 ]
}

@test "more clusters than half of the places that cells are in" {
	python - "$TRAIN" <<-'P'
	import h5py, numpy as np, shutil, sys
	shutil.copy(sys.argv[1], "same.h5ad"); f = h5py.File("same.h5ad", "r+"); X = f["X"]
	d, i, p = (X[k][()] for k in ("data", "indices", "indptr"))
	rows = [slice(p[k % 10], p[k % 10 + 1]) for k in range(len(p) - 1)]
	new = np.r_[0, np.cumsum([r.stop - r.start for r in rows])].astype(p.dtype)
	for k, v in (("data", np.concatenate([d[r] for r in rows])), ("indices", np.concatenate([i[r] for r in rows])), ("indptr", new)):
	    attrs = dict(X[k].attrs); del X[k]; X[k] = v; X[k].attrs.update(attrs)
	P
	fails 3 '11 clusters of 343 cells in 10 places: 2 to half of the places .--clusters' ref-build -l bulk_labels same.h5ad -o a.ref.h5
	ref-build -q -l bulk_labels --clusters 5 same.h5ad -o a.ref.h5
}

@test "labels of fewer than five cells are named, and few cells make Harmony go in larger steps" {
	with kind 'NR < 5 ? "scarce" : NR < 8 ? "rare" : "many" NR % 2'
	run_split ref-build -l kind with.h5ad -o a.ref.h5
	[ "$status" -eq 0 ]
	grep -q 'kind: 2 labels have fewer than 5 cells: rare (3), scarce (3): .*--min-cells 5' <<<"$errors"
	run_split ref-build -l kind --min-cells 5 with.h5ad -o a.ref.h5
	[ "$status" -eq 0 ]
	run grep -c 'fewer than 5' <<<"$errors"
	[ "$output" = 0 ]
	probe obs "$TRAIN" | cut -f 1 | sed -n 2,31p >thirty
	with b 'NR % 2'
	h5-select -q --cells thirty with.h5ad -o thirty.h5ad
	run_split ref-build -l bulk_labels --min-cells 2 -b b --clusters 3 --neighbors-of 5 thirty.h5ad -o a.ref.h5
	echo "$errors"
	grep -q '30 cells: Harmony moves a fifth of them at a time' <<<"$errors"
}

@test "counts are brought to the reference's scale: the same places as of normalised values" {
	ref-build -q -l label "$GOLDEN/sample_counts.h5ad" -o c.ref.h5 || ref-build -q -l "$(probe obs "$GOLDEN/sample_counts.h5ad" | head -n 1 | cut -f 2)" "$GOLDEN/sample_counts.h5ad" -o c.ref.h5
	lognorm -q "$GOLDEN/sample_counts.h5ad" -o log.h5ad
	for q in "$GOLDEN/sample_counts.h5ad" log.h5ad; do
		ref-map -q -m c.ref.h5 "$q" -o "m.${q##*/}"
	done
	python - <<-'P'
	import h5py, numpy as np
	a, b = (h5py.File("m." + n)["obsm/X_pca_reference"][()] for n in ("sample_counts.h5ad", "log.h5ad"))
	assert np.abs(a - b).max() < 1e-4 * np.abs(a).max()
	P
}

@test "what genes a reference is of is in its card" {
	hash=$(python - "$BATS_FILE_TMPDIR/a.ref.h5" <<-'P'
	import h5py, hashlib, json, sys
	f = h5py.File(sys.argv[1]); print(hashlib.sha256(b"".join(g + b"\n" for g in f["genes"][()])).hexdigest())
	P
	)
	ref-model info "$BATS_FILE_TMPDIR/a.ref.h5" | grep -q "genes_sha256.*$hash"
}

@test "cells without counts: refused in a reference, said of a query" {
	python - "$TRAIN" "$QUERY" <<-'P'
	import h5py, shutil, sys
	for path, out in zip(sys.argv[1:], ("t.h5ad", "q.h5ad")):
	    shutil.copy(path, out)
	    f = h5py.File(out, "r+"); X = f["X"]
	    if isinstance(X, h5py.Group):
	        X["data"][X["indptr"][0]:X["indptr"][1]] = 0
	    else:
	        X[0, :] = 0
	P
	fails 3 '1 of 343 cells have no value of the [0-9]+ genes chosen' ref-build -l bulk_labels t.h5ad -o a.ref.h5
	run_split ref-map -m "$BATS_FILE_TMPDIR/a.ref.h5" q.h5ad -o m.h5ad
	grep -q "1 cells have no value of the reference's genes" <<<"$errors"
}

@test "coordinates that are no numbers, and those of another space" {
	python - "$BATS_FILE_TMPDIR/m.h5ad" <<-'P'
	import h5py, shutil, sys
	shutil.copy(sys.argv[1], "nan.h5ad"); h5py.File("nan.h5ad", "r+")["obsm/X_pca_reference"][3, 2] = float("nan")
	P
	fails 1 'obsm/X_pca_reference: row 3 holds -?nan' knn-transfer -m "$BATS_FILE_TMPDIR/a.ref.h5" nan.h5ad
	fails 3 'X_umap has 2 dimensions, the reference [0-9]+: not of one space' \
		knn-transfer --coordinates X_umap -m "$BATS_FILE_TMPDIR/a.ref.h5" "$BATS_FILE_TMPDIR/m.h5ad"
}

@test "fewer anchored cells than should vote: all of them, and it is said" {
	probe obs "$QUERY" | cut -f 1 | sed -n 2,41p >forty
	h5-select -q --cells forty "$QUERY" -o forty.h5ad
	ref-map -q -m "$BATS_FILE_TMPDIR/a.ref.h5" forty.h5ad -o m.h5ad
	run_split knn-transfer --by anchors -m "$BATS_FILE_TMPDIR/a.ref.h5" m.h5ad
	grep -qE '[0-9]+ cells are anchored: fewer than the 50 that should vote' <<<"$errors"
}

@test "a label of one cell, with the option that leaves it out" {
	with kind 'NR == 2 ? "alone" : "many" NR % 2'
	fails 3 "label 'alone' has one cell.*--min-cells 2" ref-build -l kind with.h5ad -o a.ref.h5
	ref-build -q -l kind --min-cells 2 with.h5ad -o a.ref.h5
}

@test "a tree and labels that do not go together, both ways" {
	with kind 'NR % 2 ? "A" : "B"'
	echo '(A,B,C)root;' >more.nwk
	echo '(A)root;' >less.nwk
	fails 1 "the tree's 'C' has no cells in the reference .--tree" ref-build -l kind --tree more.nwk with.h5ad -o a.ref.h5
	fails 1 "label 'B' is not in the tree .--tree" ref-build -l kind --tree less.nwk with.h5ad -o a.ref.h5
}

@test "a reference without cells, asked for what takes cells" {
	ref-build -q -l bulk_labels --no-cells "$TRAIN" -o small.ref.h5
	for by in cells anchors; do
		fails 3 'no cells .it was made with --no-cells.: --by profiles' knn-transfer --by $by -m small.ref.h5 "$BATS_FILE_TMPDIR/m.h5ad"
	done
	fails 3 'a reference without cells cannot be exported' ref-model export small.ref.h5 -o x.h5ad
	[ ! -e x.h5ad ]
}

@test "a reference file whose numbers or texts are not what they should be" {
	python - "$BATS_FILE_TMPDIR/a.ref.h5" <<-'P'
	import h5py, shutil, sys
	def damaged(name, change):
	    shutil.copy(sys.argv[1], name); f = h5py.File(name, "r+"); change(f); f.close()
	def texts(f):
	    names = [x.decode() for x in f["genes"][()]]; del f["genes"]; f.create_dataset("genes", data=names, dtype=h5py.string_dtype())
	def put(path, at, value):
	    def change(f): f[path][at] = value
	    return change
	damaged("nan.h5", put("loadings", (0, 0), float("nan")))
	damaged("negative.h5", put("clusters/Nr", 0, -1))
	damaged("falls.h5", put("calibration/bulk_labels/knn", (0, 500), 1e9))
	damaged("code.h5", put("labels/bulk_labels/codes", 0, 99))
	damaged("texts.h5", texts)
	P
	fails 1 'nan.h5: loadings: number 1 is nan' ref-map -m nan.h5 "$QUERY" -o m.h5ad
	fails 1 'negative.h5: Nr: number 1 is -1' ref-map -m negative.h5 "$QUERY" -o m.h5ad
	fails 1 'falls.h5: calibration of bulk_labels: quantiles fall' ref-map -m falls.h5 "$QUERY" -o m.h5ad
	fails 1 'code.h5: labels of bulk_labels: cell 0 has label 99' knn-transfer -m code.h5 "$BATS_FILE_TMPDIR/m.h5ad"
	fails 1 'texts.h5: /genes: texts of variable length' ref-map -m texts.h5 "$QUERY" -o m.h5ad
	[ ! -e m.h5ad ]
}
