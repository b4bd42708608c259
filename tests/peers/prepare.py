"""prepare.py WORK: random cases against anndata and scanpy; our filters are on PATH.

WORK is one of concat, odd, kinds, unique, csv, mtx, take, tenx, draw, rules. Prints nothing when all agree.
"""
import itertools
import subprocess
import sys

import anndata as ad
import h5py
import numpy as np
import pandas as pd
import scanpy as sc
import scipy.sparse as sp

rng = np.random.default_rng(20261121)


def run(*command):
    subprocess.run([str(c) for c in command], check=True)


def same_matrix(ours, theirs, what):
    a, b = sp.csr_matrix(ours), sp.csr_matrix(theirs)
    assert a.shape == b.shape, (what, a.shape, b.shape)
    assert abs(a - b).nnz == 0, what


def same_columns(ours, theirs, what):
    assert list(ours.columns) == list(theirs.columns), (what, list(ours.columns), list(theirs.columns))
    for name in theirs.columns:
        a, b = ours[name], theirs[name]
        if isinstance(b.dtype, pd.CategoricalDtype):
            assert isinstance(a.dtype, pd.CategoricalDtype), (what, name, a.dtype)
            assert list(a.cat.categories) == list(b.cat.categories), (what, name, list(a.cat.categories), list(b.cat.categories))
            assert a.cat.ordered == b.cat.ordered, (what, name)
        elif pd.api.types.is_numeric_dtype(b.dtype):
            assert a.dtype == b.dtype, (what, name, a.dtype, b.dtype)
        assert (a.isna().values == b.isna().values).all(), (what, name)
        x, y = a[~a.isna()], b[~b.isna()]
        assert [str(v) for v in x] == [str(v) for v in y], (what, name)


def random_column(kind, n):
    if kind == "category":
        return pd.Categorical(rng.choice(["T10", "T2", "B", "T 1", "é"], n))
    if kind == "holes":
        return pd.Categorical(np.where(rng.random(n) < 0.3, None, rng.choice(["x9", "x10"], n)))
    if kind == "ordered":
        return pd.Categorical(rng.choice(["low", "high"], n), ["low", "mid", "high"], ordered=True)
    if kind == "int":
        return rng.integers(-5, 100, n).astype(rng.choice(["int32", "int64"]))
    if kind == "float":
        return rng.normal(size=n).astype("float64")
    if kind == "bool":
        return rng.random(n) < 0.5
    return [f"s{i}" for i in rng.integers(0, 1000, n)]


def random_file(path, n_genes=40):
    n = int(rng.integers(5, 60))
    genes = [f"g{i}" for i in rng.permutation(60)[:n_genes]]
    x = sp.random(n, n_genes, 0.3, "csr", "float32", random_state=int(rng.integers(1 << 30)))
    x.data = np.ceil(x.data * 10)
    kinds = ["category", "holes", "ordered", "int", "float", "bool", "string"]
    obs = pd.DataFrame(index=[f"c{i}" for i in range(n)])
    for kind in kinds:
        if rng.random() < 0.85:
            obs[kind] = random_column(kind, n)
    a = ad.AnnData(x, obs=obs, var=pd.DataFrame({"id": [f"E{g}" for g in genes]}, index=genes))
    a.layers["twice"] = x * 2
    a.obsm["X_pca"] = rng.normal(size=(n, 3)).astype("float32")
    if "string" in a.obs:
        a.obs["string"] = a.obs["string"].astype(object)
    a.write_h5ad(path)
    return ad.read_h5ad(path)


def concat():
    for case in range(12):
        inputs = [random_file(f"in{i}.h5ad") for i in range(int(rng.integers(2, 5)))]
        for join in ("inner", "outer"):
            theirs = ad.concat(inputs, join=join, label="batch", index_unique="-", merge="same")
            obs = theirs.obs
            if theirs.n_vars == 0:
                continue
            run("concat", "-q", "--mixed", "--join", join, "--source", "none",
                *[f"in{i}.h5ad" for i in range(len(inputs))], "-o", "out.h5ad")
            ours = ad.read_h5ad("out.h5ad")
            what = f"case {case} {join}"
            assert list(ours.obs_names) == list(theirs.obs_names), what
            assert list(ours.var_names) == list(theirs.var_names), what
            same_matrix(ours.X, theirs.X, what)
            same_matrix(ours.layers["twice"], theirs.layers["twice"], what)
            assert np.array_equal(ours.obsm["X_pca"], theirs.obsm["X_pca"]), what
            same_columns(ours.obs, obs, what)
            if join == "inner":
                same_columns(ours.var, theirs.var, what)


def odd_column(kind, n):
    """What is rare in obs, but kept by anndata."""
    if kind == "whole-category":
        return pd.Categorical(rng.choice([10, 2, -7, 300], n))
    if kind == "float-category":
        return pd.Categorical(rng.choice([0.5, 10.25, -2.0], n))
    if kind == "bool-category":
        return pd.Categorical(rng.random(n) < 0.5)
    if kind == "nullable":
        return pd.array([None if i % 3 == 0 else i for i in range(n)], dtype=rng.choice(["Int8", "Int32", "UInt16"]))
    if kind == "nullable-bool":
        return pd.array([None if i % 3 == 0 else i % 2 == 0 for i in range(n)], dtype="boolean")
    if kind == "float":
        return rng.normal(size=n).astype(rng.choice(["float16", "float32", "float64"]))
    return rng.integers(0, 100, n).astype(rng.choice(["int8", "uint8", "int16", "uint16", "uint32", "uint64"]))


def odd_obsm(kind, n, index):
    width = int(rng.integers(1, 5))
    if kind == "numbers":
        return rng.integers(0, 90, (n, width)).astype(rng.choice(["int8", "uint16", "int64", "float16", "float32", "float64"]))
    if kind == "flags":
        return rng.random((n, 3)) < 0.5
    if kind == "deep":
        return rng.normal(size=(n, 2, 3)).astype(rng.choice(["float32", "float64"]))
    if kind == "sparse":
        how = rng.choice(["csr", "csc"])
        return sp.random(n, width, 0.4, how, rng.choice(["float32", "float64"]), random_state=int(rng.integers(1 << 30)))
    columns = {"a": rng.normal(size=n), "b": pd.Categorical(rng.choice(["u", "v"], n)), "c": rng.integers(0, 9, n).astype("int16")}
    return pd.DataFrame({k: v for k, v in columns.items() if k == "a" or rng.random() < 0.8}, index=index)


def odd_file(path, prefix, genes):
    n = int(rng.integers(4, 30))
    index = [f"{prefix}{i}" for i in range(n)]
    x = sp.random(n, len(genes), 0.3, "csr", "float32", random_state=int(rng.integers(1 << 30)))
    x.data = np.ceil(x.data * 10)
    kinds = ["whole-category", "float-category", "bool-category", "nullable", "nullable-bool", "float", "small"]
    a = ad.AnnData(x, obs=pd.DataFrame({k: odd_column(k, n) for k in kinds}, index=index), var=pd.DataFrame(index=genes))
    for kind in ["numbers", "flags", "deep", "sparse", "table"]:
        a.obsm[kind] = odd_obsm(kind, n, index)
    if rng.random() < 0.5:
        a.obsm["sometimes"] = odd_obsm("numbers", n, index)
    same = np.random.default_rng(1).normal(size=(60, 3))
    a.varm["same"] = same[[int(g[1:]) for g in genes]]
    a.varm["other"] = rng.normal(size=(len(genes), 2))
    a.write_h5ad(path)
    return ad.read_h5ad(path)


def same_values(ours, theirs, what):
    assert type(ours) is type(theirs), (what, type(ours), type(theirs))
    if isinstance(theirs, pd.DataFrame):
        assert list(ours.index) == list(theirs.index), what
        same_columns(ours, theirs, what)
        return
    assert ours.dtype == theirs.dtype and ours.shape == theirs.shape, (what, ours.dtype, theirs.dtype, ours.shape, theirs.shape)
    if sp.issparse(theirs):
        same_matrix(ours, theirs, what)
    else:
        assert np.array_equal(ours, theirs, equal_nan=ours.dtype.kind == "f"), what


def odd():
    for case in range(25):
        shared = [f"g{i}" for i in rng.permutation(60)[:12]]
        inputs = []
        for i in range(int(rng.integers(2, 4))):
            more = [f"g{i}" for i in range(60) if f"g{i}" not in shared][: 2 * (case % 2) * i]
            genes = list(rng.permutation(shared + more))
            inputs.append(odd_file(f"in{i}.h5ad", "abc"[i], genes))
        for join in ("inner", "outer"):
            theirs = ad.concat(inputs, join=join, merge="same")
            obs, obsm = theirs.obs, dict(theirs.obsm)
            run("concat", "-q", "--mixed", "--join", join, "--source", "none", "--label", "none", "--index-unique", "none",
                *[f"in{i}.h5ad" for i in range(len(inputs))], "-o", "out.h5ad")
            ours, what = ad.read_h5ad("out.h5ad"), f"odd {case} {join}"
            same_columns(ours.obs, obs, what)
            assert sorted(ours.obsm) == sorted(obsm), (what, sorted(ours.obsm), sorted(obsm))
            for name, values in obsm.items():
                same_values(ours.obsm[name], values, (what, name))
            assert list(ours.varm) == list(theirs.varm), (what, list(ours.varm), list(theirs.varm))
            for name, values in theirs.varm.items():
                same_values(ours.varm[name], values, (what, name))


def kinds():
    """Every two kinds of obs column, in either order, where anndata can write what pandas makes of them."""
    n = 6
    every = {"small": np.arange(n, dtype="int8"), "whole": np.arange(n), "unsigned": np.arange(n, dtype="uint64"),
             "float": np.arange(n) * 0.5, "single": (np.arange(n) * 0.5).astype("float32"), "blank": np.full(n, np.nan),
             "flag": np.arange(n) % 2 == 0, "words": pd.Categorical(list("bcbcbb")),
             "backwards": pd.Categorical(list("xyxyzz"), categories=["z", "y", "x"]),
             "ordered": pd.Categorical(list("lhlhlh"), categories=["l", "h"], ordered=True),
             "Int64": pd.array([1, None] * 3, dtype="Int64"), "boolean": pd.array([True, None] * 3, dtype="boolean")}
    compared = 0
    for first, second in itertools.product(every, every):
        both = []
        for i, kind in enumerate((first, second)):
            obs = pd.DataFrame({"v": every[kind]}, index=[f"{i}c{k}" for k in range(n)])
            a = ad.AnnData(sp.csr_matrix(np.eye(n, 4, dtype="float32")), obs=obs, var=pd.DataFrame(index=list("wxyz")))
            a.write_h5ad(f"in{i}.h5ad")
            both.append(ad.read_h5ad(f"in{i}.h5ad"))
        run("concat", "-q", "--source", "none", "--label", "none", "--index-unique", "none", "in0.h5ad", "in1.h5ad", "-o", "out.h5ad")
        ours = ad.read_h5ad("out.h5ad")
        theirs = ad.concat(both, join="outer")
        if theirs.obs["v"].dtype in (object, "Float64", "Float32"):  # anndata writes other things for these, or nothing
            continue
        same_columns(ours.obs, theirs.obs, (first, second))
        compared += 1
    assert compared > 60, compared


def unique():
    for case in range(20):
        names = [f"ENSG{i:011d}" for i in range(60)]
        symbols = rng.choice(["A", "B", "A-1", "A-2", "B-1", "C"], 60)
        ours_in = ad.AnnData(sp.random(4, 60, 0.5, "csr", "float32"), var=pd.DataFrame(index=names))
        ours_in.write_h5ad("in.h5ad")
        pd.DataFrame({"Gene stable ID": names, "HGNC symbol": symbols}).to_csv("map.tsv", sep="\t", index=False)
        run("gene-normalize", "-q", "--map", "map.tsv", "--aliases", "none", "in.h5ad", "-o", "out.h5ad")
        theirs = ad.AnnData(np.zeros((1, 60)), var=pd.DataFrame(index=symbols))
        theirs.var_names_make_unique()
        assert list(ad.read_h5ad("out.h5ad").var_names) == list(theirs.var_names), case


def csv():
    for case in range(10):
        n, m = rng.integers(2, 40, 2)
        x = np.round(np.where(rng.random((n, m)) < 0.5, 0, rng.gamma(1, 5, (n, m))), int(rng.integers(0, 6)))
        sep, name = [(",", "in.csv"), ("\t", "in.tsv"), (" ", "in.txt")][case % 3]
        pd.DataFrame(x, [f"c{i}" for i in range(n)], [f"g{i}" for i in range(m)]).to_csv(
            name, sep=sep, index_label="cell" if sep == " " else None)
        run("h5-import", "-q", "--rows", "cells", name, "-o", "out.h5ad")
        ours, theirs = ad.read_h5ad("out.h5ad"), sc.read(name)
        assert list(ours.obs_names) == list(theirs.obs_names), case
        assert list(ours.var_names) == list(theirs.var_names), case
        same_matrix(ours.X.astype("float32"), theirs.X, f"csv {case}")


def mtx():
    import gzip
    import os
    import scipy.io
    for case in range(6):
        n, m = rng.integers(2, 40, 2)
        x = sp.random(m, n, 0.3, "coo", random_state=case)
        x.data = np.ceil(x.data * 20).astype(int)
        os.makedirs("d", exist_ok=True)
        scipy.io.mmwrite("d/matrix.mtx", x.astype(int))
        with open("d/matrix.mtx", "rb") as plain, gzip.open("d/matrix.mtx.gz", "wb") as out:
            out.write(plain.read())
        os.remove("d/matrix.mtx")
        names = [f"G{i % 7}" for i in range(m)]
        pd.DataFrame({"id": [f"E{i}" for i in range(m)], "name": names, "type": ["Gene Expression"] * (m - 1) + ["Custom"]}).to_csv(
            "d/features.tsv.gz", sep="\t", header=False, index=False)
        pd.Series([f"b{i}" for i in range(n)]).to_csv("d/barcodes.tsv.gz", header=False, index=False)
        run("h5-import", "-q", "d", "-o", "out.h5ad")
        ours, theirs = ad.read_h5ad("out.h5ad"), sc.read_10x_mtx("d")
        kept = ad.utils.make_index_unique(pd.Index(names[:-1]))
        assert list(ours.obs_names) == list(theirs.obs_names), case
        assert list(ours.var_names) == list(kept), case
        assert list(ours.var["gene_ids"]) == list(theirs.var["gene_ids"]), case
        same_matrix(ours.X.astype("float32"), theirs.X, f"mtx {case}")


def take():
    for case in range(8):
        whole = random_file("in.h5ad")
        cells = np.sort(rng.permutation(whole.n_obs)[: max(1, whole.n_obs // 3)])
        genes = np.sort(rng.permutation(whole.n_vars)[:10])
        pd.Series(whole.obs_names[cells]).to_csv("cells", header=False, index=False)
        pd.Series(whole.var_names[genes]).to_csv("genes", header=False, index=False)
        run("h5-select", "-q", "--cells", "cells", "--genes", "genes", "in.h5ad", "-o", "out.h5ad")
        ours, theirs = ad.read_h5ad("out.h5ad"), whole[cells, genes].copy()
        assert list(ours.obs_names) == list(theirs.obs_names), case
        assert list(ours.var_names) == list(theirs.var_names), case
        same_matrix(ours.X, theirs.X, case)
        same_matrix(ours.layers["twice"], theirs.layers["twice"], case)
        assert np.array_equal(ours.obsm["X_pca"], theirs.obsm["X_pca"]), case
        same_columns(ours.obs, theirs.obs, case)


def write_tenx(path, x, case, genomes, panel):
    """Cell Ranger 2 has a group per genome, 3 and later one matrix; Xenium's has no genome worth a name."""
    n = x.shape[1]
    ids, names = [f"E{i}" for i in range(n)], [f"G{i % 9}" for i in range(n)]
    text = lambda values: np.array(values, "S")
    with h5py.File(path, "w") as f:
        groups = genomes if case == "v2" else ["matrix"]
        for name in groups:
            g = f.create_group(name)
            for part, values in (("data", x.data.astype("int32")), ("indices", x.indices.astype("int64")),
                                 ("indptr", x.indptr.astype("int64")), ("shape", np.array(x.shape[::-1], "int32"))):
                g.create_dataset(part, data=values, chunks=True if len(values) else None,
                                 compression="gzip" if len(values) else None)
            g["barcodes"] = text([f"b{i}-1" for i in range(x.shape[0])])
            if case == "v2":
                g["genes"], g["gene_names"] = text(ids), text(names)
                continue
            g["features/id"], g["features/name"] = text(ids), text(names)
            kinds = ["Gene Expression"] * (n - panel) + ["Antibody Capture" if case == "v3" else "Negative Control Probe"] * panel
            g["features/feature_type"] = text(kinds)
            g["features/genome"] = text([genomes[i % len(genomes)] for i in range(n)])


def tenx():
    for case in range(12):
        kind = ["v2", "v3", "xenium"][case % 3]
        n, m = rng.integers(1, 40, 2)
        x = sp.random(n, m, 0.3, "csr", random_state=case)
        x.data = np.ceil(x.data * 20)
        x.sort_indices()
        genomes = ["GRCh38", "mm10"] if case % 2 and kind != "xenium" else ["GRCh38"]
        panel = int(min(3, m - 1)) if kind != "v2" else 0
        write_tenx("in.h5", x, kind, genomes, panel)
        many = len(genomes) > 1
        run("h5-import", "-q", *(["--genome", "mm10"] if many and (kind == "v2" or m > 1) else []), "in.h5", "-o", "out.h5ad")
        theirs = sc.read_10x_h5("in.h5", genome="mm10" if many and (kind == "v2" or m > 1) else None)
        theirs.var_names_make_unique()
        ours, what = ad.read_h5ad("out.h5ad"), f"10x {kind} {case}"
        assert list(ours.obs_names) == list(theirs.obs_names), what
        assert list(ours.var_names) == list(theirs.var_names), (what, list(ours.var_names), list(theirs.var_names))
        assert list(ours.var["gene_ids"]) == list(theirs.var["gene_ids"]), what
        same_matrix(ours.X.astype("float32"), theirs.X, what)


def rich_file(path, storage, kind, compression, case):
    """A file with something in every part that follows cells or genes."""
    n, m = int(rng.integers(20, 80)), int(rng.integers(3, 40))
    full = rng.poisson(0.6, (n, m)).astype(kind)
    full[n // 2] = 0
    x = {"csr": sp.csr_matrix, "csc": sp.csc_matrix, "dense": np.asarray}[storage](full)
    obs = pd.DataFrame(index=[f"c\u00e9l {i}" for i in range(n)])
    obs["type"] = pd.Categorical(np.where(rng.random(n) < 0.2, None, rng.choice(["B", "T", "NK"], n)))
    obs["whole"] = pd.array([None if i % 5 == 0 else i for i in range(n)], dtype="Int64")
    obs["flag"] = pd.array([None if i % 7 == 0 else bool(i % 2) for i in range(n)], dtype="boolean")
    obs["number"] = np.where(rng.random(n) < 0.2, np.nan, rng.normal(size=n))
    a = ad.AnnData(x, obs=obs, var=pd.DataFrame({"mean": rng.normal(size=m)}, index=[f"g{i}" for i in range(m)]))
    a.layers["again"] = x.copy()
    a.obsm["X_pca"] = rng.normal(size=(n, 3))
    a.obsm["table"] = pd.DataFrame({"a": rng.normal(size=n), "b": pd.Categorical(rng.choice(["u", "v"], n))}, index=obs.index)
    a.obsm["sparse"] = sp.random(n, 5, 0.4, "csr", random_state=case)
    a.varm["PCs"] = rng.normal(size=(m, 3))
    a.obsp["near"] = sp.random(n, n, 0.2, "csr", random_state=case)
    a.raw = a.copy()
    if case % 3 == 0 and sp.issparse(x):  # indices need not be sorted
        for at in range(len(x.indptr) - 1):
            part = slice(x.indptr[at], x.indptr[at + 1])
            x.indices[part], x.data[part] = x.indices[part][::-1].copy(), x.data[part][::-1].copy()
        a.X = x
    a.write_h5ad(path, compression=compression)
    return ad.read_h5ad(path)


def same_parts(ours, theirs, what):
    assert list(ours.obs_names) == list(theirs.obs_names), what
    assert list(ours.var_names) == list(theirs.var_names), what
    same_matrix(ours.X, theirs.X, what)
    same_matrix(ours.layers["again"], theirs.layers["again"], what)
    same_matrix(ours.raw.X, theirs.raw.X, what)
    same_matrix(ours.obsm["sparse"], theirs.obsm["sparse"], what)
    same_matrix(ours.obsp["near"], theirs.obsp["near"], what)
    same_columns(ours.obs, theirs.obs, what)
    same_columns(ours.var, theirs.var, what)
    same_columns(ours.obsm["table"], theirs.obsm["table"], what)
    assert np.array_equal(ours.obsm["X_pca"], theirs.obsm["X_pca"]), what
    assert np.array_equal(ours.varm["PCs"], theirs.varm["PCs"]), what


def draw():
    kinds = [("csr", "float32", None), ("csr", "int64", "gzip"), ("csc", "float64", "lzf"), ("csc", "int32", None),
             ("dense", "float32", "gzip"), ("dense", "uint16", None), ("csr", "uint8", "lzf"), ("csc", "float32", "gzip")]
    for case, how in enumerate(kinds):
        whole, what = rich_file("in.h5ad", *how, case), f"draw {how}"
        run("h5-subsample", "-q", "-n", 15, "-l", "type", "--rows", "rows.tsv", "in.h5ad", "-o", "out.h5ad")
        rows = pd.read_csv("rows.tsv", sep="\t")["row"].values
        assert len(rows) == 15 == len(set(rows)), what
        same_parts(ad.read_h5ad("out.h5ad"), whole[rows].copy(), what)
        for i in range(1, 4):
            run("h5-select", "-q", "--shard", f"{i}/3", "in.h5ad", "-o", f"s{i}.h5ad")
        run("concat", "-q", "--index-unique", "none", "--label", "none", "--source", "none",
            *[f"s{i}.h5ad" for i in range(1, 4)], "-o", "out.h5ad")
        ours, genes = ad.read_h5ad("out.h5ad"), list(whole.var_names)
        assert list(ours.obs_names) == list(whole.obs_names) and list(ours.var_names) == genes, what
        same_matrix(ours.X, whole[:, genes].X, what)
        same_matrix(ours.layers["again"], whole[:, genes].layers["again"], what)
        assert np.array_equal(ours.obsm["X_pca"], whole.obsm["X_pca"]), what


def rules():
    """The pipeline's own rules, where the first gene is no symbol: feature_name, then the map, then unique names."""
    table = {f"ENSG{i:011d}": s for i, s in enumerate(["TP53", "CD4", "", "CD8A", "HLA-A", "TP53"], 1)}
    table["ENSMUSG00000000001"] = "Gnai3"
    known = {k: v for k, v in table.items() if v}
    pd.DataFrame({"Gene stable ID": table.keys(), "HGNC symbol": table.values()}).to_csv("map.tsv", sep="\t", index=False)
    odd = ["MT-CO1", "RP11-34P13.7", "1-Dec", "HLA-A", "ENSGX", "ENS", "ENSG", "\u03b2-actin", "a b", "cd4", "C1orf112",
           "ENST00000000001", "LRG_1", "7SK", "TP53-1", "ENSG00000000099", *table]
    for case in range(40):
        n = int(rng.integers(2, 30))
        first = [str(case), "ENSG00000000001", "ENST00000000009"][case % 3]
        names = [first, *rng.choice(odd, n - 1)]
        if case % 3 == 0:
            names = [str(i) for i in range(case, case + n)]
        names = list(ad.utils.make_index_unique(pd.Index(names)))
        var = pd.DataFrame(index=names)
        if case % 2 or case % 3 == 0:
            var["feature_name"] = rng.choice(odd, n)
        ad.AnnData(sp.random(4, n, 0.5, "csr", "float32"), var=var).write_h5ad("in.h5ad")
        run("gene-normalize", "-q", "--map", "map.tsv", "--aliases", "none", "in.h5ad", "-o", "out.h5ad")
        start = var["feature_name"] if "feature_name" in var else pd.Series(names)
        theirs = list(ad.utils.make_index_unique(pd.Index([known.get(s, s) for s in start])))
        ours = list(ad.read_h5ad("out.h5ad").var_names)
        assert ours == theirs, (case, [(a, b, c) for a, b, c in zip(start, ours, theirs) if b != c])


{"concat": concat, "odd": odd, "kinds": kinds, "unique": unique, "csv": csv, "mtx": mtx, "take": take, "tenx": tenx, "draw": draw, "rules": rules}[sys.argv[1]]()
