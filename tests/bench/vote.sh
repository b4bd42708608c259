# Majority voting: prediction, graph, clusters and votes of 20,000 x 20,000 log-normalised cells with
# sibling types, soup, doublets and wrong labels; voting and ensembles of a million cells alone.
query=$(data vote-20k --cells 20000 --genes 20000 --types 30 --siblings 6 --ambient 0.1 --doublets 0.06 \
	--label-noise 0.05 --lognorm)
here=$DATA_FOLDER/vote
mkdir -p "$here"
model=$here/model.pkl
[ -e "$model" ] || { h5-subsample -q -n 5000 -l cell_type "$query" -o "$here/train.h5ad" &&
	lr-train -q -l cell_type --feature-selection --min-cells 1 "$here/train.h5ad" -o "$model"; }

graph="knn-graph -q $query -o $here/graph.h5ad && overcluster -q $here/graph.h5ad -o $here/clusters.tsv"
ours="lr-predict -q -m $model $query -o $here/calls.tsv && $graph && vote -q -c $here/clusters.tsv $here/calls.tsv -o $here/voted.tsv"
compare 'majority voting, 20,000 cells, with prediction' 8 4 "bash -c '$ours'" \
	"$PYTHON $PEER_SCRIPTS/vote.py $model $query $here/peer.tsv"
"$PYTHON" -W ignore "$PEER_SCRIPTS/vote-same.py" "$here/voted.tsv" "$here/peer.tsv" "$here/graph.h5ad"

# alike NAME CELLS LABELLED COLUMN: voted labels and clusters against CellTypist's, over seeds, with
# the calls of a model of other cells.
alike() {
	[ -e "$here/$1.model.h5" ] || lr-train -q -l "$4" --min-cells 1 "$3" -o "$here/$1.model.h5"
	lr-predict -q --min-coverage 0 -m "$here/$1.model.h5" "$2" -o "$here/$1.calls.tsv"
	"$PYTHON" -W ignore "$PEER_SCRIPTS/vote-labels.py" "$1" "$2" "$here/$1.calls.tsv"
}
golden=$(dirname "$PEER_SCRIPTS")/../golden
demo=$golden/../../refs/demo/pbmc_train.h5ad
easy=$(data vote-easy --cells 10000 --genes 10000 --types 20 --lognorm)
hard=$here/train.h5ad
[ -e "$hard" ] || h5-subsample -q -n 5000 -l cell_type "$query" -o "$hard"
alike easy "$easy" "$easy" cell_type
alike hard "$query" "$hard" cell_type
alike pbmc "$golden/pbmc68k_reduced.h5ad" "$demo" bulk_labels
alike sample "$golden/sample_lognorm.h5ad" "$demo" bulk_labels
measure '  graph alone' "knn-graph -q $query -o $here/graph.h5ad"
measure '  clusters alone' "overcluster -q $here/graph.h5ad -o $here/clusters.tsv"

# many NAME SEED: a million calls of 40 labels in 3,000 clusters.
many() {
	[ -e "$here/$1.tsv" ] || awk -v seed="$2" -v name="$1" 'BEGIN {
		srand(seed); OFS = "\t"
		print "cell", "label", "confidence", "margin", "second", "entropy", "model", "cluster"
		for (i = 0; i < 1000000; i++) {
			cluster = int(3000 * rand()); label = rand() < 0.8 ? cluster % 40 : int(40 * rand()); p = rand()
			print "ACGTACGTACGTACGT-" i, "type " label, p, p / 2, "type " (label + 1) % 40, 1 - p, name, cluster
		}
	}' >"$here/$1.tsv"
}
many a 1
many b 2
many c 3
measure 'vote, 1,000,000 cells (goal 3 s, 500 MB)' "vote -q -c cluster $here/a.tsv -o $here/out.tsv"
measure 'ensemble of two models, 1,000,000 cells (goal 3 s, 500 MB)' "ensemble -q $here/a.tsv $here/b.tsv -o $here/out.tsv"
measure 'ensemble of three models, 1,000,000 cells' "ensemble -q $here/a.tsv $here/b.tsv $here/c.tsv -o $here/out.tsv"
if [ -n "${BENCH_LARGE-}" ]; then
	large=$(data vote-100k --cells 100000 --genes 20000 --types 30 --siblings 6 --lognorm)
	measure 'graph and clusters of 100,000 cells' "bash -c '${graph//$query/$large}'"
fi
rm -f "$here/graph.h5ad" "$here/out.tsv"
