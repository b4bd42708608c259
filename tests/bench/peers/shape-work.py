"""What the filters do, by the Python packages: shape-work.py VERB IN OUT [MORE...]

predict IN OUT MODEL...: counts to logarithms, every model's calls; graph IN OUT: counts to
neighbours as CellTypist's voting makes them; join IN OUT OTHER HOW: anndata.concat; get IN OUT: obs
as TSV; put IN OUT TABLE: a table joined into obs; take IN OUT I N: the I-th of N runs of cells.
"""
import sys
import warnings

warnings.filterwarnings("ignore")
verb, source, target, *more = sys.argv[1:]
import anndata


def logged(path):
    import scanpy as sc

    a = anndata.read_h5ad(path)
    sc.pp.normalize_total(a, target_sum=1e4)
    sc.pp.log1p(a)
    return a


if verb == "predict":
    import celltypist

    a = logged(source)
    for i, model in enumerate(more):
        calls = celltypist.annotate(a, model=model)
        table = calls.predicted_labels
        table["confidence"] = calls.probability_matrix.max(axis=1)
        table.to_csv(f"{target}.{i}.tsv", sep="\t")
elif verb == "graph":
    import scanpy as sc

    a = logged(source)
    b = a.copy()
    sc.pp.filter_genes(b, min_cells=5)
    sc.pp.highly_variable_genes(b, n_top_genes=min(2500, b.n_vars))
    b = b[:, b.var.highly_variable].copy()
    sc.pp.scale(b, max_value=10)
    sc.pp.pca(b, n_comps=50)
    sc.pp.neighbors(b, n_neighbors=10, n_pcs=50)
    a.obsm, a.obsp, a.uns["neighbors"] = b.obsm, b.obsp, b.uns["neighbors"]
    a.write_h5ad(target)
elif verb == "join":
    files = [anndata.read_h5ad(path) for path in (source, more[0])]
    anndata.concat(files, join=more[1], label="batch", index_unique="-").write_h5ad(target)
elif verb == "get":
    anndata.read_h5ad(source).obs.to_csv(target, sep="\t")
elif verb == "put":
    import pandas as pd

    a = anndata.read_h5ad(source)
    a.obs = a.obs.join(pd.read_csv(more[0], sep="\t", index_col=0), rsuffix="_new")
    a.write_h5ad(target)
elif verb == "take":
    a = anndata.read_h5ad(source)
    i, n = int(more[0]), int(more[1])
    a[a.n_obs * (i - 1) // n : a.n_obs * i // n].write_h5ad(target)
