#!/usr/bin/env python3
"""layout_check.py trust|params|curve|same|first|break ...: a layout looked at without our code."""
import shutil
import sys

import h5py
import numpy as np


def layout(path):
    with h5py.File(path) as f:
        return f["obsm/X_umap"][()].astype(float)


def trustworthiness(high, low, k=15):
    """Venna and Kaski's: how far from near those are that look near."""
    n = len(high)

    def ranks(x):
        d = ((x[:, None, :] - x[None, :, :]) ** 2).sum(2)
        np.fill_diagonal(d, -1)
        return np.argsort(np.argsort(d, axis=1, kind="stable"), axis=1)

    far = ranks(high) - k
    near = ranks(low) <= k
    np.fill_diagonal(near, False)
    return 1 - 2 / (n * k * (2 * n - 3 * k - 1)) * far[near & (far > 0)].sum()


work, *given = sys.argv[1:]
if work == "trust":
    with h5py.File(given[0]) as f:
        high = f["obsm/X_pca"][()].astype(float)
    low = layout(given[1])
    assert np.isfinite(low).all()
    reached = trustworthiness(high, low)
    print("trustworthiness", reached)
    assert reached >= float(given[2])
elif work == "params":
    with h5py.File(given[0]) as f:
        assert f["obsm/X_umap"].shape[1] == 2 and "uns/umap/params/a" in f
        assert "obsp/connectivities" in f and "obsm/X_pca" in f
elif work == "curve":
    with h5py.File(given[0]) as f:
        have = [f["uns/umap/params/a"][()], f["uns/umap/params/b"][()]]
    print(have)
    assert np.allclose(have, [float(given[1]), float(given[2])], rtol=2e-3)
elif work == "same":
    a, b = layout(given[0]), layout(given[1])
    assert a.shape == b.shape and np.abs(a - b).max() < 1e-5, np.abs(a - b).max()
elif work == "first":
    a, b = layout(given[0]), layout(given[1])
    assert len(b) < len(a) and (a[:len(b)] == b).all()
elif work == "break":
    shutil.copy(given[0], given[1])
    with h5py.File(given[1], "r+") as f:
        if given[2] == "nan":
            f["obsm/X_pca"][7, 1] = np.nan
        else:
            f["obsp/connectivities/data"][3] = 0.123
