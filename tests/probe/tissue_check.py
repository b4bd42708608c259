"""Check a graph of knn-graph --spatial against plain numpy: tissue_check.py MADE ALIKE RADII MIX [SHARE STEPS]

MADE was made with --radius RADII (R:W,...) --mix MIX and perhaps --diffuse SHARE:STEPS; ALIKE is the graph without
positions of the same (smoothed) coordinates. Cells that are near are found by comparing all. Prints what is off; exit 1.
"""
import sys

import h5py
import numpy as np


def dense(group):
    out = np.zeros(tuple(group.attrs["shape"]))
    starts = group["indptr"][:]
    for row in range(len(out)):
        out[row, group["indices"][starts[row]:starts[row + 1]]] = group["data"][starts[row]:starts[row + 1]]
    return out


def rows_to_one(m):
    total = m.sum(1, keepdims=True)
    return np.divide(m, total, out=np.zeros_like(m), where=total > 0)


made, alike = h5py.File(sys.argv[1]), h5py.File(sys.argv[2])
at = made["obsm/spatial"][:].astype(float)
distance = np.sqrt(((at[:, None] - at[None]) ** 2).sum(2))
near = np.zeros_like(distance)
for radius, weight in (map(float, part.split(":")) for part in sys.argv[3].split(",")):
    near[distance <= radius] = np.maximum(near[distance <= radius], weight)
np.fill_diagonal(near, 0)
off = []
if not np.array_equal(near.astype(np.float32), dense(made["obsp/spatial_connectivities"]).astype(np.float32)):
    off.append("cells that are near differ")
if len(sys.argv) > 5:
    share, points = float(sys.argv[5]), made["obsm/X_pca"][:].astype(float)
    spread = rows_to_one(near + np.eye(len(near)))
    for _ in range(int(sys.argv[6])):
        points = (1 - share) * points + share * spread @ points
    if np.abs(points - made["obsm/X_diffused"][:]).max() > 1e-5 * np.abs(points).max():
        off.append("diffused coordinates differ")
mix = float(sys.argv[4])
mixed = rows_to_one(mix * rows_to_one(near) + (1 - mix) * rows_to_one(dense(alike["obsp/connectivities"])))
mixed = (mixed + mixed.T) / 2
difference = np.abs(mixed - dense(made["obsp/connectivities"])).max()
if difference > 1e-6:
    off.append("mixed weights differ by %g" % difference)
print("\n".join(off) or "fine")
sys.exit(bool(off))
