load helper
# shellcheck disable=SC2034
NEEDS="overcluster knn-graph"

setup_file() {
	local bin=${PIPETTE_BUILD:-$BATS_TEST_DIRNAME/../build}/bin
	[ ! -x "$bin/knn-graph" ] || "$bin/knn-graph" -q \
		"$BATS_TEST_DIRNAME/golden/sample_lognorm.h5ad" -o "$BATS_FILE_TMPDIR/graph.h5ad"
}

# edit STATEMENTS: a copy of the graph, changed by Python
edit() {
	cp "$BATS_FILE_TMPDIR/graph.h5ad" edited.h5ad
	python -c "import h5py, numpy as np
f = h5py.File('edited.h5ad', 'r+')
c = f['obsp/connectivities']
$1"
}

@test "names of cells that cannot be read are told" {
	cp "$BATS_FILE_TMPDIR/graph.h5ad" edited.h5ad
	python - <<-'PY'
	import h5py, numpy as np
	obs = h5py.File("edited.h5ad", "r+")["obs"]
	key = obs.attrs["_index"]
	n = len(obs[key])
	del obs[key]
	g = obs.create_group(key)
	g.attrs.update({"encoding-type": "categorical", "encoding-version": "0.2.0", "ordered": False})
	for name, values in (("codes", np.full(n, 99, "i1")), ("categories", np.array(["a", "b"], dtype=h5py.string_dtype()))):
	    g[name] = values
	    g[name].attrs.update({"encoding-type": "array" if name == "codes" else "string-array", "encoding-version": "0.2.0"})
	PY
	fails 1 'edited.h5ad: /obs/.*: row 0: category code 99, but there are 2 categories' overcluster edited.h5ad -o c.tsv
	[ ! -e c.tsv ]
}

@test "every cell gets one cluster, numbered by falling size" {
	overcluster -q "$BATS_FILE_TMPDIR/graph.h5ad" -o c.tsv
	[ "$(head -n 1 c.tsv)" = "$(printf 'cell\tcluster')" ]
	[ "$(tail -n +2 c.tsv | wc -l)" -eq "$(probe obs "$BATS_FILE_TMPDIR/graph.h5ad" | tail -n +2 | wc -l)" ]
	tail -n +2 c.tsv | cut -f 2 | sort -n | uniq -c | awk '$1 > last && NR > 1 { exit 1 } $2 != NR - 1 { exit 1 } { last = $1 }'
}

@test "clusters hold together: most weight is inside them" {
	overcluster -q --resolution 1 "$BATS_FILE_TMPDIR/graph.h5ad" -o c.tsv
	python - "$BATS_FILE_TMPDIR/graph.h5ad" <<-'PY'
	import h5py, sys, numpy as np
	c = h5py.File(sys.argv[1])["obsp/connectivities"]
	starts, to, w = c["indptr"][:], c["indices"][:], c["data"][:]
	cluster = np.array([int(l.split("\t")[1]) for l in open("c.tsv").readlines()[1:]])
	row = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
	inside = w[cluster[row] == cluster[to]].sum() / w.sum()
	strength = np.bincount(row, w)
	chance = sum((strength[cluster == k].sum() / w.sum()) ** 2 for k in set(cluster))
	assert inside - chance > 0.6, (inside, chance)
	PY
}

@test "the seed decides, and the same seed gives the same clusters" {
	overcluster -q "$BATS_FILE_TMPDIR/graph.h5ad" -o a.tsv
	overcluster -q "$BATS_FILE_TMPDIR/graph.h5ad" -t 1 -o b.tsv
	same a.tsv b.tsv
	overcluster -q --seed 7 "$BATS_FILE_TMPDIR/graph.h5ad" -o c.tsv
	! cmp -s a.tsv c.tsv || false
	overcluster -q --seed 0 "$BATS_FILE_TMPDIR/graph.h5ad" -o d.tsv
	same a.tsv d.tsv
	fails 2 'below 2\^32' overcluster --seed 4294967296 "$BATS_FILE_TMPDIR/graph.h5ad" -o e.tsv
}

@test "a larger resolution makes more clusters; auto is 5 here" {
	n() { overcluster -q --resolution "$1" "$BATS_FILE_TMPDIR/graph.h5ad" | cut -f 2 | sort -u | wc -l; }
	[ "$(n 1)" -lt "$(n 5)" ]
	[ "$(n auto)" -eq "$(n 5)" ]
	fails 2 'neither auto nor a number' overcluster --resolution high "$BATS_FILE_TMPDIR/graph.h5ad"
}

@test "without a graph the command that makes one is named" {
	fails 1 'knn-graph .*sample_counts.h5ad -o GRAPH.h5ad makes one' overcluster "$GOLDEN/sample_counts.h5ad" -o c.tsv
	[ ! -e c.tsv ]
}

@test "negative weights and one-way edges are errors that name the cells" {
	edit "c['data'][5] = -1"
	fails 1 'the weight from cell 0 to [0-9]+ is -1' overcluster edited.h5ad -o c.tsv
	edit "c['data'][5] = 0.123"
	fails 1 'not symmetric: cell 0 to [0-9]+ has weight 0.123' overcluster edited.h5ad -o c.tsv
	edit "c['data'][5] = np.nan"
	fails 1 'obsp/connectivities: cell 0, cell [0-9]+: the value is NaN' overcluster edited.h5ad -o c.tsv
	[ ! -e c.tsv ]
}

@test "a name that two cells have is an error: their clusters could not be told apart" {
	edit "names = f['obs'][f['obs'].attrs['_index']]
names[7] = names[3]"
	fails 1 'edited.h5ad: 1 cells have a name that another cell has too' overcluster edited.h5ad -o c.tsv
	[ ! -e c.tsv ]
}

@test "the graph may be stored by column, dense, with wide or unsorted indices, or have loops" {
	overcluster -q "$BATS_FILE_TMPDIR/graph.h5ad" -o want.tsv
	edit "c.attrs['encoding-type'] = 'csc_matrix'" # symmetric: the same by column
	overcluster -q edited.h5ad | same - want.tsv
	edit "for k in 'indices', 'indptr':
    v = c[k][:].astype(np.int64); del c[k]; c[k] = v"
	overcluster -q edited.h5ad | same - want.tsv
	edit "n = len(c['indptr']) - 1
starts, to, w = c['indptr'][:], c['indices'][:], c['data'][:]
for k in range(n):
    row = slice(starts[k], starts[k + 1]); to[row] = to[row][::-1]; w[row] = w[row][::-1]
c['indices'][:] = to; c['data'][:] = w"
	overcluster -q edited.h5ad | same - want.tsv
	edit "n = len(c['indptr']) - 1
starts, to, w = c['indptr'][:], c['indices'][:], c['data'][:]
dense = np.zeros((n, n), w.dtype); dense[np.repeat(np.arange(n), np.diff(starts)), to] = w
del f['obsp/connectivities']; f['obsp/connectivities'] = dense
f['obsp/connectivities'].attrs['encoding-type'] = 'array'; f['obsp/connectivities'].attrs['encoding-version'] = '0.2.0'"
	overcluster -q edited.h5ad | same - want.tsv
}

@test "cells without an edge are clusters of their own" {
	edit "c['data'][:] = 0"
	[ "$(overcluster -q edited.h5ad | tail -n +2 | cut -f 2 | sort -u | wc -l)" -eq "$(overcluster -q edited.h5ad | tail -n +2 | wc -l)" ]
}

@test "fewer than 50 cells are not clustered, and voting on them changes nothing" {
	h5-subsample -q -n 49 "$BATS_FILE_TMPDIR/graph.h5ad" -o few.h5ad
	run_split overcluster -q few.h5ad -o c.tsv
	[ "$status" -eq 0 ]
	grep -q '49 cells are too few' <<<"$errors"
	awk -F '\t' 'NR == 1 { print "cell\tlabel\tconfidence" } NR > 1 { print $1 "\t" ($2 % 3) "\t0.5" }' c.tsv |
		vote -q -c c.tsv | cut -f 2,5 | tail -n +2 | awk -F '\t' '$1 != $2 { exit 1 } END { exit NR != 49 }'
}

@test "voting on these clusters, from end to end in a pipe" {
	overcluster -q "$BATS_FILE_TMPDIR/graph.h5ad" -o c.tsv
	awk -F '\t' 'NR == 1 { print "cell\tlabel\tconfidence" } NR > 1 { print $1 "\t" ($2 % 3) "\t0.5" }' c.tsv |
		vote -q -c c.tsv | cut -f 2,5 | tail -n +2 | awk -F '\t' '$1 != $2 { exit 1 }'
}

@test "no memory for the graph, and none to cluster it, are one line each" {
	[ -x "$FAULT" ] || skip "$FAULTLESS"
	! watched || skip "sanitizers have their own malloc"
	PIPETTE_BUILD=$BUILD python - "$TESTS/reliability" "$BATS_FILE_TMPDIR" <<-'PY'
	import os, sys
	sys.path.insert(0, sys.argv[1])
	import trials
	trials.IN = sys.argv[2]
	desk = trials.Desk(os.getcwd())
	run = trials.Run("overcluster", ["out.tsv"], "overcluster -q @/graph.h5ad -o out.tsv")
	assert not run.learn(desk)[0]
	late, early = "graph.h5ad: the graph could not be clustered\n", "graph.h5ad: out of memory for a graph of "
	with trials.Server(run, desk, trials.MEMORY) as server:
	    server.go("all 0")
	    def text(n):
	        said = server.go("all %d" % n)
	        assert not run.wrong(desk, said, may_crash=True), (n, said.text)
	        return said.text
	    high = low = server.count
	    while late not in text(high):
	        high -= 7
	        assert high > low - 210
	    low = 0
	    while high - low > 1:  # the first allocation by which it could not
	        middle = (low + high) // 2
	        low, high = (low, middle) if late in text(middle) else (middle, high)
	    assert any(early in text(n) for n in range(low, low - 40, -1)), (low, text(low))
	desk.gone()
	PY
}
