"""layout.py WORK ...: umap-learn beside the filter layout.

    lay GRAPH.h5ad OUT.h5ad           umap-learn's layout of the graph, from its first two components
    trust GRAPH.h5ad OURS THEIRS      a row of the table: trustworthiness and neighbours kept
    sheets CELLS OUT.h5ad             a large graph: neighbours of points in 40 clouds of four dimensions
"""
import sys

import h5py
import numpy as np
import scipy.sparse as sp


def graph_of(path):
    with h5py.File(path) as f:
        g = f["obsp/connectivities"]
        return sp.csr_matrix((g["data"][()], g["indices"][()], g["indptr"][()])), f["obsm/X_pca"][()]


def lay(path, out):
    from umap.umap_ import find_ab_params, simplicial_set_embedding

    graph, points = graph_of(path)
    a, b = find_ab_params(1.0, 0.5)
    start = points[:, :2].astype(np.float32)
    at, _ = simplicial_set_embedding(
        points, graph.tocoo(), n_components=2, initial_alpha=1.0, a=a, b=b, gamma=1.0, negative_sample_rate=5,
        init=start, metric="euclidean", metric_kwds={}, densmap=False, densmap_kwds={}, output_dens=False,
        n_epochs=500 if len(points) <= 10000 else 200, random_state=np.random.RandomState(0))
    with h5py.File(out, "w") as f:
        f["obsm/X_umap"] = at


def trust(path, *layouts):
    from sklearn.manifold import trustworthiness
    from sklearn.neighbors import NearestNeighbors

    points = graph_of(path)[1]
    rows = np.random.RandomState(0).permutation(len(points))[:5000]
    found = []
    for layout in layouts:
        with h5py.File(layout) as f:
            at = f["obsm/X_umap"][()]
        near = [NearestNeighbors(n_neighbors=16).fit(x).kneighbors(return_distance=False)[:, :15] for x in (points, at)]
        kept = np.mean([len(set(x) & set(y)) / 15 for x, y in zip(*near)])
        found.append((trustworthiness(points[rows], at[rows], n_neighbors=15), kept))
    verdict = "met" if found[0][0] > found[1][0] - .01 else "MISSED"
    print("|   trustworthiness, neighbours kept (goal within .01: %s) | %.4f, %.3f | %.4f, %.3f | | |"
          % (verdict, *found[0], *found[1]))


def frame(f, name, keys):
    text = h5py.string_dtype()
    group = f.create_group(name)
    group.attrs.update({"encoding-type": "dataframe", "encoding-version": "0.2.0", "_index": "_index"})
    group.attrs["column-order"] = np.array([], dtype=text)
    index = group.create_dataset("_index", data=np.array(keys, dtype=object), dtype=text)
    index.attrs.update({"encoding-type": "string-array", "encoding-version": "0.2.0"})


def matrix(f, name, x):
    group = f.create_group(name)
    group.attrs.update({"encoding-type": "csr_matrix", "encoding-version": "0.1.0", "shape": np.array(x.shape)})
    for part, kind in (("data", "f4"), ("indices", "i4"), ("indptr", "i8")):
        group.create_dataset(part, data=getattr(x, part).astype(kind))


def sheets(n, out):
    from scipy.spatial import cKDTree

    rng = np.random.RandomState(0)
    centre, spread = rng.normal(size=(40, 4)) * 12, rng.gamma(2, 1, size=40)
    kind = rng.choice(40, n, p=rng.dirichlet(np.ones(40) * 2))
    points = (centre[kind] + rng.normal(size=(n, 4)) * spread[kind][:, None]).astype(np.float32)
    far, near = cKDTree(points).query(points, k=15)
    far, near = far[:, 1:], near[:, 1:]
    weight = np.exp(-(far - far[:, :1]) / (far.mean(1, keepdims=True) - far[:, :1] + 1e-9))
    graph = sp.csr_matrix((weight.ravel(), near.ravel(), np.arange(0, 14 * n + 1, 14)), shape=(n, n))
    graph = sp.csr_matrix(graph + graph.T - graph.multiply(graph.T))
    graph.data = np.maximum(graph.data, 1e-6)
    graph.sort_indices()
    with h5py.File(out, "w") as f:
        f.attrs.update({"encoding-type": "anndata", "encoding-version": "0.1.0"})
        frame(f, "obs", ["cell%d" % i for i in range(n)])
        frame(f, "var", ["gene"])
        matrix(f, "X", sp.csr_matrix(np.ones((n, 1), np.float32)))
        matrix(f, "obsp/connectivities", graph)
        f["obsm/X_pca"] = points


work, *given = sys.argv[1:]
if work == "lay":
    lay(*given)
elif work == "trust":
    trust(*given)
else:
    sheets(int(given[0]), given[1])
