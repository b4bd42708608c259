"""scanpy's measures of quality and Scrublet's scores: qc.py IN.h5ad OUT.tsv"""
import sys

import scanpy

data = scanpy.read_h5ad(sys.argv[1])
names = data.var_names.str.upper()
data.var["mt"] = names.str.startswith("MT-")
data.var["ribo"] = names.str.startswith(("RPS", "RPL"))
scanpy.pp.calculate_qc_metrics(data, qc_vars=["mt", "ribo"], percent_top=None, inplace=True)
scanpy.pp.scrublet(data, threshold=0.25, verbose=False)  # without one it needs scikit-image
data.obs.to_csv(sys.argv[2], sep="\t")
