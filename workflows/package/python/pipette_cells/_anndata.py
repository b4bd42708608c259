"""An AnnData handed to the filters in one file, and what they found joined to it again."""
from __future__ import annotations

import os
import pathlib
import typing

import anndata
import h5py
import numpy
import pandas
import scipy.sparse

from ._filters import run

try:
    from anndata.io import read_elem, write_elem
except ImportError:  # before anndata 0.11
    from anndata.experimental import read_elem, write_elem


def _sparse(matrix: typing.Any) -> typing.Any:
    """A form that every anndata writes: sparse arrays as matrices, without copying their values."""
    if not scipy.sparse.issparse(matrix):
        return numpy.asarray(matrix)
    if matrix.format not in ("csr", "csc"):
        matrix = matrix.tocsr()
    kind = scipy.sparse.csr_matrix if matrix.format == "csr" else scipy.sparse.csc_matrix
    if type(matrix) is kind:  # arrays were a kind of matrix before scipy 1.11
        return matrix
    return kind((matrix.data, matrix.indices, matrix.indptr), shape=matrix.shape, copy=False)


def _objects(texts: typing.Iterable[str]) -> pandas.Index:
    """Text as objects: pandas 3 has a type of its own for it, which anndata before 0.11 cannot write."""
    return pandas.Index(list(texts), dtype=object)


def _plain(frame: pandas.DataFrame, columns: typing.Iterable[str], names: pandas.Index) -> pandas.DataFrame:
    """Some columns as text or numbers, which is what the filters read."""
    made = {}
    for column in columns:
        values = frame[column]
        if isinstance(values.dtype, pandas.CategoricalDtype):
            made[column] = values.cat.rename_categories(_objects(map(str, values.cat.categories))).array
        elif values.dtype == object or isinstance(values.dtype, pandas.StringDtype):
            made[column] = pandas.Categorical(values.map(str, na_action="ignore").astype(object))
        else:
            made[column] = values.array
    return pandas.DataFrame(made, index=_objects(names))


class HandedOver:
    """The cells as a file: the one there is, or one written once, without what no filter reads."""

    def __init__(self, data: typing.Any, place: pathlib.Path, slot: str = "auto",
                 columns: typing.Iterable[str] = ()):
        self.place = place
        self.adata: typing.Optional[anndata.AnnData] = None
        if isinstance(data, anndata.AnnData):
            self.adata = data
            if data.isbacked and not data.is_view and not list(columns):
                self.path = pathlib.Path(data.filename)
            else:
                self.path = place / "cells.h5ad"
                _write(data.to_memory() if data.isbacked else data, self.path, slot, columns)
            return
        self.path = pathlib.Path(os.fspath(data))
        if self.path.suffix != ".h5ad":
            self._import("rds-import" if self.path.suffix.lower() == ".rds" else "h5-import")

    def _import(self, filter: str) -> None:
        made = self.place / "imported.h5ad"
        run(filter, self.path, output=made, quiet=True)
        self.path = made
        self.adata = anndata.read_h5ad(made)

    def answer(self) -> anndata.AnnData:
        """Where columns are joined: the AnnData that came, or the file, read as it is used."""
        if self.adata is None:
            self.adata = anndata.read_h5ad(self.path, backed="r")
        return self.adata

    def join(self, columns: typing.Dict[str, typing.Any], key: str,
             overwrite: bool) -> anndata.AnnData:
        adata = self.answer()
        ours = list(adata.uns.get("pipette", {}).get(key, ())) if not overwrite else []
        taken = [c for c in columns if c in adata.obs.columns and c not in ours]
        if taken and not overwrite:
            raise ValueError(f"obs has the column {taken[0]} already: overwrite=True replaces it, "
                             f"key= gives the new ones another name than {key!r}")
        for name, values in columns.items():
            if len(values) != adata.n_obs:
                raise ValueError(f"{len(values)} rows for {adata.n_obs} cells: not the same cells")
        if adata.is_view:
            adata = self.adata = adata.to_memory() if adata.isbacked else adata.copy()
        for name in ours:
            if name in adata.obs.columns and name not in columns:
                del adata.obs[name]
        for name, values in columns.items():
            adata.obs[name] = values
        adata.uns["pipette"] = {**adata.uns.get("pipette", {}), key: numpy.array(list(columns), dtype=object)}
        return adata

    def join_obsm(self, path: pathlib.Path, name: str) -> None:
        adata = self.answer()
        with h5py.File(path, "r") as file:
            adata.obsm[name] = read_elem(file["obsm"][name])


def _write(adata: anndata.AnnData, path: pathlib.Path, slot: str,
           columns: typing.Iterable[str]) -> None:
    """Names, the columns asked for, and the matrices that a slot may mean; each written once."""
    columns = list(columns)
    for column in columns:
        if column not in adata.obs.columns:
            raise KeyError(f"obs has no column {column}: it has {', '.join(adata.obs.columns)}")
    cells = adata.obs_names.astype(str)
    if not cells.is_unique:  # rows are joined by place: any names will do
        cells = pandas.Index([str(i) for i in range(adata.n_obs)])
    with h5py.File(path, "w") as file:
        file.attrs.update({"encoding-type": "anndata", "encoding-version": "0.1.0"})
        write_elem(file, "obs", _plain(adata.obs, columns, cells))
        write_elem(file, "var", _names_of_genes(adata.var))
        layers = [slot[len("layers/"):]] if slot.startswith("layers/") else []
        if slot in ("auto", "X") and adata.X is not None:
            write_elem(file, "X", _sparse(adata.X))
        if slot == "auto" and adata.X is None:
            layers = list(adata.layers)
        if slot in ("auto", "raw") and adata.raw is not None:
            file.create_group("raw").attrs.update({"encoding-type": "raw", "encoding-version": "0.1.0"})
            write_elem(file, "raw/X", _sparse(adata.raw.X))
            write_elem(file, "raw/var", _names_of_genes(adata.raw.var))
        group = file.create_group("layers")
        group.attrs.update({"encoding-type": "dict", "encoding-version": "0.1.0"})
        for name in layers:
            write_elem(group, name, _sparse(adata.layers[name]))


def _names_of_genes(var: pandas.DataFrame) -> pandas.DataFrame:
    """The index and columns of text: symbols may stand in one."""
    texts = [c for c in var.columns if isinstance(var[c].dtype, (pandas.CategoricalDtype, pandas.StringDtype))
             or (var[c].dtype == object and pandas.api.types.infer_dtype(var[c], skipna=True) == "string")]
    return _plain(var, texts, var.index.astype(str))


TEXTS = ("cell", "label", "second", "model", "reason", "label_original", "majority_voting", "cluster",
         "vote_second", "cl_id", "cl_name", "models", "link")


NAMES = {"label_original": "original", "majority_voting": "voted", "cl_id": "ontology_id",
         "cl_name": "ontology_name", "cl_score": "ontology_score"}


def _in_obs(column: str, key: str) -> str:
    """What obs calls a column of the table: h5-obs --preset pipette's names, all of them."""
    return f"{key}_{NAMES.get(column, column)}"


def columns_of(calls: pathlib.Path, key: str) -> typing.Dict[str, typing.Any]:
    """A predictions table as columns of obs."""
    frame = pandas.read_csv(calls, sep="\t", keep_default_na=False, na_values=[""], quoting=3,
                            dtype={name: str for name in TEXTS})
    return {_in_obs(column, key): pandas.Categorical(frame[column]) if column in TEXTS else
            frame[column].to_numpy() for column in frame.columns[1:]}


def renamed(calls: pathlib.Path, key: str, place: pathlib.Path) -> pathlib.Path:
    """The table with the columns' names in obs, for h5-obs."""
    made = place / "columns.tsv"
    with open(calls, encoding="utf-8") as old, open(made, "w", encoding="utf-8", newline="\n") as new:
        cell, *names = old.readline().rstrip("\n").split("\t")
        new.write("\t".join([cell, *(_in_obs(n, key) for n in names)]) + "\n")
        for line in old:
            new.write(line)
    return made


def no_columns(names: pandas.Index) -> pandas.DataFrame:
    return pandas.DataFrame(index=names)
