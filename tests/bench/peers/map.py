"""What mappers of Python do with the same files: map.py VERB ARGUMENTS

embed N SEED OUT.h5ad [D [B]]   make N cells of 40 types in D (30) dimensions (obsm X_e), B (8) batches
knn ATLAS QUERY                 scikit-learn's neighbours, k 15, and their vote
schpl ATLAS QUERY N             scHPL's kNN down a flat tree, of the first N query cells
harmony FILE                    harmonypy, whichever version is installed
symphonypy REFERENCE QUERY      a query placed and corrected, the reference from ref-model export
"""
import sys

import anndata
import numpy as np
import scipy.sparse


def embed(n, seed, out, dims=30, batches=8):
    n, dims, batches = int(n), int(dims), int(batches)
    centres = np.random.default_rng(7).normal(size=(40, dims)) * np.linspace(1, 0.17, dims)
    shifts = np.random.default_rng(8).normal(size=(batches, dims)) * 0.2
    rng = np.random.default_rng(int(seed))
    kind, batch = rng.integers(40, size=n), rng.integers(batches, size=n)
    noise = rng.normal(size=(n, dims)) * np.linspace(3, 0.5, dims) * 0.2
    data = anndata.AnnData(scipy.sparse.csr_matrix((n, 2), dtype=np.float32))
    data.obsm["X_e"] = (3 * centres[kind] + shifts[batch] + noise).astype(np.float32)
    data.obs["kind"] = [f"type{k:02d}" for k in kind]
    data.obs["batch"] = [f"b{b}" for b in batch]
    data.write_h5ad(out)


def read(path):
    data = anndata.read_h5ad(path)
    return np.asarray(data.obsm["X_e"], dtype=np.float64), data.obs["kind"].to_numpy()


def unit(x):
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def knn(atlas, query):
    from sklearn.neighbors import KNeighborsClassifier

    points, labels = read(atlas)
    KNeighborsClassifier(15, weights="distance", algorithm="brute", n_jobs=-1).fit(unit(points), labels).predict(unit(read(query)[0]))


def schpl(atlas, query, n):
    from scHPL import predict, train, utils

    points, labels = read(atlas)
    tree = utils.create_tree("(" + ",".join(sorted(set(labels))) + ")root;")
    tree = train.train_tree(points, labels, tree, classifier="knn", dimred=False, useRE=True)
    predict.predict_labels(read(query)[0][: int(n)], tree)


def harmony(path):
    import harmonypy

    data = anndata.read_h5ad(path)
    harmonypy.run_harmony(np.asarray(data.obsm["X_e"], dtype=np.float64), data.obs, "batch")


def symphonypy(reference, query):
    import symphonypy as sp

    sp.tl.map_embedding(anndata.read_h5ad(query), anndata.read_h5ad(reference), key=None)


if __name__ == "__main__":
    {f.__name__: f for f in (embed, knn, schpl, harmony, symphonypy)}[sys.argv[1]](*sys.argv[2:])
