"""layout.py GRAPH.h5ad OURS.h5ad: our layout and umap-learn's of the same graph, side by side."""
import sys
import time

import h5py
import numpy as np
import scipy.sparse as sp
import umap
from sklearn.manifold import trustworthiness
from sklearn.neighbors import NearestNeighbors
from umap.umap_ import find_ab_params, simplicial_set_embedding


def kept(high, low, k=15):
    """The share of a cell's neighbours that are its neighbours in the layout."""
    a = NearestNeighbors(n_neighbors=k + 1).fit(high).kneighbors(return_distance=False)[:, :k]
    b = NearestNeighbors(n_neighbors=k + 1).fit(low).kneighbors(return_distance=False)[:, :k]
    return np.mean([len(set(x) & set(y)) / k for x, y in zip(a, b)])


with h5py.File(sys.argv[1]) as f:
    g = f["obsp/connectivities"]
    graph = sp.csr_matrix((g["data"][()], g["indices"][()], g["indptr"][()]))
    points = f["obsm/X_pca"][()]
with h5py.File(sys.argv[2]) as f:
    ours = f["obsm/X_umap"][()]
a, b = find_ab_params(1.0, 0.5)
small = graph[:300][:, :300].tocoo()
args = dict(n_components=2, initial_alpha=1.0, a=a, b=b, gamma=1.0, negative_sample_rate=5, init="spectral",
            metric="euclidean", metric_kwds={}, densmap=False, densmap_kwds={}, output_dens=False)
simplicial_set_embedding(points[:300], small, n_epochs=2, random_state=np.random.RandomState(0), **args)  # compiles
began, work = time.time(), time.process_time()
theirs, _ = simplicial_set_embedding(points, graph.tocoo(), n_epochs=0 or (500 if len(points) <= 10000 else 200),
                                     random_state=np.random.RandomState(0), **args)
seconds, work = time.time() - began, time.process_time() - work
rows = np.random.RandomState(0).permutation(len(points))[:5000]
for name, at in (("ours", ours), ("umap-learn", theirs)):
    print(name, "trustworthiness %.4f kept %.4f" % (trustworthiness(points[rows], at[rows], n_neighbors=15),
                                                  kept(points, at)))
print("umap-learn %s: %.2f s, %.2f s of processor time" % (umap.__version__, seconds, work))
if len(sys.argv) > 3:
    ours, theirs = (trustworthiness(points[rows], at[rows], n_neighbors=15) for at in (ours, theirs))
    assert ours > theirs - float(sys.argv[3]), (ours, theirs)
