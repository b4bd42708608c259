"""vae-data.py REFERENCE QUERY: generated counts shaped like the lung atlas's. 20,000 cells of 14
datasets and 28 labels over 2,000 genes, about 15 % stored; 1,786 cells of a new dataset."""
import sys

import anndata as ad
import numpy as np
import scipy.sparse as sp

r = np.random.default_rng(0)
base, programme, effect = r.normal(-2.3, 1.5, 2000), r.normal(0, 1, (28, 2000)), r.normal(0, 0.3, (15, 2000))


def cells(n, batches, first):
    kind, batch = r.integers(0, 28, n), r.choice(batches, n)
    rate = np.exp(base + 0.8 * programme[kind] + effect[batch])
    rate *= r.lognormal(np.log(700), 0.4, (n, 1)) / rate.sum(1, keepdims=True)
    a = ad.AnnData(sp.csr_matrix(r.poisson(rate * r.gamma(2, 0.5, rate.shape)).astype(np.float32)))
    a.var_names = ["g%d" % i for i in range(2000)]
    a.obs_names = ["%s%d" % (first, i) for i in range(n)]
    a.obs["dataset"] = ["d%02d" % b for b in batch]
    a.obs["lab"] = ["T%02d" % k for k in kind]
    return a


reference = cells(20000, range(14), "r")
print("stored: %.3f" % (reference.X.nnz / 4e7), file=sys.stderr)
reference.write_h5ad(sys.argv[1])
query = cells(1786, [14], "q")
query.obs["lab"] = "Unknown"
query.write_h5ad(sys.argv[2])
