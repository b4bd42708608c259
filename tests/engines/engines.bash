# engines.bash - what the tests of the engines share: one dataset, typed by Make as the measure.

load ../helper

WORKFLOWS=$(realpath "$TESTS/../workflows")
ENGINES=$(realpath "$BUILD")/engines

# rename_column OLD NEW H5AD...: in obs.
rename_column() {
	/usr/bin/python3 - "$@" <<-'P'
	import h5py, sys
	old, new, *files = sys.argv[1:]
	for name in files:
	    with h5py.File(name, "r+") as f:
	        obs = f["obs"]
	        obs.move(old, new)
	        order = obs.attrs["column-order"]
	        obs.attrs["column-order"] = [new if c == old else c for c in order]
	P
}

# dataset NAME: two queries, two models (one trained here, one from disk), a vote, the truth.
dataset() {
	cp "$TESTS/../refs/demo/pbmc_train.h5ad" "$TESTS/../refs/demo/pbmc_query.h5ad" .
	rename_column bulk_labels 'cell type' pbmc_train.h5ad pbmc_query.h5ad
	rename_column louvain 'the batch' pbmc_query.h5ad
	"$BIN/h5-select" -q --shard 2/3 pbmc_query.h5ad -o second.h5ad
	"$BIN/lr-train" -q -l 'cell type' --min-cells 5 --C 0.1 pbmc_train.h5ad -o strict.h5
	cat >"$1.yaml" <<-'Y'
	references:
	  - {path: pbmc_train.h5ad, label: cell type}
	queries: [pbmc_query.h5ad, second.h5ad]
	models: [strict.h5]
	harmonise: yes
	truth: cell type
	batch: the batch
	train: {min_cells: 5}
	vote: {use: yes}
	gate: {min_confidence: 0.3}
	Y
}

# tiny NAME: one reference, one query, as few jobs as there can be.
tiny() {
	cp "$TESTS/../refs/demo/pbmc_train.h5ad" "$TESTS/../refs/demo/pbmc_query.h5ad" .
	cat >"$1.yaml" <<-'Y'
	references:
	  - {path: pbmc_train.h5ad, label: bulk_labels}
	queries: pbmc_query.h5ad
	train: {min_cells: 5}
	outputs: {report: no}
	Y
}

# odd NAME: an R object to learn from, an R object and a table to type, on the genes of a panel.
odd() {
	cp "$GOLDEN/rds/pbmc_small.rds" .
	"$BIN/rds-import" -q pbmc_small.rds -o small.h5ad
	/usr/bin/python3 - <<-'P'
	import h5py
	with h5py.File("small.h5ad") as f:
	    genes = f["var"][f["var"].attrs["_index"]].asstr()[:]
	    data, at, ends = (f["X/" + part][:] for part in ("data", "indices", "indptr"))
	with open("panel.txt", "w") as out:
	    out.writelines(g + "\n" for g in genes[:150])
	with open("table.csv", "w") as out:
	    out.write(",".join(["cell", *genes]) + "\n")
	    for c in range(0, 60, 2):
	        row = dict(zip(at[ends[c]:ends[c + 1]], data[ends[c]:ends[c + 1]]))
	        out.write(",".join([f"c{c}", *(str(int(row.get(g, 0))) for g in range(len(genes)))]) + "\n")
	P
	cat >"$1.yaml" <<-'Y'
	references:
	  - {path: pbmc_small.rds, label: letter.idents, cells: 60}
	panel: panel.txt
	queries:
	  - table.csv
	  - {path: pbmc_small.rds, name: seurat}
	train: {min_cells: 2}
	outputs: {multiqc: yes, png: yes}
	Y
}

# published NAME: nothing to learn from; a model by its name in a registry, and the query's own
# clusters.
published() {
	cp "$TESTS/../refs/demo/pbmc_query.h5ad" .
	rename_column louvain 'my clusters' pbmc_query.h5ad
	"$BIN/lr-train" -q -l bulk_labels --min-cells 5 "$TESTS/../refs/demo/pbmc_train.h5ad" -o own.h5
	"$BIN/lr-model" export -q own.h5 -o Blood.pkl
	echo 'datasets: {Blood: {source: local, path: Blood.pkl}}' >registry.yaml
	export CELLXGENE_CACHE_DIR=$PWD/cache
	cat >"$1.yaml" <<-'Y'
	queries: pbmc_query.h5ad
	models: Blood
	registry: registry.yaml
	vote: {clusters: my clusters}
	ontology: no
	truth: bulk_labels
	Y
}

# mapped NAME: an atlas made of the reference is one more voter. latent NAME: a neural reference is all
# there is to type by.
mapped() {
	tiny "$1"
	sed -i 's/^outputs.*/mapping: {use: yes, batch: louvain}/' "$1.yaml"
}
latent() {
	cp "$GOLDEN/vae/scanvi_arches.pt" "$GOLDEN/vae/query2.h5ad" .
	cat >"$1.yaml" <<-'Y'
	queries: query2.h5ad
	mapping: {reference: scanvi_arches.pt, batch: batch}
	ontology: no
	Y
}

# every_look NAME: all that may be asked for beside labels: quality, evidence, domains of the tissue
# (a cell's place is its number, in rows of twenty), and a layout.
every_look() {
	tiny "$1"
	"$BIN/h5-obs" get -q -c bulk_labels pbmc_query.h5ad |
		awk -F '\t' -v OFS='\t' 'NR == 1 { print "cell", "px", "py"; next } { print $1, NR % 20, int(NR / 20) }' >xy.tsv
	"$BIN/h5-obs" put -q -f xy.tsv pbmc_query.h5ad -o placed.h5ad
	mv placed.h5ad pbmc_query.h5ad
	sed -i '/^outputs/d' "$1.yaml"
	cat >>"$1.yaml" <<-'Y'
	qc: {mad: 3}
	evidence: {markers: yes, go: yes}
	space: {radius: '1.5', positions: 'obs:px,py', diffuse: '0.5:1'}
	outputs: {layout: yes}
	Y
}

# by_make NAME: the same dataset typed by Make, into made/NAME.
by_make() { make -s -f "$WORKFLOWS/typing.mk" BIN="$BIN" CONFIG="$1.yaml" RUNS=made 2>make.log; }

# same_as_make NAME FOLDER: what there is of typed tables and h5ad, evaluations, quality and
# evidence, byte for byte.
same_as_make() {
	local file folder
	for folder in typed eval qc evidence; do
		[ -e "made/$1/$folder" ] || continue
		[ "$(ls "made/$1/$folder")" = "$(ls "$2/$folder")" ] || { ls -l "$2/$folder"; return 1; }
		for file in "made/$1/$folder"/*; do
			cmp "$file" "$2/$folder/${file##*/}" || return 1
		done
	done
}

# The page without the commands and the folders, which are each engine's own, and without the range
# of cell sums, which is the first shard's.
page() { sed -E 's|<details><summary>Command.*</details>||; s|[a-z]+/[a-z]+/queries/||g; s|sums to [0-9]+ to [0-9]+||' "$1"; }
steps_of() { /usr/bin/python3 -c 'import json, sys; print(*json.load(open(sys.argv[1]))["steps"], sep="\n")' "$1"; }

# same_page NAME FOLDER: the report says the same, and run.json tells of the same steps.
same_page() {
	page "made/$1/report.html" >page.made
	page "$2/report.html" >page.other
	same page.made page.other || return 1
	steps_of "made/$1/run.json" >steps.made
	steps_of "$2/run.json" >steps.other
	same steps.made steps.other
}

# filters_that_die: a folder `bin` of the filters in which lr-train leaves half an output and
#   is killed, when there is a file `die`
#   or hangs, when there is a file `hang`; `started` then has its process id
# until those files are gone.
filters_that_die() {
	mkdir bin
	ln -s "$(realpath "$BIN")"/* bin/
	rm bin/lr-train
	cat >bin/lr-train <<-S
	#!/bin/bash
	for ((i = 1; i <= \$#; i++)); do [ "\${!i}" != -o ] || { next=\$((i + 1)); output=\${!next}; }; done
	for how in die hang; do [ ! -e $PWD/\$how ] || echo half >"\$output"; done
	[ ! -e $PWD/die ] || kill -9 \$\$
	[ ! -e $PWD/hang ] || { echo \$\$ >$PWD/started.part; mv $PWD/started.part $PWD/started; exec sleep 300; }
	exec $(realpath "$BIN")/lr-train "\$@"
	S
	chmod +x bin/lr-train
}

# wait_for FILE: until it is there, a minute at most.
wait_for() {
	local i
	for ((i = 0; i < 600; i++)); do
		[ ! -e "$1" ] || return 0
		sleep 0.1
	done
	echo "$1 did not appear"
	return 1
}

# killed_while_training CMD...: start it, and when it trains, kill it and all it started.
killed_while_training() {
	: >hang
	setsid "$@" >killed.log 2>&1 3>&- &
	local engine=$!
	wait_for started || { cat killed.log; kill -9 -- -$engine; return 1; }
	kill -9 -- -$engine
	kill -9 "$(cat started)" 2>/dev/null || true
	wait $engine || true
	rm -rf hang started tmp/*
}

# cluster_up: three nodes, or the test is skipped with the reason. There is one cluster at a time on a
# machine (/etc/slurm), so the case that has it holds a lock, and its teardown ends it. It lives in
# the build folder, so that the next run finds what a killed one left. The daemons must not hold the
# runner's own descriptor, nor the lock.
export SLURM_LAB=$ENGINES/slurm
cluster_up() {
	local status=0
	exec 9>"$ENGINES/slurm.lock"
	flock 9
	"$TESTS/engines/slurm-up" 3 >cluster.log 2>&1 3>&- 9>&- || status=$?
	[ $status -ne 77 ] || skip "$(tail -n 1 cluster.log)"
	[ $status -eq 0 ] || { cat cluster.log; return 1; }
	export SLURM_CONF=$SLURM_LAB/slurm.conf
}

teardown() {
	[ -z "${SLURM_CONF-}" ] || "$TESTS/engines/slurm-down" || return 1
	nothing_left
}

# unfit NAME: two queries, one of which knows no gene of any model.
unfit() {
	tiny "$1"
	h5-select -q -g CD79A,LYZ,NKG7,CD3D,CST3 pbmc_query.h5ad -o small.h5ad
	sed -i 's/^references/others/; s/^queries.*/queries: [pbmc_query.h5ad, small.h5ad]\nmodels: [good.h5]/; /^others/d; /path: pbmc_train/d; /^train/d' "$1.yaml"
	lr-train -q -l bulk_labels --recipe celltypist --min-cells 4 pbmc_train.h5ad -o good.h5
}
