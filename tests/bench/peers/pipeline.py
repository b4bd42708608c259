#!/usr/bin/env python3
"""pipeline: references and a query in, typed cells out, the way a script with scanpy and celltypist does it.

usage: pipeline.py OUT_FOLDER CL.tsv CELLS MODEL.pkl QUERY.h5ad REFERENCE.h5ad...

Each reference is cut to CELLS cells, as many of each type as there are, log-normalised and put
together on the shared genes; celltypist.train by stochastic gradient descent on all genes, at most
100 epochs (spec/0's training function with its defaults); the query typed by that model and by
MODEL, without voting; the surer model wins each cell; below 0.3 it is Unknown; labels looked up in the
Cell Ontology. Writes OUT_FOLDER/trained.pkl, typed.h5ad, typed.tsv and, as each stage ends, a line of
stages.tsv: stage, seconds, cpu_seconds, peak_mb (of the process so far).
"""
import time

BEGAN = time.time()

import gc
import re
import resource
import sys
import warnings
from pathlib import Path

import anndata as ad
import celltypist
import numpy as np
import pandas as pd
import scanpy as sc

warnings.filterwarnings("ignore")
LABEL, UNIFIED = "cell_type", "unified_cell_type"
MIN_COVERAGE, MIN_CONFIDENCE, MIN_SCORE = 25, 0.3, 0.7


def cpu():
    use = resource.getrusage(resource.RUSAGE_SELF)
    return use.ru_utime + use.ru_stime


class Stages:
    def __init__(self, path):
        self.file = open(path, "w")
        self.last = BEGAN
        self.cpu = 0.0
        print("stage", "seconds", "cpu_seconds", "peak_mb", sep="\t", file=self.file, flush=True)

    def row(self, name, seconds, used):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(name, f"{seconds:.2f}", f"{used:.2f}", f"{peak:.0f}", sep="\t", file=self.file, flush=True)

    def done(self, name):
        now, used = time.time(), cpu()
        self.row(name, now - self.last, used - self.cpu)
        self.last, self.cpu = now, used

    def total(self):
        self.row("total", time.time() - BEGAN, cpu())


def subsample(a, n, label):
    """n cells, as many of each type as there are, the rest at random."""
    if a.n_obs <= n:
        return a
    np.random.seed(42)
    kinds = a.obs[label].unique()
    rows = []
    for kind in kinds:
        here = np.where(a.obs[label] == kind)[0]
        rows.extend(np.random.choice(here, size=min(len(here), n // len(kinds)), replace=False))
    if len(rows) < n:
        rest = list(set(range(a.n_obs)) - set(rows))
        rows.extend(np.random.choice(rest, size=n - len(rows), replace=False))
    return a[np.array(rows)].copy()


def lognormalise(a):
    """Counts become log1p of counts per 10,000; what looks so already stays."""
    head = a.X[:1000].toarray()
    stored = head[head != 0][:10000]
    if np.mean(stored % 1 == 0) > 0.9 and head.max() > 100:
        sc.pp.normalize_total(a, target_sum=1e4, exclude_highly_expressed=False)
        sc.pp.log1p(a)
    elif not (head.min() >= 0 and head.mean() < 5 and head.max() < 20):
        raise ValueError("neither counts nor log-normalised")
    return a


def combine(paths, n):
    parts = []
    for path in paths:
        a = lognormalise(subsample(sc.read_h5ad(path), n, LABEL))
        a.obs[UNIFIED] = a.obs[LABEL]
        a.obs["reference_source"] = Path(path).stem
        parts.append(a)
        gc.collect()
    shared = set(parts[0].var_names)
    for a in parts[1:]:
        shared &= set(a.var_names)
    shared = sorted(shared)
    parts = [a[:, shared].copy() for a in parts]
    return ad.concat(parts, join="inner", label="batch", index_unique="-")


def annotate(query, models):
    """Label, confidence and model of each cell: the model that is surest of it."""
    used, genes = {}, set()
    for name, model in models.items():
        known = set(model.features) & set(query.var_names)
        if 100 * len(known) / len(model.features) >= MIN_COVERAGE:
            used[name] = model
            genes |= known
    if not used:
        raise ValueError("no model knows enough of the genes")
    part = query[:, query.var_names.isin(genes)].copy()
    found = {}
    for name, model in used.items():
        result = celltypist.annotate(part, model=model, mode="best match", majority_voting=False)
        found[name] = (result.predicted_labels["predicted_labels"], result.probability_matrix.max(axis=1).values)
        gc.collect()
    label, confidence, source = [], [], []
    for i in range(query.n_obs):
        best = ("Unknown", -1.0, "none")
        for name, (labels, sure) in found.items():
            if sure[i] > best[1]:
                best = (labels.iloc[i], sure[i], name)
        label.append(best[0])
        confidence.append(best[1])
        source.append(best[2])
    return label, confidence, source


def words(text):
    text = re.sub(r"[^a-z0-9]+", " ", text.lower())
    return {w[:-1] if w.endswith("s") and len(w) > 3 else w for w in text.split()} - {"cell", "positive"}


def ontology_ids(labels, path):
    """label -> (id, name): the same name or synonym, else the term that shares most words."""
    terms = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)
    terms = terms[terms["obsolete"] == "0"]
    exact, by_words = {}, []
    for term, name, synonyms in zip(terms["id"], terms["label"], terms["exact"]):
        for text in [name] + [s for s in synonyms.split("|") if s]:
            exact.setdefault(text.lower(), (term, name))
            by_words.append((words(text), term, name))
    answer = {}
    for label in labels:
        low = label.lower()
        answer[label] = exact.get(low) or exact.get(low.rstrip("s"))
        if not answer[label]:
            mine, best = words(label), (0, "", "")
            for theirs, term, name in by_words:
                score = len(mine & theirs) / max(len(mine | theirs), 1)
                if score > best[0]:
                    best = (score, term, name)
            answer[label] = best[1:] if best[0] >= MIN_SCORE else ("", "")
    return answer


def main():
    out, terms, n, model_path, query_path, *references = sys.argv[1:]
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    stages = Stages(out / "stages.tsv")
    stages.done("import of packages")
    train = combine(references, int(n))
    stages.done("references")
    model = celltypist.train(train, labels=UNIFIED, check_expression=False, use_SGD=True,
                             feature_selection=False, n_jobs=-1, max_iter=100)
    model.write(str(out / "trained.pkl"))
    del train
    gc.collect()
    stages.done("training")

    query = sc.read_h5ad(query_path)
    models = {"trained": celltypist.models.Model.load(str((out / "trained.pkl").resolve())),
              Path(model_path).stem: celltypist.models.Model.load(str(Path(model_path).resolve()))}
    typed = lognormalise(query.copy())
    label, confidence, source = annotate(typed, models)
    del typed
    gc.collect()
    stages.done("prediction")

    query.obs["celltypist_original"] = label
    query.obs["celltypist_confidence"] = confidence
    query.obs["celltypist_model"] = source
    query.obs["celltypist"] = np.where(np.array(confidence) < MIN_CONFIDENCE, "Unknown", label)
    ids = ontology_ids(set(label), terms) | {"Unknown": ("", "")}
    query.obs["celltypist_ontology_id"] = [ids[x][0] for x in query.obs["celltypist"]]
    query.obs["celltypist_ontology_name"] = [ids[x][1] for x in query.obs["celltypist"]]
    query.write_h5ad(out / "typed.h5ad")
    query.obs.to_csv(out / "typed.tsv", sep="\t", index_label="cell")
    stages.done("gate, ontology, output")
    stages.total()


main()
