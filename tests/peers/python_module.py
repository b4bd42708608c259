"""python_module.py WORK GOLDEN: what tests/peers/python.bats asks of pipette_cells."""
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import time

import anndata
import numpy as np
import pandas as pd
import scipy.sparse as sp

import pipette_cells as pc

GOLDEN = pathlib.Path(sys.argv[2])
TRAIN, QUERY = GOLDEN / "pbmc_train.h5ad", GOLDEN / "pbmc_query.h5ad"


def model():
    return pc.train(TRAIN, "bulk_labels", "model.h5", min_cells=4, quiet=True)


def labels(adata):
    return list(adata.obs["pipette_label"].astype(str))


def raises(kind, pattern, function, *args, **options):
    import re
    try:
        function(*args, **options)
    except kind as error:
        assert re.search(pattern, str(error)), str(error)
        return error
    raise AssertionError(f"{pattern}: nothing was raised")


def whole():
    m = model()
    before = QUERY.read_bytes()
    typed = pc.annotate(QUERY, model=m, ontology=True, quiet=True)
    assert QUERY.read_bytes() == before and typed.isbacked
    pc.run("lr-predict", QUERY, model=m, output="calls.tsv", quiet=True)
    pc.run("gate", "calls.tsv", output="gated.tsv", quiet=True)
    want = pd.read_csv("gated.tsv", sep="\t", dtype=str, keep_default_na=False)
    assert labels(typed) == list(want.label)
    assert np.allclose(typed.obs.pipette_confidence, want.confidence.astype(float))
    assert typed.obs.pipette_ontology_id.astype(str).str.startswith("CL:").mean() > 0.5
    memory = anndata.read_h5ad(QUERY)
    again = pc.annotate(memory, references=TRAIN, label="bulk_labels", key="by_atlas", quiet=True)
    assert again is memory and "by_atlas_label" in memory.obs
    os.link("model.h5", "second.h5")
    two = pc.annotate(anndata.read_h5ad(QUERY), model=[m, "second.h5"], vote=True, output="typed.h5ad", quiet=True)
    assert {"pipette_voted", "pipette_original"} <= set(two.obs)
    assert list(anndata.read_h5ad("typed.h5ad").obs.pipette_label.astype(str)) == labels(two)
    found = pc.markers(memory, "bulk_labels", quiet=True)
    assert {"cluster", "gene", "score"} <= set(found) and len(found) > 100
    pc.run("ref-build", TRAIN, label="bulk_labels", output="a.ref.h5", quiet=True)
    mapped = pc.map(memory, "a.ref.h5", "bulk_labels", quiet=True)
    assert mapped.obsm["X_pca_mapped"].shape[0] == mapped.n_obs and "mapped_label" in mapped.obs
    assert "anndata" in pc.run("h5-info", QUERY)


def backed():
    m = model()
    want = labels(pc.annotate(anndata.read_h5ad(QUERY), model=m, quiet=True))
    os.chmod(pathlib.Path("ro.h5ad").write_bytes(QUERY.read_bytes()) and "ro.h5ad", 0o444)
    asked = []
    real = pc._filters.run
    from pipette_cells import _steps
    _steps.run = lambda name, *a, **o: (asked.append((name, a)), real(name, *a, **o))[1]
    assert labels(pc.annotate(anndata.read_h5ad("ro.h5ad", backed="r"), model=m, quiet=True)) == want
    assert str(asked[0][1][0]).endswith("ro.h5ad"), asked
    whole_file = anndata.read_h5ad(QUERY)
    view = whole_file[::3]
    got = pc.annotate(view, model=m, quiet=True)
    assert labels(got) == want[::3] and "pipette_label" not in whole_file.obs
    assert labels(pc.annotate(anndata.read_h5ad(QUERY, backed="r")[5:50], model=m, quiet=True)) == want[5:50]


def forms():
    m = model()
    a = anndata.read_h5ad(QUERY)
    want = labels(pc.annotate(a.copy(), model=m, quiet=True))
    csr = sp.csr_matrix(a.X)
    wide = csr.copy()
    wide.indices, wide.indptr = wide.indices.astype(np.int64), wide.indptr.astype(np.int64)
    for form in (csr.tocsc(), csr.toarray(), sp.csr_array(csr), sp.csc_array(csr.tocsc()), wide, csr.tocoo()):
        b = a.copy()
        del b.raw
        try:
            b.X = form
        except (ValueError, TypeError) as refused:  # anndata's own word: it does not hold such a matrix
            print(type(form), "not in this anndata:", refused)
            from pipette_cells import _anndata
            assert (sp.csr_matrix(_anndata._sparse(form)) != csr).nnz == 0
            continue
        assert labels(pc.annotate(b, model=m, quiet=True)) == want, type(form)


def names():
    m = model()
    a = anndata.read_h5ad(QUERY)
    want = labels(pc.annotate(a.copy(), model=m, quiet=True))
    a.obs_names = ["cell"] * a.n_obs
    assert labels(pc.annotate(a, model=m, quiet=True)) == want
    assert a.obs_names[0] == a.obs_names[1] == "cell"
    b = anndata.read_h5ad(QUERY)
    b.var_names = [b.var_names[1], *b.var_names[1:]]
    assert len(labels(pc.annotate(b, model=m, quiet=True))) == b.n_obs
    from pipette_cells._anndata import _plain  # pandas 3's own text is none that anndata before 0.11 writes
    frame = pd.DataFrame({"kind": pd.Categorical(pd.array(["a", "b"], dtype="string")),
                          "text": pd.array(["c", None], dtype="string")})
    plain = _plain(frame, ["kind", "text"], pd.Index(["x", "y"], dtype="string"))
    assert [d.dtype for d in (plain.index, plain["kind"].cat.categories, plain["text"].cat.categories)] == [object] * 3
    assert list(plain.index) == ["x", "y"] and list(plain["kind"]) == ["a", "b"] and plain["text"].isna().tolist() == [False, True]


def paths():
    m = model()
    place = pathlib.Path("two words/été 細胞")
    place.mkdir(parents=True)
    (place / "q uery.h5ad").write_bytes(QUERY.read_bytes())
    os.rename("model.h5", place / "mo del.h5")
    old, tempfile.tempdir = tempfile.tempdir, str(place)
    a = anndata.read_h5ad(QUERY)
    a.obs["naïve label"] = a.obs.bulk_labels
    pc.annotate(a, references=a, label="naïve label", quiet=True)
    tempfile.tempdir = old
    assert labels(pc.annotate(place / "q uery.h5ad", model=place / "mo del.h5", quiet=True))


def columns():
    m = model()
    a = anndata.read_h5ad(QUERY)
    a.obs["pipette_label"] = "mine"
    raises(ValueError, "overwrite=True", pc.annotate, a, model=m, quiet=True)
    assert set(a.obs.pipette_label) == {"mine"} and "pipette_confidence" not in a.obs
    pc.annotate(a, model=m, overwrite=True, quiet=True)
    pc.annotate(a, model=m, ontology=True, quiet=True)  # ours now
    pc.annotate(a, model=m, quiet=True)
    assert "pipette_ontology_id" not in a.obs, "a column of the last time"
    a.write_h5ad("kept.h5ad")
    pc.annotate(anndata.read_h5ad("kept.h5ad"), model=m, quiet=True)


def errors():
    m = model()
    error = raises(pc.Failed, "nowhere.h5ad", pc.annotate, "nowhere.h5ad", model=m, quiet=True)
    assert error.filter == "lr-predict" and error.status == 1
    raises(pc.WrongUsage, "no-such-option", pc.annotate, QUERY, model=m, quiet=True, no_such_option=3)
    raises(ValueError, "references=", pc.annotate, QUERY)
    raises(ValueError, "label=", pc.annotate, QUERY, references=TRAIN)
    raises(KeyError, "no column nothing", pc.markers, anndata.read_h5ad(QUERY), "nothing")
    raises(pc.WrongUsage, "no filter", pc.run, "lognrom")
    a = anndata.read_h5ad(QUERY)
    a.var_names = [f"x{i}" for i in range(a.n_vars)]
    refused = raises(pc.Refused, "min-coverage|overlap", pc.annotate, a, model=m, quiet=True)
    assert refused.status == 3


def missing():
    env = {**os.environ, "PIPETTE_BIN": "/nowhere"}
    said = subprocess.run([sys.executable, "-c", "import pipette_cells as p; p.run('lognorm')"], env=env,
                          capture_output=True, text=True).stderr
    assert "not musl" in said, said
    empty = pathlib.Path("bin")
    empty.mkdir()
    os.symlink(pathlib.Path(os.environ["PIPETTE_BIN"]) / "vote", empty / "vote")
    env["PIPETTE_BIN"] = str(empty.resolve())
    said = subprocess.run([sys.executable, "-c", "import pipette_cells as p; p.run('overcluster')"], env=env,
                          capture_output=True, text=True).stderr
    assert "pip install pipette-cells-overcluster" in said, said
    # A wheel of another machine, or of glibc where there is musl: its programs do not start.
    (empty / "alien.elf").write_bytes(b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\x00\xb7\x00\x01" + bytes(200))
    (empty / "lognorm").write_text('#!/bin/sh\nexec "${0%/*}/alien.elf" lognorm "$@"\n')
    for file in ("alien.elf", "lognorm"):
        (empty / file).chmod(0o755)
    said = subprocess.run([sys.executable, "-c", "import pipette_cells as p; p.run('lognorm', quiet=True)"], env=env,
                          capture_output=True, text=True).stderr
    assert "does not run on this machine" in said and "not musl" in said, said


def interrupted():
    """As a notebook does it: SIGINT to the kernel alone, while a filter works."""
    code = ("import pipette_cells as p, sys\n"
            "print('ready', flush=True)\n"
            "p.run('lr-predict', '/dev/stdin-that-waits' if 0 else sys.argv[1], model=sys.argv[2])\n")
    os.mkfifo("pipe.h5ad")
    os.mkdir("left")
    child = subprocess.Popen(
        [sys.executable, "-c", code.replace("p.run(", "place = p._filters.workplace(); place.__enter__(); p.run("),
         "pipe.h5ad", str(model())], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "TMPDIR": os.path.abspath("left")}, start_new_session=True)
    assert child.stdout.readline() == b"ready\n"
    within_a_minute(lambda: children(child.pid))
    filters = children(child.pid)
    assert filters, "the filter did not start"
    os.kill(child.pid, signal.SIGINT)
    said = child.communicate(timeout=60)[1]
    assert b"KeyboardInterrupt" in said, said
    assert within_a_minute(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in filters))
    assert not os.listdir("left"), os.listdir("left")


def interrupted_early():
    """An interrupt while the filter's process is being made: it waits for a file that nobody writes."""
    for i in range(30):
        os.mkfifo(f"pipe{i}.h5ad")
        try:
            threading.Timer(0.0002 * i, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
            pc.run("h5-info", f"pipe{i}.h5ad", quiet=True)
            assert False, "not interrupted"
        except KeyboardInterrupt:
            pass
        assert within_a_minute(lambda: not [c for c in children(os.getpid()) if name_of(c) == "h5-info"])


def name_of(pid):
    try:
        with open(f"/proc/{pid}/comm", encoding="utf-8") as file:
            return file.read().strip()
    except OSError:
        return ""


def within_a_minute(holds):
    """A busy machine starts processes late and takes the dead ones away late."""
    deadline = time.time() + 60
    while time.time() < deadline and not holds():
        time.sleep(0.02)
    return holds()


def children(pid):
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True)
    return found.stdout.split()


def quick():
    """What an import costs is what it loads: modules of Python's own and ours, no package beyond anndata's."""
    code = "import anndata, sys; before = set(sys.modules); import pipette_cells; print(*set(sys.modules) - before)"
    loaded = subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True, text=True, capture_output=True).stdout
    loaded = {name.split(".")[0] for name in loaded.split()}
    print(loaded)
    assert "pipette_cells" in loaded
    assert not loaded - {"pipette_cells"} - sys.stdlib_module_names


def shim():
    import celltypist
    from pipette_cells import celltypist as ours
    path = str(GOLDEN / "lr.sk15.pkl")
    sample = str(GOLDEN / "sample_lognorm.h5ad")
    rng = np.random.RandomState(1)
    for mode in ("best match", "prob match"):
        theirs = celltypist.annotate(sample, model=celltypist.models.Model.load(path), mode=mode, p_thres=0.4)
        for given in (path, celltypist.models.Model.load(path), ours.Model.load(path)):
            have = ours.annotate(anndata.read_h5ad(sample), model=given, mode=mode, p_thres=0.4)
            assert list(have.predicted_labels.predicted_labels.astype(str)) == list(
                theirs.predicted_labels.predicted_labels.astype(str))
            for name in ("decision_matrix", "probability_matrix"):
                x, y = getattr(have, name), getattr(theirs, name)
                assert list(x.columns) == list(y.columns) and list(x.index) == list(y.index)
                worst = np.abs(x.values - y.values).max()
                scale = 1 if name == "probability_matrix" else max(1, np.abs(y.values).max())
                print(mode, name, worst)
                assert worst < 2e-6 * scale, (name, worst)
    clusters = [str(x) for x in rng.randint(0, 12, len(have.predicted_labels))]
    theirs = celltypist.annotate(sample, model=celltypist.models.Model.load(path), majority_voting=True,
                                 over_clustering=clusters, min_prop=0.2)
    have = ours.annotate(sample, model=path, majority_voting=True, over_clustering=clusters, min_prop=0.2)
    assert list(have.predicted_labels.columns) == list(theirs.predicted_labels.columns)
    for column in have.predicted_labels:
        assert list(have.predicted_labels[column].astype(str)) == list(
            theirs.predicted_labels[column].astype(str)), column
    for by in ("predicted_labels", "majority_voting"):
        x = have.to_adata(insert_conf_by=by, insert_prob=True, prefix="p_").obs
        y = theirs.to_adata(insert_conf_by=by, insert_prob=True, prefix="p_").obs
        assert sorted(x.columns) == sorted(y.columns)
        assert np.abs(x.p_conf_score.astype(float) - y.p_conf_score.astype(float)).max() < 2e-6
    assert have.summary_frequency().counts.sum() == have.cell_count
    os.mkdir("tables")
    have.to_table("tables")
    assert len(os.listdir("tables")) == 3
    assert set(ours.Model.load(path).cell_types) == set(celltypist.models.Model.load(path).cell_types)
    assert set(ours.Model.load(path).features) == set(celltypist.models.Model.load(path).features)


def shim_train():
    import celltypist
    from pipette_cells import celltypist as ours
    train = anndata.read_h5ad(TRAIN)
    x = sp.csr_matrix(train.X if train.raw is None else train.raw.X)
    genes = list(train.var_names if train.raw is None else train.raw.var_names)
    trained = ours.train(x, labels=list(train.obs.bulk_labels), genes=genes, check_expression=False, C=1.0)
    trained.write("model.pkl")
    loaded = celltypist.models.Model.load(os.path.abspath("model.pkl"))
    frame = anndata.AnnData(x, obs=train.obs[[]], var=pd.DataFrame(index=genes))
    theirs = celltypist.annotate(frame.copy(), model=loaded)
    have = ours.annotate(frame, model=trained)
    assert list(have.predicted_labels.predicted_labels.astype(str)) == list(
        theirs.predicted_labels.predicted_labels.astype(str))
    assert np.abs(have.probability_matrix.values - theirs.probability_matrix.values).max() < 2e-6
    right = (have.predicted_labels.predicted_labels.astype(str).values == train.obs.bulk_labels.astype(str)).mean()
    assert right > 0.9, right


# What a shell starts in the background ignores it, and so would all that is tried here.
signal.signal(signal.SIGINT, signal.default_int_handler)
globals()[sys.argv[1]]()
