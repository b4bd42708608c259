#!/usr/bin/python3
"""Show a part of an h5ad file as text, for tests: an independent reader, on h5py and numpy alone.

usage: h5dump.py PART FILE...

PART        what is written
X, raw, layers/NAME   cell, gene and value of everything that is not zero, cells in file order
obs, var, raw/var     the table as TSV: names, then columns in their order; missing is empty
obsm, varm, obsp, varp, uns, layers   every array below, as path, place and value
obsm/NAME, uns/NAME, ...              one of them
encoding    path, encoding-type and encoding-version of every object that has them
types       path, shape and type of every array
kinds       per column of obs and var: its kind, and for categories their order
attributes  path, name and value of every attribute
all         X, raw, layers, obs, var and the rest, one after the other

Every dialect is understood: AnnData 0.6 (compound tables), 0.7 (__categories), 0.8 to 0.12.
"""
import sys

import h5py
import numpy as np


def number(value):
    if isinstance(value, (bytes, np.bytes_)):
        return value.decode("utf-8")
    if isinstance(value, (str, np.str_)):
        return str(value)
    if isinstance(value, (bool, np.bool_)):
        return "True" if value else "False"
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    if isinstance(value, np.floating):
        if np.isnan(value):
            return ""
        digits = (9, 15, 16, 17) if value.dtype.itemsize > 4 else (9,)
        return next((s for s in ("%.*g" % (d, value) for d in digits) if float(s) == value), "%.9g" % value)
    return str(value)


def lines(head, places, values):
    """A line for each value: head, its place, itself. All in one go: there are millions."""
    if values.dtype == np.float32:
        form, data = "%.9g", values.tolist()
    elif values.dtype.kind in "iu":
        form, data = "%d", values.tolist()
    else:
        form, data = "%s", [number(value) for value in values]
    both = [None] * (2 * len(data))
    both[::2], both[1::2] = places, data
    return (head.replace("%", "%%") + "\t%s\t" + form + "\n") * len(data) % tuple(both)


def attribute(obj, name):
    value = obj.attrs.get(name)
    if isinstance(value, np.ndarray) and value.shape in ((), (1,)):
        value = value.reshape(-1)[0]
    return value.decode() if isinstance(value, bytes) else value


def values(dataset):
    """The elements of a one-dimensional dataset as a list; None is missing."""
    return [None if number(v) == "" and isinstance(v, np.floating) else number(v) for v in np.atleast_1d(dataset[()])]


def column(group, name, n):
    """One column of a table as text, and its kind."""
    item = group[name]
    if isinstance(item, h5py.Dataset):
        if "categories" not in item.attrs:
            kind = "string" if item.dtype.kind in "OS" else str(item.dtype)
            return values(item), kind
        link = item.attrs["categories"]
        if isinstance(link, h5py.Reference):
            names = values(item.file[link])
            ordered = bool(attribute(item.file[link], "ordered"))
        else:
            names, ordered = [number(v) for v in link], False
        return [None if c < 0 else names[c] for c in item[()]], categories(names, ordered)
    kind = attribute(item, "encoding-type")
    if kind == "categorical":
        names = values(item["categories"])
        ordered = bool(attribute(item, "ordered"))
        return [None if c < 0 else names[c] for c in item["codes"][()]], categories(names, ordered)
    if "mask" in item:
        return [None if m else v for v, m in zip(values(item["values"]), item["mask"][()])], kind
    sys.exit(f"{item.name}: a column of kind {kind} is unknown")


def categories(names, ordered):
    return "categories%s: %s" % (" (ordered)" if ordered else "", "|".join(names))


def table(file, path):
    """Name of the key, keys, and (name, values, kind) per column."""
    item = file[path]
    if isinstance(item, h5py.Dataset):
        records, columns = item[()], []
        names = records.dtype.names
        keys = [number(v) for v in records[names[0]]]
        for name in names[1:]:
            data, kind = records[name], str(records.dtype[name])
            stored = file.get(f"uns/{name}_categories")
            if stored is not None and data.dtype.kind in "iu":
                labels = values(stored)
                columns.append((name, [None if c < 0 else labels[c] for c in data], categories(labels, False)))
            else:
                kind = "string" if data.dtype.kind in "OS" else kind
                columns.append((name, [None if number(v) == "" and isinstance(v, np.floating) else number(v) for v in data], kind))
        return names[0], keys, columns
    index = attribute(item, "_index") or "_index"
    keys = column(item, index, 0)[0]
    order = item.attrs.get("column-order", sorted(k for k in item if k not in (index, "__categories")))
    return index, keys, [(number(c), *column(item, number(c), len(keys))) for c in order]


def dump_table(file, path):
    key, keys, columns = table(file, path)
    print("\t".join([key] + [c[0] for c in columns]))
    for row, name in enumerate(keys):
        print("\t".join([name] + ["" if c[1][row] is None else c[1][row] for c in columns]))


def matrix(item):
    """Rows of (columns, values) of a matrix in any storage."""
    if isinstance(item, h5py.Dataset):
        for row in item:
            at = np.flatnonzero(row)
            yield at, row[at]
        return
    kind = attribute(item, "encoding-type") or attribute(item, "h5sparse_format")
    shape = item.attrs["shape"] if "shape" in item.attrs else item.attrs["h5sparse_shape"]
    starts, at, data = item["indptr"][()], item["indices"][()], item["data"][()]
    if kind.startswith("csc"):
        genes = np.repeat(np.arange(shape[1]), np.diff(starts))
        order = np.lexsort((genes, at))
        cells, at, data = at[order], genes[order], data[order]
        starts = np.searchsorted(cells, np.arange(shape[0] + 1))
    for row in range(shape[0]):
        a, d = at[starts[row]:starts[row + 1]], data[starts[row]:starts[row + 1]]
        order = np.argsort(a, kind="stable")
        yield a[order][d[order] != 0], d[order][d[order] != 0]


def dump_matrix(file, part):
    raw = part == "raw"
    path = part if not raw else "raw.X" if "raw.X" in file else "raw/X"
    var = "var" if not raw else "raw.var" if "raw.var" in file else "raw/var"
    cells, genes = table(file, "obs")[1], table(file, var)[1]
    for cell, (at, data) in zip(cells, matrix(file[path])):
        sys.stdout.write(lines(cell, [genes[gene] for gene in at.tolist()], data))


def dump_tree(item, path):
    if isinstance(item, h5py.Group):
        kind = attribute(item, "encoding-type") or attribute(item, "h5sparse_format")
        if kind and kind[:3] in ("csr", "csc"):
            for row, (at, data) in enumerate(matrix(item)):
                sys.stdout.write(lines(path, [f"{row},{place}" for place in at.tolist()], data))
            return
        for name in sorted(item):
            dump_tree(item[name], f"{path}/{name}")
        return
    if item.shape is None:
        print(path, "", "null", sep="\t")
        return
    data = item[()]
    if getattr(data, "dtype", None) is not None and data.dtype.names:
        for name in data.dtype.names:
            for place, value in np.ndenumerate(data[name]):
                print(f"{path}/{name}", ",".join(map(str, place)), number(value), sep="\t")
        return
    for place, value in np.ndenumerate(np.asarray(data)):
        print(path, ",".join(map(str, place)), number(value), sep="\t")


def each(file, show):
    def visit(name, item):
        show("/" + name, item)

    show("/", file)
    file.visititems(visit)


def show_encoding(path, item):
    if "encoding-type" in item.attrs:
        print(path, attribute(item, "encoding-type"), attribute(item, "encoding-version"), sep="\t")


def show_type(path, item):
    if isinstance(item, h5py.Dataset):
        print(path, item.shape, item.dtype, sep="\t")


def show_attributes(path, item):
    for name in sorted(item.attrs):
        print(path, name, item.attrs[name], sep="\t")


def dump_kinds(file):
    for path in ("obs", "var"):
        for name, _, kind in table(file, path)[2]:
            print(path, name, kind, sep="\t")


def dump(file, part):
    if part in ("X", "raw") or part.startswith("layers/"):
        dump_matrix(file, part)
    elif part in ("obs", "var", "raw/var"):
        dump_table(file, "raw.var" if part == "raw/var" and "raw.var" in file else part)
    elif part in ("encoding", "types", "attributes"):
        each(file, {"encoding": show_encoding, "types": show_type, "attributes": show_attributes}[part])
    elif part == "kinds":
        dump_kinds(file)
    elif part.split("/")[0] in ("obsm", "varm", "obsp", "varp", "uns", "layers"):
        if part in file:
            dump_tree(file[part], part)
    else:
        sys.exit(f"h5dump.py: no part is called {part}")


def dump_all(file):
    parts = [p for p in ("X", "raw") if p in file or p + ".X" in file]
    parts += ["obs", "var", "obsm", "varm", "obsp", "varp", "uns"]
    for part in parts + ["layers/" + n for n in sorted(file.get("layers", []))]:
        print("#", part)
        dump(file, part)


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    for path in sys.argv[2:]:
        with h5py.File(path, "r") as file:
            dump_all(file) if sys.argv[1] == "all" else dump(file, sys.argv[1])


try:
    main()
except BrokenPipeError:
    sys.exit(1)
