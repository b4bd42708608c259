load helper

NEEDS=h5-qc

# doubled FILE: sample_counts with 56 sums of two of its cells behind the others, of two types
doubled() {
	python - "$GOLDEN/sample_counts.h5ad" "$1" <<-'PY'
	import sys, h5py
	import numpy as np
	f = h5py.File(sys.argv[1], "r")
	x, at, starts = f["X/data"][()], f["X/indices"][()], f["X/indptr"][()]
	var = f["var"][f["var"].attrs["_index"]].asstr()[()]
	n, rng = len(starts) - 1, np.random.RandomState(5)
	dense = np.zeros((n, len(var)), "f4")
	for i in range(n):
	    dense[i, at[starts[i]:starts[i + 1]]] = x[starts[i]:starts[i + 1]]
	logged = np.log1p(dense / dense.sum(1, keepdims=True) * 1e4)
	logged -= logged.mean(0)
	first = np.linalg.svd(logged, full_matrices=False)[0][:, 0]
	order = np.argsort(first)
	a, b = rng.choice(order[:n // 4], 56), rng.choice(order[-(n // 4):], 56)
	out = np.vstack([dense, dense[a] + dense[b]])
	g = h5py.File(sys.argv[2], "w")
	g["X"] = out
	for name, keys in (("obs", ["c%d" % i for i in range(len(out))]), ("var", list(var))):
	    group = g.create_group(name)
	    group.attrs.update({"_index": "_index", "column-order": np.array([], "S1"),
	                        "encoding-type": "dataframe", "encoding-version": "0.2.0"})
	    group.create_dataset("_index", data=keys, dtype=h5py.string_dtype())
	PY
}

@test "counts, genes and shares are the sums they are said to be" {
	h5-qc -q --no-doublets "$GOLDEN/sample_counts.h5ad" -o qc.tsv
	python - "$GOLDEN/sample_counts.h5ad" >want <<-'PY'
	import sys, h5py
	import numpy as np
	f = h5py.File(sys.argv[1], "r")
	x, at, starts = f["X/data"][()], f["X/indices"][()], f["X/indptr"][()]
	var = f["var"][f["var"].attrs["_index"]].asstr()[()]
	mito = np.array([v.upper().startswith("MT-") for v in var])
	ribo = np.array([v.upper().startswith(("RPS", "RPL")) for v in var])
	print("n_counts\tn_genes\tmito_share\tribo_share\tcomplexity")
	for i in range(len(starts) - 1):
	    row, genes = x[starts[i]:starts[i + 1]].astype(float), at[starts[i]:starts[i + 1]]
	    total, n = row.sum(), (row > 0).sum()
	    print("%g\t%d\t%.9g\t%.9g\t%.9g" % (total, n, row[mito[genes]].sum() / total,
	                                     row[ribo[genes]].sum() / total, np.log10(n) / np.log10(total)))
	PY
	cut -f 2-6 qc.tsv >got
	close got want 1e-8
	[ "$(awk -F '\t' 'NR > 1 && $7 != ""' qc.tsv | wc -l)" -eq 0 ]
}

@test "sums of two cells of two types score high; any number of threads gives the same bytes" {
	doubled d.h5ad
	h5-qc -q -t 1 d.h5ad -o one.tsv 2>/dev/null
	h5-qc -q -t 3 d.h5ad -o three.tsv 2>/dev/null
	same one.tsv three.tsv
	# AUROC: how often a sum scores above a cell
	awk -F '\t' 'NR > 1 { s[NR - 1] = $7; n = NR - 1 }
		END { for (i = n - 55; i <= n; i++) for (j = 1; j <= n - 56; j++) above += s[i] > s[j] ? 1 : s[i] == s[j] ? .5 : 0
		print above / 56 / (n - 56); exit !(above / 56 / (n - 56) > 0.9) }' one.tsv
	[ "$(awk -F '\t' '$8 ~ /DOUBLET/' one.tsv | wc -l)" -gt 5 ]
	h5-qc -q --seed 7 d.h5ad 2>/dev/null | cmp -s - one.tsv && return 1
	h5-qc -q --doublet-threshold 0.999 d.h5ad 2>/dev/null | awk -F '\t' '$8 ~ /DOUBLET/ { exit 1 }'
}

@test "--mad names what lies far off, by batch" {
	cp "$GOLDEN/sample_counts.h5ad" odd.h5ad
	python - <<-'PY'
	import h5py
	f = h5py.File("odd.h5ad", "a")
	x = f["X"]
	starts = x["indptr"][()]
	x["data"][starts[2]:starts[3]] = x["data"][starts[2]:starts[3]] * 500
	x["data"][starts[4] + 3:starts[5]] = 0
	PY
	h5-qc -q --no-doublets --mad 5 odd.h5ad -o qc.tsv
	awk -F '\t' 'NR == 4' qc.tsv | grep -q 'HIGH_COUNTS'
	awk -F '\t' 'NR == 6' qc.tsv | grep -q 'LOW_COUNTS;LOW_GENES'
	h5-qc -q --no-doublets odd.h5ad | cut -f 8 | sort -u >flags
	[ "$(grep -c . flags)" -eq 1 ]
	fails 1 "no column 'batc'" h5-qc --batch batc odd.h5ad -o no.tsv
}

@test "the columns go into a file's obs" {
	h5-qc -q --no-doublets "$GOLDEN/sample_counts.h5ad" | h5-obs put -q -f - --prefix qc_ "$GOLDEN/sample_counts.h5ad" -o out.h5ad
	h5-obs get -q -c qc_n_counts,qc_mito_share out.h5ad | head -n 1 | grep -q 'qc_n_counts	qc_mito_share'
}

@test "what has no counts is refused, few cells are said" {
	fails 3 'counts are needed' h5-qc "$GOLDEN/norm_log1p_10k.h5ad" -o no.tsv
	[ ! -e no.tsv ]
	h5-select -q --cells <(h5-obs get -q "$GOLDEN/sample_counts.h5ad" | cut -f 1 | sed -n 2,11p) "$GOLDEN/sample_counts.h5ad" -o few.h5ad || skip
	h5-qc few.h5ad -o qc.tsv 2>said
	grep -q '10 cells are too few for doublet scores' said
}

@test "--skip-unfit: without counts a table without a byte, and no failure" {
	h5-qc --skip-unfit "$GOLDEN/norm_log1p_10k.h5ad" -o none.tsv 2>said
	[ -e none.tsv ] && [ ! -s none.tsv ]
	grep -q 'counts are needed.*no quality is told' said
	fails 1 'nowhere.h5ad' h5-qc --skip-unfit nowhere.h5ad -o no.tsv
	[ ! -e no.tsv ]
}
