# rds-import: the R objects of tests/golden/rds, against what R says about them.

load helper

RDS=$GOLDEN/rds
truth() { python "$TESTS/probe/rds_truth.py" "$@"; }

make_rds() { python "$TESTS/probe/rds_make.py" "$@"; }

# h5 FILE CODE: run Python with the file open as f.
h5() { python -c "import sys, h5py
f = h5py.File(sys.argv[1])
$2" "$1"; }

# import NAME [OPTION...]: to out.h5ad
import() {
	local name=$1
	shift
	rds-import -q "$@" "$RDS/$name" -o out.h5ad
}

# The same object in every packing, encoding and version that R writes.
pbmc_small() { (cd "$RDS" && ls pbmc_small.*rds); }

@test "a Seurat object gives R's counts, data and meta data, however it was saved" {
	local name n=0
	for name in $(pbmc_small); do
		import "$name"
		truth matrices "$RDS/truth.tsv" "$name" RNA/counts out.h5ad X + \
			matrices "$RDS/truth.tsv" "$name" RNA/data out.h5ad layers/data + \
			columns "$RDS/truth_meta.tsv" "$name" out.h5ad
		n=$((n + 1))
	done
	[ "$n" -eq 7 ]
}

@test "the same object gives the same bytes however it was saved, and with any threads" {
	local name
	import pbmc_small.none.rds -t 1
	mv out.h5ad first.h5ad
	for name in pbmc_small.{rds,v2.rds,xz.rds,bz2.rds,le.rds}; do
		import "$name" -t 2
		same first.h5ad out.h5ad
	done
}

@test "every other Seurat object gives R's matrices and meta data" {
	local name
	for name in fresh_counts idents_chr meta_types meta_types.none meta_wrapped multi_assay normalized; do
		import "$name.rds" --slot data
		mv out.h5ad data.h5ad
		import "$name.rds"
		truth matrices "$RDS/truth.tsv" "$name.rds" RNA/counts out.h5ad X + \
			matrices "$RDS/truth.tsv" "$name.rds" RNA/data data.h5ad X + \
			columns "$RDS/truth_meta.tsv" "$name.rds" out.h5ad
	done
}

@test "a SingleCellExperiment gives R's assays and colData" {
	import sce.rds
	truth matrices "$RDS/truth.tsv" sce.rds counts out.h5ad X
	truth matrices "$RDS/truth.tsv" sce.rds logcounts out.h5ad layers/logcounts
	truth columns "$RDS/truth_meta.tsv" sce.rds out.h5ad
	import sce.rds --slot data
	truth matrices "$RDS/truth.tsv" sce.rds logcounts out.h5ad X
}

@test "matrices of every class give R's sums and names" {
	local name
	for name in counts.{dense,denseint,dgC,dgR,dgT,lgC}.rds names_enc.dgC.rds; do
		import "$name"
		truth matrices "$RDS/truth.tsv" "$name" '' out.h5ad X
	done
}

@test "the same counts give the same X whatever the class of the matrix" {
	local name
	import counts.dgC.rds
	mv out.h5ad first.h5ad
	for name in counts.{dense,dgR,dgT}.rds; do
		import "$name"
		same first.h5ad out.h5ad
	done
}

@test "a data frame becomes obs, with numbered cells when its rows have no names" {
	import metadata.df.rds
	truth columns "$RDS/truth_meta.tsv" metadata.df.rds out.h5ad
	run rds-import "$RDS/df_auto_rownames.rds" -o auto.h5ad
	[ "$status" -eq 0 ]
	grep -q 'no cell names' <<<"$output"
	truth columns "$RDS/truth_meta.tsv" df_auto_rownames.rds auto.h5ad
}

@test "--list shows lists, compact vectors and columns as R prints them" {
	local name
	for name in altrep.list.v2 zoo bigstring df_auto_rownames; do
		rds-import --list "$RDS/$name.rds" >list.tsv
		truth listing "$RDS/truth_meta.tsv" "$name.rds" list.tsv ''
	done
	for name in meta_types meta_wrapped idents_chr multi_assay; do
		rds-import --list "$RDS/$name.rds" >list.tsv
		truth listing "$RDS/truth_meta.tsv" "$name.rds" list.tsv meta.data/
	done
	rds-import --list "$RDS/sce.rds" >list.tsv
	truth listing "$RDS/truth_meta.tsv" sce.rds list.tsv colData/
}

@test "another assay is taken by name, with its own genes" {
	import multi_assay.rds --assay ADT
	truth matrices "$RDS/truth.tsv" multi_assay.rds ADT/counts out.h5ad X
	import multi_assay.rds --assay ADT --slot data
	truth matrices "$RDS/truth.tsv" multi_assay.rds ADT/data out.h5ad X
	truth columns "$RDS/truth_meta.tsv" multi_assay.rds out.h5ad
}

@test "reductions, identities and variable features come along" {
	import pbmc_small.rds
	run h5 out.h5ad 'print(f["obsm/X_pca"].shape, f["obsm/X_tsne"].shape, f["obs/ident"].attrs["encoding-type"], f["var/highly_variable"][:].sum())'
	[ "$output" = "(80, 19) (80, 2) categorical 20" ]
	import sce.rds
	run h5 out.h5ad 'print(f["obsm/X_pca"].shape)'
	[ "$output" = "(80, 2)" ]
}

@test "the layers of Seurat 5, whole or split by sample, give one matrix in the object's order" {
	local dense='import numpy as n; m = f["X"]; d = n.zeros(m.attrs["shape"]); p = m["indptr"][:]
for r in range(len(p) - 1): d[r, m["indices"][p[r]:p[r + 1]]] = m["data"][p[r]:p[r + 1]]
print(d.tolist(), f["obs/_index"][:].tolist(), f["obs/sample"][:].tolist(), f["obs/ident/codes"][:].tolist(), f["var/highly_variable"][:].tolist(), f["var/mean"][:].tolist())'
	make_rds seurat5 whole.rds
	rds-import whole.rds -o out.h5ad
	run h5 out.h5ad "$dense"
	echo "$output"
	[ "$output" = "[[1.0, 0.0, 2.0], [0.0, 3.0, 0.0], [5.0, 0.0, 6.0], [0.0, 0.0, 7.0]] [b'a1', b'a2', b'b1', b'b2'] [b'a', b'a', b'b', b'b'] [0, 0, 1, -1] [True, False, True] [0.5, 1.5, 2.5]" ]
	make_rds seurat5-split split.rds
	rds-import split.rds -o split.h5ad
	run_split h5 split.h5ad "$dense"
	[ "$output" = "$(h5 out.h5ad "$dense")" ]
	run h5 out.h5ad 'print(list(f["layers"]), f["layers/data/data"][:].tolist())'
	[ "$output" = "['data'] [0.5, 1.0, 1.5, 2.5, 3.0, 3.5]" ]
}

@test "rare columns: run lengths, 64-bit integers, an NA level, times, a slash; lists are named" {
	make_rds columns in.rds
	run_split rds-import in.rds -o out.h5ad
	grep -q 'left out of obs, not plain columns: list' <<<"$errors"
	run h5 out.h5ad 'o = f["obs"]; print(o["rle/codes"][:].tolist(), o["integer64/values"][0], o["integer64/mask"][:].tolist(), o["na_level/codes"][:].tolist(), o["na_level/categories"][:].tolist(), o["a_b"][:].tolist(), o["when"][:].tolist())'
	echo "$output"
	[ "$output" = "[0, 1, 1] 1152921504606846977 [False, True, False] [0, -1, 1] [b'p', b'q'] [1, 2, 3] [b'1970-01-01 00:00:00.25', b'1969-12-31 23:59:59', b'2000-02-29 00:00:00']" ]
}

@test "unsorted rows of a column are sorted; a pipe works like a file" {
	make_rds matrix sorted.rds
	make_rds unsorted unsorted.rds
	rds-import -q sorted.rds >sorted.h5ad
	rds-import -q <unsorted.rds >unsorted.h5ad
	same sorted.h5ad unsorted.h5ad
	gzip -c sorted.rds | rds-import -q - -o gz.h5ad
	same sorted.h5ad gz.h5ad
}

@test "--no-layers leaves X alone, and the manifest says what was taken" {
	import normalized.rds --no-layers --manifest m.json
	run h5 out.h5ad 'print("layers" in f and list(f["layers"]))'
	[ "$output" = False ] || [ "$output" = "[]" ]
	grep -q '"Seurat 4.1.3"' m.json
	grep -q '"RNA"' m.json
}

@test "an unknown assay or slot fails and lists those there are" {
	fails 1 "no assay 'XX'; there are: RNA, ADT" rds-import --assay XX "$RDS/multi_assay.rds" -o out.h5ad
	fails 1 "no matrix 'XX'; there are: counts, data" rds-import --slot XX "$RDS/multi_assay.rds" -o out.h5ad
	fails 1 "no matrix 'XX'; there are: counts, logcounts" rds-import --slot XX "$RDS/sce.rds" -o out.h5ad
	fails 1 'no assays to choose from' rds-import --assay RNA "$RDS/counts.dgC.rds" -o out.h5ad
	[ ! -e out.h5ad ]
}

@test "what is not an RDS file is told apart, with what to do" {
	fails 1 'RData.*saveRDS' rds-import "$RDS/pbmc_small.rda"
	gunzip -c <"$RDS/pbmc_small.rda" >plain.rda
	fails 1 'RData.*saveRDS' rds-import plain.rda
	fails 1 'HDF5' rds-import "$GOLDEN/sample_counts.h5ad"
	echo '<!DOCTYPE html>' >page.rds
	fails 1 'web page' rds-import page.rds
	: >empty.rds
	fails 1 'empty' rds-import empty.rds
	printf '\x28\xb5\x2f\xfd1234' >z.rds
	fails 1 'zstd' rds-import z.rds
	echo hello >text.rds
	fails 1 'not an RDS file' rds-import text.rds
	fails 1 'missing.rds' rds-import missing.rds
	fails 1 'list of other things: a, b' rds-import "$RDS/zoo.rds"
}

@test "objects that cannot be imported say what to do in R" {
	make_rds delayed in.rds
	fails 1 'DelayedMatrix keeps its values in another file.*dgCMatrix' rds-import in.rds
	make_rds unknown-matrix in.rds
	fails 1 'dsCMatrix is not understood.*CsparseMatrix' rds-import in.rds
	make_rds seurat2 in.rds
	fails 1 'UpdateSeuratObject' rds-import in.rds
}

@test "damaged matrices fail and say where" {
	local kind
	while IFS=$'\t' read -r kind message; do
		make_rds "$kind" in.rds
		fails 1 "$message" rds-import in.rds -o out.h5ad
		[ ! -e out.h5ad ]
	done <<-'TABLE'
		twice	cell 1: gene 3 stands twice
		infinite	cell 1: gene 3: the value is inf
		bad-index	index 3, but there are 3
		bad-starts	slot p falls from 4 to 3
		bad-reference	reference 7, but there are 0
		bad-type	unknown type 77
		version4	version 4, but there are 2 and 3
	TABLE
}

@test "false lengths fail at once, packed or not, and take no memory" {
	local kind name
	for kind in huge-{ints,doubles,strings,list,text,sequence,matrix}; do
		make_rds "$kind" in.rds
		gzip -c in.rds >in.gz
		xz -c in.rds >in.xz
		for name in in.rds in.gz in.xz; do
			fails 1 'damaged|cut short' /usr/bin/time -f %M -o peak.txt "$BIN/rds-import" "$name"
			[ "$(tail -n 1 peak.txt)" -lt 250000 ] || { echo "$kind $name: $(<peak.txt) kB"; return 1; }
		done
	done
	gzip -dc "$GOLDEN/rds/se_ranges.rds" >in.rds # of 6 genes and 5 cells, one byte of whose sizes is another
	/usr/bin/python3 -c 'b = bytearray(open("in.rds", "rb").read())
b[b.index(bytes([0, 0, 0, 2, 0, 0, 0, 6, 0, 0, 0, 5])) + 9] = 0x80
open("in.rds", "wb").write(b)'
	fails 1 'slot p has 6 starts for 8388613 columns' /usr/bin/time -f %M -o peak.txt "$BIN/rds-import" in.rds
	[ "$(tail -n 1 peak.txt)" -lt 100000 ]
}

@test "values nested 100,000 deep are read; millions deep are refused" {
	local kind
	for kind in deep deep-pairs deep-calls; do
		make_rds "$kind" in.rds 100000
		rds-import --list in.rds >list.tsv
		[ "$(wc -l <list.tsv)" -eq 2 ]
		make_rds "$kind" in.rds 3000000
		fails 1 'nested more than a million deep' rds-import --list in.rds
	done
	make_rds long-pairs in.rds 300000
	rds-import --list in.rds >list.tsv
}

@test "a file cut anywhere fails in one line and leaves nothing" {
	local i size
	for name in pbmc_small.rds meta_types.none.rds; do
		size=$(stat -c %s "$RDS/$name")
		for i in $(seq 0 49); do
			head -c $((size * i / 50)) "$RDS/$name" >cut.rds
			fails 1 'cut short|empty|damaged|not an RDS' rds-import cut.rds -o out.h5ad
			[ "$(wc -l <<<"$errors")" -eq 1 ]
			[ ! -e out.h5ad ]
		done
	done
}

@test "a flipped byte of packed data is caught by its checksum" {
	local name
	for name in pbmc_small.rds pbmc_small.xz.rds pbmc_small.bz2.rds; do
		cp "$RDS/$name" bad.rds
		printf '\377\000\377' | dd of=bad.rds bs=1 seek=30000 conv=notrunc status=none
		fails 1 'damaged|unknown|cut short' rds-import bad.rds -o out.h5ad
		[ ! -e out.h5ad ]
	done
}

@test "a full disk fails" {
	run sh -c "rds-import -q '$RDS/sce.rds' >/dev/full"
	[ "$status" -eq 1 ]
	run sh -c "rds-import --list '$RDS/sce.rds' >/dev/full"
	[ "$status" -eq 1 ]
}

@test "Bioconductor objects bring rowData, run-length columns and names from their ranges" {
	import sce_rowdata.rds
	run h5 out.h5ad 'print(f["var/Symbol"][:3].tolist(), f["var/n"][:].tolist(), f["obs/batch/codes"][:].tolist(), f["obs/d"][0], [round(float(v), 1) for v in f["obsm/X_umap"][0]], f["X/data"][:].sum())'
	echo "$output"
	[ "$output" = "[b'a', b'b', b'c'] [1, 1, 2, 2, 2, 2] [0, 0, 1, 1, 1] 1.5 [0.1, 0.6] 52.0" ]
	import se_ranges.rds
	run h5 out.h5ad 'print(f["var/_index"][:2].tolist(), f["obs/_index"][:2].tolist(), f["var/biotype"][0], f["X/data"][:].sum())'
	echo "$output"
	[ "$output" = "[b'G1', b'G2'] [b'cell_1', b'cell_2'] b'pc' 52.0" ]
	rds-import --list "$RDS/sce_rowdata.rds" | grep -P '^colData/batch\tRle\t5\t'
	rds-import --list "$RDS/sce_rowdata.rds" | grep -P '^colData/d\tnumeric\t5\t\t\t1\t1.5\|NA\|3\|4\|5$'
}

@test "files of Seurat 5 itself: whole, split by sample, merged from other genes" {
	import seurat5.rds
	truth matrices "$RDS/truth5.tsv" seurat5.rds counts out.h5ad X + \
		matrices "$RDS/truth5.tsv" seurat5.rds data out.h5ad layers/data
	run h5 out.h5ad 'print(f["var/highly_variable"][:].nonzero()[0].tolist(), f["obs/ident/categories"][:].tolist(), f["obs/ident/codes"][:5].tolist(), f["obs/site"][:3].tolist())'
	echo "$output"
	[ "$output" = "[1, 4, 8] [b'T', b'B'] [0, -1, 1, -1, -1] [b'blood', b'gut', b'blood']" ]
	mv out.h5ad whole.h5ad
	import seurat5_split.rds
	truth matrices "$RDS/truth5.tsv" seurat5_split.rds counts out.h5ad X + \
		matrices "$RDS/truth5.tsv" seurat5_split.rds data out.h5ad layers/data
	run h5 out.h5ad 'g = h5py.File("whole.h5ad"); print([(f[k][:] == g[k][:]).all() for k in ("X/data", "X/indices", "X/indptr", "layers/data/data")])'
	[ "$output" = "[True, True, True, True]" ]
	import seurat5_union.rds
	truth matrices "$RDS/truth5.tsv" seurat5_union.rds counts out.h5ad X
	h5 out.h5ad 'import numpy; p = f["X/indptr"][:]
for i, name in enumerate(f["obs/_index"][:]): print(name.decode(), "%g" % f["X/data"][p[i]:p[i + 1]].sum(), sep="\t")' >sums.tsv
	same sums.tsv "$RDS/seurat5_union.sums.tsv"
}
