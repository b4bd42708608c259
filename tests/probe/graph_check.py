"""Check a neighbour graph against plain numpy: graph_check.py INPUT GRAPH [RECALL [WIDTHS]]

Genes, scaling and components are computed again from the input's X the slow way, neighbours by brute
force from the coordinates in the file, and UMAP's weights from those; WIDTHS above 1 are unbounded (infinite, so
that the weights are 1) or searched. Prints what is off; exit 1.
"""
import sys

import h5py
import numpy as np


def dense(group):
    shape = tuple(group.attrs["shape"])
    out = np.zeros(shape, np.float64)
    starts = group["indptr"][:]
    for row in range(shape[0]):
        out[row, group["indices"][starts[row]:starts[row + 1]]] = group["data"][starts[row]:starts[row + 1]]
    return out


def variable_genes(x, top):
    raw = np.expm1(x)
    mean, var = raw.mean(0), raw.var(0, ddof=1)
    mean[mean == 0] = 1e-12
    with np.errstate(divide="ignore"):
        spread = np.log(np.where(var > 0, var / mean, np.nan))
    mean = np.log1p(mean)
    edges = np.linspace(mean.min(), mean.max(), 21)
    bins = np.clip(np.searchsorted(edges, mean, side="left") - 1, 0, 19)
    score = np.full(len(mean), np.nan)
    for b in range(20):
        mine = (bins == b) & ~np.isnan(spread)
        if mine.sum() == 1:
            score[mine] = 1
        elif mine.any():
            score[mine] = (spread[mine] - spread[mine].mean()) / spread[mine].std(ddof=1)
    last = np.sort(score[~np.isnan(score)])[::-1][:top][-1]
    return np.nan_to_num(score, nan=-np.inf) >= last


def singular_values(x, n):
    x = x[:, (x > 0).sum(0) >= 5]
    x = x[:, variable_genes(x, 2500)]
    deviation = x.std(0, ddof=1)
    deviation[deviation == 0] = 1
    z = np.clip((x - x.mean(0)) / deviation, -10, 10)
    return np.linalg.svd(z - z.mean(0), compute_uv=False)[:n]


def neighbours(points, k):
    d = ((points[:, None, :] - points[None]) ** 2).sum(2)
    np.fill_diagonal(d, -1)
    order = np.argsort(d, axis=1, kind="stable")[:, :k]
    return order, np.sqrt(np.maximum(np.take_along_axis(d, order, 1), 0))


def weights(order, d, searched):
    n, k = d.shape
    out = np.zeros((n, n))
    for cell in range(n):
        positive = d[cell][d[cell] > 0]
        nearest = positive[0] if len(positive) else 0
        low, high, width = 0.0, np.inf, 1.0
        for _ in range(64):
            total = np.exp(-np.maximum(d[cell][1:] - nearest, 0) / width).sum()
            if abs(total - np.log2(k)) < 1e-5:
                break
            if total < np.log2(k) and np.isinf(high) and not searched:
                width = np.inf
                break
            low, high = (low, width) if total > np.log2(k) else (width, high)
            width = width * 2 if np.isinf(high) else (low + high) / 2
        width = max(width, 1e-3 * (d[cell].mean() if nearest > 0 else d.mean()))
        out[cell, order[cell][1:]] = np.exp(-np.maximum(d[cell][1:] - nearest, 0) / width)
    return out + out.T - out * out.T


given, made = h5py.File(sys.argv[1]), h5py.File(sys.argv[2])
wanted_recall = float(sys.argv[3]) if len(sys.argv) > 3 else 1.0
searched = sys.argv[4:] == ["searched"]
points = made["obsm/X_pca"][:].astype(np.float64)
off = []
ours = np.linalg.norm(points, axis=0)
theirs = singular_values(dense(given["X"]), points.shape[1])
if np.abs(ours / theirs - 1).max() > 1e-4:
    off.append("singular values differ by %g" % np.abs(ours / theirs - 1).max())
order, d = neighbours(points, 10)
found = dense(made["obsp/distances"])
recall = np.mean([np.isin(order[c][1:], np.nonzero(found[c])[0]).mean() for c in range(len(order))])
if recall < wanted_recall:
    off.append("recall %g" % recall)
if wanted_recall == 1:
    if np.abs(np.take_along_axis(found, order[:, 1:], 1) - d[:, 1:]).max() > 1e-4:
        off.append("distances differ")
    difference = np.abs(dense(made["obsp/connectivities"]) - weights(order, d, searched)).max()
    if difference > 1e-4:
        off.append("connectivities differ by %g" % difference)
print("\n".join(off) or "fine")
sys.exit(bool(off))
