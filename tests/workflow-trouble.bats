# The pipeline when something is in its way: interrupts, clocks, files that go, other versions.

load demo

# typed_demo: the demo and a whole run of it, made once for all cases.
setup_file() {
	mkdir "$BATS_FILE_TMPDIR/demo"
	cd "$BATS_FILE_TMPDIR/demo"
	copy_demo
	type_it || { cat log; return 1; }
}
typed_demo() { cp -a "$BATS_FILE_TMPDIR/demo/." .; }

AFTER_GATE='gate.pbmc_query h5ad.pbmc_query map.pbmc_query'

# files FOLDER: what a run makes beside manifests, with their sums.
files() { (cd "$1" && find . -type f ! -path '*/manifests/*' ! -name run.json -exec sha256sum {} +) | sort -k 2; }

# step_that_is_interrupted DELAY: a copy of the workflows in which each step, the first time that
# it runs, sends its process group what Ctrl-C sends, DELAY seconds after its start.
step_that_is_interrupted() {
	cp -R "$TESTS/../workflows" .
	ln -s "$TESTS/../refs" "$TESTS/../ontology" .
	mv workflows/run/step workflows/run/real-step
	mkdir interrupted
	cat >workflows/run/step <<-S
	#!/bin/bash
	mark=\$1
	[ "\$mark" != -q ] || mark=\$2
	mark=\${mark##*/}
	mark=$PWD/interrupted/\${mark%.json}
	[ -e "\$mark" ] || { : >"\$mark"; (sleep $1; kill -INT 0) & }
	. "\${BASH_SOURCE[0]%/*}/real-step" "\$@"
	S
	chmod +x workflows/run/step
	WORKFLOW=$PWD/workflows/typing.mk
}

# Bats' children ignore SIGINT; a shell's do not.
like_a_shell() { setsid --wait env --default-signal=INT make -s -f "$WORKFLOW" BIN="$BIN" CONFIG=pbmc.yaml "$@" 2>>log; }

# interrupted_everywhere: until nothing is interrupted any more; after every interrupt, what is there
# is as in the folder `whole`, and nothing temporary is left.
interrupted_everywhere() {
	local tries=0
	until like_a_shell; do
		tries=$((tries + 1))
		[ $tries -le 40 ] || { tail -n 20 log; return 1; }
		files runs/pbmc >now
		grep -vxFf whole.files now && { echo "half an output: try $tries"; return 1; }
		[ -z "$(find . tmp -name '.*.??????' -o -name '*.part' -o -path './tmp/*')" ] || { find . -name '.*.??????'; ls -R tmp; return 1; }
	done
	echo "interrupted $tries times, $(ls interrupted | wc -l) steps"
	[ "$(ls interrupted | wc -l)" -eq "$(ls whole/pbmc/manifests | wc -l)" ]
	files runs/pbmc >now
	same whole.files now
}

@test "Ctrl-C in every step: nothing half written, and the next run goes on to the same bytes" {
	needs knn-graph overcluster
	copy_demo
	sed -i '/^outputs/d' pbmc.yaml
	printf 'harmonise: yes\ntruth: bulk_labels\nvote: yes\n' >>pbmc.yaml
	type_it
	files runs/pbmc >whole.files
	mv runs whole
	step_that_is_interrupted 0
	interrupted_everywhere
	[ "$(ls interrupted | wc -l)" -ge 19 ]
	rm -rf workflows refs ontology
}

@test "Ctrl-C in the midst of steps" {
	typed_demo
	files runs/pbmc >whole.files
	mv runs whole
	step_that_is_interrupted 0.03
	interrupted_everywhere
	rm -rf workflows refs ontology
}

@test "sources from the future are used once, and a change is still seen" {
	copy_demo
	touch -d tomorrow pbmc_train.h5ad pbmc_query.h5ad
	type_it
	type_it
	[ -z "$(steps_run)" ]
	sed -i s/0.3/0.5/ pbmc.yaml
	type_it
	[ "$(steps_run)" = "$AFTER_GATE" ]
	touch -d yesterday pbmc_query.h5ad
	type_it
	steps_run | grep -q '^ensemble.pbmc_query .*genes.pbmc_query .*predict.pbmc_query.trained'
	! steps_run | grep -qw train
}

@test "a run from the future is set back in its order, and says so" {
	copy_demo
	type_it runs/pbmc/gated/pbmc_query.tsv
	find runs -type f | while read -r f; do touch -d "@$(($(stat -c %Y "$f") + 86400))" "$f"; done
	sed -i s/0.3/0.5/ pbmc.yaml
	type_it
	grep -q 'clock skew: files in runs/pbmc are from the future: a clock was ahead by 86[0-9]* s' log
	[ "$(steps_run)" = "$AFTER_GATE" ]
	type_it
	[ -z "$(steps_run)" ]
	! grep -q 'clock skew' log
}

@test "a file that is put back is another file, though it is older" {
	typed_demo
	cp -p pbmc_query.h5ad kept.h5ad
	touch -d '3 days ago' kept.h5ad
	cp -p kept.h5ad pbmc_query.h5ad
	type_it
	steps_run | grep -q 'genes.pbmc_query'
}

@test "a reference or a model that is gone is missed by name, and what was typed stays" {
	typed_demo
	files runs/pbmc >before
	mv pbmc_train.h5ad away.h5ad
	! type_it || false
	grep -q 'pbmc.yaml:2:12: pbmc_train.h5ad: there is no such file to read' log
	files runs/pbmc >after
	same before after
	mv away.h5ad pbmc_train.h5ad
	type_it
	[ -z "$(steps_run)" ]
}

@test "a switch that is turned off, and a model or a query that is taken out, are seen" {
	copy_demo
	lr-train -q -l bulk_labels --min-cells 4 --C 0.1 pbmc_train.h5ad -o strict.h5
	h5-select -q --shard 1/4 pbmc_query.h5ad -o few.h5ad
	sed -i 's/^queries.*/queries: [pbmc_query.h5ad, few.h5ad]\nmodels: [strict.h5]\nharmonise: yes/; /^outputs/d' pbmc.yaml
	type_it
	grep -q 'id="q2"' runs/pbmc/report.html
	sed -i 's/^queries.*/queries: pbmc_query.h5ad/' pbmc.yaml
	type_it
	[ "$(steps_run)" = report ]
	! grep -q 'id="q2"' runs/pbmc/report.html || false
	sed -i '/^models/d; $a outputs: {report: no}' pbmc.yaml
	type_it
	[ "$(steps_run)" = "ensemble.pbmc_query $AFTER_GATE" ]
	head -n 1 runs/pbmc/typed/pbmc_query.tsv | grep -q cl_name
	sed -i '$a ontology: no' pbmc.yaml
	type_it
	[ "$(steps_run)" = 'gate.pbmc_query h5ad.pbmc_query' ]
	! head -n 1 runs/pbmc/typed/pbmc_query.tsv | grep -q cl_name || false # cl_id is the model's own
	sed -i '/^harmonise/d' pbmc.yaml
	type_it
	steps_run | grep -q 'concat .*train$'
}

@test "steps that are no longer asked for are in no list: not on the page, not in run.json, not verified" {
	needs knn-graph overcluster
	copy_demo
	h5-select -q --shard 1/4 pbmc_query.h5ad -o few.h5ad
	sed -i 's/^queries.*/queries: [pbmc_query.h5ad, few.h5ad]\nvote: yes/; /^outputs/d' pbmc.yaml
	type_it
	grep -q 'vote.few' runs/pbmc/run.json
	sed -i 's/^queries.*/queries: pbmc_query.h5ad/' pbmc.yaml
	type_it
	[ "$(steps_run)" = report ]
	rm runs/pbmc/*/few.*
	! grep -q 'few\.h5ad\|vote\.few' runs/pbmc/report.html || false
	python -c "import json; s = json.load(open('runs/pbmc/run.json'))['steps']; assert set(s) == set(open('runs/pbmc/stamps/steps').read().split()), sorted(s)"
	type_it verify >verified
	sed -i 's/^vote.*/vote: no/' pbmc.yaml
	type_it
	! grep -q 'vote.pbmc_query\|graph.pbmc_query' runs/pbmc/run.json || false
	sed -i 's/^vote.*/vote: yes/' pbmc.yaml
	type_it
	grep -q 'graph.pbmc_query' runs/pbmc/run.json # still fresh, and a part of the run again
	! steps_run | grep -q graph
}

@test "a reference that is fetched: another id under one name, or another registry, is another file" {
	needs ref-fetch ref-query
	copy_demo
	h5-select -q --shard 1/2 pbmc_train.h5ad -o half.h5ad
	printf 'datasets:\n  one: {source: local, path: pbmc_train.h5ad}\n  two: {source: local, path: half.h5ad}\n' >mine.yaml
	sed -i 's/{path: pbmc_train.h5ad,/{id: one, name: atlas,/; $a registry: mine.yaml' pbmc.yaml
	export CELLXGENE_CACHE_DIR=$PWD/cache
	type_it
	type_it verify >verified
	! grep -q /tmp/tmp runs/pbmc/run.json || false
	cp runs/pbmc/models/trained.h5 first.h5
	sed -i 's/id: one/id: two/' pbmc.yaml
	type_it
	cmp runs/pbmc/refs/atlas.fetched.h5ad half.h5ad
	! cmp -s runs/pbmc/models/trained.h5 first.h5 || false
	sed -i 's/half/pbmc_train/' mine.yaml
	type_it
	cmp runs/pbmc/models/trained.h5 first.h5
	sed -i 's/label: bulk_labels/&, cells: 200/' pbmc.yaml
	type_it
	! steps_run | grep -q fetch
}

@test "a list beside an mtx that changes is seen" {
	mkdir -p mtx
	printf '%%%%MatrixMarket matrix coordinate integer general\n3 2 2\n1 1 4\n2 2 1\n' >mtx/matrix.mtx
	printf 'CD3E\nCD19\nNKG7\n' >mtx/genes.tsv
	printf 'a\nb\n' >mtx/barcodes.tsv
	cp mtx/matrix.mtx mtx/s1_matrix.mtx
	cp mtx/genes.tsv mtx/s1_genes.tsv
	cp mtx/barcodes.tsv mtx/s1_barcodes.tsv
	: >m.h5
	stamp_of() { printf 'models: m.h5\nqueries: [{path: %s, name: q}]\n' "$1" >c.yaml && conf-mk c.yaml && cat runs/c/stamps/import.q; }
	changes() { stamp_of "$1" >before && touch -d "$((n += 1)) days ago" "$2" && stamp_of "$1" >after && ! cmp -s before after; }
	for part in matrix.mtx genes.tsv barcodes.tsv s1_genes.tsv; do
		changes mtx mtx/$part
	done
	changes mtx/matrix.mtx mtx/genes.tsv
	changes mtx/s1_matrix.mtx mtx/s1_barcodes.tsv
	! changes mtx/matrix.mtx mtx/s1_barcodes.tsv || false
	! changes mtx/s1_matrix.mtx mtx/genes.tsv
}

@test "voting: a query of a few cells does not stop the others" {
	needs knn-graph overcluster
	copy_demo
	h5-select -q --shard 1/60 pbmc_query.h5ad -o few.h5ad
	sed -i 's/^queries.*/queries: [few.h5ad, pbmc_query.h5ad]\nvote: yes/' pbmc.yaml
	type_it
	grep -q '[3-9] cells are too few for a graph' log
	awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		$at["majority_voting"] != $2 { exit 1 } END { exit NR < 4 || NR > 10 }' runs/pbmc/voted/few.tsv
	[ "$(wc -l <runs/pbmc/typed/pbmc_query.tsv)" -eq 358 ]
	type_it verify
}

@test "what a killed filter left is swept away when it is old" {
	typed_demo
	: >runs/pbmc/refs/.pbmc_train.sub.h5ad.Ab1xYz
	: >runs/pbmc/refs/.new.h5ad.Ab1xYz
	touch -d '2 days ago' runs/pbmc/refs/.pbmc_train.sub.h5ad.Ab1xYz
	type_it
	grep -q 'swept: runs/pbmc/refs/.pbmc_train.sub.h5ad.Ab1xYz' log
	[ ! -e runs/pbmc/refs/.pbmc_train.sub.h5ad.Ab1xYz ]
	[ -z "$(steps_run)" ]
	# sooner where nobody has it open any more
	touch -d '11 minutes ago' runs/pbmc/refs/.new.h5ad.Ab1xYz
	exec 7>>runs/pbmc/refs/.new.h5ad.Ab1xYz
	type_it
	[ -e runs/pbmc/refs/.new.h5ad.Ab1xYz ]
	exec 7>&-
	type_it
	[ ! -e runs/pbmc/refs/.new.h5ad.Ab1xYz ]
}

@test "why and verify say what is missing" {
	copy_demo
	fails 2 'TARGET=FILE is missing' make -s -f "$WORKFLOW" BIN="$BIN" CONFIG=pbmc.yaml why
	fails 2 'why: foo: no step makes this' make -s -f "$WORKFLOW" BIN="$BIN" CONFIG=pbmc.yaml why TARGET=foo
	fails 2 'verify: runs/pbmc: no step has run yet' make -s -f "$WORKFLOW" BIN="$BIN" CONFIG=pbmc.yaml verify
}

@test "a table of overrides that changes is read again, by the ensemble and the reference too" {
	copy_demo
	head -n 1 "$DATA/onto/overrides.tsv" >own.tsv
	lr-train -q -l bulk_labels --min-cells 4 --C 0.1 pbmc_train.h5ad -o strict.h5
	printf 'models: [strict.h5]\nontology: {overrides: own.tsv}\nensemble: {rule: ontology}\n' >>pbmc.yaml
	type_it
	type_it
	[ -z "$(steps_run)" ]
	touch -d yesterday own.tsv
	type_it
	# the trained model's own ids, too
	[ "$(steps_run)" = 'ensemble.pbmc_query gate.pbmc_query h5ad.pbmc_query map-models.pbmc_query map-references map.pbmc_query predict.pbmc_query.trained train' ]
}

@test "a reference and a query may have one name" {
	copy_demo
	mkdir other
	cp pbmc_query.h5ad other/pbmc_train.h5ad
	sed -i 's|^queries.*|queries: other/pbmc_train.h5ad|' pbmc.yaml
	type_it
	[ -e runs/pbmc/manifests/genes.pbmc_train.json ]
	[ -e runs/pbmc/manifests/genes-reference.pbmc_train.json ]
	[ "$(wc -l <runs/pbmc/typed/pbmc_train.tsv)" -eq 358 ]
	type_it verify
}

@test "a query that shares no gene with the model stops the run and says what to do" {
	copy_demo
	{ printf 'cell'; printf '\tNOSUCH%d' $(seq 60); echo; for i in 1 2 3; do printf 'c%d' $i; printf '\t%d' $(seq 60); echo; done; } >odd.tsv
	sed -i 's/^queries.*/queries: odd.tsv/' pbmc.yaml
	! type_it || false
	cat log
	grep -q '0 of its 764 genes .* are in runs/pbmc/queries/odd.genes.h5ad.*no overlap' log
	grep -q 'not typed: odd: ensemble: every model was skipped' log
	[ "$(wc -l <runs/pbmc/typed/odd.tsv)" -eq 1 ]
}

@test "a run of another version is said, not used, unless it is asked for" {
	typed_demo
	echo 0.0.9 >runs/pbmc/version
	! type_it || false
	grep -q 'runs/pbmc: a run of Pipette 0.0.9, and this is [0-9.]*: .*--adopt' log
	[ "$(<runs/pbmc/version)" = 0.0.9 ]
	rm runs/pbmc/version
	! type_it || false
	grep -q 'a run of Pipette of another version' log
	type_it ADOPT=yes
	[ -z "$(steps_run)" ]
	type_it
	sed -i '$a # another' pbmc.yaml
	type_it
}

@test "a folder that must not be written to is named, and nothing is left there" {
	copy_demo
	chmod 755 .
	mkdir runs
	chmod 555 runs
	! unprivileged make -s -f "$WORKFLOW" BIN="$BIN" CONFIG=pbmc.yaml 2>log || false
	cat log
	grep -q 'runs/pbmc: this folder cannot be made: Permission denied' log
	[ -z "$(ls -A runs)" ]
	chmod 755 runs
	type_it runs/pbmc/train.h5ad
	chmod -R a-w runs
	! unprivileged make -s -f "$WORKFLOW" BIN="$BIN" CONFIG=pbmc.yaml 2>log || false
	chmod -R u+w runs
	cat log
	grep -q 'runs/pbmc/.*Permission denied' log
	[ ! -e runs/pbmc/models ]
	: >runs/pbmc/models
	! type_it || false
	grep -q "runs/pbmc/models.*\(File exists\|Not a directory\)" log
}

@test "folders and configs with blanks: worked in, or refused with the reason" {
	copy_demo
	cp pbmc.yaml 'my run.yaml'
	! make -s -f "$WORKFLOW" BIN="$BIN" CONFIG='my run.yaml' 2>log || false
	grep -q 'my run.yaml:1:1: "my run": Make and the shell take such names apart' log
	mkdir 'My Data'
	cp pbmc* 'My Data'
	! make -s -f "$WORKFLOW" BIN="$BIN" CONFIG='My Data/pbmc.yaml' 2>log || false
	grep -q '"My Data": Make and the shell take such names apart' log
	cd 'My Data'
	make -s -f "$WORKFLOW" BIN="$BIN" CONFIG=pbmc.yaml
	[ "$(wc -l <runs/pbmc/typed/pbmc_query.tsv)" -eq 358 ]
	cd ..
}

@test "columns with blanks, labels with blanks, commas in paths: the same cells are typed" {
	copy_demo
	type_it
	mkdir a,b
	cp pbmc_train.h5ad a,b/train.h5ad
	cp pbmc_query.h5ad a,b/pbmc_query.h5ad
	python - <<-'E'
	import h5py
	for name in "train", "pbmc_query":
	    with h5py.File(f"a,b/{name}.h5ad", "r+") as f:
	        obs = f["obs"]
	        obs.move("bulk_labels", "cell type (broad)")
	        order = obs.attrs["column-order"]
	        obs.attrs["column-order"] = [c.replace("bulk_labels", "cell type (broad)") for c in order]
	E
	lr-model import "$GOLDEN/lr.sk12.pkl" -o a,b/own.h5
	cat >blanks.yaml <<-'E'
	references:
	  - {path: "a,b/train.h5ad", label: cell type (broad)}
	queries: "a,b/pbmc_query.h5ad"
	truth: cell type (broad)
	batch: cell type (broad)
	harmonise: yes
	models: ["a,b/own.h5"]
	train: {min_cells: 4}
	vote: {clusters: cell type (broad)}
	gate: {min_confidence: 0.99, label: not sure}
	E
	make -s -f "$WORKFLOW" BIN="$BIN" CONFIG=blanks.yaml 2>log
	cmp <(cut -f 1 runs/pbmc/typed/pbmc_query.tsv) <(cut -f 1 runs/blanks/typed/pbmc_query.tsv)
	cut -f 2 runs/blanks/typed/pbmc_query.tsv | grep -qx 'not sure'
	grep -q 'evaluate: by their ids, .* accuracy 0.9' log
	[ "$(make -s -f "$WORKFLOW" BIN="$BIN" CONFIG=blanks.yaml status | grep -vc ^fresh)" = 0 ]
}

@test "what a user types reaches the shell quoted, or not at all" {
	copy_demo
	local name="x';touch pwned;'.yaml"
	cp pbmc.yaml "$name"
	fails 2 'Make and the shell take such names apart' pipette type "$name"
	fails 2 'is not a config that can be run' pipette type '$(shell touch pwned).yaml'
	fails 2 'is not a config that can be run' pipette type '`touch pwned`'
	fails 2 'Make and the shell take such names apart' pipette type pbmc.yaml "RUNS=a';touch pwned;'"
	fails 2 'Make and the shell take such names apart' pipette type pbmc.yaml 'RUNS=$(shell touch pwned)'
	fails 2 'no step makes this' pipette why pbmc.yaml 'TARGET=$(shell touch pwned)'
	fails 2 'no step makes this' pipette why pbmc.yaml "TARGET=x'; touch pwned; '"
	printf 'all:\n\ttouch pwned\n' >evil.mk
	fails 2 'no step makes this' pipette why pbmc.yaml TARGET=-fevil.mk
	fails 2 'whole number|shards' pipette type pbmc.yaml "SHARDS=1;touch pwned"
	ADOPT='$(shell touch pwned)' fails 2 'no step has run yet' pipette verify pbmc.yaml
	[ ! -e pwned ]
}

@test "type --help is help; options of Make come before or after the config" {
	copy_demo
	pipette type --help | grep -q 'Usage: pipette FILTER'
	pipette status pbmc.yaml -h | grep -q 'Usage: pipette FILTER'
	fails 2 'type needs a config' pipette type -n
	pipette type -n pbmc.yaml | grep -q '^.*/run/step runs/pbmc/manifests/train.json .* lr-train '
	[ ! -e runs/pbmc/train.h5ad ]
	pipette type -j 2 pbmc.yaml RUNS=out 2>log
	[ "$(wc -l <out/pbmc/typed/pbmc_query.tsv)" -eq 358 ]
	pipette status pbmc.yaml RUNS=out | grep -q '^fresh    out/pbmc/train.h5ad'
}

@test "an intermediate that somebody changed is found before it is used: status, type and verify agree" {
	copy_demo
	type_it
	cp -p runs/pbmc/typed/pbmc_query.tsv want.tsv
	sed -i 's/Dendritic/dendritic/' runs/pbmc/ensemble/pbmc_query.tsv
	type_it status | grep -q '^stale    runs/pbmc/ensemble/pbmc_query.tsv'
	grep -q 'runs/pbmc/ensemble/pbmc_query.tsv is not what ensemble.pbmc_query wrote: it is made again' log
	type_it
	steps_run | grep -q '^ensemble.pbmc_query'
	same runs/pbmc/typed/pbmc_query.tsv want.tsv
	type_it verify >verified
	# of the size and the time it should have: only who reads it can see it
	touch -r runs/pbmc/gated/pbmc_query.tsv time
	tr 1 2 <runs/pbmc/gated/pbmc_query.tsv >other
	cat other >runs/pbmc/gated/pbmc_query.tsv
	touch -r time runs/pbmc/gated/pbmc_query.tsv
	type_it status | grep -q '^fresh    runs/pbmc/gated/pbmc_query.tsv'
	! type_it verify >verified || false
	grep -q '^runs/pbmc/gated/pbmc_query.tsv: FAILED' verified
	! type_it verify >verified || false
	type_it status | grep -q '^stale    runs/pbmc/gated/pbmc_query.tsv'
	type_it
	same runs/pbmc/typed/pbmc_query.tsv want.tsv
	type_it verify >verified
	# touched and not changed is what it was
	touch runs/pbmc/train.h5ad runs/pbmc/manifests/concat.json
	type_it
	! steps_run | grep -q concat
}
