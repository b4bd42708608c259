"""Files as users have them: shapes.py SHAPE IN.h5ad OUT.h5ad, the same cells in another shape.

shuffled, part: genes in another order, or four fifths of them; csc, dense64: storages; int64: the
type of counts; onechunk, rowchunks, gzip9: how arrays are cut and compressed; whole, tall: dense, in
one chunk, or in chunks as tall as the matrix; wide: 60 obs columns,
some of 100,000 categories; longnames: names of 500 letters; few: the first 2,000 cells, tiny: 200.
"""
import sys

import anndata
import h5py
import numpy as np
import pandas as pd
import scipy.sparse as sp

shape, source, target = sys.argv[1:4]
a = anndata.read_h5ad(source)
r = np.random.default_rng(1)
write = dict()
if shape in ("shuffled", "part"):
    genes = r.permutation(a.n_vars)[: a.n_vars if shape == "shuffled" else a.n_vars * 4 // 5]
    a = a[:, genes].copy()
    a.X.sort_indices()
elif shape == "csc":
    a.X = sp.csc_matrix(a.X)
elif shape == "dense64":
    a = a[:, :4000].copy()
    a.X = a.X.toarray().astype(np.float64)
elif shape in ("whole", "tall"):
    a.X = a.X.toarray()
elif shape == "int64":
    a.X = a.X.astype(np.int64)
elif shape == "wide":
    for i in range(60):
        n = 100000 if i % 6 == 0 else 50
        values = r.integers(0, n, a.n_obs)
        a.obs[f"column_{i:02d}"] = r.random(a.n_obs) if i % 6 == 1 else pd.Categorical.from_codes(
            values, [f"category {k:06d} of column {i}" for k in range(n)])
    a.obs = a.obs.copy()
elif shape == "longnames":
    a.obs_names = [f"{name}-{'x' * 490}" for name in a.obs_names]
    a.var_names = [f"{name}-{'y' * 490}" for name in a.var_names]
elif shape in ("few", "tiny"):
    a = a[: 2000 if shape == "few" else 200].copy()
a.write_h5ad(target, **write)
if shape in ("onechunk", "rowchunks", "gzip9"):
    with h5py.File(target, "r+") as f:
        for name in ("data", "indices"):
            values = f[f"X/{name}"][()]
            attributes = dict(f[f"X/{name}"].attrs)
            del f[f"X/{name}"]
            chunk = {"onechunk": len(values), "rowchunks": len(values) // a.n_obs, "gzip9": 100000}[shape]
            level = dict(compression="gzip", compression_opts=9 if shape == "gzip9" else 1, shuffle=shape == "gzip9")
            f.create_dataset(f"X/{name}", data=values, chunks=(chunk,), **level).attrs.update(attributes)
if shape in ("whole", "tall"):
    with h5py.File(target, "r+") as f:
        attributes = dict(f["X"].attrs)
        del f["X"]
        f.create_dataset("X", data=a.X, chunks=(a.n_obs, a.n_vars if shape == "whole" else 20),
                         compression="gzip", compression_opts=1).attrs.update(attributes)
