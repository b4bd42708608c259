# h5-info: what is in an h5ad, and what is wrong with a bad one.

load helper

# edit FILE CODE: change an h5ad through h5py; 'f' is the file, 'h5py' and 'np' are there.
edit() { python -c "import h5py, numpy as np, sys
f = h5py.File(sys.argv[1], 'r+')
$2" "$1"; }

# bad PATTERN CODE: the golden file, so changed, is refused with one line that has the pattern.
bad() {
	cp "$GOLDEN/dialect_sk19_csr_plain.h5ad" bad.h5ad
	chmod u+w bad.h5ad
	edit bad.h5ad "$2"
	fails 1 "$1" h5-info -c obs -o out.tsv bad.h5ad && [ "$(wc -l <<<"$errors")" -eq 1 ] &&
		[ ! -e out.tsv ]
}

@test "the outline has every part with its shape and storage" {
	h5-info "$GOLDEN/dialect_sk19_csr_gzip.h5ad" >out
	grep -qxP 'file\tanndata\t60\t40\t0.8\+\t\t' out
	grep -qxP 'X\tcsr\t60\t40\tfloat32\t762\tgzip' out
	grep -qxP 'raw\tcsr\t60\t40\tfloat32\t762\tgzip' out
	grep -qxP 'layers/counts\tcsr\t60\t40\tint32\t762\tgzip' out
	grep -qxP 'obs\ttable\t60\t9\tindex\t\t' out
	grep -qxP 'obs/lab_na\tcolumn\t60\t\tcategory\t\t' out
	grep -qP '^obsm/X_umap\t' out
	grep -qP '^uns/note\t' out
	[ "$(awk -F '\t' '{print NF}' out | sort -u)" = 7 ]
}

@test "CSC, dense, doubles and lzf are told apart" {
	h5-info "$GOLDEN/dialect_sk15_csc_lzf.h5ad" | grep -qxP 'X\tcsc\t60\t40\tfloat32\t762\tlzf'
	h5-info "$GOLDEN/dialect_sk15_dense_int_plain.h5ad" | grep -qxP 'X\tdense\t60\t40\tint32\t2400\tnone'
	h5-info "$GOLDEN/dialect_sk12_csr64_plain.h5ad" | grep -qxP 'X\tcsr\t60\t40\tfloat64\t762\tnone'
}

@test "the oldest dialect reads: compound tables, raw.X, categories in uns" {
	h5-info "$GOLDEN/pbmc68k_reduced.h5ad" >out
	grep -qxP 'file\tanndata\t700\t765\t0.6\t\t' out
	grep -qxP 'raw\tcsr\t700\t765\tfloat32\t174400\tgzip' out
	h5-info -c obs -n 2 "$GOLDEN/pbmc68k_reduced.h5ad" |
		grep -qxP 'bulk_labels\tcategory\tno\t0\t10\t\t\tDendritic \(240\), CD14\+ Monocyte \(129\), ...'
}

@test "the columns of obs agree with an independent reader" {
	local file
	for file in "$GOLDEN"/kinds_*.h5ad "$GOLDEN"/dialect_sk*_dense_lzf.h5ad; do
		h5-info -c obs "$file" | tail -n +2 | cut -f 1,4,5 >ours
		probe obs "$file" | awk -F '\t' '
			NR == 1 { n = NF; for (i = 2; i <= n; i++) name[i] = $i; next }
			{ for (i = 2; i <= n; i++) if ($i == "") empty[i]++; else if (!seen[i, $i]++) distinct[i]++ }
			END { for (i = 2; i <= n; i++) printf "%s\t%d\t%d\n", name[i], empty[i], distinct[i] }' >theirs
		# An empty string is a value to us and nothing in a TSV.
		grep -v '^text' ours >a && grep -v '^text' theirs >b
		same a b || { echo "$file"; return 1; }
	done
}

@test "standard input, redirected and piped, and a fifo are like a file" {
	h5-info "$GOLDEN/dialect_sk15_csc_gzip.h5ad" >a
	h5-info <"$GOLDEN/dialect_sk15_csc_gzip.h5ad" >b
	cat "$GOLDEN/dialect_sk15_csc_gzip.h5ad" | h5-info - >c
	h5-info <(cat "$GOLDEN/dialect_sk15_csc_gzip.h5ad") >d
	same a b && same a c && same a d
}

@test "a gzipped file is like the file, by name and by pipe" {
	h5-info "$GOLDEN/dialect_sk15_csc_gzip.h5ad" >a
	gzip -c "$GOLDEN/dialect_sk15_csc_gzip.h5ad" >packed.h5ad.gz
	h5-info packed.h5ad.gz >b
	h5-info <packed.h5ad.gz >c
	cat packed.h5ad.gz | h5-info - >d
	same a b && same a c && same a d
}

@test "what is not an h5ad is said to be so" {
	fails 1 'nothing.h5ad: No such file' h5-info nothing.h5ad
	fails 1 'is a folder' h5-info .
	: >empty.h5ad
	fails 1 'empty.h5ad: the file is empty' h5-info empty.h5ad
	echo 'cell,gene' >table.h5ad
	fails 1 'is not HDF5' h5-info table.h5ad
	gzip -c "$GOLDEN/kinds_sk19.h5ad" >packed.h5ad
	head -c $(($(stat -c %s packed.h5ad) / 2)) packed.h5ad >cut.h5ad.gz
	fails 1 'cut.h5ad.gz: the gzip data is cut short' h5-info cut.h5ad.gz
	gzip -c packed.h5ad >twice.h5ad.gz
	fails 1 'gunzip' h5-info twice.h5ad.gz
	gzip -c table.h5ad >table.h5ad.gz
	fails 1 'is not HDF5' h5-info table.h5ad.gz
	python -c "import h5py; h5py.File('10x.h5', 'w').create_group('matrix')"
	fails 1 '10x file.*h5-import' h5-info 10x.h5
	python -c "import h5py; h5py.File('other.h5', 'w')['a'] = 1"
	fails 1 'it has no obs' h5-info other.h5
	cp "$GOLDEN/kinds_sk19.h5ad" locked.h5ad
	chmod 000 locked.h5ad
	[ "$(id -u)" -eq 0 ] || fails 1 'Permission denied' h5-info locked.h5ad
}

@test "a file cut short anywhere is one line and status 1" {
	local size n
	size=$(stat -c %s "$GOLDEN/kinds_sk15.h5ad")
	for n in 1 8 100 1000 $((size / 4)) $((size / 2)) $((size - 1)); do
		head -c "$n" "$GOLDEN/kinds_sk15.h5ad" >cut.h5ad
		fails 1 'cut.h5ad: ' h5-info -c obs cut.h5ad
		[ "$(wc -l <<<"$errors")" -eq 1 ]
	done
}

@test "what leads outside the file is refused by path" {
	bad '/uns/far: a link to another file' "f['uns/far'] = h5py.ExternalLink('other.h5', '/x')"
	bad '/uns/far: its data are in another file' \
		"f['uns'].create_dataset('far', (4,), 'i4', external=[('other.bin', 0, 16)])"
	bad '/uns/far: a virtual dataset' "l = h5py.VirtualLayout((4,), 'i4')
l[:] = h5py.VirtualSource('other.h5', 'x', (4,))
f['uns'].create_virtual_dataset('far', l)"
	bad '/uns/far: compressed with filter 32015.*plugin' "p = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
p.set_chunk((4,)); p.set_filter(32015, h5py.h5z.FLAG_OPTIONAL, (3,))
h5py.h5d.create(f['uns'].id, b'far', h5py.h5t.NATIVE_INT32, h5py.h5s.create_simple((4,)), p)"
}

@test "shapes that do not fit name both numbers" {
	bad 'X: has 61 cells, but obs has 60' "f['X'].attrs['shape'] = [61, 40]"
	bad 'X: has 39 genes, but var has 40' "f['X'].attrs['shape'] = [60, 39]"
	bad 'X: its shape is missing' "del f['X'].attrs['shape']"
	bad 'X/indptr: has 60 values instead of 61' "d = f['X/indptr'][:60]
del f['X/indptr']
f['X/indptr'] = d"
	bad 'X: data has 762 values, but indices has 700' "f['X/indices'].resize((700,))"
	bad 'X/indptr: begins with 3' "f['X/indptr'][0] = 3"
	bad 'X/indptr: ends with 9999, but 762' "f['X/indptr'][60] = 9999"
	bad 'obs/n: has 59 values, but the table has 60' "d = f['obs/n'][:59]
del f['obs/n']
f['obs/n'] = d"
	bad 'obs/n: there is no such object' "del f['obs/n']"
	bad 'raw/X: has 40 genes, but raw/var has 39' "d = f['raw/var/index'][:39]
for k in list(f['raw/var']): del f['raw/var'][k]
f['raw/var'].attrs['column-order'] = np.zeros(0)
f['raw/var/index'] = d"
}

@test "values that cannot be are named with their row" {
	bad 'lab_na/codes: row 7: category code 99, but there are 9' "f['obs/lab_na/codes'][7] = 99"
	bad 'lab_na/codes: row 8: category code -2' "f['obs/lab_na/codes'][8] = -2"
	bad "listed twice" "f['obs/lab_na/categories'][1] = f['obs/lab_na/categories'][0]"
	bad 'lab_na/codes: row 2: category code -1, but' "d = f['obs/lab_na/codes'][:].astype('u8')
d[2] = 2**64 - 1
del f['obs/lab_na/codes']
f['obs/lab_na/codes'] = d"
	bad 'obs/txt: row 1: the text is not UTF-8' "del f['obs/txt']
f['obs/txt'] = np.array([b'a', b'\\xff\\xfe'] * 30)"
	bad 'cannot be read' "del f['obs/n']
f['obs/n'] = np.zeros(60, 'c16')"
	bad 'claims [0-9]* bytes' "f['obs'].create_dataset('n2', (60,), 'i8')
del f['obs/n']
f['obs'].create_dataset('n', (10**12,), 'i8', chunks=(1000,))
del f['obs/index']
f['obs'].create_dataset('index', (10**12,), 'i8', chunks=(1000,))
f['obs'].attrs['column-order'] = ['n']
del f['X'], f['raw'], f['layers'], f['obsm']"
}

@test "sloppy but clear files are read: no attributes, fixed strings, X of None" {
	cp "$GOLDEN/dialect_sk19_csr_plain.h5ad" x.h5ad
	chmod u+w x.h5ad
	edit x.h5ad "del f['X']
f.create_dataset('X', data=h5py.Empty('f4')).attrs['encoding-type'] = 'null'
del f.attrs['encoding-type'], f['obs'].attrs['column-order'], f['obs'].attrs['_index']
del f['obs/lab_na'].attrs['encoding-type']
t = np.array([s.encode() for s in f['obs/txt'].asstr()[:]])
del f['obs/txt']
f['obs/txt'] = t"
	h5-info x.h5ad >out
	! grep -qP '^X\t' out || false
	grep -qxP 'obs/txt\tcolumn\t60\t\tstring\t\t' out
	grep -qxP 'obs/lab_na\tcolumn\t60\t\tcategory\t\t' out
	h5-info -c obs x.h5ad | grep -qP '^txt\tstring\tno\t0\t60\t'
	fails 1 'x.h5ad: has no X; there are: raw, layers/counts' norm-check --slot X x.h5ad
}

@test "chunks that were never written, and a shape that is given as floats" {
	cp "$GOLDEN/sample_counts.h5ad" odd.h5ad
	python - <<-'END'
		import h5py
		f = h5py.File("odd.h5ad", "a")
		shape = [int(n) for n in f["X"].attrs["shape"]]
		f["X"].attrs["shape"] = [float(n) for n in shape]
		holes = f.create_dataset("layers/holes", shape, "f4", chunks=(64, 64))
		holes[70:80, 3] = 2
		f["obsm"].create_dataset("unset", (shape[0], 4), "i4", chunks=(64, 4), fillvalue=7)[100] = 1
	END
	[ "$(norm-check --slot layers/holes odd.h5ad | tail -n 1 | cut -f4-6)" = "10	2	2" ]
	h5-obs get odd.h5ad | awk -F '\t' '{ print $1 "\t" (NR == 1 ? "mark" : "a") }' >table.tsv
	h5-obs put -q -f table.tsv odd.h5ad -o out.h5ad
	probe layers/holes odd.h5ad >want
	probe layers/holes out.h5ad >got
	same got want
	probe obsm/unset odd.h5ad >want
	probe obsm/unset out.h5ad >got
	same got want
}

@test "a tab in a name is an error, or a space on request" {
	cp "$GOLDEN/kinds_sk19.h5ad" tab.h5ad
	chmod u+w tab.h5ad
	edit tab.h5ad "f['uns/a\tb'] = 1"
	fails 1 'tab' h5-info tab.h5ad
	h5-info --sanitize tab.h5ad | grep -qP '^uns/a b\t'
}

@test "damage that HDF5 crashes on is one line and status 1" {
	# Single bytes of this file's metadata with which HDF5 1.10 crashes or loops are among these.
	local at crashed=0
	python - "$GOLDEN/kinds_sk12.h5ad" <<-'END'
	import sys
	whole = open(sys.argv[1], "rb").read()
	for at in range(800, 6001, 37):
	    open("hurt.%d.h5ad" % at, "wb").write(whole[:at] + b"\377" + whole[at + 1:])
	END
	for at in $(seq 800 37 6000); do
		run_split h5-info -c obs "hurt.$at.h5ad"
		[ "$status" -le 1 ] || { echo "byte $at: status $status"; return 1; }
		[ "$status" -eq 0 ] || [[ -n $errors && $errors != *$'\n'* ]] ||
			{ echo "byte $at: $errors"; return 1; }
		crashed=$((crashed + status))
	done
	[ "$crashed" -gt 0 ]
}

@test "a crash removes what is temporary, is one line and status 1" {
	local tries=0 status=0
	mkfifo pipe
	exec 7<>pipe
	h5-info pipe 2>said 7>&- &
	until [ -n "$(ls tmp)" ] || [ $((tries++)) -gt 100 ]; do sleep 0.1; done
	[ -n "$(ls tmp)" ]
	kill -SEGV $!
	wait $! || status=$?
	exec 7>&-
	if grep -q Sanitizer said; then # their builds report crashes in their own way
		[ "$status" -ne 0 ]
		rm tmp/*
		return
	fi
	[ "$status" -eq 1 ]
	[ "$(<said)" = 'h5-info: crashed (segmentation fault)' ]
	[ -z "$(ls tmp)" ]
}

@test "raw without a table of genes has those of X" {
	cp "$GOLDEN/norm_slots.h5ad" bare.h5ad
	python -c 'import h5py; f = h5py.File("bare.h5ad", "a"); del f["raw/var"]; del f["raw/X"]; f.copy("X", f["raw"], "X")'
	h5-info bare.h5ad >info
	norm-check --slot raw bare.h5ad | tail -n 1 | cut -f 13 | grep -qx log1p_10k
	h5-select -q --shard 1/2 bare.h5ad -o half.h5ad
	norm-check --slot raw half.h5ad >/dev/null
}

@test "a file that another program is writing is said to be that" {
	cp "$GOLDEN/kinds_sk19.h5ad" held.h5ad
	fails 1 'held.h5ad: another program is writing it' /usr/bin/python3 -c 'import h5py, subprocess, sys
with h5py.File("held.h5ad", "r+"):
    sys.exit(subprocess.run(["h5-info", "held.h5ad"]).returncode)'
}
