"""scanpy's marker genes of a file: markers.py IN.h5ad METHOD"""
import sys

import scanpy

data = scanpy.read_h5ad(sys.argv[1])
scanpy.tl.rank_genes_groups(data, "cell_type", method=sys.argv[2], use_raw=False, pts=True)
