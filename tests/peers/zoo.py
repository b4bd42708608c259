"""A zoo of CellTypist models and query files, and what CellTypist says of them.

zoo.py make FOLDER    writes NAME.pkl, and NAME.npz with CellTypist's scores and labels; query.h5ad and other
                      forms of the same cells, query-*.h5ad
zoo.py queries FOLDER the same with one model, lr.pkl
zoo.py check FOLDER   compares with NAME.h5 (decisions), NAME.tsv and NAME.prob.tsv of lr-predict
Runs with any scikit-learn from 1.2: kinds that a version cannot make are left out.
"""
import os
import pickle
import sys
import warnings

folder = sys.argv[2]
os.environ["CELLTYPIST_FOLDER"] = os.path.join(os.path.abspath(folder), "celltypist")
os.makedirs(os.path.join(folder, "celltypist/data/models"), exist_ok=True)
open(os.path.join(folder, "celltypist/data/models/models.json"), "w").write('{"models": []}')
warnings.filterwarnings("ignore")
import h5py
import numpy as np

N_GENES, N_CELLS = 160, 240
THRESHOLDS = ("0.1", "0.5", "0.9")


def zoo():
    """Pairs of a name and a function that gives (classifier, scaler, description, pickle protocol)."""
    import datetime

    import celltypist
    import pandas as pd
    import scipy.sparse as sp
    import sklearn
    from sklearn.linear_model import LogisticRegression, SGDClassifier
    from sklearn.preprocessing import StandardScaler

    version = tuple(int(part) for part in sklearn.__version__.split(".")[:2])
    rng = np.random.default_rng(5)
    counts, types = draw(rng, N_CELLS)
    x = lognorm(counts)
    names = np.array([f"G{g}" for g in range(N_GENES)], dtype=object)
    text = np.array([f"cell type {t} é" for t in types], dtype=object)
    described = dict(date="2024-01-01", details="a zoo", url="", source="here", version="v1", number_celltypes=5)

    def fit(model, labels=text, genes=names, with_mean=True, frame=False, keep=None, description=described,
            protocol=4, change=None):
        def make():
            z, chosen = x, genes
            if keep is not None:
                z, chosen = x[:, keep], genes[keep]
            data = pd.DataFrame(z, columns=list(chosen)) if frame else z
            scaler = StandardScaler(with_mean=with_mean).fit(data)
            scaled = np.minimum(scaler.transform(data), 10)
            model.fit(pd.DataFrame(scaled, columns=list(chosen)) if frame else scaled, labels)
            model.features = chosen
            if change:
                change(model, scaler)
            return model, scaler, description, protocol
        return make

    def set_dtype(dtype):
        def change(model, scaler):
            model.coef_ = np.rint(model.coef_ * 1000).astype(dtype) if dtype == "int64" else model.coef_.astype(dtype)
            model.intercept_ = model.intercept_.astype(dtype if dtype != "int64" else "float64")
        return change

    def fortran(model, scaler):
        model.coef_ = np.asfortranarray(model.coef_)
        scaler.mean_ = scaler.mean_.astype(">f8")
        model.features = model.features.astype(str)

    def set_to(**values):
        def change(model, scaler):
            for name, value in values.items():
                setattr(model, name, value(getattr(model, name)))
        return change

    def twice(where):
        def change(model, scaler):
            model.features = names.copy()
            model.features[where] = "not there"
        return change

    def converted(model, scaler):
        path = os.path.join(folder, "map.csv")
        pd.DataFrame([(f"G{g}", f"G{g * 7 % N_GENES}") for g in range(0, N_GENES, 2)]).to_csv(path, header=False, index=False)
        celltypist.models.Model(model, scaler, dict(described)).convert(path, convert_from=0)

    def text_scalars(model, scaler):
        model.classes_ = np.array([np.str_(c) for c in model.classes_], dtype=object)

    def old_state(version):
        # what scikit-learn 0.22 and 0.24 pickled: fewer attributes, and their own version
        def change(model, scaler):
            for estimator in (model, scaler):
                for name in ("n_features_in_", "feature_names_in_"):
                    estimator.__dict__.pop(name, None)
                estimator.__class__ = Old[type(estimator).__name__]
                estimator.old_version = version
        return change

    def many_classes(model, scaler):
        model.classes_ = np.array([f"type {c:03d}" for c in range(164)], dtype=object)
        model.coef_ = rng.normal(0, 0.3, (164, N_GENES))
        model.intercept_ = rng.normal(-1, 1, 164)

    def many_genes(model, scaler):
        n = 60000
        model.features = np.array([f"G{g}" for g in range(n)], dtype=object)
        model.coef_ = rng.normal(0, 0.1, (len(model.classes_), n))
        scaler.mean_, scaler.var_, scaler.scale_ = (np.resize(a, n) for a in (scaler.mean_, scaler.var_, scaler.scale_))
        model.n_features_in_ = scaler.n_features_in_ = n

    lr, log = LogisticRegression, "log_loss"
    half = np.flatnonzero(rng.random(N_GENES) < 0.5)
    two = np.where(types < 2, "first of two", "second of two").astype(object)
    yield "lr", fit(lr(C=0.5))
    for solver in ("newton-cg", "newton-cholesky", "sag", "saga"):
        yield solver, fit(lr(solver=solver, max_iter=30, random_state=np.random.RandomState(1)))
    yield "l1", fit(lr(solver="saga", penalty="elasticnet", l1_ratio=0.5, max_iter=30))
    if version < (1, 8):
        yield "ovr", fit(lr(multi_class="ovr"))
        yield "liblinear", fit(lr(solver="liblinear"))
        yield "multinomial", fit(lr(multi_class="multinomial", n_jobs=1))
    yield "balanced", fit(lr(class_weight="balanced", warm_start=True))
    yield "weights", fit(lr(class_weight={c: 1.0 + i for i, c in enumerate(np.unique(text))}))
    yield "no-intercept", fit(lr(fit_intercept=False))
    yield "binary", fit(lr(), labels=two)
    yield "binary-sgd", fit(SGDClassifier(loss=log, random_state=1), labels=two)
    yield "sgd", fit(SGDClassifier(loss=log, alpha=1e-4, n_jobs=2, random_state=1))
    yield "sgd-average", fit(SGDClassifier(loss=log, average=True, random_state=1))
    yield "sgd-early", fit(SGDClassifier(loss=log, early_stopping=True, random_state=1))
    yield "sgd-l1", fit(SGDClassifier(loss=log, penalty="elasticnet", random_state=1, learning_rate="adaptive", eta0=0.1))
    yield "no-mean", fit(lr(), with_mean=False)
    yield "selected", fit(lr(), keep=half)
    yield "frame", fit(lr(), frame=True)
    yield "frame-sgd", fit(SGDClassifier(loss=log, random_state=1), frame=True)
    yield "int-labels", fit(lr(), labels=types)
    yield "int32-labels", fit(lr(), labels=types.astype(np.int32))
    yield "float-labels", fit(lr(), labels=types.astype(float))
    yield "U-labels", fit(lr(), labels=text.astype(str))
    yield "category-labels", fit(lr(), labels=pd.Categorical(text))
    yield "series-labels", fit(lr(), labels=pd.Series(text))
    yield "text-scalars", fit(lr(), change=text_scalars)
    yield "U-genes", fit(lr(), genes=names.astype(str))
    yield "fortran", fit(lr(), change=fortran)
    for dtype in ("float32", "int64", "float16", ">f8"):
        yield "coef-" + dtype.replace(">", "be"), fit(lr(), change=set_dtype(dtype))
    for protocol in (0, 1, 2, 3, 4, 5):
        yield f"protocol{protocol}", fit(lr(), protocol=protocol, frame=True)
    yield "old-0.22", fit(lr(), change=old_state("0.22.1"), protocol=3)
    yield "old-0.24", fit(lr(), change=old_state("0.24.2"))
    yield "old-0.22-sgd", fit(SGDClassifier(loss=log, random_state=1), change=old_state("0.22.1"), protocol=3)
    for protocol in (0, 2, 4, 5):
        yield f"index{protocol}", fit(lr(), change=set_to(features=pd.Index, classes_=pd.Index), protocol=protocol)
        yield f"series{protocol}", fit(lr(), change=set_to(features=pd.Series), protocol=protocol)
        yield f"categorical{protocol}", fit(lr(), change=set_to(features=pd.Categorical, classes_=pd.Categorical),
                                            protocol=protocol)
        yield f"csr{protocol}", fit(lr(), change=set_to(coef_=sp.csr_matrix), protocol=protocol)
    yield "string-genes", fit(lr(), change=set_to(features=lambda g: pd.array(g, dtype="string")))
    yield "csc", fit(lr(), change=set_to(coef_=sp.csc_matrix))
    yield "sparse-l1", fit(SGDClassifier(loss=log, penalty="l1", random_state=1), change=lambda m, s: m.sparsify())
    yield "bool-labels", fit(lr(), labels=types < 2)
    yield "intercept-row", fit(lr(), change=set_to(intercept_=lambda b: b.reshape(1, -1)))
    yield "intercept-one", fit(lr(), change=set_to(intercept_=lambda b: b[:1]))
    yield "no-variance", fit(lr(), change=lambda m, s: s.__dict__.pop("var_"))
    yield "twice", fit(lr(), change=twice([3, 9]))
    yield "nameless-gene", fit(lr(), change=set_to(features=lambda g: np.where(g == "G3", "", g)))
    yield "converted", fit(lr(), change=converted)
    yield "many-classes", fit(lr(), change=many_classes)
    yield "many-genes", fit(lr(), change=many_genes)
    yield "undescribed", fit(lr(), description=None)
    yield "described-bare", fit(lr(), description={})
    yield "described-none", fit(lr(), description=dict(described, date=None, number_celltypes=None, url=None))
    yield "described-time", fit(lr(), description=dict(described, date=datetime.datetime(2022, 7, 16, 1, 2, 3)))
    yield "described-numbers", fit(lr(), description=dict(date=20220716, version=1.5, details=["a", "b"],
                                                          number_celltypes=np.int64(5), extra={"k": (1, 2)}))


class Old:
    """Stands for an estimator that pickles itself as an old scikit-learn did."""

    def __class_getitem__(cls, name):
        import sklearn.linear_model
        import sklearn.preprocessing

        now = getattr(sklearn.linear_model, name, None) or getattr(sklearn.preprocessing, name)

        def reduce(self, protocol):
            import copyreg

            state = {k: v for k, v in self.__dict__.items() if k != "old_version"}
            return copyreg._reconstructor, (now, object, None), dict(state, _sklearn_version=self.old_version)
        return type(name, (now,), {"__reduce_ex__": reduce})


def draw(rng, n):
    profile = np.random.default_rng(1).gamma(0.4, 2.0, (5, N_GENES)) + 0.05
    types = np.arange(n) % 5
    counts = rng.poisson(profile[types] * rng.gamma(4, 0.4, (n, 1)))
    counts[:, :2] += 1
    return counts, types


def lognorm(counts):
    return np.log1p(counts / counts.sum(1, keepdims=True) * 1e4).astype(np.float32)


def write_queries(x, counts, genes):
    import anndata as ad
    import pandas as pd
    import scipy.sparse as sp

    def write(name, matrix, raw=None, **more):
        a = ad.AnnData(matrix, obs=pd.DataFrame(index=[f"c{i}" for i in range(len(x))]),
                       var=pd.DataFrame(index=genes[:matrix.shape[1]]), **more)
        a.raw = raw
        a.write_h5ad(os.path.join(folder, name + ".h5ad"))
        return a

    whole = np.asarray(counts, dtype=np.float32)
    scaled = (x - x.mean(0)) / (x.std(0) + 0.1)
    plain = write("query", sp.csr_matrix(x))
    write("query-dense", x)
    write("query-csc", sp.csc_matrix(x))
    write("query-wide", sp.csr_matrix(x.astype(np.float64)))
    write("query-counts", sp.csr_matrix(whole))
    write("query-ints", sp.csr_matrix(counts.astype(np.int32)))
    write("query-layer", scaled, layers={"counts": sp.csr_matrix(whole)})
    write("query-raw", scaled[:, :40], raw=plain)


def query():
    """The cells to call: fewer genes, in another order, some strange, one twice."""
    rng = np.random.default_rng(9)
    counts, _ = draw(rng, 150)
    order = rng.permutation(N_GENES)[:130]
    genes = np.array(["other" if i % 40 == 7 else f"G{order[11]}" if i == 20 else f"G{g}" for i, g in enumerate(order)])
    return counts[:, order], genes


def make(only=None):
    import anndata as ad
    import celltypist
    import pandas as pd

    counts, genes = query()
    x = lognorm(counts)
    write_queries(x, counts, genes)
    cells = ad.AnnData(x, obs=pd.DataFrame(index=[f"c{i}" for i in range(len(x))]), var=pd.DataFrame(index=genes))
    cells.var_names_make_unique()
    for name, fitted in zoo():
        if only and name != only:
            continue
        try:
            model, scaler, description, protocol = fitted()
        except (ValueError, TypeError) as e:  # not in this version
            print("left out:", name, e)
            continue
        path = os.path.join(folder, name + ".pkl")
        parts = dict(Model=model, Scaler_=scaler, description=description)
        if description is None:  # as the first versions wrote it; today's load() wants one
            del parts["description"]
        with open(path, "wb") as f:
            pickle.dump(parts, f, protocol=protocol)
        with open(path, "rb") as f:
            held = pickle.load(f)
        loaded = celltypist.models.Model(held["Model"], held["Scaler_"], held.get("description", {}))
        for estimator in (loaded.classifier, loaded.scaler):  # today's CellTypist asks for it
            estimator.__dict__.setdefault("n_features_in_", loaded.classifier.coef_.shape[1])
        best = celltypist.annotate(cells.copy(), model=loaded)
        said = {"classes": np.array([str(c) for c in best.decision_matrix.columns]),
                "decision": best.decision_matrix.values, "probability": best.probability_matrix.values,
                "best": best.predicted_labels["predicted_labels"].astype(str).values.astype(str)}
        for threshold in THRESHOLDS if loaded.cell_types.dtype.kind in "OU" else ():  # it cannot join numbers
            split = celltypist.annotate(cells.copy(), model=loaded, mode="prob match", p_thres=float(threshold))
            lines = split.predicted_labels["predicted_labels"].astype(str)
            # numpy cuts "Unassigned" to the width of the longest label: to "U" when no cell has one
            said[threshold] = np.array(["Unassigned" if "Unassigned".startswith(s) else s for s in lines])
        np.savez(os.path.join(folder, name + ".npz"), **said)


def labels(path):
    with open(path, encoding="utf-8") as f:
        return np.array([line.rstrip("\n").split("\t")[1] for line in f][1:])


def check():
    wrong = 0
    for file in sorted(os.listdir(folder)):
        if not file.endswith(".npz"):
            continue
        at = os.path.join(folder, file[:-4])
        want, found = np.load(at + ".npz"), []
        if not os.path.exists(at + ".d.h5"):
            found.append("no answer")
        else:
            have = h5py.File(at + ".d.h5")
            if list(have["classes"].asstr()[()]) != list(want["classes"]):
                found.append(f"classes {list(have['classes'].asstr()[()])} {list(want['classes'])}")
            for part in ("decision", "probability"):
                ours = h5py.File(at + "." + part[0] + ".h5")[part][()]
                worst = np.abs(ours - want[part]).max()
                if not worst < 1e-6 * (max(1, np.abs(want[part]).max() / 1000)):
                    found.append(f"{part} differs by {worst} of {np.abs(want[part]).max()}")
            for part in ("best", *THRESHOLDS):
                if part not in want:
                    continue
                same = labels(f"{at}.{part}.tsv") == want[part]
                if not same.all():
                    found.append(f"{part}: {same.mean()} of the labels agree")
        for complaint in found:
            print(file[:-4] + ":", complaint)
        wrong += bool(found)
    sys.exit(wrong > 0)


{"make": make, "queries": lambda: make("lr"), "check": check}[sys.argv[1]]()
