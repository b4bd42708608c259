# What mapping refuses, and how that is said: references whose parts do not fit, trees, atlases and references
# of others, options. Found by what the tests reached.

load helper
# shellcheck disable=SC2034
NEEDS="ref-build ref-map knn-transfer ref-model h5-subsample tree-learn"

setup_file() {
	local bin=${PIPETTE_BUILD:-$BATS_TEST_DIRNAME/../build}/bin
	[ -x "$bin/knn-transfer" ] || return 0
	cd "$BATS_FILE_TMPDIR" || return 1
	"$bin/h5-subsample" -q -n 48 --by bulk_labels "$BATS_TEST_DIRNAME/golden/pbmc_train.h5ad" -o cells.h5ad
	"$bin/ref-build" -q -l bulk_labels --pcs 5 --clusters 4 --neighbors cells.h5ad -o atlas.ref.h5
	"$bin/ref-map" -q -m atlas.ref.h5 cells.h5ad -o mapped.h5ad
}

# put FILE TEXT: the text, with printf's escapes.
put() { printf '%b' "$2" >"$1"; }

# take FILE...: links to what setup_file made.
take() { (cd "$BATS_FILE_TMPDIR" && ln -s "${@/#/$PWD/}" "$BATS_TEST_TMPDIR"); }

# no_output: nothing that was refused left a file out*.
no_output() { run compgen -G 'out*' && [ "$status" -ne 0 ]; }

@test "a reference whose numbers are of no reference" {
	take atlas.ref.h5
	python - <<-'END'
	import h5py, numpy as np, shutil
	def bad(name, change):
	    shutil.copy("atlas.ref.h5", name + ".ref.h5")
	    with h5py.File(name + ".ref.h5", "r+") as f:
	        change(f)
	def put(f, at, value):
	    if at in f:
	        del f[at]
	    f[at] = value
	def new(name, at, value):
	    bad(name, lambda f: put(f, at, value))
	def at(name, where, index, value):
	    bad(name, lambda f: f[where].__setitem__(index, value))
	new("two", "n_cells", np.array([48., 1]))
	new("whole", "n_cells", np.int64(48))
	new("below", "knn_k", -1.)
	new("nan", "knn_k", np.nan)
	new("number", "labels/bulk_labels/names", np.arange(10.))
	new("cells", "cells", np.array(["a", "b"], "S1"))
	new("wide", "loadings", np.zeros((636, 0)))
	new("flat", "loadings", np.zeros(636))
	new("clusters", "clusters/Nr", np.zeros(0))
	new("index", "neighbors/index", np.zeros((48, 0), "u4"))
	new("text", "mean", np.array(["a"], "S1"))
	bad("half", lambda f: f.__delitem__("clusters/chol_pca"))
	new("slope", "residuals/slope", np.zeros(636))
	bad("harmony", lambda f: f.move("coords/pca", "coords/harmony"))
	new("newick", "tree/newick", np.bytes_("(a,b)c;"))
	bad("version", lambda f: f.attrs.__setitem__("format_version", np.int64(77)))
	bad("genes", lambda f: put(f, "genes", np.repeat(f["genes"][:318], 2)))
	new("one", "genes", np.array(["A"], "S1"))
	new("clip", "clip_high", -1e9)
	at("sd", "sd", 3, -1.)
	at("loading", "loadings", (2, 1), np.nan)
	bad("labels", lambda f: put(f, "labels/bulk_labels/names", np.array(list("abcdefghia"), "S1")))
	at("code", "labels/bulk_labels/codes", 5, 10)
	at("fall", "calibration/bulk_labels/map", (2, 500), 1e9)
	at("factor", "clusters/chol_pca", (1, 0), 0.)
	at("neighbour", "neighbors/index", (3, 2), 48)
	at("place", "coords/pca", (7, 1), np.inf)
	new("sigma", "clusters/sigma", 0.)
	new("longest", "cells", np.array(["c%d" % i for i in range(48)], h5py.string_dtype()))
	END
	local info=(ref-model info -o out.tsv)
	fails 1 'two.ref.h5: /n_cells: is not one number' "${info[@]}" two.ref.h5
	fails 1 'whole.ref.h5: /n_cells: is not one number' "${info[@]}" whole.ref.h5
	fails 1 'below.ref.h5: /knn_k: is -1, expected 0 to 10000' "${info[@]}" below.ref.h5
	fails 1 'nan.ref.h5: /knn_k: is -?nan, expected 0 to 10000' "${info[@]}" nan.ref.h5
	fails 1 'number.ref.h5: /labels/bulk_labels/names: does not hold text' "${info[@]}" number.ref.h5
	fails 1 'cells.ref.h5: /cells: 2 texts, expected 48' "${info[@]}" cells.ref.h5
	fails 1 'longest.ref.h5: /cells: texts of variable length' "${info[@]}" longest.ref.h5
	fails 1 'wide.ref.h5: /loadings: 0 dimensions' "${info[@]}" wide.ref.h5
	fails 1 'flat.ref.h5: /loadings: 0 dimensions' "${info[@]}" flat.ref.h5
	fails 1 'clusters.ref.h5: 0 clusters' "${info[@]}" clusters.ref.h5
	fails 1 'index.ref.h5: /neighbors/index: 0 neighbours' "${info[@]}" index.ref.h5
	fails 1 'text.ref.h5: /mean: does not hold numbers' "${info[@]}" text.ref.h5
	fails 1 'half.ref.h5: /clusters: some of mean_pca, chol_pca, mean_harmony, chol_harmony are missing' "${info[@]}" half.ref.h5
	fails 1 'slope.ref.h5: /residuals: intercept, slope and dispersion go together' "${info[@]}" slope.ref.h5
	fails 1 'harmony.ref.h5: /coords/harmony without /coords/pca' "${info[@]}" harmony.ref.h5
	fails 1 'newick.ref.h5: /tree: newick and column go together' "${info[@]}" newick.ref.h5
	fails 1 'version.ref.h5: reference format 77: this program reads 2' "${info[@]}" version.ref.h5
	fails 1 'genes.ref.h5: genes: .* is there twice' "${info[@]}" genes.ref.h5
	fails 1 'one.ref.h5: ' "${info[@]}" one.ref.h5
	fails 1 'clip.ref.h5: clipped at -10 and -1e\+09, scaled to 10000: not a transform' "${info[@]}" clip.ref.h5
	fails 1 'sd.ref.h5: sd: number 4 is -1' "${info[@]}" sd.ref.h5
	fails 1 'loading.ref.h5: loadings: number 12 is -?nan' "${info[@]}" loading.ref.h5
	fails 1 "labels.ref.h5: labels of bulk_labels: 'a' is there twice" "${info[@]}" labels.ref.h5
	fails 1 'code.ref.h5: labels of bulk_labels: cell 5 has label 10 of 10' "${info[@]}" code.ref.h5
	fails 1 'fall.ref.h5: calibration of bulk_labels: quantiles fall' "${info[@]}" fall.ref.h5
	fails 1 'factor.ref.h5: cluster 1: a factor that is no factor' "${info[@]}" factor.ref.h5
	fails 1 'neighbour.ref.h5: neighbors: cell 48 of 48' "${info[@]}" neighbour.ref.h5
	fails 1 'place.ref.h5: coords/pca: number 37 is inf' "${info[@]}" place.ref.h5
	fails 1 'sigma.ref.h5: /clusters/sigma: is 0, expected 1e-12 to 1e\+12' "${info[@]}" sigma.ref.h5
	no_output
}

@test "references of symphonypy whose parts do not fit" {
	python - "$GOLDEN/map/symphony_ref.h5ad" <<-'END'
	import h5py, numpy as np, shutil, sys
	def bad(name, at, change):
	    shutil.copy(sys.argv[1], name + ".h5ad")
	    with h5py.File(name + ".h5ad", "r+") as f:
	        old = f[at][()]
	        attrs = dict(f[at].attrs)
	        del f[at]
	        f[at] = change(old)
	        f[at].attrs.update(attrs)
	def set(a, index, value):
	    a[index] = value
	    return a
	bad("text", "varm/PCs", lambda a: np.array(["a"], "S1"))
	bad("rows", "varm/PCs", lambda a: a[1:])
	bad("components", "varm/PCs", lambda a: a[:, :-1])
	bad("gene", "var/highly_variable", lambda a: np.arange(a.size) == 0)
	bad("flat", "uns/harmony/R", lambda a: a[0])
	bad("other", "uns/harmony/R", lambda a: a[:, 1:])
	bad("member", "uns/harmony/R", lambda a: set(a, (0, 3), 1.5))
	bad("nan", "obsm/X_pca", lambda a: set(a, (0, 0), np.nan))
	bad("sigma", "uns/harmony/sigma", lambda a: 0 * a)
	bad("sigmas", "uns/harmony/sigma", lambda a: np.zeros((2, 2)))
	END
	local import=(ref-model import -l label -o out.ref.h5)
	fails 1 'text.h5ad: /varm/PCs: is not an array of numbers with 2 dimensions' "${import[@]}" text.h5ad
	fails 1 'rows.h5ad: /varm/PCs is [0-9]+ x [0-9]+ for [0-9]+ genes' "${import[@]}" rows.h5ad
	fails 1 'components.h5ad: X_pca has [0-9]+, X_pca_harmony [0-9]+, PCs [0-9]+ dimensions' "${import[@]}" components.h5ad
	fails 1 'gene.h5ad: [0-9]+ dimensions of 1 genes' "${import[@]}" gene.h5ad
	fails 1 'flat.h5ad: /uns/harmony/R: is not an array of numbers with 2 dimensions' "${import[@]}" flat.h5ad
	fails 1 'other.h5ad: /uns/harmony/R is [0-9]+ x [0-9]+ for [0-9]+ cells' "${import[@]}" other.h5ad
	fails 1 'member.h5ad: /uns/harmony/R: 1.5 is no membership' "${import[@]}" member.h5ad
	fails 1 'nan.h5ad: coords/pca: number 1 is -?nan' "${import[@]}" nan.h5ad
	fails 1 'sigma.h5ad: clusters: sigma is 0' "${import[@]}" sigma.h5ad
	fails 1 'sigmas.h5ad: /uns/harmony/sigma: is not an array of numbers with 1 dimensions' "${import[@]}" sigmas.h5ad
	no_output
}

@test "references that R saved whose parts do not fit" {
	python - "$TESTS/probe" <<-'END'
	import sys; sys.path.insert(0, sys.argv[1])
	import numpy as np, rds_make as r
	head = b"X\n" + r.word(3, 0x040202, 0x030500, 5) + b"UTF-8"
	genes, cells, draw = ["A", "B", "C"], ["c%d" % i for i in range(8)], np.random.default_rng(1).normal
	number = lambda *shape: r.matrix(draw(size=shape))
	names = r.strings(cells)
	def vargenes(symbols=genes, mean=3):
	    return r.named([("symbol", r.strings(symbols)), ("mean", r.doubles([1.0] * mean)), ("stddev", r.doubles([1.0] * 3))])
	def symphony(name, **other):
	    parts = dict(meta_data=r.frame([("label", r.strings(list("aabbaabb")))], names), vargenes=vargenes(), loadings=number(3, 2),
	                 R=r.matrix(np.full((2, 8), 0.5)), Z_orig=number(2, 8), Z_corr=number(2, 8), **{}) | other
	    with open(name + ".rds", "wb") as f:
	        f.write(head + r.named([(k, v) for k, v in parts.items() if v]))
	symphony("good")
	symphony("mean", vargenes=vargenes(mean=2))
	symphony("symbol", vargenes=vargenes(["A", None, "C"]))
	symphony("twice", vargenes=vargenes(["A", "B", "A"]))
	symphony("none", loadings=None)
	symphony("rows", loadings=number(4, 2))
	symphony("flat", loadings=r.doubles([1.0, 2.0]))
	symphony("empty", loadings=r.doubles([], [("dim", r.ints([3, 0]))]))
	symphony("orig", Z_orig=number(3, 8))
	symphony("corr", Z_corr=number(2, 7))
	symphony("lacks", Z_corr=None)
	symphony("meta", meta_data=None)
	symphony("short", meta_data=r.frame([("label", r.strings(["a"]))], r.strings(["c0"])))
	symphony("vector", meta_data=r.ints([1]))
	symphony("members", R=None)
	symphony("cluster", R=number(1, 8))
	symphony("negative", R=r.matrix(np.full((2, 8), -0.5)))
	symphony("two", R=r.matrix(np.full((2, 2), 0.5)), Z_orig=number(2, 2), Z_corr=number(2, 2),
	         meta_data=r.frame([("label", r.strings(["a", "a"]))], r.strings(["c0", "c1"])))
	def reduction(cells_, genes_, n=2, m=2):
	    slots = [("cell.embeddings", r.matrix(draw(size=(8, n)), cells_, None) if n else r.doubles([], [("dim", r.ints([8, 0])), ("dimnames", r.vector([names, r.NULL]))])),
	             ("feature.loadings", r.matrix(draw(size=(3, m)), genes_, None)), ("key", r.strings(["refDR_"]))]
	    return r.s4("DimReduc", "SeuratObject", slots)
	def azimuth(name, dr=None, meta=None):
	    meta = meta or r.frame([("label", r.strings(list("aabbaabb")))], names)
	    with open(name + ".Rds", "wb") as f:
	        f.write(head + r.s4("Seurat", "SeuratObject", [("meta.data", meta), ("reductions", r.named([("refDR", dr or reduction(cells, genes))]))]))
	azimuth("good")
	azimuth("cell", reduction(cells[:7] + [None], genes))
	azimuth("gene", reduction(cells, ["A", None, "C"]))
	azimuth("dims", reduction(cells, genes, 0))
	azimuth("less", reduction(cells, genes, 2, 1))
	azimuth("others", meta=r.frame([("label", r.strings(list("aabbaabb")))], r.strings(["x%d" % i for i in range(8)])))
	azimuth("vector", meta=r.ints([1]))
	END
	local import=(ref-model import -l label -o out.ref.h5)
	fails 1 'mean.rds: vargenes: symbol, mean and stddev are not there for every gene' "${import[@]}" mean.rds
	fails 1 'symbol.rds: vargenes: gene 2 has no symbol' "${import[@]}" symbol.rds
	fails 1 'twice.rds: genes: A is there twice' "${import[@]}" twice.rds
	fails 1 'none.rds: loadings: there is no such matrix' "${import[@]}" none.rds
	fails 1 'rows.rds: loadings has 4 rows, expected 3' "${import[@]}" rows.rds
	fails 1 'flat.rds: loadings: there is no such matrix' "${import[@]}" flat.rds
	fails 1 'empty.rds: loadings of 0 components' "${import[@]}" empty.rds
	fails 1 'orig.rds: Z_orig has 3 rows, expected 2' "${import[@]}" orig.rds
	fails 1 'corr.rds: Z_corr has 7 columns, expected 8' "${import[@]}" corr.rds
	fails 1 'lacks.rds: Z_corr: there is no such matrix' "${import[@]}" lacks.rds
	fails 1 'meta.rds: there is no meta_data' "${import[@]}" meta.rds
	fails 1 'short.rds: meta_data has 1 rows for 8 cells' "${import[@]}" short.rds
	fails 1 'vector.rds: meta_data: .*a data frame' "${import[@]}" vector.rds
	fails 1 'members.rds: R: there is no such matrix' "${import[@]}" members.rds
	fails 1 'cluster.rds: R: 1 clusters of 8 cells' "${import[@]}" cluster.rds
	fails 1 'negative.rds: R: -0.5 is no membership' "${import[@]}" negative.rds
	fails 3 '2 cells are too few to measure distances of held-out cells' "${import[@]}" two.rds
	fails 1 'cell.Rds: refDR: cell 8 has no name' "${import[@]}" cell.Rds
	fails 1 'gene.Rds: refDR: gene 2 has no name' "${import[@]}" gene.Rds
	fails 1 'dims.Rds: refDR: 8 cells in 0 dimensions' "${import[@]}" dims.Rds
	fails 1 'less.Rds: refDR: loadings of 1 components for 2' "${import[@]}" less.Rds
	fails 1 "others.Rds: meta.data has 0 of refDR's 8 cells" "${import[@]}" others.Rds
	fails 1 'vector.Rds: meta.data: .*a data frame' "${import[@]}" vector.Rds
	no_output
	ref-model import -q -l label good.rds -o good.ref.h5
}

@test "trees of labels that are none" {
	put calls.tsv 'cell\tlabel\tconfidence\no1\tB\t1\n'
	put truth.tsv 'cell\tlabel\no1\tA\n'
	put new.calls.tsv 'cell\tlabel\tconfidence\nn1\tA\t1\n'
	put new.truth.tsv 'cell\tlabel\nn1\tB\n'
	local learn=(tree-learn --old-truth truth.tsv --new-truth new.truth.tsv -o out.nwk)
	local tables=(calls.tsv new.calls.tsv) text words
	while IFS='|' read -r text words; do
		put t.nwk "$text"
		fails 1 "t.nwk: $words" "${learn[@]}" --tree t.nwk "${tables[@]}"
	done <<-'END'
	('A,B)root;\n|tree: byte 13: a quote is not closed
	(A,)root;\n|tree: byte 4: a node without a name
	(A,B)\n|tree: byte 7: a node without a name
	(A,\xff)root;\n|tree: byte 5: a name is not UTF-8
	(A,B)root;x\n|tree: byte 11: something follows the tree
	(A,A)root;\n|tree: the name 'A' stands twice
	(A,B=A)root;\n|tree: the name 'A' stands twice
	A\0B;\n|not a tree in Newick's form
	END
	python -c 'print("(" * 1001 + "A" + ")" * 1001 + ";")' >deep.nwk
	fails 1 'deep.nwk: tree: byte 1002: more than 10,000 nodes or 1,000 levels' "${learn[@]}" --tree deep.nwk "${tables[@]}"
	python -c 'print("(" + ",".join("n%d" % i for i in range(10001)) + ")root;")' >wide.nwk
	fails 1 'wide.nwk: tree: byte [0-9]+: more than 10,000 nodes' "${learn[@]}" --tree wide.nwk "${tables[@]}"
	head -c 20000000 /dev/zero | tr '\0' a >long.nwk
	fails 1 "long.nwk: not a tree in Newick's form" "${learn[@]}" --tree long.nwk "${tables[@]}"
	fails 1 'nowhere.nwk: No such file' "${learn[@]}" --tree nowhere.nwk "${tables[@]}"
	put t.nwk "('A':1.5e-3,C:1)root;"
	"${learn[@]}" -q --tree t.nwk "${tables[@]}"
	grep -qx '(A=B,C)root;' out.nwk
	rm out.nwk
	fails 1 "new.truth.tsv: label 'B' is in the tree already: put the dataset's name before its labels" \
		tree-learn --tree <(echo '(A,B)root;') --old-truth truth.tsv --new-truth new.truth.tsv -o out.nwk "${tables[@]}"
	fails 1 'nowhere.tsv' tree-learn --old-truth nowhere.tsv --new-truth new.truth.tsv -o out.nwk "${tables[@]}"
	put other.tsv 'cell\tkind\no1\tB\n'
	fails 1 'other.tsv: .*label' "${learn[@]}" other.tsv new.calls.tsv
	fails 1 'nowhere/r.tsv' "${learn[@]}" --report nowhere/r.tsv "${tables[@]}"
	fails 1 'nowhere/t.nwk' "${learn[@]}" "${tables[@]}" -o nowhere/t.nwk
	no_output
}

@test "an atlas, coordinates and calls by neighbours" {
	take atlas.ref.h5 mapped.h5ad cells.h5ad
	python - <<-'END'
	import h5py, numpy as np, shutil
	shutil.copy("mapped.h5ad", "inf.h5ad")
	with h5py.File("inf.h5ad", "r+") as f:
	    f["obsm/X_pca_mapped"][2, 1] = np.inf
	END
	fails 1 'inf.h5ad: obsm/X_pca_mapped: row 2 holds inf' \
		knn-transfer -m inf.h5ad --coordinates X_pca_mapped -l bulk_labels mapped.h5ad -o out.tsv
	fails 1 'mapped.h5ad: which of its columns are labels\? \(--label\)' \
		knn-transfer -m mapped.h5ad --coordinates X_pca_mapped mapped.h5ad -o out.tsv
	fails 1 'mapped.h5ad: .*nowhere' knn-transfer -m mapped.h5ad --coordinates nowhere -l bulk_labels mapped.h5ad -o out.tsv
	fails 1 "mapped.h5ad: obs: no column 'kind'" knn-transfer -m mapped.h5ad --coordinates X_pca_mapped -l kind mapped.h5ad -o out.tsv
	fails 3 'mapped.h5ad: an h5ad has no profiles \(ref-build makes them\)' \
		knn-transfer --by profiles -m mapped.h5ad --coordinates X_pca_mapped -l bulk_labels mapped.h5ad -o out.tsv
	fails 1 'cells.h5ad: .*the query has not been mapped \(ref-map\)|the query has not been mapped \(ref-map\): .*cells.h5ad' \
		knn-transfer -m atlas.ref.h5 -l bulk_labels cells.h5ad -o out.tsv
	fails 3 'the reference has no tree of bulk_labels \(ref-build --tree, or --tree FILE\)' \
		knn-transfer --tree ref -m atlas.ref.h5 -l bulk_labels mapped.h5ad -o out.tsv
	put t.nwk "($(h5-obs get -q -c bulk_labels cells.h5ad | awk -F '\t' 'NR > 1 { print "\047" $2 "\047" }' | sort -u | paste -sd,))root;"
	fails 1 '48 cells and a smallest label of 1 are too few' \
		knn-transfer --tree t.nwk -k 1 -m atlas.ref.h5 -l bulk_labels mapped.h5ad -o out.tsv
	h5-subsample -q -n 20 cells.h5ad -o few.h5ad
	ref-build -q -l bulk_labels --min-cells 2 --pcs 5 --clusters 4 few.h5ad -o few.ref.h5
	fails 3 'few.ref.h5: anchors between 20 and 48 cells: 31 are the fewest' \
		knn-transfer --by anchors -m few.ref.h5 -l bulk_labels mapped.h5ad -o out.tsv
	fails 1 'nowhere/out.tsv' knn-transfer -m atlas.ref.h5 -l bulk_labels mapped.h5ad -o nowhere/out.tsv
	fails 1 'cells.h5ad/bulk_labels.tsv|cells.h5ad' knn-transfer -m atlas.ref.h5 -l bulk_labels -l bulk_labels mapped.h5ad -o cells.h5ad
	fails 1 'nowhere/out.tsv' knn-transfer --skip-unmapped -m atlas.ref.h5 cells.h5ad -o nowhere/out.tsv
	fails 2 'which reference\? \(-m REF\)' knn-transfer mapped.h5ad -o out.tsv
	fails 2 '\-\-neighbors 10001: 1 to 10000' knn-transfer -m atlas.ref.h5 -k 10001 mapped.h5ad -o out.tsv
	no_output
}

@test "a query whose last cell is damaged is told as it is mapped" {
	take cells.h5ad atlas.ref.h5
	python - <<-'END'
	import h5py, numpy as np
	few = h5py.File("cells.h5ad")
	X, k = few["X"], 9600 // len(few["X/indptr"]) + 1 # more than what is looked at first
	starts, genes, values = (X[name][:] for name in ("indptr", "indices", "data"))
	n = k * (len(starts) - 1)
	text = h5py.string_dtype()
	with h5py.File("late.h5ad", "w") as f:
	    f.attrs.update(few.attrs)
	    few.copy("var", f)
	    f.create_group("X").attrs.update(X.attrs)
	    f["X"].attrs["shape"] = [n, X.attrs["shape"][1]]
	    f["X/indptr"] = np.concatenate([[0]] + [starts[1:] + j * starts[-1].astype("i8") for j in range(k)])
	    f["X/indices"], f["X/data"] = np.tile(genes, k), np.tile(values, k)
	    f["X/indices"][-1] = 99999
	    obs = f.create_group("obs")
	    obs.attrs.update({"encoding-type": "dataframe", "encoding-version": "0.2.0", "_index": "_index", "column-order": np.array([], text)})
	    obs["_index"] = np.array([f"c{i}" for i in range(n)], text)
	    obs["_index"].attrs.update({"encoding-type": "string-array", "encoding-version": "0.2.0"})
	END
	echo old >late.out.h5ad
	fails 1 'late.h5ad: /X: cell [0-9]+: gene index 99999, but there are [0-9]+ genes' ref-map -m atlas.ref.h5 late.h5ad -o late.out.h5ad
	[ "$(<late.out.h5ad)" = old ]
	rm late.*
}

@test "what ref-build, ref-map and ref-model are asked that they cannot do" {
	take atlas.ref.h5 mapped.h5ad cells.h5ad
	local build=(ref-build -l bulk_labels cells.h5ad -o out.ref.h5) map=(ref-map -m atlas.ref.h5 -o out.h5ad)
	fails 2 '\-\-pcs 0: 1 to 500' "${build[@]}" --pcs 0
	fails 2 '\-\-pcs 501: 1 to 500' "${build[@]}" --pcs 501
	fails 2 '\-\-neighbors-of 1001: 1 to 1000' "${build[@]}" -k 1001
	fails 2 '\-\-theta -1: 0 or more' "${build[@]}" --theta -1
	fails 2 '\-\-neighbors are of cells, which --no-cells leaves out' "${build[@]}" --neighbors --no-cells
	fails 3 'obs column bulk_labels: no label has 100 cells \(--min-cells\)' "${build[@]}" --min-cells 100
	fails 1 "cells.h5ad: obs: no column 'kind'" ref-build -l kind cells.h5ad -o out.ref.h5
	fails 1 'nowhere' "${build[@]}" --genes nowhere
	put two.txt 'CD3D\nCD79A\n'
	fails 1 'nowhere.tsv' "${build[@]}" --ids nowhere.tsv
	fails 1 'nowhere.nwk' "${build[@]}" --tree nowhere.nwk
	fails 1 'nowhere/c.h5ad' "${build[@]}" --coordinates nowhere/c.h5ad
	fails 1 'nowhere/out.ref.h5' ref-build -l bulk_labels cells.h5ad -o nowhere/out.ref.h5
	fails 1 'nowhere.h5ad' ref-build -l bulk_labels nowhere.h5ad -o out.ref.h5
	python - <<-'END'
	import h5py, numpy as np, shutil
	shutil.copy("cells.h5ad", "slash.h5ad")
	with h5py.File("slash.h5ad", "r+") as f:
	    f.create_group("obs/a")
	    f["obs"].move("bulk_labels", "a/b")
	    f["obs"].attrs["column-order"] = np.array(["a/b"], h5py.string_dtype())
	def bare(name, *gone):
	    shutil.copy("atlas.ref.h5", name + ".ref.h5")
	    with h5py.File(name + ".ref.h5", "r+") as f:
	        for g in gone:
	            del f[g]
	bare("clusters", "clusters")
	shutil.copy("atlas.ref.h5", "same.ref.h5")
	with h5py.File("same.ref.h5", "r+") as f:
	    for g in "Nr", "C":
	        f["clusters/" + g][...] = 0
	END
	fails 1 "slash.h5ad|may not have '/' in its name" ref-build -l a/b slash.h5ad -o out.ref.h5
	fails 2 'which reference\? \(-m REF\)' ref-map cells.h5ad -o out.h5ad
	fails 2 '\-\-lambda is 0 or more, --min-coverage 0 to 1' "${map[@]}" --min-coverage 2 cells.h5ad
	fails 2 '\-\-lambda is 0 or more, --min-coverage 0 to 1' "${map[@]}" --lambda -1 cells.h5ad
	fails 3 'clusters.ref.h5 has no clusters: --clusters has nothing to compare with' ref-map -m clusters.ref.h5 --clusters two.txt --cluster-scores out.tsv cells.h5ad -o out.h5ad
	fails 1 'nowhere/out.h5ad' ref-map -m atlas.ref.h5 cells.h5ad -o nowhere/out.h5ad
	fails 1 'two.txt' "${map[@]}" --clusters two.txt --cluster-scores out.tsv cells.h5ad
	fails 1 'cluster 0: what [0-9]+ batches add cannot be told apart \(raise --lambda above 0\)' \
		ref-map -m same.ref.h5 --lambda 0 -b bulk_labels -b bulk_labels cells.h5ad -o out.h5ad
	fails 2 'info needs one file' ref-model info
	fails 1 'nowhere/out' ref-model slim atlas.ref.h5 -o nowhere/out.ref.h5
	fails 3 'a reference without clusters cannot be exported' ref-model export clusters.ref.h5 -o out.h5ad
	no_output
}
