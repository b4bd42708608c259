load helper

@test "X equals scanpy's normalize_total and log1p" {
	lognorm "$GOLDEN/sample_counts.h5ad" -o out.h5ad
	close_matrix out.h5ad "$GOLDEN/sample_lognorm.h5ad" 1e-6 1e-12
}

@test "everything but X is carried over" {
	lognorm "$GOLDEN/sample_counts.h5ad" -o out.h5ad
	for part in obs var uns obsm; do
		probe "$part" out.h5ad >ours
		probe "$part" "$GOLDEN/sample_counts.h5ad" >theirs
		same ours theirs
	done
}

@test "the output's X is judged log1p_10k, also through pipes" {
	lognorm <"$GOLDEN/norm_counts.h5ad" | norm-check --slot X --expect log1p_10k >table
	[ "$(wc -l <table)" -eq 2 ]
}

@test "integer and panel counts are taken as counts" {
	lognorm "$GOLDEN/norm_counts_int.h5ad" | norm-check --slot X --expect log1p_10k
	lognorm "$GOLDEN/norm_counts_panel.h5ad" | norm-check --slot X --expect log1p_10k
}

@test "an X that is log-normalised already is passed on as it is, and said so" {
	run_split lognorm "$GOLDEN/norm_slots.h5ad" -o out.h5ad
	[ "$status" -eq 0 ]
	grep -q 'passed on unchanged' <<<"$errors"
	same out.h5ad "$GOLDEN/norm_slots.h5ad"
}

@test "--slot takes counts from raw or a layer, and says which" {
	lognorm --slot raw "$GOLDEN/norm_slots.h5ad" -o raw.h5ad 2>message
	grep -q 'raw holds counts' message
	lognorm --slot layers/counts "$GOLDEN/norm_slots.h5ad" -o layer.h5ad
	probe X raw.h5ad >a
	probe X layer.h5ad >b
	same a b
	norm-check --slot X --expect log1p_10k layer.h5ad
}

@test "what is not counts is refused with the evidence, and nothing is written" {
	local kind
	for kind in scaled mixed log1p_subset empty; do
		fails 3 'X is [a-z0-9_]+ \(.+\)' lognorm "$GOLDEN/norm_$kind.h5ad" -o out.h5ad
		[ ! -e out.h5ad ]
	done
	fails 3 'negative values' lognorm "$GOLDEN/norm_scaled.h5ad" -o out.h5ad
}

@test "a refused run leaves the old output as it was" {
	echo old >out.h5ad
	fails 3 scaled lognorm "$GOLDEN/norm_scaled.h5ad" -o out.h5ad
	[ "$(<out.h5ad)" = old ]
}

@test "--accept passes on an X of another kind, with a warning" {
	run_split lognorm -q --accept subset "$GOLDEN/norm_log1p_subset.h5ad" -o out.h5ad
	[ "$status" -eq 0 ]
	grep -q 'X is subset .* passed on unchanged, as asked' <<<"$errors"
	same out.h5ad "$GOLDEN/norm_log1p_subset.h5ad"
	fails 3 'X is scaled' lognorm --accept subset "$GOLDEN/norm_scaled.h5ad" -o no.h5ad
	fails 2 'fine is not one of' lognorm --accept fine "$GOLDEN/norm_counts.h5ad" -o no.h5ad
	[ ! -e no.h5ad ]
}

# changed FILE 'counts -> matrix': sample_counts with another X
changed() {
	cp "$GOLDEN/sample_counts.h5ad" "$1"
	python - "$@" <<-'END'
		import sys
		import h5py
		import numpy as np
		f = h5py.File(sys.argv[1], "a")
		x = f["X"]
		starts, values = x["indptr"][:], x["data"][:].astype("f8")
		cells = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
		sums = np.bincount(cells, values, len(starts) - 1)[cells]
		draw = np.random.RandomState(1).uniform(0.5, 1.5, len(starts))[cells]
		made = eval(sys.argv[2]).astype("f4")
		del x["data"]
		x["data"] = made
	END
}

@test "a logarithm and a scaling that can be undone are, to what the counts give, and said so" {
	local how
	lognorm -q "$GOLDEN/sample_counts.h5ad" -o counts.h5ad
	while IFS=: read -r how verdict; do
		changed other.h5ad "$how"
		lognorm other.h5ad -o out.h5ad 2>message
		grep -q "X is $verdict (.*X is now log1p" message || { cat message; return 1; }
		close_matrix out.h5ad counts.h5ad 1e-6 1e-6
	done <<-'END'
		np.log1p(values / sums * np.median(sums)):log1p_other
		np.log2(values / sums * 1e6 + 1):log2_other
		values / sums * 1e6:normalized_not_logged
		np.log1p(values / sums):log1p_other
		values * draw:fractional_counts
	END
}

@test "--as says what the verdict cannot know" {
	lognorm -q "$GOLDEN/sample_counts.h5ad" -o counts.h5ad
	changed logs.h5ad 'np.log2(values / draw + 1)'
	fails 3 'X is unknown .*--as log2 undoes' lognorm logs.h5ad -o out.h5ad
	lognorm --as log2 logs.h5ad -o out.h5ad 2>message
	grep -q 'taken as log2, as asked' message
	close_matrix out.h5ad counts.h5ad 1e-6 1e-6
	changed logs.h5ad 'np.log1p(values)'
	fails 3 'X is unknown .*--as log1p undoes' lognorm logs.h5ad -o out.h5ad
	lognorm -q --as log1p logs.h5ad -o out.h5ad
	close_matrix out.h5ad counts.h5ad 1e-6 1e-6
	fails 3 'X is counts' lognorm --as log1p "$GOLDEN/norm_counts.h5ad" -o no.h5ad # up to thousands
	fails 3 'negative' lognorm --as counts "$GOLDEN/norm_scaled.h5ad" -o no.h5ad
	fails 2 'not one of counts, log1p, log2, cpm' lognorm --as tpm "$GOLDEN/norm_counts.h5ad" -o no.h5ad
}

@test "whether a gene was seen is no count" {
	changed seen.h5ad '(values > 0) * 1.0'
	fails 3 'X is binary .*give it the counts' lognorm seen.h5ad -o out.h5ad
	[ ! -e out.h5ad ]
}

@test "uns says that X is a logarithm, as scanpy's log1p does" {
	lognorm -q "$GOLDEN/sample_counts.h5ad" -o out.h5ad
	probe encoding out.h5ad | grep 'uns/log1p	' | grep dict
}

@test "--keep-counts keeps them as integers" {
	lognorm --keep-counts counts "$GOLDEN/sample_counts.h5ad" -o out.h5ad
	norm-check out.h5ad | awk -F '\t' '{ print $1, $13 }' >verdicts
	grep -q '^X log1p_10k$' verdicts
	grep -q '^layers/counts counts$' verdicts
	probe layers/counts out.h5ad >ours
	probe X "$GOLDEN/sample_counts.h5ad" >theirs
	close ours theirs 0 0
	fails 3 'holds no counts, but normalized_not_logged' lognorm --keep-counts counts "$GOLDEN/norm_cp10k.h5ad" -o no.h5ad
}

@test "--target-sum scales to another sum" {
	lognorm --target-sum 1e6 "$GOLDEN/norm_counts.h5ad" |
		norm-check --slot X --expect log1p_other | cut -f 11 | tail -n 1 >target
	awk '{ d = $1 / 1e6 - 1; exit !(d < 1e-4 && d > -1e-4) }' target
	fails 2 'not above 0' lognorm --target-sum 0 "$GOLDEN/norm_counts.h5ad" -o out.h5ad
}

@test "any number of threads and any compression gives the same values" {
	lognorm -t 1 "$GOLDEN/sample_counts.h5ad" -o one.h5ad
	lognorm -t 8 "$GOLDEN/sample_counts.h5ad" -o eight.h5ad
	same one.h5ad eight.h5ad
	for how in gzip gzip:9 lzf; do
		lognorm -z "$how" "$GOLDEN/sample_counts.h5ad" -o z.h5ad
		lognorm -z "$how" -t 1 "$GOLDEN/sample_counts.h5ad" -o z1.h5ad
		same z.h5ad z1.h5ad
		close_matrix z.h5ad one.h5ad
	done
	fails 2 "--compress: zstd is not one of" lognorm -z zstd "$GOLDEN/sample_counts.h5ad" -o z.h5ad
}

@test "a full disk and a closed pipe leave nothing behind" {
	watched threads || fails 1 'No space left|File too large' sh -c "ulimit -f 100; exec lognorm '$GOLDEN/sample_counts.h5ad' -o out.h5ad"
	[ ! -e out.h5ad ]
	fails 1 'No space left' lognorm "$GOLDEN/sample_counts.h5ad" -o /dev/full
	lognorm "$GOLDEN/sample_counts.h5ad" | head -c 100 >/dev/null
}

@test "killed in mid-write, the old output stands" {
	echo old >out.h5ad
	mkfifo gate
	lognorm - -o out.h5ad <gate &
	pid=$!
	head -c 1000000 "$GOLDEN/sample_counts.h5ad" >gate &
	sleep 0.2
	kill -9 "$pid" 2>/dev/null || true
	wait || true
	[ "$(<out.h5ad)" = old ]
	rm -f .out.h5ad.*
}

@test "a layer's name has no slash in it, and is not empty" {
	fails 2 "--keep-counts: 'a/b' is no name of a layer" lognorm --keep-counts a/b "$GOLDEN/sample_counts.h5ad" -o out.h5ad
	fails 2 "--keep-counts: '' is no name of a layer" lognorm --keep-counts '' "$GOLDEN/sample_counts.h5ad" -o out.h5ad
	[ ! -e out.h5ad ]
}

@test "a complex number in uns of an old file stays a number" {
	cp "$GOLDEN/sample_counts.h5ad" old.h5ad
	python - <<-'END'
		import h5py
		import numpy as np
		f = h5py.File("old.h5ad", "a")
		for name in list(f.attrs):
		    del f.attrs[name]
		f["uns/turn"] = np.complex64(1 + 2j)
		f["uns/turns"] = np.array([1 + 2j, 3])
	END
	lognorm -q old.h5ad -o out.h5ad
	probe encoding out.h5ad >got
	grep 'uns/turn	' got | grep numeric-scalar
	grep 'uns/turns	' got | grep 'array' | grep -v rec-array
}

@test "one chunk too long to be held, and chunks as tall as the matrix, give the same bytes" {
	local how
	python - <<-'P'
	import h5py, numpy as np
	rng = np.random.default_rng(7)
	n, m = 1500, 24000 # a row of tall chunks is more than a band
	x = np.zeros((n, m), "i1")
	x.flat[rng.integers(0, n * m, n * 40)] = rng.integers(1, 20, n * 40)
	def text(group, name, values):
	    group.create_dataset(name, data=np.array(values, "S"), dtype=h5py.string_dtype())
	def write(name, **how):
	    with h5py.File(name + ".h5ad", "w") as f:
	        for axis, size in ("obs", n), ("var", m):
	            g = f.create_group(axis)
	            g.attrs["_index"] = "_index"
	            g.attrs["column-order"] = np.array([], "S")
	            g.attrs["encoding-type"], g.attrs["encoding-version"] = "dataframe", "0.2.0"
	            text(g, "_index", [f"{axis}{i}" for i in range(size)])
	        dtype = how.pop("dtype", "i1")
	        f.create_dataset("X", data=x.astype(dtype), **how)
	        f["X"].attrs["encoding-type"], f["X"].attrs["encoding-version"] = "array", "0.2.0"
	write("flat")
	write("tall", chunks=(n, 2400), compression="gzip", compression_opts=1)
	m = 6000
	x = x[:, :m]
	write("plain")
	write("packed", chunks=(n, m), compression="gzip", compression_opts=1)
	write("shuffled", chunks=(n, m), dtype="f4", compression="gzip", compression_opts=1, shuffle=True)
	write("whole", chunks=(n, m), dtype="i2")
	write("halves", chunks=(1000, m), dtype="i2", compression="gzip", compression_opts=1, shuffle=True)
	write("lzf", chunks=(n, m), compression="lzf")
	write("summed", chunks=(n, m), dtype="f4", compression="lzf", shuffle=True, fletcher32=True)
	write("checked", chunks=(1000, m), dtype="i2", compression="gzip", compression_opts=1, fletcher32=True)
	P
	lognorm -q plain.h5ad -o plain.out.h5ad
	for how in packed shuffled whole halves lzf summed checked; do
		lognorm -q $how.h5ad -o $how.out.h5ad
		cmp $how.out.h5ad plain.out.h5ad
	done
	lognorm -q tall.h5ad -o tall.out.h5ad
	lognorm -q flat.h5ad -o flat.out.h5ad
	cmp tall.out.h5ad flat.out.h5ad
	! watched || return 0 # sanitizers keep what is freed
	for how in plain summed; do # 36 MB in one chunk
		/usr/bin/time -f %M -o peak.$how "$BIN/lognorm" -q -t 1 $how.h5ad -o x.h5ad
	done
	echo "$(<peak.plain) kB of a plain file, $(<peak.summed) kB of one chunk"
	[ $(($(tail -n 1 peak.summed) - $(tail -n 1 peak.plain))) -lt 16000 ]
}
