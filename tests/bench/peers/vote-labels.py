"""How alike voted labels are, each with its own clustering: vote-labels.py NAME IN.h5ad CALLS.tsv

CellTypist's graph (its own function) and ours, each clustered with the same five seeds, voted over
the same calls. Rows of the table: ours against CellTypist's, beside CellTypist's against itself when
its linear algebra has one thread, and against its other seeds; ours from CellTypist's components and
from its graph, which leave one step after the other; and where the graphs differ. Ours is on PATH.
"""
import itertools
import os
import subprocess
import sys
import tempfile
import warnings

warnings.filterwarnings("ignore")

import anndata as ad
import celltypist.classifier as classifier
import numpy as np
import pandas as pd
import scanpy as sc
import scipy.sparse as sp
import umap.umap_ as umap
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

SEEDS = range(5)
name, path, calls = sys.argv[1:]
work = tempfile.TemporaryDirectory()
input_file, theirs_file, ours_file, clusters_file = (os.path.join(work.name, f) for f in ("in.h5ad", "theirs.h5ad", "ours.h5ad", "c.tsv"))
cells = ad.read_h5ad(path)
labels = pd.read_csv(calls, sep="\t", index_col=0).label[cells.obs_names].values
n, resolution = cells.n_obs, 5 if cells.n_obs < 5000 else 10 if cells.n_obs < 20000 else 15 if cells.n_obs < 40000 else 20

if cells.raw is not None:  # as CellTypist takes it
    cells = cells.raw.to_adata()
for slot in ("obsm", "obsp", "uns", "varm"):  # graphs that came with the file are not the question
    getattr(cells, slot).clear()
cells.var = cells.var[[]]
cells.write_h5ad(input_file)


def their_graph():
    graph = ad.AnnData(sp.csr_matrix((n, 1), dtype=np.float32), obs=cells.obs[[]])
    graph.obsm["X_pca"], graph.obsp["connectivities"], graph.obsp["distances"], graph.uns["neighbors"] = (
        classifier.Classifier._construct_neighbor_graph(cells.copy()))
    return graph


def our_graph(*options):
    subprocess.run(["knn-graph", "-q", *options, "-o", ours_file], check=True)
    return ad.read_h5ad(ours_file)


def leiden(graph, seed):
    sc.tl.leiden(graph, resolution=resolution, flavor="igraph", n_iterations=2, random_state=seed)
    return graph.obs["leiden"].astype(str).values


def overcluster(file, seed):
    subprocess.run(["overcluster", "-q", "--resolution", str(resolution), "--seed", str(seed), file, "-o", clusters_file], check=True)
    return pd.read_csv(clusters_file, sep="\t", index_col=0, dtype=str).cluster[cells.obs_names].values


def voted(clusters):
    return pd.crosstab(labels, clusters).idxmax()[clusters].values


def alike(pairs):
    """The mean share of equal labels, the first pair's, and words."""
    pairs = list(pairs)
    same = [np.mean(voted(x) == voted(y)) for x, y in pairs]
    rand = np.mean([adjusted_rand_score(x, y) for x, y in pairs])
    return np.mean(same), same[0], f"{np.mean(same):.2%} ({min(same):.2%} to {max(same):.2%}), adjusted Rand index {rand:.3f}"


theirs = their_graph()
theirs.write_h5ad(theirs_file)
own = [leiden(theirs, s) for s in SEEDS]
with threadpool_limits(1, user_api="blas"):
    alone = their_graph()
ours = our_graph(input_file)
share, first, between = alike(zip([overcluster(ours_file, s) for s in SEEDS], own))
alone_share, alone_first, with_itself = alike(zip([leiden(alone, s) for s in SEEDS], own))
verdict = "met" if share >= 0.97 else "MISSED" + (", and by CellTypist with itself" if alone_share < 0.97 else "")
print(f"|   {name}, {n} cells: voted labels, ours and CellTypist's, five seeds | {between}; seed 0: {first:.2%} | "
      f"CellTypist's with one thread: {with_itself}; seed 0: {alone_first:.2%} | goal 97 %: {verdict} | |")
print(f"|   {name}: CellTypist's with two seeds | | {alike(itertools.combinations(own, 2))[2]} | | |")
from_components = our_graph("--use", "X_pca", theirs_file)
print(f"|   {name}: ours from CellTypist's components | {alike(zip([overcluster(ours_file, s) for s in SEEDS], own))[2]} | | | |")
same, _, words = alike(zip([overcluster(theirs_file, s) for s in SEEDS], own))
print(f"|   {name}: ours from CellTypist's graph | {words} | | goal 100 %: {'met' if same == 1 else 'MISSED'} | |")


def neighbours(graph, k=10):
    """The k nearest, the cell itself first, and their distances, however the file keeps them."""
    d, cells_of, distances = graph.obsp["distances"].tocsr(), np.zeros((n, k), int), np.zeros((n, k), np.float32)
    for cell in range(n):
        row = slice(d.indptr[cell], d.indptr[cell + 1])
        others = d.indices[row] != cell
        to, far = d.indices[row][others], d.data[row][others]
        order = np.argsort(far, kind="stable")[:k - 1]
        cells_of[cell], distances[cell] = np.r_[cell, to[order]], np.r_[0, far[order]]
    return cells_of, distances


mine_knn, (their_knn, their_distances) = neighbours(ours)[0], neighbours(theirs)
recall = np.mean([len(set(a[1:]) & set(b[1:])) / 9 for a, b in zip(mine_knn, their_knn)])
infinite = np.isinf(umap.smooth_knn_dist(their_distances, 10.0)[0]).mean()
off = abs(from_components.obsp["connectivities"] - theirs.obsp["connectivities"])


def angle(graph):
    x, y = graph.obsm["X_pca"].astype(float), theirs.obsm["X_pca"].astype(float)
    cosine = np.linalg.svd(np.linalg.qr(x)[0].T @ np.linalg.qr(y)[0])[1].min()
    return np.degrees(np.arccos(min(1, cosine)))


print(f"|   {name}: where the graphs differ | subspaces of the components {angle(ours):.1g} degrees, CellTypist's with one thread "
      f"{angle(alone):.1g} | CellTypist's neighbours are {recall:.1%} of the nearest; infinite widths in {infinite:.1%} of cells; "
      f"from its components weights within {off.max():.2g} | | |")
