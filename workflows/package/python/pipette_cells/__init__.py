"""Pipette's filters from Python: cells typed, models trained, references mapped, genes that mark.

    import pipette_cells as pc
    typed = pc.annotate("sample.h5ad", model="model.h5")     # obs: pipette_label, pipette_confidence, ...
    typed = pc.annotate(adata, references="atlas.h5ad", label="cell_type")

The filters do the work, in a process of their own; the matrix goes to them in one file (a file that
is there already is read where it is), and columns come back. A filter that fails or refuses is an
exception with its own line, which says what to do.
"""
from __future__ import annotations

import os
import pathlib
import typing

from . import _filters
from ._filters import Failed, PipetteError, Refused, WrongUsage, filters, run, table

if typing.TYPE_CHECKING:
    import anndata
    import pandas

    Path = typing.Union[str, "os.PathLike[str]"]
    Data = typing.Union["anndata.AnnData", Path]

__version__ = "@VERSION@"
__all__ = ["annotate", "train", "map", "markers", "run", "table", "filters",
           "PipetteError", "Failed", "Refused", "WrongUsage"]


def annotate(data: "Data", model: "typing.Union[Path, typing.Sequence[Path], None]" = None, *,
             references: "typing.Union[Data, typing.Sequence[Data], None]" = None,
             label: "typing.Optional[str]" = None, key: str = "pipette", gate: bool = True,
             ontology: bool = False, vote: bool = False, overwrite: bool = False,
             output: "typing.Optional[Path]" = None, quiet: bool = False,
             **options: typing.Any) -> "anndata.AnnData":
    """Type the cells of an AnnData or a file, by models or by labelled references.

    model: a file (.h5, CellTypist's .pkl) or several, of which the surest answer is taken; a name
    that is no file is one of CellTypist's published models, downloaded into the cache.
    references: labelled AnnData or h5ad; a model is trained on obs[label] of them first.
    gate: doubtful cells become Unknown, with a reason. ontology: Cell Ontology ids are added.
    vote: labels are voted on in clusters. options: of lr-predict, slot="raw" for --slot raw.
    output: the file, with these columns, is written there as well.

    Returns the AnnData with obs["pipette_label"], ["pipette_confidence"] and so on, pipette being
    the key; of a path, an AnnData backed by the file. Columns of obs that another made are only replaced with overwrite=True.
    """
    from . import _anndata, _steps

    with _filters.workplace() as place:
        cells = _anndata.HandedOver(data, place, options.get("slot", "auto"))
        models = _steps.models_for(model, references, label, place, quiet)
        calls = _steps.predict(cells, models, place, quiet, options)
        if vote:
            calls = _steps.vote(cells, calls, place, quiet)
        if gate:
            calls = _steps.gate(calls, place, vote)
        if ontology:
            calls = _steps.ontology(calls, place)
        columns = _anndata.columns_of(calls, key)
        if output is not None:
            run("h5-obs", "put", cells.path, table=_anndata.renamed(calls, key, place),
                replace=overwrite, output=output, quiet=quiet)
        return cells.join(columns, key, overwrite)


def train(data: "Data", label: str, output: "Path", *, quiet: bool = False,
          **options: typing.Any) -> pathlib.Path:
    """Learn obs[label] of an AnnData or a file: a model in 'output' (.h5; .pkl for CellTypist).

    options are lr-train's: recipe="celltypist", C="auto", by="donor", feature_selection=True.
    """
    from . import _anndata

    by = [options[word] for word in ("by", "holdout", "ids") if isinstance(options.get(word), str)]
    with _filters.workplace() as place:
        cells = _anndata.HandedOver(data, place, options.get("slot", "auto"), [label, *by])
        run("lr-train", cells.path, label=label, output=output, quiet=quiet, **options)
    return pathlib.Path(output)


def map(data: "Data", reference: "Path", label: str, *, key: str = "mapped",
        batch: "typing.Optional[str]" = None, overwrite: bool = False, quiet: bool = False,
        **options: typing.Any) -> "anndata.AnnData":
    """Place cells in a reference that ref-build made, and take labels from their neighbours there.

    Adds obsm["X_pca_mapped"], obs["mapped_label"] and its fellows. options are knn-transfer's.
    """
    from . import _anndata

    with _filters.workplace() as place:
        cells = _anndata.HandedOver(data, place, "auto", [batch] if batch else [])
        mapped, calls = place / "mapped.h5ad", place / "calls.tsv"
        run("ref-map", cells.path, reference=reference, batch=batch, output=mapped, quiet=quiet)
        run("knn-transfer", mapped, reference=reference, label=label, output=calls, quiet=quiet,
            **options)
        cells.join_obsm(mapped, "X_pca_mapped")
        return cells.join(_anndata.columns_of(calls, key), key, overwrite)


def markers(data: "Data", group: str, *, quiet: bool = False,
            **options: typing.Any) -> "pandas.DataFrame":
    """The genes that mark each group of obs[group], as a table. options are those of `markers`."""
    from . import _anndata

    with _filters.workplace() as place:
        cells = _anndata.HandedOver(data, place, options.get("slot", "auto"), [group])
        return table("markers", cells.path, group=group, quiet=quiet, **options)
