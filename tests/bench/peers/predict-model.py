"""A CellTypist model of 40 types on the 4,555 genes that most cells have: predict-model.py IN.h5ad OUT.pkl [TYPES]

Its scaling is that of the first 2,000 cells, or of all that there are, its weights are random: speed does not depend on them.
"""
import pickle
import sys

import h5py
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

N_TYPES = int(sys.argv[3]) if len(sys.argv) > 3 else 40
N_GENES = 4555
f = h5py.File(sys.argv[1])
N_CELLS = min(2000, len(f["X/indptr"]) - 1)
key = f["var"].attrs["_index"]
genes = f["var"][key].asstr()[()].astype(object)
stored = int(f["X/indptr"][N_CELLS])
index, value = f["X/indices"][:stored], f["X/data"][:stored]
cells, total, square = (np.bincount(index, weights=w, minlength=len(genes)) for w in (None, value, value**2))
top = np.sort(np.argsort(-cells, kind="stable")[:N_GENES])
rng = np.random.default_rng(0)
scaler = StandardScaler()
scaler.n_features_in_ = N_GENES
scaler.mean_ = total[top] / N_CELLS
scaler.var_ = np.maximum(square[top] / N_CELLS - scaler.mean_**2, 1e-4)
scaler.scale_ = np.sqrt(scaler.var_)
model = LogisticRegression()
model.n_features_in_ = N_GENES
model.features = genes[top]
model.classes_ = np.array([f"type {i:02d}" for i in range(N_TYPES)], dtype=object)
model.coef_ = rng.normal(0, 0.02, (N_TYPES, N_GENES))
model.intercept_ = rng.normal(-3, 0.5, N_TYPES)
description = dict(date="", details="random weights", url="", source="", version="", number_celltypes=N_TYPES)
pickle.dump(dict(Model=model, Scaler_=scaler, description=description), open(sys.argv[2], "wb"))
