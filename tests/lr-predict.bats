# lr-predict: the labels, scores and probabilities of CellTypist, from files to files.

load helper

# golden MODEL ANSWERS: the model says of the query what CellTypist said, in both modes.
golden() {
	local mode suffix
	for mode in best prob; do
		suffix=
		[ $mode = best ] || suffix=.probmatch
		[ -e "$GOLDEN/$2$suffix.labels.tsv" ] || continue
		lr-predict -q -m "$GOLDEN/$1.pkl" --mode $mode --threshold 0.4 -o calls.tsv \
			--decision decision.tsv --probability probability.tsv.gz \
			"$GOLDEN/pbmc_query.h5ad" 2>warnings
		cut -f 1,2 calls.tsv | sed '1s/label/predicted_labels/' >labels.tsv
		same labels.tsv "$GOLDEN/$2$suffix.labels.tsv"
		# the stored decisions have nine digits: those of SGD are in the thousands
		close decision.tsv "$GOLDEN/$2$suffix.decision.tsv" 5e-9 1e-6
		zcat probability.tsv.gz >probability.tsv
		close probability.tsv "$GOLDEN/$2$suffix.probability.tsv" 0 1e-6
	done
}

@test "logistic regression of scikit-learn 1.2 and 1.5 predicts as in CellTypist" {
	golden lr.sk12 lr.sk12
	golden lr.sk15 lr.sk15
}

@test "SGD models of scikit-learn 1.5 and 1.9, with and without feature selection" {
	golden sgd.sk15 sgd.sk15
	golden sgd.sk19 sgd.sk19
	golden sgdfs.sk15 sgdfs.sk15
	golden sgdfs.sk19 sgdfs.sk19
}

@test "models without centring, of two classes, and with classes taken out" {
	golden nomean.sk15 nomean.sk15
	golden binary.sk15 binary.sk15
	golden lr.subset3 lr.subset3
}

@test "a model may come from standard input or a pipe, packed or not" {
	lr-predict -q -m "$GOLDEN/lr.sk15.pkl" "$GOLDEN/pbmc_query.h5ad" -o want 2>/dev/null
	lr-model import -q "$GOLDEN/lr.sk15.pkl" -o lr.h5
	lr-predict -q -m - "$GOLDEN/pbmc_query.h5ad" <lr.h5 2>/dev/null | sed 's/\tstdin\t/\tlr.sk15\t/' >a
	cat "$GOLDEN/lr.sk15.pkl" | lr-predict -q -m - "$GOLDEN/pbmc_query.h5ad" 2>/dev/null | sed 's/\tstdin\t/\tlr.sk15\t/' >b
	lr-predict -q -m <(gzip -c lr.h5) "$GOLDEN/pbmc_query.h5ad" 2>/dev/null | sed 's/\tpipe[0-9]*\t/\tlr.sk15\t/' >c
	same a want && same b want && same c want
	lr-model subset -q --keep 'CD14+ Monocyte' --keep Dendritic lr.h5 | lr-predict -q -m - "$GOLDEN/pbmc_query.h5ad" 2>/dev/null | cut -f 2 | sort -u >labels
	[ "$(paste -sd, labels)" = 'CD14+ Monocyte,Dendritic,label' ]
	fails 2 'one of them can be standard input' lr-predict -m - - </dev/null
	fails 2 'one of them can be standard input' lr-predict -m - </dev/null
	fails 1 'stdin: ' lr-predict -m - "$GOLDEN/pbmc_query.h5ad" </dev/null
	echo no | fails 1 'stdin: ' lr-predict -m - "$GOLDEN/pbmc_query.h5ad"
}

@test "every pickle protocol predicts the same" {
	local protocol
	for protocol in 0 1 2 3 4 5; do
		golden lr.sk12.proto$protocol lr.sk12
		golden lr.sk15.proto$protocol lr.sk15
		golden sgd.sk19.proto$protocol sgd.sk19
	done
}

@test "the calls have confidence, margin, second, entropy and model as documented" {
	lr-predict -q -m "$GOLDEN/lr.sk15.pkl" --top 3 --probability p.tsv -o calls.tsv \
		"$GOLDEN/pbmc_query.h5ad" 2>/dev/null
	[ "$(head -n 1 calls.tsv | tr '\t' ' ')" = "cell label confidence margin second entropy model n_counts n_genes confidence_needed label_2 confidence_2 label_3 confidence_3 probability_raw" ]
	awk -F '\t' '
	NR == FNR { if (FNR == 1) for (i = 2; i <= NF; i++) class[i] = $i
		else { sum = h = best = 0; second = third = 0
			for (i = 2; i <= NF; i++) { sum += $i; if (!best || $i > $best) best = i }
			for (i = 2; i <= NF; i++) { h -= $i / sum * log($i / sum); if (i != best && (!second || $i > $second)) second = i }
			for (i = 2; i <= NF; i++) if (i != best && i != second && (!third || $i > $third)) third = i
			want[$1] = class[best] FS class[second] FS class[third]
			p[$1] = $best; q[$1] = $second; e[$1] = h; r[$1] = $third }
		next }
	FNR > 1 { n++
		if ($2 FS $5 FS $13 != want[$1] || $5 != $11 || $7 != "lr.sk15") { print; exit bad = 1 }
		if ((d = $3 - p[$1]) * d > 1e-16 || (d = $4 - p[$1] + q[$1]) * d > 1e-16) { print; exit bad = 1 }
		if ((d = $6 - e[$1]) * d > 1e-14 || $12 != q[$1] || $14 != r[$1]) { print; exit bad = 1 } }
	END { exit bad || n != 357 }' p.tsv calls.tsv
}

@test "n_counts and n_genes are those of the model's genes, from counts or from logarithms" {
	lr-predict -q -m "$GOLDEN/lr.sk15.pkl" --min-coverage 0 "$GOLDEN/sample_counts.h5ad" | cut -f 8,9 >a
	lr-predict -q -m "$GOLDEN/lr.sk15.pkl" --min-coverage 0 "$GOLDEN/sample_lognorm.h5ad" | cut -f 8,9 >b
	lr-model genes "$GOLDEN/lr.sk15.pkl" | cut -f 1 >genes
	python - "$GOLDEN/sample_counts.h5ad" >want <<-'PY'
	import sys, h5py
	import numpy as np
	f = h5py.File(sys.argv[1], "r")
	known = set(open("genes").read().split("\n")[1:])
	var = f["var"][f["var"].attrs["_index"]].asstr()[()]
	of_model = np.array([g in known for g in var])
	x, at, starts = f["X/data"][()], f["X/indices"][()], f["X/indptr"][()]
	print("n_counts\tn_genes")
	for i in range(len(starts) - 1):
	    row = x[starts[i]:starts[i + 1]][of_model[at[starts[i]:starts[i + 1]]]]
	    print("%d\t%d" % (row.sum(), (row > 0).sum()))
	PY
	same a want
	close b want 1e-3
}

@test "a cell without counts is told by n_counts, and Unknown after the gate" {
	cp "$GOLDEN/sample_counts.h5ad" empty.h5ad
	python -c 'import h5py; f = h5py.File("empty.h5ad", "a"); x = f["X"]; x["data"][x["indptr"][3]:x["indptr"][5]] = 0'
	lr-predict -q -m "$GOLDEN/lr.sk15.pkl" --min-coverage 0 empty.h5ad -o calls.tsv
	[ "$(awk -F '\t' '$8 == 0' calls.tsv | wc -l)" -eq 2 ]
	gate -q calls.tsv | awk -F '\t' 'NR == 5 || NR == 6 { if ($2 != "Unknown" || $13 !~ /EMPTY/) { print; exit 1 } }'
}

@test "counts and log-normalised expression give the same calls" {
	lr-predict -m "$GOLDEN/lr.sk15.pkl" --min-coverage 0 "$GOLDEN/sample_counts.h5ad" -o a.tsv 2>a.txt
	lr-predict -m "$GOLDEN/lr.sk15.pkl" --min-coverage 0 "$GOLDEN/sample_lognorm.h5ad" -o b.tsv 2>b.txt
	grep -q 'X: counts .*normalised to 10000 per cell' a.txt
	grep -q 'X: log1p_10k .*used as it is' b.txt
	[ "$(wc -l <a.tsv)" -gt 100 ]
	cut -f 1-7 a.tsv >a; cut -f 1-7 b.tsv >b
	close a b 1e-4 1e-5
	cut -f 1,2 a.tsv >a; cut -f 1,2 b.tsv >b
	same a b
}

@test "one thread and four write the same bytes" {
	lr-predict -q -t 1 -m "$GOLDEN/lr.sk15.pkl" --decision a.d.tsv -o a.tsv "$GOLDEN/pbmc_query.h5ad" 2>/dev/null
	lr-predict -q -t 4 -m "$GOLDEN/lr.sk15.pkl" --decision b.d.tsv -o b.tsv "$GOLDEN/pbmc_query.h5ad" 2>/dev/null
	same a.tsv b.tsv
	same a.d.tsv b.d.tsv
}

# tile CELLS FILE [EVERY]: the query's cells again and again, named c0, c1, ...; of what they have, one in EVERY.
tile() {
	python - "$GOLDEN/pbmc_query.h5ad" "$@" <<-'PY'
	import sys, h5py, numpy as np
	n = int(sys.argv[2])
	with h5py.File(sys.argv[1]) as f, h5py.File(sys.argv[3], "w") as out:
	    f.copy("X", out); f.copy("var", out)
	    data, indices, indptr = (f["X"][k][()] for k in ("data", "indices", "indptr"))
	    m = len(indptr) - 1
	    kept = np.arange(len(data)) % int(sys.argv[4] if sys.argv[4:] else 1) == 0
	    data, indices, indptr = data[kept], indices[kept], np.r_[0, np.cumsum(kept)][indptr]
	    data, indices = (np.concatenate([x] * -(-n // m)) for x in (data, indices))
	    lengths = np.tile(np.diff(indptr), -(-n // m))[:n]
	    stored = lengths.sum()
	    for k, x in ("data", data[:stored]), ("indices", indices[:stored]), ("indptr", np.r_[0, np.cumsum(lengths)]):
	        del out["X"][k]
	        out["X"][k] = x.astype("i4" if k == "indices" else x.dtype)
	    out["X"].attrs["shape"] = (n, f["X"].attrs["shape"][1])
	    obs = out.create_group("obs")
	    obs.attrs.update({"_index": "_index", "encoding-type": "dataframe", "encoding-version": "0.2.0"})
	    obs.attrs.create("column-order", [], dtype=h5py.string_dtype())
	    obs["_index"] = np.array([f"c{i}" for i in range(n)], dtype="O")
	PY
}

# names_as FORM OUT: tiled.h5ad with the cells' names stored in that form.
names_as() {
	cp tiled.h5ad "$2"
	python - "$@" <<-'PY'
	import sys, h5py, numpy as np
	text = h5py.string_dtype()
	with h5py.File(sys.argv[2], "r+") as f:
	    names = f["obs/_index"][()]
	    n = len(names)
	    def again(**how):
	        del f["obs/_index"]
	        return f["obs"].create_dataset("_index", **how)
	    def group(kind, **members):
	        del f["obs/_index"]
	        g = f["obs"].create_group("_index")
	        g.attrs.update({"encoding-type": kind, "encoding-version": "0.2.0", "ordered": False})
	        for k, x in members.items():
	            g.create_dataset(k, data=x, dtype=text if x.dtype == object else None)
	    def categories():
	        order = np.argsort(names)
	        codes = np.empty(n, "i4")
	        codes[order] = np.arange(n)
	        return codes, names[order]
	    def compound():
	        del f["obs"]
	        table = np.zeros(n, dtype=[("index", text), ("n", "i8")])
	        table["index"] = names
	        f["obs"] = table
	    def odd(value):
	        f["obs/_index"][19000] = value
	    mask = np.zeros(n, bool)
	    {"gzip": lambda: again(data=names, dtype=text, chunks=(500,), compression="gzip"),
	     "chunk": lambda: again(data=names, dtype=text, chunks=(n,), compression="gzip"),
	     "fixed": lambda: again(data=names.astype("S9")),
	     "integers": lambda: again(data=np.arange(n) * 3),
	     "floats": lambda: again(data=np.arange(n) / 2),
	     "categorical": lambda: group("categorical", **dict(zip(("codes", "categories"), categories()))),
	     "nullable": lambda: group("nullable-string-array", values=names, mask=mask),
	     "hole": lambda: group("nullable-string-array", values=names, mask=np.arange(n) == 19000),
	     "compound": compound,
	     "twice": lambda: odd("c17"),
	     "tab": lambda: odd("a\tb"),
	     "bytes": lambda: odd(b"\xff")}[sys.argv[1]]()
	PY
}

@test "the cells' names are read in whatever form they are stored" {
	local form
	tile 20000 tiled.h5ad
	lr-predict -q -m "$GOLDEN/lr.sk15.pkl" --decision want.h5 -o want.tsv tiled.h5ad 2>/dev/null
	cut -f 2- want.tsv >rest
	seq 0 19999 | sed 's/^/c/' | cmp - <(tail -n +2 want.tsv | cut -f 1)
	for form in gzip chunk fixed categorical nullable compound; do
		names_as $form $form.h5ad
		lr-predict -q -m "$GOLDEN/lr.sk15.pkl" --decision got.h5 -o got.tsv $form.h5ad 2>/dev/null
		same got.tsv want.tsv
		cmp got.h5 want.h5
	done
	names_as twice twice.h5ad
	fails 1 "two cells are called c17" lr-predict -q -m "$GOLDEN/lr.sk15.pkl" -o no.tsv twice.h5ad
	for form in integers floats; do
		names_as $form $form.h5ad
		lr-predict -q -m "$GOLDEN/lr.sk15.pkl" -o got.tsv $form.h5ad 2>/dev/null
		cut -f 2- got.tsv | cmp - rest
		cut -f 1 got.tsv >names.$form
	done
	[ "$(sed -n 10002p names.integers)" = 30000 ]
	[ "$(sed -n 10003p names.floats)" = 5000.5 ]
}

@test "a cell without a name, or with one that no TSV can hold, fails and leaves nothing" {
	tile 20000 tiled.h5ad
	names_as hole hole.h5ad
	names_as tab tab.h5ad
	names_as bytes bytes.h5ad
	fails 1 'row 19000 has no name' lr-predict -m "$GOLDEN/lr.sk15.pkl" -o calls.tsv hole.h5ad
	fails 1 'cell 19001 .*tab or newline' lr-predict -m "$GOLDEN/lr.sk15.pkl" -o calls.tsv tab.h5ad
	fails 1 'row 19000: the text is not UTF-8' lr-predict -m "$GOLDEN/lr.sk15.pkl" --probability p.h5 -o calls.tsv bytes.h5ad
	[ ! -e calls.tsv ] && [ ! -e p.h5 ]
	lr-predict -m "$GOLDEN/lr.sk15.pkl" tab.h5ad >calls.tsv 2>/dev/null || true
	[ ! -s calls.tsv ]
}

@test "memory does not grow with the cells" {
	! watched || skip "sanitizers keep what is freed"
	local n
	for n in 20000 320000; do
		tile $n tiled.h5ad 10
		/usr/bin/time -f %M -o peak.$n "$BIN/lr-predict" -q -m "$GOLDEN/lr.sk15.pkl" \
			--probability p.h5 -o calls.tsv tiled.h5ad 2>/dev/null
	done
	echo "$(<peak.20000) kB of 20,000 cells, $(<peak.320000) kB of 320,000"
	[ $(($(tail -n 1 peak.320000) - $(tail -n 1 peak.20000))) -lt 2500 ]
}

@test "columns that an earlier run left in obs change nothing, whatever they are called" {
	lr-predict -q -m "$GOLDEN/lr.sk15.pkl" -o want.tsv "$GOLDEN/pbmc_query.h5ad" 2>/dev/null
	cp "$GOLDEN/pbmc_query.h5ad" again.h5ad
	python - <<-'PY'
	import h5py, numpy as np
	with h5py.File("again.h5ad", "r+") as f:
	    obs = f["obs"]
	    n = len(obs["index"])
	    names = ["predicted_labels", "over_clustering", "majority_voting", "label", "cell", "model"]
	    for k, name in enumerate(names):
	        g = obs.create_group(name)
	        g.attrs.update({"encoding-type": "categorical", "encoding-version": "0.2.0", "ordered": False})
	        g["codes"] = (np.arange(n) % 3).astype("i1")
	        g["categories"] = np.array(["label", "confidence", "cell"], dtype="O")
	    obs["conf_score"] = np.linspace(0, 1, n)
	    obs["confidence"] = np.linspace(0, 1, n)
	    order = [*obs.attrs["column-order"], *names, "conf_score", "confidence"]
	    obs.attrs.create("column-order", order, dtype=h5py.string_dtype())
	PY
	lr-predict -q -m "$GOLDEN/lr.sk15.pkl" -o got.tsv again.h5ad 2>/dev/null
	same got.tsv want.tsv
}

@test "several models in one pass give what each gives alone" {
	lr-predict -q -m "$GOLDEN/lr.sk15.pkl" -m "$GOLDEN/binary.sk15.pkl" -o both "$GOLDEN/pbmc_query.h5ad" 2>/dev/null
	lr-predict -q -m "$GOLDEN/lr.sk15.pkl" -o lr.tsv "$GOLDEN/pbmc_query.h5ad" 2>/dev/null
	lr-predict -q -m "$GOLDEN/binary.sk15.pkl" -o binary.tsv "$GOLDEN/pbmc_query.h5ad" 2>/dev/null
	[ "$(echo both/*)" = "both/binary.sk15.tsv both/lr.sk15.tsv" ]
	same both/lr.sk15.tsv lr.tsv
	same both/binary.sk15.tsv binary.tsv
}

@test "h5ad comes from a pipe, calls go to a pipe" {
	lr-predict -q -m "$GOLDEN/lr.sk15.pkl" -o a.tsv "$GOLDEN/pbmc_query.h5ad" 2>/dev/null
	tail -c +1 "$GOLDEN/pbmc_query.h5ad" | lr-predict -q -m "$GOLDEN/lr.sk15.pkl" 2>/dev/null | cat >b.tsv
	same a.tsv b.tsv
}

@test "scores as HDF5 hold the same numbers" {
	lr-predict -q -m "$GOLDEN/lr.sk15.pkl" --decision d.h5 --probability p.tsv -o c.tsv "$GOLDEN/pbmc_query.h5ad" 2>/dev/null
	python - "$GOLDEN/lr.sk15.decision.tsv" <<-'PY'
	import sys, h5py
	f = h5py.File("d.h5", "r")
	want = [line.rstrip("\n").split("\t") for line in open(sys.argv[1])]
	assert [c.decode() for c in f["classes"][()]] == want[0][1:]
	assert [c.decode() for c in f["cells"][()]] == [row[0] for row in want[1:]]
	d = f["decision"][()]
	assert max(abs(d[i, k] - float(row[k + 1])) for i, row in enumerate(want[1:]) for k in range(10)) < 1e-6
	PY
}

@test "scaled expression is refused with the evidence; --accept takes it" {
	fails 3 'X is scaled .*--accept' lr-predict -m "$GOLDEN/lr.sk15.pkl" --min-coverage 0 --slot X "$GOLDEN/norm_scaled.h5ad" -o calls.tsv
	[ ! -e calls.tsv ]
	lr-predict -q -m "$GOLDEN/lr.sk15.pkl" --min-coverage 0 --slot X --accept scaled "$GOLDEN/norm_scaled.h5ad" -o calls.tsv
	[ -s calls.tsv ]
}

@test "other normalisations are undone, to the calls that counts get" {
	local name
	lr-predict -q -m "$GOLDEN/lr.sk15.pkl" --min-coverage 0 "$GOLDEN/norm_counts.h5ad" | cut -f 1-4 >want
	for name in log1p_1e6 log1p_median log2_10k cp10k ambient_corrected; do
		lr-predict -m "$GOLDEN/lr.sk15.pkl" --min-coverage 0 "$GOLDEN/norm_$name.h5ad" 2>said | cut -f 1-4 >got
		grep -q 'normalised to 10000 per cell, log1p' said
		close got want 1e-4 1e-4
	done
}

@test "counts with a tenth taken away as background get the calls of those very values, to the digits" {
	python - "$GOLDEN/norm_counts.h5ad" <<-'P'
	import sys, shutil, h5py
	import numpy as np
	for name in "less.h5ad", "logged.h5ad":
	    shutil.copy(sys.argv[1], name)
	f, g = h5py.File("less.h5ad", "r+")["X"], h5py.File("logged.h5ad", "r+")["X"]
	x, at, starts = f["data"][()].astype(float), f["indices"][()], f["indptr"][()]
	soup = np.bincount(at, x)
	soup /= soup.sum()
	for a, b in zip(starts[:-1], starts[1:]):
	    x[a:b] = np.maximum(x[a:b] - .1 * x[a:b].sum() * soup[at[a:b]], 0).astype("f4")
	    y = np.log1p(x[a:b] / x[a:b].sum() * 1e4)
	    x[a:b], g["data"][a:b] = x[a:b], y
	f["data"][...] = x
	P
	lr-predict -m "$GOLDEN/lr.sk15.pkl" --min-coverage 0 less.h5ad 2>said | cut -f 1-4 >got
	grep -q 'fractional_counts' said
	lr-predict -q -m "$GOLDEN/lr.sk15.pkl" --min-coverage 0 logged.h5ad | cut -f 1-4 >want
	cut -f 1,2 want | same - <(cut -f 1,2 got)
	close got want 1e-5 1e-6
}

@test "cells of several kinds and files without a value are refused by name" {
	local name
	for name in mixed empty; do
		fails 3 'no matrix is fit|not all processed alike' lr-predict -m "$GOLDEN/lr.sk15.pkl" --min-coverage 0 "$GOLDEN/norm_$name.h5ad" -o calls.tsv
		[ ! -e calls.tsv ]
	done
}

@test "auto takes the log-normalised slot of a file with several" {
	lr-predict -m "$GOLDEN/lr.sk15.pkl" --min-coverage 0 "$GOLDEN/norm_slots.h5ad" -o calls.tsv 2>said
	cat said
	grep -qE ': log1p_10k .*used as it is' said
}

@test "NaN in a matrix that is not needed is passed over with a warning; in the one asked for it is an error" {
	cp "$GOLDEN/pbmc_query.h5ad" nan.h5ad
	python - <<-'PY'
	import h5py, numpy as np
	f = h5py.File("nan.h5ad", "r+")
	n = f["obs"][f["obs"].attrs["_index"]].shape[0], f["var"][f["var"].attrs["_index"]].shape[0]
	f.copy("X", f.require_group("layers"), "lognorm")
	del f["X"]
	x = np.zeros(n, dtype="f4")
	x[1, 2] = np.nan
	f["X"] = x
	f["X"].attrs.update({"encoding-type": "array", "encoding-version": "0.2.0"})
	PY
	lr-predict -q -m "$GOLDEN/lr.sk15.pkl" nan.h5ad >have.tsv 2>said
	grep -q 'nan.h5ad: /X: cell 1, gene 2: the value is NaN: layers/lognorm is used instead' said
	lr-predict -q -m "$GOLDEN/lr.sk15.pkl" "$GOLDEN/pbmc_query.h5ad" >want.tsv 2>/dev/null
	same have.tsv want.tsv
	fails 1 'cell 1, gene 2: the value is NaN$' lr-predict -m "$GOLDEN/lr.sk15.pkl" --slot X nan.h5ad
}

@test "too few genes: refused with both coverages" {
	fails 3 'genes \([0-9.]+ %\).*with [0-9.]+ % of its weight: below --min-coverage 0.999' \
		lr-predict -m "$GOLDEN/lr.sk15.pkl" --min-coverage 0.999 "$GOLDEN/sample_lognorm.h5ad" -o calls.tsv
	[ ! -e calls.tsv ]
}

# only GENES.txt: the query with every other gene under a name that no model has.
only() {
	cp "$GOLDEN/pbmc_query.h5ad" only.h5ad
	python - "$1" <<-'PY'
	import h5py, sys
	keep = set(open(sys.argv[1]).read().split("\n"))
	f = h5py.File("only.h5ad", "r+")
	index = f["var"][f["var"].attrs["_index"]]
	names = ["other-%d" % i if gene not in keep else gene for i, gene in enumerate(index.asstr()[()])]
	index[:] = names
	PY
}

@test "no gene in common is refused whatever the floor" {
	: >none.txt
	only none.txt
	fails 3 ': 0 of its 764 genes .*no overlap' lr-predict -m "$GOLDEN/lr.sk15.pkl" --min-coverage 0 only.h5ad -o calls.tsv
	[ ! -e calls.tsv ]
}

@test "when names do not match it is said which column of var would, or that only the case differs" {
	cp "$GOLDEN/pbmc_query.h5ad" ids.h5ad
	cp "$GOLDEN/pbmc_query.h5ad" mouse.h5ad
	python - <<-'PY'
	import h5py
	f, g = h5py.File("ids.h5ad", "r+"), h5py.File("mouse.h5ad", "r+")
	var = f["var"]
	key = var.attrs["_index"]
	names = list(var[key].asstr()[()])
	var[key][:] = ["ENSG%011d" % i for i in range(len(names))]
	var.create_dataset("feature_name", data=names, dtype=h5py.string_dtype())
	var["feature_name"].attrs.update({"encoding-type": "string-array", "encoding-version": "0.2.0"})
	var.attrs["column-order"] = [*var.attrs["column-order"], "feature_name"]
	g["var"][key][:] = [name.capitalize() for name in names]
	PY
	fails 3 'no overlap.*var column feature_name has [0-9]+ of them: gene-normalize --column feature_name' \
		lr-predict -m "$GOLDEN/lr.sk15.pkl" ids.h5ad -o calls.tsv
	gene-normalize -q --column feature_name ids.h5ad | lr-predict -q -m "$GOLDEN/lr.sk15.pkl" 2>/dev/null >calls.tsv
	[ "$(wc -l <calls.tsv)" -gt 300 ]
	rm calls.tsv
	fails 3 '[0-9]+ match but for upper and lower case.*lr-model convert' \
		lr-predict -m "$GOLDEN/lr.sk15.pkl" mouse.h5ad -o calls.tsv
}

@test "genes that the file lacks contribute nothing" {
	lr-model genes "$GOLDEN/sgdfs.sk15.pkl" | cut -f 1 >genes.txt
	only genes.txt
	lr-model export "$GOLDEN/lr.sk15.pkl" -o all.tsv
	awk 'NR == FNR { keep[$1]; next } $1 in keep { print $1 "," $1 }' genes.txt all.tsv >map.csv
	lr-model convert -m map.csv "$GOLDEN/lr.sk15.pkl" -o small.h5
	lr-predict -q -m "$GOLDEN/lr.sk15.pkl" --min-coverage 0 --decision a.tsv -o a.calls only.h5ad 2>/dev/null
	lr-predict -q -m small.h5 --decision b.tsv -o b.calls "$GOLDEN/pbmc_query.h5ad" 2>/dev/null
	close a.tsv b.tsv 1e-9 1e-9
}

@test "among several models the one without its genes is left out" {
	lr-model genes "$GOLDEN/sgdfs.sk15.pkl" | cut -f 1 >genes.txt
	only genes.txt
	lr-predict -m "$GOLDEN/lr.sk15.pkl" -m "$GOLDEN/sgdfs.sk15.pkl" --min-coverage 0.9 -o out only.h5ad 2>said
	grep -qE 'lr.sk15: .*below --min-coverage 0.9: left out' said
	[ "$(ls out)" = sgdfs.sk15.tsv ]
	fails 3 'every one is below' lr-predict -m "$GOLDEN/lr.sk15.pkl" -m "$GOLDEN/lr.sk12.pkl" --min-coverage 0.9 -o none only.h5ad
}

@test "wrong usage exits with 2" {
	fails 2 'which model' lr-predict "$GOLDEN/pbmc_query.h5ad"
	fails 2 'threshold' lr-predict -m x --threshold 2 "$GOLDEN/pbmc_query.h5ad"
	fails 2 'folder' lr-predict -m a.pkl -m b.pkl "$GOLDEN/pbmc_query.h5ad"
	fails 2 'two models are called' lr-predict -m "$GOLDEN/lr.sk15.pkl" -m "$GOLDEN/lr.sk15.pkl" -o d "$GOLDEN/pbmc_query.h5ad"
}

@test "a pickle that would run something is refused and named, and nothing runs" {
	printf 'cos\nsystem\n(Vtouch ran\ntR.' >evil.pkl
	fails 1 'evil.pkl: .*os.system.*nothing was run' lr-predict -m evil.pkl "$GOLDEN/pbmc_query.h5ad" -o calls.tsv
	[ ! -e ran ] && [ ! -e calls.tsv ]
	head -c 40000 "$GOLDEN/lr.sk15.pkl" >cut.pkl
	fails 1 'cut.pkl: .*cut' lr-predict -m cut.pkl "$GOLDEN/pbmc_query.h5ad"
	fails 1 'not a model' lr-predict -m "$GOLDEN/pbmc_query.h5ad" "$GOLDEN/pbmc_query.h5ad"
	printf 'N.' >none.pkl
	fails 1 'not a CellTypist model' lr-predict -m none.pkl "$GOLDEN/pbmc_query.h5ad"
	fails 1 'missing.h5' lr-predict -m missing.h5 "$GOLDEN/pbmc_query.h5ad"
}

@test "a full disk fails and leaves nothing" {
	fails 1 '/dev/full|stdout' sh -c "lr-predict -q -m '$GOLDEN/lr.sk15.pkl' '$GOLDEN/pbmc_query.h5ad' >/dev/full"
	fails 1 'no-such-folder' lr-predict -m "$GOLDEN/lr.sk15.pkl" -o no-such-folder/calls.tsv "$GOLDEN/pbmc_query.h5ad"
}

@test "the manifest says what was decided" {
	lr-predict -q -m "$GOLDEN/lr.sk15.pkl" --manifest m.json -o calls.tsv "$GOLDEN/pbmc_query.h5ad" 2>/dev/null
	grep -q '764 of its 764 genes' m.json
	grep -q 'X: subset' m.json
}

@test "a robust model says what a call is worth; shards and threads say the same" {
	lr-train -q -l bulk_labels --tol 1e-3 "$GOLDEN/pbmc_train.h5ad" -o model.h5
	lr-predict -q -t 1 -m model.h5 "$GOLDEN/pbmc_train.h5ad" -o whole.tsv
	head -n 1 whole.tsv | grep -q 'probability	p_score	p_distance	novelty	explained'
	awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		{ p = $at["probability"]; if (!(p > 0 && p <= 1) || !($at["novelty"] >= 0) || $at["explained"] != 1) exit 1
		  if (!($at["p_score"] > 0 && $at["p_score"] <= 1 && $at["p_distance"] > 0 && $at["p_distance"] <= 1)) exit 1 }' whole.tsv
	for i in 1 2 3; do
		h5-select -q --shard "$i/3" "$GOLDEN/pbmc_train.h5ad" | lr-predict -q -t 3 -m model.h5 - | tail -n +2
	done >shards.tsv
	tail -n +2 whole.tsv | cmp - shards.tsv
}

@test "genes that a file lacks are expected from those it has; mean is CellTypist's" {
	lr-train -q -l bulk_labels --tol 1e-3 "$GOLDEN/pbmc_train.h5ad" -o model.h5
	lr-model genes model.h5 | awk 'NR > 1 && NR % 9 == 0 { print $1 }' >panel.txt
	h5-select -q --genes panel.txt "$GOLDEN/pbmc_train.h5ad" -o panel.h5ad
	run_split lr-predict -m model.h5 panel.h5ad -o expected.tsv
	[ "$status" -eq 0 ]
	grep -qE 'they explain [0-9.]+ % of the scores \(least: .+, [0-9.]+ %\)' <<<"$errors"
	lr-predict -q --min-coverage 0 --missing mean -m model.h5 panel.h5ad -o mean.tsv
	h5-obs get -c bulk_labels "$GOLDEN/pbmc_train.h5ad" >truth.tsv
	right() { paste truth.tsv "$1" | awk -F '\t' 'NR > 1 && $2 == $4 { n++ } END { print n + 0 }'; }
	echo "$(right expected.tsv) $(right mean.tsv)"
	[ "$(right expected.tsv)" -gt "$(right mean.tsv)" ]
	# A file that shares next to nothing is refused, whatever it is.
	head -n 2 panel.txt >two.txt
	h5-select -q --genes two.txt "$GOLDEN/pbmc_train.h5ad" -o two.h5ad
	fails 3 'min-coverage' lr-predict -m model.h5 two.h5ad -o x.tsv
	[ ! -e x.tsv ]
}

@test "factors of another gene list are an error that says what to do" {
	lr-train -q -l bulk_labels --tol 1e-3 "$GOLDEN/pbmc_train.h5ad" -o model.h5
	python - <<-'PY'
	import h5py
	f = h5py.File("model.h5", "r+"); x = f["factors/loadings"][:-1]; del f["factors/loadings"]; f["factors/loadings"] = x
	PY
	fails 1 'factors of another gene list' lr-predict -m model.h5 "$GOLDEN/pbmc_train.h5ad" -o x.tsv
}

@test "--skip-below: a model with too few of the genes gets a table without a byte, and says why" {
	h5-select -q --genes <(printf 'CD79A\nLYZ\nNKG7\n') "$GOLDEN/pbmc_query.h5ad" -o small.h5ad
	fails 3 'below --min-coverage' lr-predict -m "$GOLDEN/lr.sk12.pkl" small.h5ad -o refused.tsv
	[ ! -e refused.tsv ]
	lr-predict -m "$GOLDEN/lr.sk12.pkl" --skip-below small.h5ad -o calls.tsv --manifest m.json 2>said
	[ -e calls.tsv ] && [ ! -s calls.tsv ]
	grep -q 'skipped calls.tsv' said
	grep -q '"skipped": "lr.sk12: gene coverage"' m.json
	lr-predict -q -m "$GOLDEN/lr.sk12.pkl" --skip-below "$GOLDEN/pbmc_query.h5ad" -o a.tsv
	lr-predict -q -m "$GOLDEN/lr.sk12.pkl" "$GOLDEN/pbmc_query.h5ad" -o b.tsv
	same a.tsv b.tsv
}

@test "--evidence: the parts add up to the margin of the decisions, and name expressed genes" {
	lr-predict -q -t 1 -m "$GOLDEN/lr.sk15.pkl" --decision d.tsv --evidence why.tsv "$GOLDEN/pbmc_query.h5ad" -o calls.tsv
	lr-predict -q -t 3 -m "$GOLDEN/lr.sk15.pkl" --evidence again.tsv "$GOLDEN/pbmc_query.h5ad" -o calls.tsv
	cmp why.tsv again.tsv
	cut -f 1,2,5 calls.tsv >called
	cut -f 1-3 why.tsv | cmp - called
	python - <<-'PY'
	import csv
	d = {r["cell"]: r for r in csv.DictReader(open("d.tsv"), delimiter="\t")}
	for r in csv.DictReader(open("why.tsv"), delimiter="\t"):
	    parts = [float(x.rsplit(":", 1)[1]) for k in ("for", "against") for x in r[k].split(",") if x]
	    assert len([x for x in parts if x > 0]) <= 4 and len([x for x in parts if x < 0]) <= 4 and parts
	    total = sum(parts) + float(r["absent"]) + float(r["prior"]) + float(r["rest"])
	    margin = float(d[r["cell"]][r["label"]]) - float(d[r["cell"]][r["second"]])
	    assert abs(total - float(r["margin"])) < 1e-12 and abs(margin - float(r["margin"])) < 1e-6, r
	PY
	# Of four genes every part is listed, so that nothing is left over.
	printf 'LYZ\nCST3\nCD79A\nNKG7\n' >four.txt
	h5-select -q --genes four.txt "$GOLDEN/pbmc_query.h5ad" -o four.h5ad
	lr-predict -q --min-coverage 0 -m "$GOLDEN/lr.sk15.pkl" --evidence four.tsv four.h5ad >/dev/null
	awk -F '\t' 'NR > 1 && ($9 > 1e-6 || $9 < -1e-6) { exit 1 }' four.tsv
	fails 2 'one model' lr-predict -m "$GOLDEN/lr.sk15.pkl" -m "$GOLDEN/lr.sk12.pkl" --evidence x -o folder "$GOLDEN/pbmc_query.h5ad"
}

# leveled: the demo's training cells with two columns of coarser labels, as train.h5ad.
leveled() {
	h5-obs get -q -c bulk_labels "$TESTS/../refs/demo/pbmc_train.h5ad" | awk -F '\t' -v OFS='\t' '
	NR == 1 { print $1, "lv1", "lv2"; next }
	{ lv2 = $2 ~ /T( Reg)?$|Memory|Cytotoxic/ ? "T cell" : $2 ~ /B$/ ? "B cell" : $2 ~ /NK/ ? "NK" : $2 ~ /Mono/ ? "Mono" : $2 ~ /Dend/ ? "DC" : ""
	  print $1, lv2 ~ /cell|NK/ ? "lymphoid" : lv2 == "" ? "other" : "myeloid", lv2 }' >levels.tsv
	h5-obs put -q -f levels.tsv "$TESTS/../refs/demo/pbmc_train.h5ad" -o train.h5ad
}

@test "levels: each is the likeliest within the one above, its probability the sum of its classes" {
	leveled
	lr-train -q -l bulk_labels --min-cells 4 --loss softmax --factors 0 --levels lv1,lv2 train.h5ad -o m.h5
	lr-predict -q -m m.h5 --levels lv1,lv2 --climb --probability p.tsv -o c.tsv "$TESTS/../refs/demo/pbmc_query.h5ad"
	python - <<-'E'
	import csv
	rows = list(csv.DictReader(open("c.tsv"), delimiter="\t", quoting=csv.QUOTE_NONE))
	p = {r["cell"]: {k: float(v) for k, v in r.items() if k != "cell"} for r in csv.DictReader(open("p.tsv"), delimiter="\t", quoting=csv.QUOTE_NONE)}
	def path(c):
	    t = any(c.endswith(e) for e in (" T", " T Reg")) or "Memory" in c or "Cytotoxic" in c
	    lv2 = "T cell" if t else "B cell" if c.endswith("B") else "NK" if "NK" in c else "Mono" if "Mono" in c else "DC" if "Dend" in c else "other"
	    return "lymphoid" if lv2 in ("T cell", "B cell", "NK") else "other" if lv2 == "other" else "myeloid", lv2
	assert rows
	for r in rows:
	    q = p[r["cell"]]
	    one, two = {}, {}
	    for c, x in q.items():
	        a, b = path(c)
	        one[a] = one.get(a, 0) + x
	        two[a, b] = two.get((a, b), 0) + x
	    a = max(one, key=one.get)
	    b = max((k for k in two if k[0] == a), key=two.get)[1]
	    assert (r["label_lv1"], r["label_lv2"]) == (a, b), (r, a, b)
	    assert abs(float(r["prob_lv1"]) - one[a]) < 1e-8 and abs(float(r["prob_lv2"]) - two[a, b]) < 1e-8
	    above = [t.split(" ", 2) for t in r["above"].split("|")] if r["above"] else []
	    a, b = path(r["label"])
	    want = [(two[a, b], b)] * (b == "T cell") + [(one[a], a)] * (a != "other")
	    assert len(want) == len(above), r
	    for (x, name), (y, i, n) in zip(want, above):
	        assert name == n and i == "-" and abs(x - float(y)) < 1e-8, r
	    assert all(float(x[0]) <= float(y[0]) for x, y in zip(above, above[1:]))
	E
	# nothing else changed, whatever the threads
	lr-predict -q -t 3 -m m.h5 --levels lv1,lv2 --climb "$TESTS/../refs/demo/pbmc_query.h5ad" | same - c.tsv
	lr-predict -q -m m.h5 "$TESTS/../refs/demo/pbmc_query.h5ad" | cut -f 1-11 >plain
	cut -f 1-11 c.tsv | same - plain
	fails 1 'm: level lv1 is not finer' lr-predict -m m.h5 --levels lv2,lv1 "$TESTS/../refs/demo/pbmc_query.h5ad"
	fails 1 'm: the model: there is no level lv3; did you mean lv1' lr-predict -m m.h5 --levels lv3 "$TESTS/../refs/demo/pbmc_query.h5ad"
	fails 1 'has no levels' lr-predict -m "$GOLDEN/lr.sk15.pkl" --levels lv1 "$TESTS/../refs/demo/pbmc_query.h5ad"
}

@test "ids: a slim's answers, and what is above the label with the ontology's ids" {
	printf 'label\tid\tname\nCD4+/CD25 T Reg\tCL:0000792\tx\nDendritic\tCL:0000451\tx\nCD14+ Monocyte\tCL:0001054\tx\nCD8+ Cytotoxic T\tCL:0000794\tx\nCD19+ B\tCL:0000236\tx\n' >map.tsv
	lr-train -q -l bulk_labels --min-cells 4 --factors 0 --map map.tsv "$TESTS/../refs/demo/pbmc_train.h5ad" -o m.h5
	printf 'id\nCL:0000084\nCL:0000542\n' >slim.tsv
	lr-predict -q -m m.h5 --climb --slim slim.tsv --probability p.tsv -o c.tsv "$TESTS/../refs/demo/pbmc_query.h5ad"
	python - <<-'E'
	import csv
	read = lambda f: list(csv.DictReader(open(f), delimiter="\t", quoting=csv.QUOTE_NONE))
	t, lymph = ("CD4+/CD25 T Reg", "CD8+ Cytotoxic T"), ("CD4+/CD25 T Reg", "CD8+ Cytotoxic T", "CD19+ B")
	seen = set()
	for r, q in zip(read("c.tsv"), read("p.tsv")):
	    total = lambda names: sum(float(q[n]) for n in names)
	    if r["label_slim"] == "T cell": assert abs(float(r["prob_slim"]) - total(t)) < 1e-8
	    if r["label_slim"] == "lymphocyte": assert abs(float(r["prob_slim"]) - total(lymph)) < 1e-8
	    seen.add(r["label_slim"])
	    above = dict((x.split(" ", 2)[1], float(x.split(" ", 2)[0])) for x in r["above"].split("|")) if r["above"] else {}
	    if r["label"] in t: assert abs(above["CL:0000791"] - total(t)) < 1e-8, r
	    if r["label"] in lymph: assert abs(above["CL:0000542"] - total(lymph)) < 1e-8, r
	    if r["label"].startswith("CD34"): assert not above
	assert {"T cell", "lymphocyte", "Dendritic"} <= seen, seen
	E
	fails 1 'no class of the model is at or below a listed term' lr-predict -m m.h5 --slim <(printf 'id\nCL:0000540\n') "$TESTS/../refs/demo/pbmc_query.h5ad"
	# a model without ids has nothing above, and says so
	run_split lr-predict -m "$GOLDEN/lr.sk15.pkl" --climb "$GOLDEN/pbmc_query.h5ad" -o n.tsv
	grep -q 'lr.sk15 has neither ontology ids nor levels' <<<"$errors"
	[ "$(head -n 1 n.tsv | grep -c above)" -eq 0 ]
}

@test "a model from before it had annexes is read, and says what it lacks; one that shares no gene of weight is refused" {
	lr-train -q -l bulk_labels --min-cells 4 "$GOLDEN/pbmc_train.h5ad" -o new.h5
	cp new.h5 old.h5
	python - <<-'E'
	import h5py
	f = h5py.File("old.h5", "r+")
	for group in "factors", "calibration", "landmarks", "depth":
	    if group in f: del f[group]
	f = h5py.File("new.h5", "r")
	assert {"factors", "calibration", "landmarks"} <= set(f)
	E
	run_split lr-predict -m old.h5 "$GOLDEN/pbmc_query.h5ad" -o old.tsv
	grep -q 'old lacks factors, calibration, landmarks' <<<"$errors"
	lr-model info old.h5 | grep -q 'lacks: factors, calibration, landmarks'
	lr-model info new.h5 | grep -q 'landmarks: .* cells'
	run_split lr-predict -m new.h5 "$GOLDEN/pbmc_query.h5ad" -o new.tsv
	run grep lacks <<<"$errors"
	[ "$status" -eq 1 ]
	[ "$(cut -f 2 old.tsv | md5sum)" = "$(cut -f 2 new.tsv | md5sum)" ]
	# a group that this program does not know is passed over, and said
	python -c 'import h5py; f = h5py.File("new.h5", "r+"); f.create_group("portents")'
	run_split lr-predict -m new.h5 "$GOLDEN/pbmc_query.h5ad" -o other.tsv
	grep -q 'new.h5: has a part "portents" that this program does not know' <<<"$errors"
	cmp new.tsv other.tsv
	# one from before it knew what few counts make of novelty; and rows that cannot be
	cp new.h5 before.h5
	python -c 'import h5py; f = h5py.File("before.h5", "r+"); del f["depth/novelty"]'
	lr-predict -q -m before.h5 "$GOLDEN/pbmc_query.h5ad" -o before.tsv
	[ "$(cut -f 2 before.tsv | md5sum)" = "$(cut -f 2 new.tsv | md5sum)" ]
	for how in '[0] = -1' '[1] = float("nan")'; do
		python -c 'import h5py, sys; f = h5py.File("before.h5", "r+"); d = f["depth/counts"][:] * 0
f.require_dataset("depth/novelty", d.shape, "f8")[:] = d; exec("f[\"depth/novelty\"]" + sys.argv[1])' "$how"
		fails 1 'before.h5: depth: counts that do not rise, or no shares' lr-predict -m before.h5 "$GOLDEN/pbmc_query.h5ad"
	done
	# a group that is not whole is named
	python -c 'import h5py; f = h5py.File("new.h5", "r+"); del f["calibration/slope"]'
	fails 1 "new.h5: there is no dataset 'calibration/slope': that group of the model is not whole" lr-predict -m new.h5 "$GOLDEN/pbmc_query.h5ad"
	# weights of 0 on all that is shared
	python -c 'import h5py; f = h5py.File("old.h5", "r+"); f["coef"][:] = 0'
	fails 3 'with 0.0 % of its weight' lr-predict -m old.h5 --min-coverage 0 "$GOLDEN/pbmc_query.h5ad" -o x.tsv
	[ ! -e x.tsv ]
}

@test "the fewer genes there are, the less sure are the probabilities; with all of them nothing changes" {
	lr-train -q -l bulk_labels --min-cells 4 "$GOLDEN/pbmc_train.h5ad" -o m.h5
	lr-model genes m.h5 | cut -f 1 | sed 1d >genes
	mean() { awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "probability") c = i; next } { s += $c } END { printf "%.6f\n", s / (NR - 1) }'; }
	for every in 1 3 12; do
		awk -v n=$every 'NR % n == 0' genes >some
		h5-select -q --genes some "$GOLDEN/pbmc_query.h5ad" -o some.h5ad
		lr-predict -q --min-coverage 0 -m m.h5 some.h5ad 2>/dev/null | mean
	done >means
	cat means
	sort -rn means | same - means
	# all are there: the softmax of the calibrated decisions, as the container says them
	lr-predict -q -m m.h5 --decision d.tsv "$GOLDEN/pbmc_query.h5ad" -o c.tsv 2>/dev/null
	python - <<-'E'
	import csv, math, h5py
	f = h5py.File("m.h5")
	slope, offset = f["calibration/slope"][:], f["calibration/offset"][:]
	read = lambda n: list(csv.reader(open(n), delimiter="\t", quoting=csv.QUOTE_NONE))
	calls, d = read("c.tsv"), read("d.tsv")
	at = calls[0].index("probability")
	for c, row in zip(calls[1:], d[1:]):
	    x = [a * float(v) + b for a, v, b in zip(slope, row[1:], offset)]
	    p = math.exp(x[d[0].index(c[1]) - 1] - max(x)) / sum(math.exp(v - max(x)) for v in x)
	    assert abs(p - float(c[at])) < 1e-7, (p, c[at])
	E
}
