"""tissue.py make SEED layers|discs OUT.h5ad: generated tissue with known domains.
tissue.py score FILE.h5ad DOMAINS.tsv: adjusted Rand index to obs/domain, and how often the six nearest cells share a domain.

6,000 cells at random places of a field of 1,500 by 1,500. A domain is a mixture of ten types (Dirichlet, .35) and, weakly,
a program of its own; a type is a program over 300 genes. Counts are Poisson, of 150 a cell in the median.
"""
import sys

import anndata
import numpy as np
import pandas
import scipy.sparse
from sklearn.metrics import adjusted_rand_score
from sklearn.neighbors import NearestNeighbors

CELLS, GENES, TYPES, SIDE = 6000, 300, 10, 1500


def domains(kind, at, rng):
    if kind == "layers":
        y = at[:, 1] + 60 * np.sin(at[:, 0] / 150) + 40 * np.sin(at[:, 0] / 60 + 1)
        return np.searchsorted(np.cumsum([150, 180, 220, 250, 200, 240]), y), 7
    domain, centres, radii = np.zeros(CELLS, int), rng.uniform(150, SIDE - 150, (14, 2)), rng.uniform(90, 220, 14)
    for k in range(14):
        domain[((at - centres[k]) ** 2).sum(1) < radii[k] ** 2] = 1 + k % 5
    return domain, 6


def programs(n, genes, low, high, rng):
    out = np.ones((n, GENES))
    for row in out:
        row[rng.choice(GENES, genes, replace=False)] *= rng.uniform(low, high, genes)
    return out


def make(seed, kind, path):
    rng = np.random.default_rng(seed)
    at = rng.uniform(0, SIDE, (CELLS, 2))
    domain, n = domains(kind, at, rng)
    mixture = rng.dirichlet(np.full(TYPES, .35), n)
    cell_type = np.array([rng.choice(TYPES, p=mixture[d]) for d in domain])
    mean = rng.gamma(.6, 1, GENES) * programs(TYPES, 18, 4, 15, rng)[cell_type] * programs(n, 15, 1.3, 2.1, rng)[domain]
    depth = 150 * np.exp(.5 * rng.standard_normal(CELLS))
    counts = rng.poisson(mean / mean.sum(1, keepdims=True) * depth[:, None]).astype(np.float32)
    a = anndata.AnnData(scipy.sparse.csr_matrix(counts))
    a.obs_names, a.var_names = [f"c{i}" for i in range(CELLS)], [f"g{i}" for i in range(GENES)]
    a.obs["domain"], a.obsm["spatial"] = [f"d{d}" for d in domain], at
    a.write_h5ad(path)


def score(path, table):
    a = anndata.read_h5ad(path)
    found = pandas.read_csv(table, sep="\t", dtype=str)["cluster"].values
    near = NearestNeighbors(n_neighbors=7).fit(a.obsm["spatial"]).kneighbors(a.obsm["spatial"])[1][:, 1:]
    print(f"{adjusted_rand_score(a.obs['domain'], found):.3f}\t{(found[near] == found[:, None]).mean():.3f}")


if sys.argv[1] == "make":
    make(int(sys.argv[2]), sys.argv[3], sys.argv[4])
else:
    score(sys.argv[2], sys.argv[3])
