"""graph.py WORK: random cases against CellTypist, pandas, scanpy and umap-learn; our filters are on PATH.

WORK is one of vote, ensemble, pca, weights, scanpy, labels. Says what was measured; an assertion fails otherwise.
"""
import os
import subprocess
import sys

import anndata as ad
import celltypist.classifier as classifier
import numpy as np
import pandas as pd
import scanpy as sc
import scipy.sparse as sp
from sklearn.metrics import adjusted_rand_score

rng = np.random.default_rng(20261121)


def run(*command):
    subprocess.run([str(c) for c in command], check=True)


def read(path):
    return pd.read_csv(path, sep="\t", index_col=0, keep_default_na=False, dtype={c: str for c in ("cluster", "label", "second", "majority_voting")})


# ---- tables ------------------------------------------------------------------------------------
def random_calls(cells, names, model):
    n = len(cells)
    return pd.DataFrame({
        "label": rng.choice(names, n, p=rng.dirichlet(np.full(len(names), 0.5))),
        "confidence": np.round(rng.random(n), 2),  # coarse, so that ties happen
        "margin": np.round(rng.random(n), 4), "second": rng.choice(names, n),
        "entropy": np.round(rng.random(n), 4), "model": model}, index=pd.Index(cells, name="cell"))


def vote():
    names = np.array(["T cell", "B cell", "b cell", "NK", "étoile", "Zelle", "10", "9"])
    for case in range(30):
        n = int(rng.integers(2, 400))
        cells = [f"c{i}" for i in rng.permutation(n)]
        calls = random_calls(cells, names[:rng.integers(1, len(names) + 1)], "m")
        clusters = pd.Series(rng.integers(0, rng.integers(1, n + 1), n).astype(str), index=calls.index, name="cluster")
        min_prop = float(rng.choice([0, 0.25, 0.5, 0.8]))
        calls.to_csv("calls.tsv", sep="\t")
        clusters.sample(frac=1, random_state=case).to_csv("clusters.tsv", sep="\t")
        run("vote", "-q", "-c", "clusters.tsv", "--min-prop", min_prop, "calls.tsv", "-o", "voted.tsv")
        labels = calls[["label"]].rename(columns={"label": "predicted_labels"})
        theirs = classifier.Classifier.majority_vote(
            classifier.AnnotationResult(labels, None, None, ad.AnnData(np.zeros((n, 1), np.float32))),
            clusters.values, min_prop).predicted_labels
        ours = read("voted.tsv")
        assert list(ours.index) == list(theirs.index), case
        assert (ours.majority_voting.values == theirs.majority_voting.astype(str).values).all(), case
        table = pd.crosstab(labels.predicted_labels, clusters.values)
        share = (table / table.sum(axis=0)).max(axis=0)
        assert np.allclose(ours.vote_fraction.values, share[clusters.values].values, atol=1e-8), case
        assert (ours.vote_cells.values == table.sum(axis=0)[clusters.values].values).all(), case


def ensemble():
    names = np.array(["T", "B", "NK", "Mono", "DC"])
    for case in range(20):
        n, n_models = int(rng.integers(1, 300)), int(rng.integers(1, 6))
        cells = [f"c{i}" for i in range(n)]
        calls = [random_calls(cells, names, f"model {m}") for m in range(n_models)]
        paths = [f"calls{m}.tsv" for m in range(n_models)]
        for m, path in enumerate(paths):
            (calls[m] if m == 0 else calls[m].sample(frac=1, random_state=case)).to_csv(path, sep="\t")
        run("ensemble", "-q", *paths, "-o", "out.tsv")
        ours = read("out.tsv")
        confidence = pd.concat([c.confidence for c in calls], axis=1, keys=range(n_models))
        best = confidence.idxmax(axis=1)  # the first model on ties
        want = pd.DataFrame([calls[best[c]].loc[c] for c in cells], index=cells)
        labels = pd.concat([c.label for c in calls], axis=1)
        agree = labels.eq(want.label, axis=0).sum(axis=1)
        assert list(ours.index) == cells, case
        for column in ("label", "model", "second"):
            assert (ours[column].values == want[column].values).all(), (case, column)
        for column in ("confidence", "margin", "entropy"):
            assert np.allclose(ours[column].astype(float), want[column].astype(float), atol=1e-9), (case, column)
        assert (ours.agree.values == agree.values).all() and (ours.models == n_models).all(), case


# ---- the graph ---------------------------------------------------------------------------------
def random_cells(n=1500, n_genes=1800, n_types=9):
    profile = rng.gamma(0.4, 1.0, n_genes) * np.exp(rng.normal(0, 0.7, (n_types, n_genes)))
    of_cell = rng.choice(n_types, n, p=rng.dirichlet(np.full(n_types, 2)))
    counts = rng.poisson(profile[of_cell] * rng.gamma(4, 0.25, (n, 1)))
    a = ad.AnnData(sp.csr_matrix(counts.astype(np.float32)))
    a.obs_names = [f"c{i}" for i in range(n)]
    a.obs["type"] = of_cell.astype(str)
    a.var_names = [f"G{i}" for i in range(n_genes)]
    sc.pp.normalize_total(a, target_sum=1e4)
    sc.pp.log1p(a)
    return a


def both():
    """The file with scanpy's graph, by the steps CellTypist takes, and the one with ours."""
    a = random_cells()
    a.write_h5ad("in.h5ad")
    run("knn-graph", "-q", "--genes", 900, "in.h5ad", "-o", "out.h5ad")
    sc.pp.filter_genes(a, min_cells=5)
    sc.pp.highly_variable_genes(a, n_top_genes=900)
    a = a[:, a.var.highly_variable].copy()
    sc.pp.scale(a, max_value=10)
    sc.pp.pca(a, n_comps=50, svd_solver="arpack")
    return a, sc.read_h5ad("out.h5ad")


def pca():
    theirs, ours = both()
    x, y = ours.obsm["X_pca"].astype(float), theirs.obsm["X_pca"].astype(float)
    a, b = np.linalg.norm(x, axis=0), np.linalg.norm(y, axis=0)
    cosines = np.linalg.svd(np.linalg.qr(x)[0].T @ np.linalg.qr(y)[0])[1]
    print(f"singular values within {np.abs(a / b - 1).max():.2g}, largest angle of the subspaces "
          f"{np.degrees(np.arccos(min(1, cosines.min()))):.2g} degrees")
    assert x.shape == y.shape and np.abs(a / b - 1).max() < 1e-4


def neighbours_of(graph, k=10):
    """The k nearest cells, the cell itself first, and their distances."""
    distances, n = graph.obsp["distances"].tocsr(), graph.n_obs
    indices, dists = np.zeros((n, k), int), np.zeros((n, k), np.float32)
    for cell in range(n):
        row = distances[cell]
        order = np.argsort(row.data, kind="stable")
        assert len(order) == k - 1
        indices[cell], dists[cell] = np.r_[cell, row.indices[order]], np.r_[0, row.data[order]]
    return indices, dists


def weights():
    """Unbounded widths are those of the umap-learn installed, as numba compiles it; searched, of its Python."""
    import umap.umap_ as umap

    _, ours = both()
    run("knn-graph", "-q", "--widths", "searched", "--use", "X_pca", "out.h5ad", "-o", "searched.h5ad")
    n, k = ours.n_obs, 10
    indices, dists = neighbours_of(ours)
    x = ours.obsm["X_pca"].astype(float)
    brute = np.sqrt(np.maximum(0, (x**2).sum(1)[:, None] + (x**2).sum(1) - 2 * x @ x.T))
    np.fill_diagonal(brute, -1)
    nearest = np.argsort(brute, axis=1, kind="stable")[:, :k]
    recall = np.mean([len(set(a) & set(b)) / k for a, b in zip(indices, nearest)])
    assert recall == 1, recall

    def off(graph):
        want = umap.fuzzy_simplicial_set(ours.X[:, :1], k, np.random.RandomState(0), "euclidean",
                                         knn_indices=indices, knn_dists=dists)[0]
        return np.abs((graph.obsp["connectivities"] - want).toarray()).max()

    infinite = np.isinf(umap.smooth_knn_dist(dists, float(k))[0]).mean()
    compiled = off(ours)
    for name in ("smooth_knn_dist", "compute_membership_strengths"):
        setattr(umap, name, getattr(umap, name).py_func)
    plain = off(sc.read_h5ad("searched.h5ad"))
    print(f"recall {recall:g}, weights within {compiled:.2g} of those compiled (infinite widths in {infinite:.1%} of cells), "
          f"within {plain:.2g} of plain Python's")
    assert infinite > 0, "this umap-learn searches all widths: nothing is shown of those it does not"
    assert compiled < 1e-5 and plain < 1e-5


def scanpy():
    """scanpy takes our graph for its own, and its clusters of it are ours, whatever the seed and resolution."""
    theirs, ours = both()
    sc.tl.umap(ours)
    assert np.isfinite(ours.obsm["X_umap"]).all() and ours.obsm["X_umap"].shape == (ours.n_obs, 2)
    sc.pp.neighbors(theirs, n_neighbors=10, n_pcs=50)
    theirs.write_h5ad("theirs.h5ad")
    sizes = []
    for graph, path in ((ours, "out.h5ad"), (theirs, "theirs.h5ad")):
        for resolution in (1, 5, 20):
            for seed in (0, 1, 4294967295):
                clusters = overcluster(path, graph, seed, resolution)
                rand = adjusted_rand_score(clusters, leiden(graph, seed, resolution))
                assert rand == 1, (path, resolution, seed, rand)
                sizes.append(len(set(clusters)))
    print(f"the same clusters, {min(sizes)} to {max(sizes)}, of two graphs with three resolutions and three seeds")


def leiden(graph, seed=0, resolution=5):
    sc.tl.leiden(graph, resolution=resolution, flavor="igraph", n_iterations=2, directed=False, random_state=seed)
    return graph.obs["leiden"].astype(str).values


def overcluster(path, graph, seed=0, resolution=5):
    run("overcluster", "-q", "--seed", seed, "--resolution", resolution, path, "-o", "clusters.tsv")
    return read("clusters.tsv").cluster[graph.obs_names].values


def labels():
    """Voted labels, each with its own graph and clusters; and from scanpy's components, where only the graph is ours."""
    theirs, _ = both()
    sc.pp.neighbors(theirs, n_neighbors=10, n_pcs=50)
    theirs.write_h5ad("theirs.h5ad")
    run("knn-graph", "-q", "--use", "X_pca", "theirs.h5ad", "-o", "again.h5ad")
    wrong = rng.random(theirs.n_obs) < 0.2
    calls = np.where(wrong, rng.permutation(theirs.obs["type"].values), theirs.obs["type"].values)

    def voted(clusters):
        return pd.crosstab(calls, clusters).idxmax()[clusters].values

    own = [voted(leiden(theirs, seed)) for seed in range(4)]
    among = np.mean([(a == b).mean() for i, a in enumerate(own) for b in own[:i]])
    shares = {path: (voted(overcluster(path, theirs)) == own[0]).mean() for path in ("out.h5ad", "again.h5ad", "theirs.h5ad")}
    print(f"voted labels alike: ours and CellTypist's {shares['out.h5ad']:.2%}, from its components {shares['again.h5ad']:.2%}, "
          f"from its graph {shares['theirs.h5ad']:.2%}; its own two seeds {among:.2%}")
    assert shares["out.h5ad"] >= 0.97 and shares["theirs.h5ad"] == 1, shares
    a, b = (sc.read_h5ad(f) for f in ("again.h5ad", "theirs.h5ad"))
    assert (a.obsp["distances"] != b.obsp["distances"]).nnz == 0
    assert abs(a.obsp["connectivities"] - b.obsp["connectivities"]).max() < 1e-5


if __name__ == "__main__":
    os.environ.setdefault("NUMBA_NUM_THREADS", "2")
    dict(vote=vote, ensemble=ensemble, pca=pca, weights=weights, scanpy=scanpy, labels=labels)[sys.argv[1]]()
