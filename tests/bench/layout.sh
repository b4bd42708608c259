# UMAP of neighbour graphs beside umap-learn's of the same graph and start: 20,000 cells, hard and easy;
# with BENCH_LARGE=1 a million cells on curved sheets, ours alone.
here=$DATA_FOLDER/layout
mkdir -p "$here"
laid() { # laid NAME FILE: seconds, memory, and how well each keeps neighbours
	[ -e "$here/$1.h5ad" ] || knn-graph -q "$2" -o "$here/$1.h5ad"
	compare "layout, $1, 20,000 cells" 5 - "layout -q $here/$1.h5ad -o $here/$1.umap.h5ad" \
		"$PYTHON -W ignore $PEER_SCRIPTS/layout.py lay $here/$1.h5ad $here/$1.peer.h5ad"
	"$PYTHON" -W ignore "$PEER_SCRIPTS/layout.py" trust "$here/$1.h5ad" "$here/$1.umap.h5ad" "$here/$1.peer.h5ad"
}
laid hard "$(data vote-20k --cells 20000 --genes 20000 --types 30 --siblings 6 --ambient 0.1 --doublets 0.06 \
	--label-noise 0.05 --lognorm)"
laid easy "$(data layout-easy --cells 20000 --genes 2000 --types 20 --lognorm --seed 5)"
if [ -n "${BENCH_LARGE-}" ]; then
	[ -e "$here/million.h5ad" ] || "$PYTHON" -W ignore "$PEER_SCRIPTS/layout.py" sheets 1000000 "$here/million.h5ad"
	measure 'layout, 1,000,000 cells (goal 15 min, 4 GB)' "layout -q $here/million.h5ad -o $here/million.umap.h5ad"
fi
