load helper
load spoilt
# What the filters of matrices refuse to do, where they cannot write, and what a system that fails makes of them.

@test "a command line that asks for what there is not" {
	base in.h5ad
	fails 2 'there is no option --colums \(did you mean --columns\?\)' h5-info --colums obs in.h5ad
	fails 2 'there is no option -X' h5-info -X in.h5ad
	fails 2 '--columns needs a value' h5-info in.h5ad --columns
	fails 2 '--quiet takes no value' h5-info --quiet=1 in.h5ad
	fails 2 '-o needs a value: ' h5-info in.h5ad -o
	fails 2 'b: one input too many' h5-info a b
	fails 2 'what to do\?' lr-model
	fails 2 '--gmt, or --terms and --annotations' go-enrich --gmt x --terms y in.tsv -o out.tsv
	fails 2 '--min-size is above --max-size' go-enrich --min-size 9 --max-size 8 in.tsv -o out.tsv
	fails 2 '--transpose says rows are genes' h5-import --transpose --rows cells in.csv -o out.h5ad
	fails 2 '--doublet-rate is a share' h5-qc --doublet-rate 2 in.h5ad -o out.tsv
	fails 2 '--missing needs --genes' h5-select --missing out.tsv in.h5ad -o out.h5ad
	fails 2 '--cap 0 is not above 0' h5-subsample --mode cap --cap 0 in.h5ad -o out.h5ad
	fails 2 '--floor -2 is below 0' h5-subsample -n 2 --floor -2 in.h5ad -o out.h5ad
	fails 2 '--rounds is at most 100000' layout --rounds 100001 in.h5ad -o out.h5ad
	fails 1 'in.h5ad: no column .none.' h5-subsample -n 2 -l none in.h5ad -o out.h5ad
	fails 1 'refs/genes/.*: not there \(PIPETTE_DATA is ' env PIPETTE_DATA=nowhere gene-normalize in.h5ad -o out.h5ad
	fails 1 'in.h5ad: no column is known to have cell types; there are: n, x' h5-subsample -n 2 -l auto in.h5ad -o out.h5ad
	cp "$BIN/gene-normalize" .
	fails 1 'refs/genes/.*: not found near .* \(set PIPETTE_DATA' env -u PIPETTE_DATA ./gene-normalize in.h5ad -o out.h5ad
	rm gene-normalize
	fails 2 '--where x: should be COLUMN=VALUE' h5-select --where x in.h5ad -o out.h5ad
	[ ! -e out.h5ad ] && [ ! -e out.tsv ]
}

@test "a table whose columns cannot be taken over" {
	base in.h5ad
	printf 'cell\ta\tb\nc1\t1\t2\n' >t.tsv
	local put=(h5-obs put -f t.tsv in.h5ad -o out.h5ad)
	fails 1 "--map: 'a' is not OLD=NEW" "${put[@]}" --map a
	fails 1 "--map: 'cell' is the column that rows are found by" "${put[@]}" --map cell=x
	fails 1 't.tsv: no column is left to add' "${put[@]}" --drop
	fails 1 "t.tsv: 'x/y' cannot be the name of a column" "${put[@]}" --map a=x/y
	fails 1 "t.tsv: two columns would be named 'b'" "${put[@]}" --map a=b
	fails 1 'preset decides names itself' "${put[@]}" --map a=b --preset pipette
	[ ! -e out.h5ad ]
}

@test "matrices that are too small, empty or far out" {
	base in.h5ad
	python - <<-'END'
	import h5py, numpy as np
	with h5py.File("in.h5ad", "r+") as f:
	    far = f["obs"].create_dataset("far", data=[-1.7e308, 1.7e308, 0, 0])
	    f["obs"].attrs["column-order"] = np.append(f["obs"].attrs["column-order"], "far")
	    f["obsm/X_three"], f["obsm/X_umap"] = np.arange(12.).reshape(4, 3), np.arange(8.).reshape(4, 2)
	    f["obsm/X_three"].attrs["encoding-type"] = f["obsm/X_umap"].attrs["encoding-type"] = "array"
	    f["obsm/X_three"].attrs["encoding-version"] = f["obsm/X_umap"].attrs["encoding-version"] = "0.2.0"
	with open("flat.csv", "w") as f:
	    f.write(",A,B,C\n" + "".join(f"c{i},1,1,1\n" for i in range(60)))
	END
	h5-import -q flat.csv -o flat.h5ad
	fails 1 'flat.h5ad: 0 genes vary in 5 cells or more' knn-graph --as log1p flat.h5ad -o out.h5ad
	fails 2 'neighbors 2 or more' knn-graph --neighbors 1 --use X_p in.h5ad -o out.h5ad
	fails 1 '15 neighbours among 4 cells cannot be found' layout --onto in.h5ad --use X_p in.h5ad -o out.h5ad
	fails 1 'not one space' layout --onto in.h5ad --use X_p --onto-use X_three -k 2 in.h5ad -o out.h5ad
	fails 1 'in.h5ad: obs column t is not numbers' knn-graph --use X_p --neighbors 2 --spatial obs:t,x --radius 1:1 in.h5ad -o out.h5ad
	fails 1 'row 0 holds -1.7e.308' knn-graph --use X_p --neighbors 2 --spatial obs:far,x --radius 1:1 in.h5ad -o out.h5ad
	printf 'a set\n' >sets.gmt
	printf 'list\tgene\na\tCD3D\n' >lists.tsv
	fails 1 'sets.gmt: line 1: a set has a name of its own' go-enrich --gmt sets.gmt --background lists.tsv lists.tsv -o out.tsv
	printf '%%%%MatrixMarket matrix coordinate integer general\n0 0 0\n' >none.mtx
	: >none.genes
	: >none.cells
	fails 1 'none.mtx: 0 cells and 0 genes: nothing to import' h5-import --genes none.genes --cells none.cells none.mtx -o out.h5ad
	{ printf '['; head -c 68000000 /dev/zero | tr '\0' '\n'; } >large.json
	fails 1 'large.json: larger than 64 MiB' h5-select -g large.json in.h5ad -o out.h5ad
	rm large.json
	python - <<-'END'
	import h5py, numpy as np
	with h5py.File("in.h5ad", "r+") as f:
	    del f["var/_index"]
	    f["var"].create_dataset("_index", data=np.array([], "S1"))
	    for name in "X", "layers", "raw", "varm", "varp":
	        del f[name]
	END
	fails 1 'in.h5ad: there is no gene in this file' h5-select -g in.h5ad flat.h5ad -o out.h5ad
	[ ! -e out.h5ad ]
}

@test "more groups than a record has room for" {
	python - <<-'END'
	with open("m.csv", "w") as f, open("g.tsv", "w") as g:
	    f.write(",A,B\n" + "".join(f"c{i},{i % 3},1\n" for i in range(2900)))
	    g.write("cell\tcluster\n" + "".join(f"c{i}\tg{i // 2}\n" for i in range(2900)))
	END
	h5-import -q m.csv -o m.h5ad
	fails 1 'out.h5ad: uns/rank_genes_groups.*: 1450 groups do not fit a structured array .1400 do.' markers -c g.tsv --method t-test --accept counts --uns out.h5ad m.h5ad -o out.tsv
	[ ! -e out.h5ad ]
}

@test "files that are of another kind, or busy" {
	base in.h5ad
	printf 'PK\3\4 and so on' >in.zip
	python - <<-'END'
	import h5py
	with h5py.File("m.h5", "w") as f:
	    f.attrs["format"], f.attrs["format_version"] = "pipette-vae", 99
	END
	fails 1 'm.h5: model format 99: this program reads ' vae-model info m.h5 -o out.tsv
	fails 1 'in.zip: is a zip archive, not an h5ad file' h5-info in.zip -o out.tsv
	fails 1 'in.h5ad: another program is writing it' flock in.h5ad h5-info in.h5ad -o out.tsv
	python - <<-'END'
	import os, pty, subprocess
	_, terminal = pty.openpty()
	with open("said", "wb") as said:
	    subprocess.run(["h5-info", "-", "-o", "out.tsv"], stdin=terminal, stderr=said)
	    subprocess.run(["lognorm", "in.h5ad"], stdout=terminal, stderr=said)
	END
	cat said
	grep -q '^h5-info: stdin is a terminal, and an h5ad file is binary' said
	grep -q '^lognorm: stdout is a terminal and this is binary data' said
	[ ! -e out.tsv ]
}

@test "no place to write to" {
	base in.h5ad
	printf 'cell\tcluster\nc1\ta\nc2\ta\nc3\ta\nc4\ta\n' >one.tsv
	fails 1 'nowhere/o.tsv: cannot write here: No such file' norm-check in.h5ad -o nowhere/o.tsv
	fails 1 'nowhere/o.tsv: cannot write here' overcluster in.h5ad -o nowhere/o.tsv
	fails 1 'nowhere/o.tsv: cannot write here' markers --few pass -c one.tsv in.h5ad -o nowhere/o.tsv
	fails 1 'nowhere/o.h5ad: cannot write here' knn-graph --few pass in.h5ad -o nowhere/o.h5ad
	fails 1 'nowhere/m.json: cannot write here' h5-info --manifest nowhere/m.json in.h5ad -o out.tsv
	printf ',A,B\nc1,-0.5,0.25\nc2,0.3,-0.1\n' >scaled.csv
	h5-import -q scaled.csv -o scaled.h5ad
	fails 1 'nowhere/o.tsv: cannot write here' h5-qc --skip-unfit scaled.h5ad -o nowhere/o.tsv
	fails 1 'nowhere/o.tsv: cannot write here' lr-model genes "$GOLDEN/lr.sk15.pkl" -o nowhere/o.tsv
	fails 1 '/dev/full: No space left on device' lr-model genes "$GOLDEN/lr.sk15.pkl" -o /dev/full
	python -c 'import socket; socket.socket(socket.AF_UNIX).bind("socket")'
	fails 1 'socket: No such device' norm-check in.h5ad -o socket
	local command
	for command in 'norm-check in.h5ad' 'knn-graph --few pass in.h5ad' 'gene-normalize in.h5ad' 'h5-select in.h5ad' \
		'lognorm --as counts --slot X in.h5ad' 'lognorm --accept counts in.h5ad'; do
		# shellcheck disable=SC2086
		fails 1 '/dev/full: No space left on device' $command -o /dev/full
	done
	gzip -k in.h5ad
	watched threads || fails 1 'in.h5ad.gz: no room for a temporary copy .set TMPDIR.' bash -c 'ulimit -f 8; exec h5-info in.h5ad.gz'
	fails 1 'nowhere/pipette.spool.*: no place for a temporary file' env TMPDIR=nowhere h5-info in.h5ad.gz
	watched threads || fails 1 'in.h5ad: Too many open files' bash -c '
		for fd in /proc/self/fd/*; do [ "${fd##*/}" -le 2 ] || eval "exec ${fd##*/}>&-"; done
		ulimit -n 5
		exec h5-info in.h5ad'
}

# told PATTERN N WORDS COMMAND...: of the command's first N calls that PATTERN (-c read -d EIO) harms, one at
# least is told with the words, and none leaves an output, or anything but an error of one line.
told() {
	local how=$1 n=$2 words=$3 found=0 i
	shift 3
	for i in $(seq "$n"); do
		# shellcheck disable=SC2086
		run_split "$FAULT" $how -n "$i" "$@"
		echo "$*, $how $i: $status $errors"
		[ "$status" -le 1 ]
		[ "$status" -eq 0 ] || [ ! -e out.h5ad ]
		! grep -qE "$words" <<<"$errors" || found=$((found + 1))
		rm -f out.*
	done
	[ $found -gt 0 ]
}

@test "a system that fails" {
	[ -x "$FAULT" ] || skip "$FAULTLESS"
	export ASAN_OPTIONS=detect_leaks=0 # of who is watched, leaks cannot be looked for
	base in.h5ad
	gzip -k in.h5ad
	printf 'cell\tlabel\tconfidence\nc1\tT\t1\n' >in.tsv
	told '-c read -d EIO' 4 'in.h5ad.gz: Input/output error' h5-info -q in.h5ad.gz -o out.tsv
	told '-c read -d EIO' 3 'in.h5ad: Input/output error' h5-info -q in.h5ad -o out.tsv
	told '-c read -d EIO' 5 'in.tsv: Input/output error' gate -q --manifest out.json in.tsv -o out.tsv
	told '-c open -d EACCES' 5 'out.h5ad: cannot be copied: Permission denied' lognorm -q --accept counts in.h5ad -o out.h5ad
	told '-c cut -d EIO' 3 'out.h5ad: cannot be completed: Input/output error' lognorm -q --accept counts in.h5ad -o out.h5ad
	told '-c rename -d EIO' 1 'out.h5ad: Input/output error' lognorm -q --accept counts in.h5ad -o out.h5ad
	told '-c sync -d EIO' 2 'out.h5ad: Input/output error' lognorm -q --accept counts in.h5ad -o out.h5ad
}
