#!/usr/bin/python3
"""Write RDS files that R would not: damaged, extreme, or of classes that are not installed.

usage: rds_make.py KIND OUT.rds [NUMBER]
       rds_make.py symphony|azimuth|azimuth-sct OUT.rds REFERENCE.h5ad

It shares nothing with the reader under test. Values are built as bytes of the XDR format:
"R Internals", section "Serialization Formats".
"""
import struct
import sys

OBJECT, ATTRIBUTES, TAG = 1 << 8, 1 << 9, 1 << 10
NULL = struct.pack(">i", 254)
NA = -(2**31)


def word(*values):
    return struct.pack(f">{len(values)}i", *values)


def chars(s):
    data = s.encode()
    return word(9 | 1 << 15, len(data)) + data if s is not None else word(9, -1)


def symbol(name):
    return word(1) + chars(name)


def pairs(items):
    out = b""
    for name, value in items:
        out += word(2 | TAG) + symbol(name) + value
    return out + NULL


def flagged(type_, body, attributes):
    flags = type_
    if attributes:
        flags |= ATTRIBUTES
        if any(name == "class" for name, _ in attributes):
            flags |= OBJECT
    return word(flags) + body + (pairs(attributes) if attributes else b"")


def ints(values, attributes=()):
    return flagged(13, word(len(values), *values), attributes)


def logicals(values, attributes=()):
    return flagged(10, word(len(values), *values), attributes)


def doubles(values, attributes=()):
    return flagged(14, word(len(values)) + struct.pack(f">{len(values)}d", *values), attributes)


def strings(values, attributes=()):
    body = word(len(values)) + b"".join(chars(v) if v is not None else word(9, -1) for v in values)
    return flagged(16, body, attributes)


def vector(values, attributes=()):
    return flagged(19, word(len(values)) + b"".join(values), attributes)


def named(items, attributes=()):
    return vector([v for _, v in items], [("names", strings([k for k, _ in items])), *attributes])


def s4(class_, package, slots):
    class_value = strings([class_], [("package", strings([package]))])
    return word(25 | OBJECT | ATTRIBUTES) + pairs([*slots, ("class", class_value)])


def dgc(i, p, x, dim, dimnames=None, class_="dgCMatrix"):
    names = vector([NULL, NULL] if dimnames is None else [strings(n) for n in dimnames])
    slots = [("i", ints(i)), ("p", ints(p)), ("Dim", ints(dim)), ("Dimnames", names)]
    slots += [("x", doubles(x)), ("factors", vector([]))]
    return s4(class_, "Matrix", slots)


def frame(columns, row_names):
    return named(columns, [("class", strings(["data.frame"])), ("row.names", row_names)])


def log_map(names, layers):
    """Seurat 5's LogMap: a logical matrix, names by layers."""
    marks = [int(n in members) for members in layers.values() for n in names]
    dim = [("dim", ints([len(names), len(layers)]))]
    dim.append(("dimnames", vector([strings(names), strings(list(layers))])))
    dim.append(("class", strings(["LogMap"], [("package", strings(["SeuratObject"]))])))
    return logicals(marks, dim)


GENES, CELLS = ["CD3D", "CD19", "NKG7"], ["a1", "a2", "b1", "b2"]


def assay5(split):
    """An Assay5 after the published class: layers without names, maps that have them."""
    if split:  # sample b lacks CD19, and stands first in the list of layers
        layers = {
            "counts.b": (dgc([0, 1, 1], [0, 2, 3], [5, 6, 7], [2, 2]), ["CD3D", "NKG7"], ["b1", "b2"]),
            "counts.a": (dgc([0, 2, 1], [0, 2, 3], [1, 2, 3], [3, 2]), GENES, ["a1", "a2"]),
        }
    else:
        x = [1, 2, 3, 5, 6, 7]
        i, p = [0, 2, 1, 0, 2, 2], [0, 2, 3, 5, 6]
        layers = {
            "counts": (dgc(i, p, x, [3, 4]), GENES, CELLS),
            "data": (dgc(i, p, [v / 2 for v in x], [3, 4]), GENES, CELLS),
            "scale.data": (doubles([0.5] * 8, [("dim", ints([2, 4]))]), GENES[:2], CELLS),
        }
    meta = frame(
        [("mean", doubles([0.5, 1.5, 2.5])), ("var.features", strings(["CD3D", None, "NKG7"]))],
        ints([NA, -3]),
    )
    return s4(
        "Assay5",
        "SeuratObject",
        [
            ("layers", named([(k, v[0]) for k, v in layers.items()])),
            ("cells", log_map(CELLS, {k: v[2] for k, v in layers.items()})),
            ("features", log_map(GENES, {k: v[1] for k, v in layers.items()})),
            ("default", ints([1])),
            ("assay.orig", strings([])),
            ("meta.data", meta),
            ("misc", vector([])),
            ("key", strings(["rna_"])),
        ],
    )


def seurat5(split):
    ident = ints([1, 1, 2, NA], [
        ("levels", strings(["x", "y"])), ("class", strings(["factor"])), ("names", strings(CELLS)),
    ])  # fmt: skip
    # The table stands in another order than the cells: matching is by name.
    meta = frame([("sample", strings(["b", "a", "b", "a"]))], strings(["b2", "a1", "b1", "a2"]))
    return s4(
        "Seurat",
        "SeuratObject",
        [
            ("assays", named([("RNA", assay5(split))])),
            ("meta.data", meta),
            ("active.assay", strings(["RNA"])),
            ("active.ident", ident),
            ("reductions", vector([])),
            ("version", vector([ints([5, 0, 2])], [("class", strings(["package_version"]))])),
        ],
    )


def small(i=(0, 2, 1), p=(0, 2, 3), x=(1.0, 2.0, 3.0), dim=(3, 2), class_="dgCMatrix"):
    return dgc(list(i), list(p), list(x), list(dim), class_=class_)


def columns():
    rle = s4("Rle", "S4Vectors", [
        ("values", ints([1, 2], [("levels", strings(["u", "v"])), ("class", strings(["factor"]))])),
        ("lengths", ints([1, 2])),
    ])  # fmt: skip
    big = struct.unpack(">3d", struct.pack(">3q", 2**60 + 1, -(2**63), 7))
    return frame(
        [
            ("rle", rle),
            ("integer64", doubles(big, [("class", strings(["integer64"]))])),
            ("na_level", ints([1, 2, 3], [
                ("levels", strings(["p", None, "q"])), ("class", strings(["factor"])),
            ])),
            ("a/b", ints([1, 2, 3])),
            ("list", vector([ints([1]), NULL, NULL])),
            ("when", doubles([0.25, -1.0, 951782400.0], [("class", strings(["POSIXct", "POSIXt"]))])),
        ],
        strings(["r1", "r2", "r3"]),
    )  # fmt: skip


def column(a):
    return [float(x) for x in a.ravel(order="F")]


def matrix(a, rows=None, columns=None):
    names = vector([strings(n) if n else NULL for n in (rows, columns)])
    return doubles(column(a), [("dim", ints(a.shape))] + ([("dimnames", names)] if rows else []))


def symphonypy(path):
    """What is in a reference of symphonypy's: the file, which genes are used, their names, cells, labels."""
    import h5py

    f = h5py.File(path)
    var, obs = f["var"], f["obs"]
    used = var["highly_variable"][()].astype(bool)
    text = lambda d: d.asstr()[()] if isinstance(d, h5py.Dataset) else d["categories"].asstr()[()][d["codes"][()]]
    genes = [x for x, u in zip(text(var[var.attrs["_index"]]), used) if u]
    return f, used, genes, list(text(obs[obs.attrs["_index"]])), list(text(obs["label"]))


def factor(values):
    levels = sorted(set(values))
    return ints([levels.index(v) + 1 for v in values], [("levels", strings(levels)), ("class", strings(["factor"]))])


def sct_parameters(genes):
    """Per gene intercept, slope, theta and residual mean, made up: one gene's counts are Poisson's."""
    n = range(len(genes))
    theta = [0.5 + (7 * i) % 40 for i in n]
    theta[3] = float("inf")
    return [-9 + 0.01 * (i % 300) for i in n], [2.3 + 0.001 * (i % 7) for i in n], theta, [0.01 * (i % 5) for i in n]


SCT_CLIP = (-4.5, 4.5)


def sct_model(genes):
    intercept, slope, theta, mean = sct_parameters(genes)
    table = frame(
        [("residual_mean", doubles(mean)), ("theta", doubles(theta)), ("(Intercept)", doubles(intercept)), ("log_umi", doubles(slope))],
        strings(genes),
    )
    return s4("SCTModel", "Seurat", [
        ("feature.attributes", table), ("cell.attributes", frame([("umi", doubles([1.0]))], strings(["x"]))),
        ("clips", named([("vst", doubles([-9.0, 9.0])), ("sct", doubles(list(SCT_CLIP)))])), ("umi.assay", strings(["RNA"])),
        ("model", strings(["y ~ log_umi"])), ("arguments", named([("min_variance", strings(["umi_median"]))])),
        ("median_umi", doubles([1000.0])),
    ])  # fmt: skip


def azimuth(path, models=None):
    """The same cells as Azimuth keeps a reference: a Seurat object with refDR, refUMAP and neighbours.

    meta.data stands in another order; the index of the neighbours is a pointer that died with R.
    """
    f, used, genes, cells, label = symphonypy(path)
    at = f["obsm/X_pca"][()]
    names = lambda key: [f"{key}_{i + 1}" for i in range(at.shape[1])]
    empty = doubles([], [("dim", ints([0, 0]))])
    reduction = lambda cells_, loadings, key: s4("DimReduc", "SeuratObject", [
        ("cell.embeddings", cells_), ("feature.loadings", loadings), ("feature.loadings.projected", empty),
        ("assay.used", strings(["refAssay"])), ("global", logicals([0])), ("stdev", doubles([])), ("key", strings([key])),
        ("jackstraw", s4("JackStrawData", "SeuratObject", [])), ("misc", vector([strings(["a model"] * 3)])),
    ])  # fmt: skip
    pointer = word(4, 0, 242) + pairs([("pointer", word(22) + NULL + NULL)]) + NULL + NULL
    index = s4("Rcpp_AnnoyAngular", ".GlobalEnv", [(".xData", pointer)])
    neighbour = s4("Neighbor", "SeuratObject", [
        ("nn.idx", ints(list(range(1, len(cells) + 1)), [("dim", ints([len(cells), 1]))])),
        ("nn.dist", doubles([0.0] * len(cells), [("dim", ints([len(cells), 1]))])),
        ("alg.idx", index), ("alg.info", named([("metric", strings(["cosine"])), ("ndim", ints([at.shape[1] - 1]))])),
        ("cell.names", strings(cells)),
    ])  # fmt: skip
    back = list(reversed(range(len(cells))))
    meta = frame([("label", factor([label[i] for i in back])), ("ori.index", ints([i + 1 for i in back]))],
                 strings([cells[i] for i in back]))  # fmt: skip
    model = [("SCTModel.list", named([("refmodel", models(list(reversed(genes))))]))] if models else []
    version = vector([ints([4, 1, 3])], [("class", strings(["package_version", "numeric_version"]))])
    return s4("Seurat", "SeuratObject", [
        ("assays", named([("refAssay", s4("SCTAssay", "Seurat", [("data", small()), *model]))])),
        ("meta.data", meta),
        ("active.assay", strings(["refAssay"])),
        ("active.ident", factor(label)),
        ("graphs", vector([])),
        ("neighbors", named([("refdr.annoy.neighbors", neighbour)])),
        ("reductions", named([
            ("refDR", reduction(matrix(at, cells, names("refDR")), matrix(f["varm/PCs"][()][used], genes, names("refDR")), "refDR_")),
            ("refUMAP", reduction(matrix(at[:, :2], cells, ["UMAP_1", "UMAP_2"]), empty, "UMAP_")),
        ])),
        ("version", version),
        ("tools", named([("AzimuthReference", s4("AzimuthData", "Azimuth", [("reference.version", strings(["1.0.0"]))]))])),
    ])  # fmt: skip


def symphony(path):
    """A reference of symphonypy's as the list that Symphony saves: matrices by column, cells as columns."""
    f, used, genes, cells, label = symphonypy(path)
    var = f["var"]
    table = [("symbol", strings(genes)), ("mean", doubles(column(var["mean"][()][used]))), ("stddev", doubles(column(var["std"][()][used])))]
    return named(
        [
            ("meta_data", frame([("label", strings(label))], strings(cells))),
            ("vargenes", frame(table, strings(genes))),
            ("loadings", matrix(f["varm/PCs"][()][used])),
            ("R", matrix(f["uns/harmony/R"][()])),
            ("Z_orig", matrix(f["obsm/X_pca"][()].T)),
            ("Z_corr", matrix(f["obsm/X_pca_harmony"][()].T)),
        ]
    )


KINDS = {
    "deep": lambda n: word(19, 1) * n + ints([1]),
    "deep-pairs": lambda n: word(2) * n + NULL * (n + 1),
    "deep-calls": lambda n: word(6) * n + NULL * (n + 1),
    "long-pairs": lambda n: (word(2) + ints([1])) * n + NULL,
    "huge-ints": lambda n: word(13, 2**31 - 1, 0),
    "huge-doubles": lambda n: word(14, -1, 1, 0),
    "huge-strings": lambda n: word(16, 2**31 - 1),
    "huge-list": lambda n: word(19, 2**31 - 1),
    "huge-text": lambda n: word(16, 1, 9, 2**31 - 1),
    "huge-sequence": lambda n: word(238)
    + word(2) + symbol("compact_intseq") + word(2) + symbol("base") + word(2) + ints([13]) + NULL
    + doubles([2.0**31, 1, 1]) + NULL,
    "huge-matrix": lambda n: small(i=[], p=[0], x=[], dim=[2**31 - 1, 0]),
    "matrix": lambda n: small(),
    "unsorted": lambda n: small(i=[2, 0, 1], x=[2.0, 1.0, 3.0]),
    "twice": lambda n: small(i=[2, 2, 1]),
    "infinite": lambda n: small(x=[1.0, float("inf"), 3.0]),
    "bad-index": lambda n: small(i=[0, 3, 1]),
    "bad-starts": lambda n: small(p=[0, 4, 3]),
    "delayed": lambda n: small(class_="DelayedMatrix"),
    "unknown-matrix": lambda n: small(class_="dsCMatrix"),
    "seurat2": lambda n: s4("seurat", "Seurat", [("raw.data", small())]),
    "seurat5": lambda n: seurat5(False),
    "seurat5-split": lambda n: seurat5(True),
    "columns": lambda n: columns(),
    "bad-reference": lambda n: word(255 | 7 << 8),
    "bad-type": lambda n: word(77),
    "version4": lambda n: None,
}

if __name__ == "__main__":
    kind, path = sys.argv[1:3]
    if kind in ("symphony", "azimuth"):
        body = globals()[kind](sys.argv[3])
    elif kind == "azimuth-sct":
        body = azimuth(sys.argv[3], sct_model)
    else:
        body = KINDS[kind](int(sys.argv[3]) if len(sys.argv) > 3 else 0)
    head = b"X\n" + word(3, 0x040202, 0x030500, 5) + b"UTF-8"
    with open(path, "wb") as f:
        f.write(b"X\n" + word(4, 0, 0) if body is None else head + body)
