# markers against the installed scanpy: its getters and plots on what --uns writes.

load peers

@test "scanpy's getters, plots and writer take our uns for their own; numbers are scanpy's" {
	markers -q -g bulk_labels --slot raw "$GOLDEN/pbmc68k_reduced.h5ad" --uns out.h5ad -o m.tsv
	"$PIPETTE_PEERS/bin/python" -W ignore "$TESTS/peers/markers.py" out.h5ad bulk_labels
}
