"""The steps of annotate(), each a filter or two."""
from __future__ import annotations

import os
import pathlib
import typing

import anndata

from . import _anndata
from ._filters import run

Place = pathlib.Path


def published(name: str) -> Place:
    """One of CellTypist's published models by its name: in the cache, or downloaded into it."""
    name = name[:-len(".pkl")] if name.endswith(".pkl") else name
    known = run("ref-query", id=name, quiet=True)
    header, row = run("ref-fetch", given=known, quiet=True).splitlines()[:2]
    return Place(dict(zip(header.split("\t"), row.split("\t")))["path"])


def model_path(model: typing.Any) -> Place:
    path = Place(os.fspath(model))
    if path.exists() or path.suffix == ".h5" or path.parent != Place("."):
        return path
    return published(str(model))


def trained_on(reference: typing.Any, label: typing.Optional[str], place: Place, n: int,
               quiet: bool) -> Place:
    if not label:
        raise ValueError("references= need label=, the column of obs that has their labels")
    inside = place / f"reference{n}"
    inside.mkdir()
    model = place / f"trained{n}.h5"
    cells = _anndata.HandedOver(reference, inside, "auto", [label])
    run("lr-train", cells.path, label=label, output=model, quiet=quiet)
    return model


def models_for(model: typing.Any, references: typing.Any, label: typing.Optional[str],
               place: Place, quiet: bool) -> typing.List[Place]:
    """The models to type with: those given, then one for every reference."""
    def listed(x: typing.Any) -> typing.List[typing.Any]:
        return [] if x is None else list(x) if isinstance(x, (list, tuple)) else [x]

    models = [model_path(m) for m in listed(model)]
    models += [trained_on(r, label, place, n, quiet) for n, r in enumerate(listed(references))]
    if not models:
        raise ValueError("give model= (a file, or the name of a published one) or references= with label=")
    return models


def predict(cells: "_anndata.HandedOver", models: typing.Sequence[Place], place: Place, quiet: bool,
            options: typing.Mapping[str, typing.Any]) -> Place:
    calls = place / "calls.tsv"
    if len(models) == 1:
        run("lr-predict", cells.path, model=models[0], output=calls, quiet=quiet, **options)
        return calls
    folder = place / "calls"
    folder.mkdir()
    run("lr-predict", cells.path, model=list(models), output=folder, quiet=quiet, **options)
    run("ensemble", *sorted(folder.glob("*.tsv")), output=calls, quiet=quiet)
    return calls


def clusters(cells: "_anndata.HandedOver", place: Place, quiet: bool) -> Place:
    """Small clusters: of the graph that the AnnData has, else of one made now."""
    table, graph = place / "clusters.tsv", place / "graph.h5ad"
    adata = cells.adata
    if adata is not None and "connectivities" in adata.obsp:
        names = adata.obs_names.astype(str)
        alone = anndata.AnnData(obs=_anndata.no_columns(names), shape=(adata.n_obs, 0))
        alone.obsp["connectivities"] = adata.obsp["connectivities"]
        alone.write_h5ad(graph)
    else:
        run("knn-graph", cells.path, few="pass", output=graph, quiet=quiet)
    run("overcluster", graph, output=table, quiet=quiet)
    return table


def vote(cells: "_anndata.HandedOver", calls: Place, place: Place, quiet: bool) -> Place:
    voted = place / "voted.tsv"
    run("vote", calls, clusters=clusters(cells, place, quiet), output=voted, quiet=quiet)
    return voted


def gate(calls: Place, place: Place, voted: bool) -> Place:
    gated = place / "gated.tsv"
    run("gate", calls, column="majority_voting" if voted else None, output=gated, quiet=True)
    return gated


def ontology(calls: Place, place: Place) -> Place:
    typed = place / "typed.tsv"
    run("cl-map", calls, append=typed, output=place / "map.tsv", quiet=True)
    return typed
