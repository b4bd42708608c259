# vote, ensemble, knn-graph and overcluster against CellTypist, pandas, scanpy and umap-learn.

load peers

# peer WORK: its words are shown beside the test's result.
peer() {
	"$PIPETTE_PEERS/bin/python" -W ignore "$TESTS/peers/graph.py" "$1" >said.txt || return 1
	sed 's/^/# /' said.txt >&3
}

@test "vote on random tables says what CellTypist's majority_vote says" { peer vote; }
@test "ensemble takes the call that plain pandas takes" { peer ensemble; }
@test "knn-graph: singular values are scanpy's" { peer pca; }
@test "knn-graph: neighbours are brute force's, weights umap-learn's, compiled and plain" { peer weights; }
@test "scanpy lays out our graph, and overcluster finds the clusters that scanpy finds" { peer scanpy; }
@test "voted labels, each with its own graph and clusters, agree on 97 % of generated cells; from the same components all do" { peer labels; }

@test "layout is as trustworthy as umap-learn's of the same graph" {
	knn-graph -q "$GOLDEN/pbmc_query.h5ad" -o graph.h5ad
	layout -q graph.h5ad -o out.h5ad
	"$PIPETTE_PEERS/bin/python" -W ignore "$TESTS/peers/layout.py" graph.h5ad out.h5ad 0.01 >said.txt
	sed 's/^/# /' said.txt >&3
}
