"""Do matrices of two h5ad files agree? h5close.py A B [RELATIVE [ABSOLUTE [PART]]]

As h5dump.py's PART (X) of both and helper.bash's close would say it, in a tenth of the time where values are
many: the same names of cells and genes, the same places with a value that is not zero, and values that differ by
no more than ABSOLUTE + RELATIVE x the second's (0 and 0: the same numbers). Prints what differs; exit 1.
"""
import sys

import h5py
import numpy as np


def names(table):
    index = table.attrs["_index"]
    return table[index.decode() if isinstance(index, bytes) else index][()].astype("S")


def matrix(file, part):
    """Names of cells and genes; row, column and value of all that is not zero, by row and column."""
    item = file[part]
    cells, genes = names(file["obs"]), names(file["raw/var" if part.startswith("raw") else "var"])
    if isinstance(item, h5py.Dataset):
        x = item[()]
        rows, columns = np.nonzero(x)
        values = x[rows, columns]
    else:
        values, columns, starts = item["data"][()], item["indices"][()], item["indptr"][()]
        rows = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
        if item.attrs["encoding-type"] in ("csc_matrix", b"csc_matrix"):
            rows, columns = columns, rows
        kept = values != 0
        rows, columns, values = rows[kept], columns[kept], values[kept]
        order = np.lexsort((columns, rows))
        rows, columns, values = rows[order], columns[order], values[order]
    return {"cells": cells, "genes": genes, "rows": rows, "columns": columns, "values": values.astype("f8")}


one, other = (h5py.File(name) for name in sys.argv[1:3])
relative, absolute = (float(w) for w in (sys.argv[3:5] + ["0", "0"][len(sys.argv[3:5]):]))
part = sys.argv[5] if sys.argv[5:] else "X"
a, b = matrix(one, part), matrix(other, part)
for what in "cells", "genes", "rows", "columns":
    if not np.array_equal(a[what], b[what]):
        sys.exit("%s: %s are not the same: %d and %d" % (part, what, len(a[what]), len(b[what])))
if not len(a["values"]):
    sys.exit("%s: holds nothing" % part)
far = ~(np.abs(a["values"] - b["values"]) <= absolute + relative * np.abs(b["values"]))
if far.any():
    at = np.flatnonzero(far)[0]
    sys.exit("%s: %d of %d values differ: %.9g and %.9g in cell %s, gene %s" % (
        part, far.sum(), len(far), a["values"][at], b["values"][at], a["cells"][a["rows"][at]].decode(),
        a["genes"][a["columns"][at]].decode()))
