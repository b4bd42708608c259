"""CellTypist's calls, answered by Pipette's filters.

    from pipette_cells import celltypist            # instead of: import celltypist
    result = celltypist.annotate(adata, model="Immune_All_Low.pkl", majority_voting=True)
    adata = result.to_adata()

Labels are CellTypist's, scores and probabilities to the sixth digit. Counts are normalised on the
way, where CellTypist asks for log-normalised ones. use_GPU says nothing here: there is none to use.
"""
from __future__ import annotations

import os
import pathlib
import shutil
import tempfile
import typing

import anndata
import h5py
import numpy
import pandas

from . import _anndata, _filters, _steps
from ._filters import run

__all__ = ["annotate", "train", "AnnotationResult", "Model", "models"]


class AnnotationResult:
    """predicted_labels, decision_matrix, probability_matrix, cell_count and adata."""

    def __init__(self, labels: pandas.DataFrame, decisions: pandas.DataFrame,
                 probabilities: pandas.DataFrame, adata: anndata.AnnData):
        self.predicted_labels = labels
        self.decision_matrix = decisions
        self.probability_matrix = probabilities
        self.adata = adata
        self.cell_count = len(labels)

    def summary_frequency(self, by: str = "predicted_labels") -> pandas.DataFrame:
        """How many cells have each label, most first."""
        counts = self.predicted_labels[by].astype(str).value_counts()
        return pandas.DataFrame({"celltype": counts.index, "counts": counts.to_numpy()})

    def _confidence(self, by: str) -> numpy.ndarray:
        if by == "predicted_labels":
            return self.probability_matrix.max(axis=1).to_numpy()
        if by != "majority_voting":
            raise KeyError(f"insert_conf_by={by!r}: one of 'predicted_labels', 'majority_voting'")
        if by not in self.predicted_labels:
            raise KeyError("there is no majority_voting: annotate with majority_voting=True")
        # A label of the vote that is no class, such as Heterogeneous, has the cell's highest.
        column = self.probability_matrix.columns.get_indexer(self.predicted_labels[by].astype(str))
        best = self.probability_matrix.to_numpy().max(axis=1)
        of_label = self.probability_matrix.to_numpy()[numpy.arange(self.cell_count), column]
        return numpy.where(column >= 0, of_label, best)

    def to_adata(self, insert_labels: bool = True, insert_conf: bool = True,
                 insert_conf_by: str = "predicted_labels", insert_decision: bool = False,
                 insert_prob: bool = False, prefix: str = "") -> anndata.AnnData:
        """The AnnData with labels and scores as columns of obs."""
        made: typing.Dict[str, typing.Any] = {}
        if insert_labels:
            made.update({prefix + c: self.predicted_labels[c].to_numpy() if c not in
                         self.predicted_labels.select_dtypes("category") else
                         self.predicted_labels[c].array for c in self.predicted_labels})
        if insert_conf:
            made[prefix + "conf_score"] = self._confidence(insert_conf_by)
        matrix = self.probability_matrix if insert_prob else self.decision_matrix
        if insert_prob or insert_decision:
            made.update({prefix + c: matrix[c].to_numpy() for c in matrix})
        fresh = pandas.DataFrame(made, index=self.adata.obs.index)
        kept = self.adata.obs.drop(columns=[c for c in made if c in self.adata.obs])
        self.adata.obs = pandas.concat([kept, fresh], axis=1)
        return self.adata

    def to_table(self, folder: str, prefix: str = "", xlsx: bool = False) -> None:
        """The three tables as csv files, or as one Excel file."""
        tables = {"predicted_labels": self.predicted_labels, "decision_matrix": self.decision_matrix,
                  "probability_matrix": self.probability_matrix}
        if not os.path.isdir(folder):
            raise FileNotFoundError(f"there is no folder {folder}")
        if not xlsx:
            for name, table in tables.items():
                table.to_csv(os.path.join(folder, f"{prefix}{name}.csv"))
            return
        with pandas.ExcelWriter(os.path.join(folder, f"{prefix}annotation_result.xlsx")) as writer:
            for name, table in tables.items():
                table.to_excel(writer, sheet_name=name.replace("_", " ").title())

    def __repr__(self) -> str:
        return (f"{self.cell_count} cells, {self.probability_matrix.shape[1]} cell types; "
                f"predicted_labels: {', '.join(self.predicted_labels.columns)}")


class Model:
    """A model as a file; what CellTypist's own Model tells of one, read when it is asked for."""

    def __init__(self, path: typing.Union[str, "os.PathLike[str]"], *, keep: typing.Any = None):
        self.path = pathlib.Path(path)
        self._keep = keep  # a temporary folder that lives as long as the model

    @staticmethod
    def load(model: typing.Optional[str] = None) -> "Model":
        """By its path or the name of a published model; Immune_All_Low without."""
        return Model(_steps.model_path(model or "Immune_All_Low.pkl"))

    def _genes(self) -> pandas.DataFrame:
        return _filters.table("lr-model", "genes", self.path, quiet=True)

    @property
    def features(self) -> numpy.ndarray:
        return self._genes().iloc[:, 0].astype(str).to_numpy()

    @property
    def cell_types(self) -> numpy.ndarray:
        with tempfile.TemporaryDirectory() as place:
            container = self.path
            if container.suffix != ".h5":
                container = pathlib.Path(place) / "model.h5"
                run("lr-model", "import", self.path, output=container, quiet=True)
            with h5py.File(container, "r") as file:
                return file["classes"].asstr()[()].astype(object)

    def extract_top_markers(self, cell_type: str, top_n: int = 10,
                            only_positive: bool = True) -> numpy.ndarray:
        """The genes with the largest coefficients of a type."""
        if not only_positive:
            raise NotImplementedError("only_positive=False: lr-model markers lists rising genes alone")
        listed = _filters.table("lr-model", "markers", self.path, top=top_n, quiet=True)
        return listed[listed.iloc[:, 0] == cell_type]["gene"].to_numpy()

    def write(self, file: str) -> None:
        """As a pickle that CellTypist loads, or as our container (.h5)."""
        if pathlib.Path(file).suffix == self.path.suffix:
            shutil.copyfile(self.path, file)
        else:
            run("lr-model", "import" if file.endswith(".h5") else "export", self.path, output=file,
                quiet=True)


class models:
    """So that celltypist.models.Model.load(...) is found where CellTypist has it."""
    Model = Model

    @staticmethod
    def download_models(force_update: bool = False, model: typing.Any = None) -> None:
        for name in [model] if isinstance(model, str) else list(model or ["Immune_All_Low.pkl"]):
            _steps.published(name)


def _path_of(model: typing.Any, place: pathlib.Path) -> pathlib.Path:
    """A Model of ours or of CellTypist's, a path, a name, or nothing."""
    if model is None or isinstance(model, (str, os.PathLike)):
        return Model.load(os.fspath(model) if model else None).path
    if isinstance(model, Model):
        return model.path
    path = place / "model.pkl"  # CellTypist's own object: it can write itself
    model.write(str(path))
    return path


def _read(filename: typing.Any, transpose: bool, genes: typing.Optional[str],
          cells: typing.Optional[str], place: pathlib.Path) -> anndata.AnnData:
    """What annotate and train take for a matrix, as an AnnData."""
    if isinstance(filename, anndata.AnnData):
        filename.var_names_make_unique()
        return filename
    path = os.fspath(filename)
    if not os.path.exists(path):
        raise FileNotFoundError(f"there is no file {path}")
    if not path.endswith(".h5ad"):
        made = place / "imported.h5ad"
        mtx = path.endswith((".mtx", ".mtx.gz"))
        if mtx and (genes is None or (cells is None)):
            raise FileNotFoundError("an mtx file needs gene_file and cell_file")
        run("h5-import", path, transpose=transpose, genes=genes if mtx else None,
            cells=cells if mtx else None, output=made, quiet=True)
        path = str(made)
    adata = anndata.read_h5ad(path)
    adata.var_names_make_unique()
    return adata


def _listed(what: typing.Any, adata: anndata.AnnData, word: str) -> typing.List[str]:
    """Labels or clusters: a column of obs, a file with one a line, or anything with one a cell."""
    if isinstance(what, str):
        if what in adata.obs:
            what = adata.obs[what]
        elif os.path.exists(what):
            what = pathlib.Path(what).read_text(encoding="utf-8").splitlines()
        else:
            raise ValueError(f"{word}={what!r} is neither a column of obs nor a file")
    values = [str(x) for x in what]
    if len(values) != adata.n_obs:
        raise ValueError(f"{word} has {len(values)} values for {adata.n_obs} cells")
    return values


def _matrix(path: pathlib.Path, name: str, cells: pandas.Index) -> pandas.DataFrame:
    with h5py.File(path, "r") as file:
        return pandas.DataFrame(file[name][()].astype(float, copy=False), index=cells,
                                columns=file["classes"].asstr()[()])


def _voted(cells: "_anndata.HandedOver", labels: pandas.DataFrame, calls: pathlib.Path,
           over_clustering: typing.Any, min_prop: float, place: pathlib.Path) -> pandas.DataFrame:
    if over_clustering is None:
        table = _steps.clusters(cells, place, True)
        clusters = pandas.read_csv(table, sep="\t", dtype=str)["cluster"].tolist()
    else:
        clusters = _listed(over_clustering, cells.answer(), "over_clustering")
        table = place / "clusters.tsv"
        names = pandas.read_csv(calls, sep="\t", usecols=[0], dtype=str, keep_default_na=False,
                                quoting=3).iloc[:, 0]
        pandas.DataFrame({"cell": names, "cluster": clusters}).to_csv(table, sep="\t", index=False)
    voted = place / "voted.tsv"
    run("vote", calls, clusters=table, min_prop=min_prop, output=voted, quiet=True)
    answer = pandas.read_csv(voted, sep="\t", dtype=str, keep_default_na=False, quoting=3)
    labels["over_clustering"] = pandas.Categorical(clusters)
    labels["majority_voting"] = pandas.Categorical(answer["majority_voting"])
    return labels


def annotate(filename: typing.Any = "", model: typing.Any = None, transpose_input: bool = False,
             gene_file: typing.Optional[str] = None, cell_file: typing.Optional[str] = None,
             mode: str = "best match", p_thres: float = 0.5, majority_voting: bool = False,
             over_clustering: typing.Any = None, use_GPU: bool = False,
             min_prop: float = 0) -> AnnotationResult:
    """celltypist.annotate: the same arguments, the same answer."""
    modes = {"best match": "best", "prob match": "prob"}
    if mode not in modes:
        raise ValueError(f"mode={mode!r}: one of 'best match', 'prob match'")
    with _filters.workplace() as place:
        adata = _read(filename, transpose_input, gene_file, cell_file, place)
        cells = _anndata.HandedOver(adata, place)
        calls, decisions, probabilities = place / "calls.tsv", place / "d.h5", place / "p.h5"
        run("lr-predict", cells.path, model=_path_of(model, place), mode=modes[mode],
            threshold=p_thres, missing="mean", min_coverage=0, decision=decisions,
            probability=probabilities, output=calls, quiet=True)
        said = pandas.read_csv(calls, sep="\t", dtype=str, keep_default_na=False, quoting=3)
        labels = pandas.DataFrame({"predicted_labels": pandas.Categorical(said["label"])},
                                  index=adata.obs_names)
        if majority_voting:
            labels = _voted(cells, labels, calls, over_clustering, min_prop, place)
        return AnnotationResult(labels, _matrix(decisions, "decision", adata.obs_names),
                                _matrix(probabilities, "probability", adata.obs_names), adata)


def train(X: typing.Any = None, labels: typing.Any = None, genes: typing.Any = None,
          transpose_input: bool = False, with_mean: bool = True, check_expression: bool = True,
          C: float = 1.0, solver: typing.Optional[str] = None,
          max_iter: typing.Optional[int] = None, n_jobs: typing.Optional[int] = None,
          use_SGD: bool = False, alpha: float = 0.0001, use_GPU: bool = False,
          mini_batch: bool = False, batch_number: int = 100, batch_size: int = 1000,
          epochs: int = 10, balance_cell_type: bool = False, feature_selection: bool = False,
          top_genes: int = 300, date: str = "", details: str = "", url: str = "", source: str = "",
          version: str = "") -> Model:
    """celltypist.train: the same arguments; a model whose write() makes what CellTypist loads.

    The optimum is reached whatever 'solver' says; max_iter counts passes.
    """
    keep = tempfile.TemporaryDirectory(prefix="pipette-model-")
    place = pathlib.Path(keep.name)
    if isinstance(X, (anndata.AnnData, str, os.PathLike)):
        adata = _read(X, transpose_input, None, None, place)
    else:
        values, names = X, genes
        if isinstance(X, pandas.DataFrame):
            values = X.to_numpy()
            names = genes if genes is not None else X.index if transpose_input else X.columns
        if names is None:
            raise ValueError("an array needs genes=, a name a gene")
        values = values.T if transpose_input else values
        names = pathlib.Path(names).read_text().split() if isinstance(names, str) else names
        adata = anndata.AnnData(values, var=pandas.DataFrame(index=pandas.Index(names).astype(str)))
    column = labels if isinstance(labels, str) and labels in adata.obs else "label"
    named = pandas.DataFrame({column: _listed(labels, adata, "labels")}, index=adata.obs_names)
    cells = anndata.AnnData(adata.X, obs=named, var=adata.var[[]])
    if adata.raw is not None:
        cells.raw = adata.raw.to_adata()
    handed = _anndata.HandedOver(cells, place, "auto", [column])
    sgd = {"solver": "sgd", "alpha": alpha, "mini_batch": mini_batch, "balance": balance_cell_type,
           "batch_number": batch_number, "batch_size": batch_size, "epochs": epochs}
    run("lr-train", handed.path, label=column, recipe="celltypist", min_cells=1,
        no_mean=not with_mean, max_passes=max_iter, threads=n_jobs if n_jobs and n_jobs > 0 else None,
        feature_selection=feature_selection, top_genes=top_genes if feature_selection else None,
        accept=None if check_expression else "unknown", date=date or None, details=details or None,
        url=url or None, source=source or None, model_version=version or None,
        output=place / "model.h5", quiet=True, **(sgd if use_SGD else {"C": C}))
    if handed.path.parent == place:
        handed.path.unlink()
    return Model(place / "model.h5", keep=keep)
