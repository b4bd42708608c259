"""markers.py OUT.h5ad COLUMN: scanpy reads, plots and writes what `markers --uns` wrote."""
import sys

import matplotlib

matplotlib.use("Agg")
import numpy as np
import scanpy as sc

ours, theirs = sc.read_h5ad(sys.argv[1]), sc.read_h5ad(sys.argv[1])
assert len(sc.get.rank_genes_groups_df(ours, group=None)) == ours.raw.shape[1] * ours.obs[sys.argv[2]].nunique()
for plot in ("", "_dotplot", "_heatmap", "_matrixplot", "_stacked_violin", "_tracksplot"):
    getattr(sc.pl, "rank_genes_groups" + plot)(ours, n_genes=2, show=False)
sc.pl.rank_genes_groups_violin(ours, n_genes=2, show=False, jitter=False)
sc.tl.rank_genes_groups(theirs, sys.argv[2], method="wilcoxon", use_raw=True, pts=True)
for group in ours.obs[sys.argv[2]].cat.categories:
    a, b = (sc.get.rank_genes_groups_df(x, group).set_index("names") for x in (ours, theirs))
    b = b.loc[a.index]
    assert np.allclose(a["scores"], b["scores"], rtol=1e-5, atol=1e-6), group
    assert np.allclose(a["logfoldchanges"], b["logfoldchanges"], rtol=1e-5, atol=1e-5), group
    assert np.allclose(a["pvals"], b["pvals"], rtol=1e-6, atol=0), group
    assert np.allclose(a["pvals_adj"], b["pvals_adj"], rtol=1e-6, atol=0), group
    assert np.allclose(a["pct_nz_group"], b["pct_nz_group"]), group
ours.write_h5ad("again.h5ad")
