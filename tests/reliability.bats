#!/usr/bin/env bats
# What the reliability table found, a case each; the table itself is `make reliability`.
load helper

MEMORY=$BUILD/reliability/memory.so

setup() {
	[ -x "$FAULT" ] || watched threads || skip "fault is for x86-64"
	case $BIN in */san/bin) skip "sanitizers have their own malloc" ;; esac
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir tmp
	export TMPDIR=$PWD/tmp OPENBLAS_NUM_THREADS=1
	printf 'cell\tlabel\tconfidence\nc1\tB cell\t0.9\nc2\tT cell\t0.8\n' >calls.tsv
}

left() { find . -name '.*.??????' | wc -l; }

# faulty, measured: the first line of a case that lets calls fail or counts memory or seconds, neither
# of which is asked of a filter under a sanitizer.
faulty() { ! watched || skip "sanitizers have calls and a malloc of their own"; }
measured() { ! watched || skip "sanitizers take memory and time of their own"; }

# within SECONDS COMMAND...: of processor time; a busy machine takes longer.
within() (
	ulimit -t "$1"
	shift
	exec "$@"
)

@test "what a killed run left, the next one of the same target removes, and nothing else" {
	faulty
	echo old >out.tsv
	run "$FAULT" -c sync -n 1 -d kill gate -q calls.tsv -o out.tsv
	[ "$status" -eq 137 ]
	[ "$(<out.tsv)" = old ]
	[ "$(left)" -eq 1 ]
	touch .out.tsv.backup .out.tsv.pipette.mine .other.tsv.pipette.AbCdEf out.tsv.pipette.AbCdEf
	gate -q calls.tsv -o out.tsv
	grep -q 'B cell' out.tsv
	[ "$(find . -name '*.??????' | sort | paste -sd ' ')" = \
		'./.other.tsv.pipette.AbCdEf ./.out.tsv.backup ./out.tsv.pipette.AbCdEf' ]
	rm -f .out.tsv.* .other.*
}

@test "a run that is still writing keeps its temporary when another writes the same target" {
	mkfifo slow
	gate -q slow -o out.tsv &
	local first=$!
	exec 9>slow
	head -n 1 calls.tsv >&9
	seq -f $'c%.0f\tB cell\t0.9' 20000 >&9 # more than it reads at once
	for _ in $(seq 200); do [ "$(left)" -eq 1 ] && break; sleep 0.02; done
	gate -q calls.tsv -o out.tsv
	[ "$(left)" -eq 1 ]
	printf 'late\tNK\t0.7\n' >&9
	exec 9>&-
	wait $first
	grep -q late out.tsv
}

@test "no memory for a block of output is one line" {
	faulty
	GOLDEN=$GOLDEN PIPETTE_BUILD=$BUILD python - "$TESTS/reliability" <<-'END'
	import os, re, sys
	sys.path.insert(0, sys.argv[1])
	import trials
	trials.IN = os.environ["GOLDEN"]
	desk = trials.Desk(os.getcwd())
	run = trials.Run("lognorm", ["out.h5ad"], "lognorm -q @/norm_counts.h5ad -o out.h5ad")
	wrong, ended = [], 0
	with trials.Server(run, desk, trials.MEMORY) as server:
	    whole = server.go("own 0")
	    assert whole.status == 0, whole.text
	    calls = server.count
	    for n in range(1, calls + 1, 3):
	        said = server.go("own %d" % n)
	        ended += said.status != 0
	        if said.status not in (0, 1) or said.status == 1 and not re.search(r"out of memory \(|no memory", said.text):
	            wrong.append("%d: %d %s" % (n, said.status, said.text))
	desk.gone()
	print("%d calls: %d that failed ended the run" % (calls, ended), *wrong, sep="\n")
	assert not wrong and calls > 100 and ended > calls / 6
	END
}

@test "HDF5's own way out is told and has status 1" {
	faulty
	local n status_255=0 told=0
	for n in $(seq 4600 4 4720); do
		run_split env LD_PRELOAD="$MEMORY" PIPETTE_MEMORY="$n" PIPETTE_MEMORY_OF=all h5-info --columns obs "$GOLDEN/kinds_sk19.h5ad" -o out.tsv
		[ "$status" -ne 255 ] || status_255=1
		grep -q 'gave up' <<<"$errors" && told=$((told + 1))
	done
	[ "$status_255" = 0 ]
	[ "$told" -gt 0 ]
}

@test "every call that can fail, fails once: the target is old or right, nothing is left" {
	faulty
	gate -q calls.tsv -o good.tsv
	local n
	for n in $(seq 1 12); do
		echo old >out.tsv
		run "$FAULT" -c fault -n "$n" -d ENOSPC gate -q calls.tsv -o out.tsv
		if [ "$status" = 0 ]; then cmp out.tsv good.tsv; else [ "$(<out.tsv)" = old ] || cmp out.tsv good.tsv; fi
		[ "$(left)" -eq 0 ]
	done
}

@test "no control character of a file gets to the terminal" {
	printf 'cell\tlabel\tconfidence\nc1\t\x1b]0;owned\x07\t0.9\nc2\t\xc2\x9b31mT\t0.8\n' >calls.tsv
	printf 'cell\tcluster\nc1\t1\nc2\t1\n' >clusters.tsv
	vote -c clusters.tsv calls.tsv -o out.tsv 2>said
	grep -q lost said
	run grep -qP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]' said
	[ "$status" = 1 ]
	report -q calls.tsv -o page.html
	run grep -qP '\x1b|\xc2[\x80-\x9f]' page.html
	[ "$status" = 1 ]
}

@test "an archive with two entries of one name is refused" {
	needs vae-model
	python -W ignore - "$GOLDEN/vae/scvi_flat.query2.pt" <<-'END'
	import sys, zipfile
	old, new = zipfile.ZipFile(sys.argv[1]), zipfile.ZipFile("two.pt", "w")
	for i in old.infolist(): new.writestr(i, old.read(i))
	new.writestr(next(n for n in old.namelist() if n.endswith("data.pkl")), b"cos\nsystem\n(S'touch MARK'\ntR.")
	new.close()
	END
	fails 1 'two.pt: the archive holds .*data.pkl twice: refused' vae-model info two.pt
	rm two.pt
}

@test "a column that is asked for and there twice is refused; others may be" {
	printf 'cell\tlabel\tlabel\tconfidence\nc1\tB\tT\t0.9\n' >two.tsv
	fails 1 'two.tsv: has 2 columns label' gate -q two.tsv -o out.tsv
	printf 'cell\tlabel\tnote\tnote\tconfidence\nc1\tB\tx\ty\t0.9\n' >other.tsv
	gate -q other.tsv -o out.tsv
}

@test "groups that hold themselves, or lie very deep, are told and not followed" {
	local how
	for how in 'f["uns/again"] = f["uns"]' 'f["uns/again"] = h5py.SoftLink("/uns")' \
		'f.create_group("uns/" + "/".join("x" * 3000))'; do
		cp "$GOLDEN/kinds_sk19.h5ad" a.h5ad
		python -c "import h5py; f = h5py.File('a.h5ad', 'a'); f.require_group('uns'); $how"
		fails 1 'a.h5ad: .*groups lie more than 100 deep' h5-select -q --cells <(h5-obs get -q a.h5ad 2>&1 | cut -f 1) a.h5ad -o out.h5ad
	done
}

@test "groups that hold groups, each twice, 40 deep, are not copied 2^40 times; sharing as such is no fault" {
	# shared DEPTH: uns/g0 holds a and b, which are one group, which holds a and b, ...
	shared() {
		cp "$GOLDEN/kinds_sk19.h5ad" a.h5ad
		python - "$1" "$2" <<-'END'
		import h5py, sys
		f = h5py.File("a.h5ad", "a")
		top = g = f.require_group("uns").create_group("g0")
		for i in range(int(sys.argv[1])):
		    below = g.create_group("a")
		    g["b"] = below if sys.argv[2] == "hard" else h5py.SoftLink(below.name)
		    g = below
		g["value"] = 1
		END
	}
	h5-obs get -q "$GOLDEN/kinds_sk19.h5ad" | cut -f 1 >cells
	local how
	for how in hard soft; do
		shared 40 $how
		fails 1 'a.h5ad: .*groups are held by so many others' within 10 h5-select -q --cells cells a.h5ad -o out.h5ad
		shared 6 $how
		h5-select -q --cells cells a.h5ad -o out.h5ad
		python -c 'import h5py; assert h5py.File("out.h5ad")["uns/g0/" + "b/a/" * 3 + "value"][()] == 1'
		rm a.h5ad out.h5ad
	done
}

@test "a text of an attribute that says it has 800 MB is not made room for" {
	measured
	cp "$GOLDEN/kinds_sk19.h5ad" a.h5ad
	python - <<-'END'
	import re, struct
	bytes_ = open("a.h5ad", "rb").read()
	heaps = {m.start() for m in re.finditer(b"GCOL", bytes_)}
	at = [m.start() for m in re.finditer(b"encoding-type\0", bytes_)]
	spoilt, n = bytearray(bytes_), 0
	for name in at:  # its value: a length, where the heap is, which text of it
	    for i in range(name, name + 100):
	        length, heap = struct.unpack_from("<IQ", bytes_, i)
	        if heap in heaps and 0 < length < 100:
	            spoilt[i:i + 4], n = struct.pack("<I", 0x30000000), n + 1
	            break
	assert n > 5, n
	open("a.h5ad", "wb").write(spoilt)
	END
	h5-obs get -q "$GOLDEN/kinds_sk19.h5ad" | cut -f 1 >cells
	local peak
	for filter in "h5-info -c obs" "h5-select -q --cells cells"; do
		# shellcheck disable=SC2086
		run /usr/bin/time -f %M -o peak $filter a.h5ad -o out
		[ "$status" = 1 ]
		grep -q 'a.h5ad' <<<"$output"
		peak=$(tail -n 1 peak)
		[ "$peak" -lt 300000 ] || { echo "$filter: $peak KB"; return 1; }
	done
}

@test "texts of characters of a gigabyte each, and a flag that is one of 33,000 words, are not believed" {
	measured
	python - "$GOLDEN/kinds_sk19.h5ad" <<-'END'
	import re, sys
	bytes_ = open(sys.argv[1], "rb").read()
	def spoil(name, pattern, offset, byte):
	    found = [m.start() for m in re.finditer(pattern, bytes_, re.S)]
	    for k, at in enumerate(found[::3] if len(found) > 50 else found):
	        spoilt = bytearray(bytes_)
	        spoilt[at + offset] = byte
	        open("%s%d.h5ad" % (name, k), "wb").write(spoilt)
	    assert len(found) > 5, found
	# a text of any length is a sequence (class 9) of texts (class 3) of one byte: here of 2^30
	spoil("text", rb"\x19\x01.\x00\x10\x00\x00\x00[\x10-\x13]...\x01\x00\x00\x00", 15, 0x40)
	# an enumeration (class 8) of two words: here of 2 + 2^15
	spoil("flag", rb"\x18\x02\x00\x00\x01\x00\x00\x00", 2, 0x80)
	END
	local file
	for file in text*.h5ad flag*.h5ad; do
		/usr/bin/time -a -f "$file %U %M" -o used timeout 20 h5-select -q --shard 1/2 "$file" -o out.h5ad 2>/dev/null || true
	done
	awk '$3 ~ /^[0-9]/ && ($2 >= 1 || $3 > 300000) { print; bad = 1 } END { exit bad || NR < 40 }' used
}

@test "numbers of four gigabytes each are not waited for" {
	measured
	python - "$GOLDEN/kinds_sk19.h5ad" <<-'END'
	import re, sys
	bytes_ = open(sys.argv[1], "rb").read()
	n = 0
	# numbers (class 0) and real ones (class 1) of eight bytes, at their first bit, of 64 bits
	for m in re.finditer(rb"[\x10\x11]...\x08\x00\x00\x00\x00\x00\x40\x00", bytes_, re.S):
	    spoilt = bytearray(bytes_)
	    spoilt[m.start() + 7] = 0xff
	    open("wide%d.h5ad" % n, "wb").write(spoilt)
	    n += 1
	assert n > 5, n
	END
	local file
	for file in wide*.h5ad; do # of some HDF5 itself sees that they cannot be
		fails 1 "$file: /.*(holds numbers of more than 16 bytes: the file is damaged|data size exceeds buffer size|chunk size must be < 4GB)" /usr/bin/time -a -f '%U %S' -o used h5-info "$file"
	done
	awk '$1 ~ /^[0-9]/ && $1 + $2 >= 1 { print; bad = 1 } END { exit bad }' used
	fails 1 'holds numbers' h5-info wide5.h5ad
}

@test "a file in which HDF5 goes round in circles is given up soon, when it is small" {
	measured
	local file at byte
	while read -r file at byte; do
		python -c 'import sys
b, at = bytearray(open(sys.argv[1], "rb").read()), int(sys.argv[2])
b[at] ^= int(sys.argv[3])
open("a.h5ad", "wb").write(b)' "$GOLDEN/$file" "$at" "$byte"
		fails 1 'a.h5ad: the file is damaged' /usr/bin/time -a -f '%U %S' -o used h5-info -o out.tsv a.h5ad
	done <<-END
		kinds_sk19.h5ad 5489 1
		kinds_sk12.h5ad 3584 255
	END
	awk '$1 ~ /^[0-9]/ { n++; if ($1 + $2 > 1.5) bad = 1 } END { exit bad || n != 2 }' used
}

@test "numbers of a form that nobody writes, and a sparse matrix without one of its chunks, are damage" {
	cp "$GOLDEN/kinds_sk19.h5ad" plain.h5ad
	# odd HOW: what damage makes of the type of a column, or of the index of a matrix' chunks
	odd() {
		cp plain.h5ad odd.h5ad
		python -c 'import h5py, re, sys, numpy as np
f = h5py.File("odd.h5ad", "a")
def typed(name, t):
    values, attrs = f[name][()], dict(f[name].attrs)
    del f[name]
    d = h5py.h5d.create(f.id, name.encode(), t, h5py.h5s.create_simple(values.shape))
    f[name].attrs.update(attrs)
    return values, d
if sys.argv[1] == "bias":
    t = h5py.h5t.IEEE_F64LE.copy(); t.set_ebias(1000); typed("obs/double", t)
if sys.argv[1] == "bits":
    t = h5py.h5t.STD_I64LE.copy(); t.set_precision(62); typed("obs/wide", t)
if sys.argv[1] in ("offset", "padding", "characters"):  # what h5py does not write
    f.close()
    pattern, at, bits = {"offset": (rb"\x10\x08\0\0\x08\0\0\0\0\0\x40\0", 8, 1),
                         "padding": (rb"\x10\x08\0\0\x08\0\0\0\0\0\x40\0", 1, 6),
                         "characters": (rb"\x19\x01[\0\x01]\0\x10\0\0\0[\x10-\x13]...\x01\0\0\0", 12, 1)}[sys.argv[1]]
    whole = bytearray(open("odd.h5ad", "rb").read())
    found = [m.start() for m in re.finditer(pattern, bytes(whole), re.S)]
    whole[found[4 if at == 12 else 1] + at] ^= bits  # as they lie in this file
    open("odd.h5ad", "wb").write(whole)
    sys.exit()
if sys.argv[1] == "big":
    values, d = typed("obs/wide", h5py.h5t.STD_I64BE); d.write(h5py.h5s.ALL, h5py.h5s.ALL, values)
if sys.argv[1] == "chunk":
    n, attrs = f["X/data"].shape, dict(f["X/data"].attrs)
    del f["X/data"]
    f.create_dataset("X/data", n, "f4", chunks=(7,))[:3] = 1' "$1"
	}
	local what
	for what in offset padding; do
		odd "$what"
		fails 1 'odd.h5ad: .*obs/wide: .*type' h5-obs get -q -c wide odd.h5ad -o out.tsv
	done
	odd characters
	fails 1 'odd.h5ad: /obs/text: holds texts of characters that are not one byte' h5-info odd.h5ad
	odd bias
	fails 1 'odd.h5ad: .*obs/double: .*type' h5-obs get -q -c double odd.h5ad -o out.tsv
	odd bits
	fails 1 'odd.h5ad: .*obs/wide: .*type' h5-obs get -q -c wide odd.h5ad -o out.tsv
	odd big
	h5-obs get -q -c wide odd.h5ad -o out.tsv
	h5-obs get -q -c wide plain.h5ad -o want.tsv
	cmp out.tsv want.tsv
	odd chunk
	fails 1 'odd.h5ad: .*chunk 1 was never written' norm-check --slot X odd.h5ad -o out.tsv
}

@test "a disk that fails to read once is told so: no value becomes zero, no file is called damaged" {
	faulty
	python - <<-'END'
	import h5py, numpy as np
	f = h5py.File("a.h5ad", "w")
	f.attrs.update({"encoding-type": "anndata", "encoding-version": "0.1.0"})
	for n in ("obs", "var"):
	    g = f.create_group(n)
	    g.attrs.update({"encoding-type": "dataframe", "encoding-version": "0.2.0", "_index": "i", "column-order": np.zeros(0)})
	    g["i"] = np.array(["a", "b"], dtype=h5py.string_dtype())
	    g["i"].attrs.update({"encoding-type": "string-array", "encoding-version": "0.2.0"})
	f["X"] = np.eye(2, dtype="f4")
	for i in range(3): f.create_dataset("uns/d%d" % i, data=np.arange(8.0) + 1, chunks=(4,))
	f.create_dataset("uns/unwritten", shape=(8,), dtype="f8", chunks=(4,))
	END
	printf 'cell\tx\na\t1\nb\t2\n' >t.tsv
	"$FAULT" -c read -o n h5-obs put -q -f t.tsv a.h5ad -o good.h5ad
	local n failed=0
	for n in $(seq 1 "$(<n)"); do
		run "$FAULT" -c read -n "$n" -d EIO h5-obs put -q -f t.tsv a.h5ad -o out.h5ad
		if [ "$status" = 0 ]; then
			cmp out.h5ad good.h5ad
		else
			failed=$((failed + 1))
			[[ $output == *': Input/output error' ]] || { echo "read $n: $output" && false; }
		fi
		rm -f out.h5ad
	done
	[ "$failed" -gt 20 ]
}

@test "memory that HDF5 has not got, at any of its last calls, leaves nothing out of a concatenation" {
	faulty
	PIPETTE_BUILD=$BUILD python - "$TESTS/reliability" <<-'END'
	import os, sys
	import h5py, numpy as np
	sys.path.insert(0, sys.argv[1])
	import trials
	f = h5py.File("a.h5ad", "w")
	f.attrs.update({"encoding-type": "anndata", "encoding-version": "0.1.0"})
	for n in ("obs", "var"):
	    g = f.create_group(n)
	    g.attrs.update({"encoding-type": "dataframe", "encoding-version": "0.2.0", "_index": "i", "column-order": np.array(["w"], dtype=object)})
	    for c in ("i", "w"):
	        g[c] = np.array([n + c + x for x in "ab"], dtype=h5py.string_dtype())
	        g[c].attrs.update({"encoding-type": "string-array", "encoding-version": "0.2.0"})
	for name in ("X", "obsm/X_umap", "varm/PCs"):
	    f[name] = np.eye(2, dtype="f4")
	    f[name].attrs.update({"encoding-type": "array", "encoding-version": "0.2.0"})
	f.close()
	trials.IN = os.getcwd()
	desk = trials.Desk(os.getcwd())
	run = trials.Run("concat", ["out.h5ad"], "concat -q --index-unique - @/a.h5ad @/a.h5ad -o out.h5ad")
	assert not run.learn(desk)[0]
	with open("good.h5ad", "wb") as whole:
	    whole.write(run.good["out.h5ad"])
	assert {"obsm/X_umap", "varm/PCs", "var/w"} <= {n + "/" + m for n in ("obsm", "varm", "var") for m in h5py.File("good.h5ad")[n]}
	wrong, failed = [], 0
	with trials.Server(run, desk, trials.MEMORY) as server:
	    server.go("hdf5 0")
	    calls = server.count
	    for n in range(calls - 240, calls + 1, 3):
	        said = server.go("hdf5 %d" % n)
	        failed += said.status != 0
	        how = run.wrong(desk, said)
	        if how: wrong.append("%d: %s: %s" % (n, how, said.text))
	desk.gone()
	print("%d calls; of 80 that failed, %d ended the run" % (calls, failed), *wrong, sep="\n")
	assert not wrong and failed > 40
	END
}

@test "a source that cannot be read again for its hash fails the training: no model is without it for that" {
	faulty
	local train=(lr-train -q --recipe celltypist -l bulk_labels --min-cells 4 "$GOLDEN/pbmc_train.h5ad" -o model.h5) n
	"$FAULT" -c read -o n "${train[@]}"
	lr-model info model.h5 | grep -q sha256
	for n in $(($(<n) - 1)) "$(<n)"; do
		rm -f model.h5
		run "$FAULT" -c read -n "$n" -d EIO -e "${train[@]}"
		[ "$status" -eq 1 ]
		[ ! -e model.h5 ]
	done
}

@test "a file system that refuses to write past its cache gets ordinary writes" {
	faulty
	local n fine=0
	"$FAULT" -c open -o opens h5-select -q --shard 1/1 "$GOLDEN/sample_lognorm.h5ad" -o good.h5ad
	for n in $(seq 1 "$(<opens)"); do
		rm -f out.h5ad
		run "$FAULT" -c open -n "$n" -d EINVAL h5-select -q --shard 1/1 "$GOLDEN/sample_lognorm.h5ad" -o out.h5ad
		[ "$status" = 0 ] || { [ ! -e out.h5ad ] && continue; }
		cmp out.h5ad good.h5ad
		fine=$((fine + 1))
	done
	[ "$fine" -gt 0 ] # the one with O_DIRECT
	rm -f opens
}

@test "PIPETTE_SYNC says what is on the disk when a filter returns" {
	faulty
	synced() { "$FAULT" -c sync -o n env PIPETTE_SYNC="$1" gate -q calls.tsv -o out.tsv && cat n; }
	[ "$(synced none)" = 0 ]
	[ "$(synced '')" = 1 ]
	[ "$(synced file)" = 1 ]
	[ "$(synced all)" = 2 ]
	by_option() { PIPETTE_SYNC=all "$FAULT" -c sync -o n gate -q --sync "$1" calls.tsv -o out.tsv && cat n; }
	[ "$(by_option none)" = 0 ]
	[ "$(by_option file)" = 1 ]
	fails 2 'sync: some is not one of none, file, all' gate -q --sync some calls.tsv -o out.tsv
	PIPETTE_SYNC=some fails 1 'PIPETTE_SYNC: there is no some .none, file or all.' gate -q calls.tsv -o out.tsv
	rm -f n
}

@test "what a short file could make of memory and time, it does not" {
	measured
	python - <<-'END'
	import gzip
	open("keys.yaml", "wb").write(b"".join(b"%05x:\n" % i for i in range(140000)))
	open("presets.yaml", "wb").write(b"presets:\n" + b"".join(b" %x: {}\n" % i for i in range(90000)))
	open("models.yaml", "wb").write(b"queries: models.yaml\nmodels: [" + b", ".join(b"m%d" % i for i in range(90000)) + b"]\n")
	open("lists.json", "wb").write(gzip.compress(b"[" + b"[]," * 7000000 + b"[]]", 1))
	open("tabs.tsv", "wb").write(gzip.compress(b"\t" * (4 << 20), 1))
	open("row.tsv", "wb").write(gzip.compress(b"cell\tlabel\tconfidence\n" + b"\t" * (4 << 20), 1))
	open("fields.txt", "wb").write(gzip.compress(b"a," * (5 << 20), 1))
	open("pairs.tsv", "w").write("list\tgene\tpadj\n" + "".join("l%d\tg%d\t1\n" % (i, i) for i in range(40000)))
	open("marks.tsv", "w").write("cluster\tgene\tpadj\tlog2fc\tauc\n" + "".join("l%d\tg%d\t0\t1\t1\n" % (i, i) for i in range(40000)))
	END
	ulimit -v 1000000 -t 5
	fails 1 'keys.yaml:1:1: there is no key 00000' conf-mk --check keys.yaml
	fails 1 'models.yaml:2:.*: more than 10000 models' conf-mk --check models.yaml
	fails 1 'presets.yaml:[0-9]*:2: more than 1,000 presets' ref-query --registry presets.yaml -s synapse -o out.tsv
	fails 1 'lists.json: JSON of more values than are read' h5-select --genes lists.json "$GOLDEN/norm_counts.h5ad" -o out.h5ad
	fails 1 'tabs.tsv: line 1: 4194305 columns' gate tabs.tsv -o out.tsv
	fails 1 'tabs.tsv: line 1: 4194305 columns' evaluate --truth label tabs.tsv -o out.tsv
	fails 1 'row.tsv: line 2 has 4194305 fields' gate row.tsv -o out.tsv
	fails 1 'fields.txt: line 1: more than 4194304 fields' h5-select --genes fields.txt "$GOLDEN/norm_counts.h5ad" -o out.h5ad
	fails 3 'pairs.tsv: clusters list different genes' go-enrich --terms "$DATA/evidence/go.terms.tsv" --annotations "$DATA/evidence/go.gaf" pairs.tsv -o out.tsv
	fails 1 'marks.tsv: 40000 clusters, of 40000 genes' marker-check --db "$DATA/evidence/facts.tsv" marks.tsv -o out.tsv
	rm ./*.yaml ./*.json ./*.tsv ./*.txt
}
