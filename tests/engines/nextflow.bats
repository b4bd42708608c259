# The pipeline under Nextflow: the same bytes as Make's, whole or in shards, killed or not.

load engines

export NXF_JARS=$ENGINES/jars
NEXTFLOW=("$TESTS/engines/nextflow" run "$WORKFLOWS/nextflow")

# type_it OPTION...: what was said goes to nextflow.log.
type_it() {
	NXF_HOME=$PWD/home "${NEXTFLOW[@]}" "$@" >nextflow.log 2>&1 3>&- || { tail -n 40 nextflow.log; return 1; }
}
# The processes that ran, not those whose result was still there.
steps_run() { sed -nE 's/^\[.*\] Submitted process > ([A-Z0-9_]+:)*([A-Z0-9_]+) .*/\2/p' nextflow.log | sort | paste -sd ' '; }

@test "Nextflow: queries times models fan out in shards, and the bytes are Make's" {
	dataset all
	by_make all
	type_it --config all.yaml --bin "$BIN" --shards 3
	same_as_make all results
	same_page all results
	[ "$(grep -cE 'PREDICT_SHARD \(predict-shard\.(pbmc_query|second)\.(trained|strict)\.[123]\)' nextflow.log)" -eq 12 ]
	grep -q 'ENSEMBLE	ensemble	[0-9]' results/versions.tsv
}

@test "Nextflow: whole queries give the same, and the same page" {
	dataset all
	by_make all
	type_it --config all.yaml --bin "$BIN"
	same_as_make all results
	same_page all results
}

@test "Nextflow: R objects, tables and a panel" {
	odd mixed
	by_make mixed
	type_it --config mixed.yaml --bin "$BIN"
	same_as_make mixed results
	same_page mixed results
	[ "$(wc -l <results/typed/table.tsv)" -eq 31 ]
	diff -r made/mixed/multiqc results/multiqc
	diff -r made/mixed/pictures results/pictures
	[ -s results/pictures/table.composition.png ]
}

@test "Nextflow: a published model alone, and clusters that the query brings" {
	published alone
	by_make alone
	type_it --config alone.yaml --bin "$BIN"
	same_as_make alone results
	same_page alone results
	[[ $(steps_run) = *CLUSTERS* ]]
	[[ $(steps_run) != *TRAIN* ]]
}

@test "Nextflow: mapping onto an atlas of the references, and onto a neural reference" {
	mapped atlas
	by_make atlas
	type_it --config atlas.yaml --bin "$BIN"
	same_as_make atlas results
	same_page atlas results
	[[ $(steps_run) = *ATLAS*PLACE*TRANSFER* ]]
	rm -r results

	latent neural
	by_make neural
	type_it --config neural.yaml --bin "$BIN"
	same_as_make neural results
	same_page neural results
	[[ $(steps_run) = *TRANSFER* ]]
}

@test "Nextflow: quality, evidence, domains of a tissue and a layout" {
	every_look looks
	by_make looks
	type_it --config looks.yaml --bin "$BIN"
	same_as_make looks results
	cmp made/looks/space/pbmc_query.domains.tsv results/space/pbmc_query.domains.tsv
	same_page looks results
	[[ $(steps_run) = *DOMAINS* ]]
}

@test "Nextflow: -resume does nothing twice; a new threshold reruns the gate and what follows" {
	tiny one
	type_it --config one.yaml --bin "$BIN"
	echo 'gate: {min_confidence: 0.5}' >>one.yaml
	type_it --config one.yaml --bin "$BIN" -resume
	[ "$(steps_run)" = 'COLLECT FINISH GATE H5AD MAP' ]
	by_make one
	same_as_make one results
}

@test "Nextflow: a job that is killed fails the run, and -resume goes on from there" {
	tiny one
	by_make one
	filters_that_die
	: >die
	run type_it --config one.yaml --bin bin
	[ "$status" -ne 0 ]
	[ ! -e results/models ]
	[ ! -e results/typed ]
	rm die
	type_it --config one.yaml --bin bin -resume
	[[ $(steps_run) = *TRAIN* ]]
	[[ $(steps_run) != *CONCAT* ]]
	same_as_make one results
}

@test "Nextflow: killed itself, it resumes and trusts no half output" {
	tiny one
	by_make one
	filters_that_die
	NXF_HOME=$PWD/home killed_while_training "${NEXTFLOW[@]}" --config one.yaml --bin bin
	type_it --config one.yaml --bin bin -resume
	[[ $(steps_run) = *TRAIN* ]]
	[[ $(steps_run) != *CONCAT* ]]
	same_as_make one results
}

@test "Nextflow: a stub run goes through every step without a filter's work" {
	dataset all
	type_it --config all.yaml --bin "$BIN" --shards 2 -stub-run
	[ "$(ls results/typed)" = 'pbmc_query.h5ad
pbmc_query.tsv
second.h5ad
second.tsv' ]
	[ ! -s results/typed/second.tsv ]
	[ -e results/report.html ]
}

@test "Nextflow: a query that cannot be typed fails the run, which does all the rest" {
	unfit two
	run type_it --config two.yaml --bin "$BIN"
	[ "$status" -ne 0 ]
	grep -q 'not typed: small: ensemble: every model was skipped' nextflow.log
	[ "$(wc -l <results/typed/pbmc_query.tsv)" -eq 358 ]
	[ -e results/run.json ]
	run type_it --config two.yaml --bin "$BIN" -resume
	[ "$status" -ne 0 ]
	[ "$(steps_run)" = FINISH ]
}

@test "Nextflow: a config that is wrong is refused in conf-mk's words" {
	tiny one
	echo 'gaet: {min_confidence: 0.5}' >>one.yaml
	run type_it --config one.yaml --bin "$BIN"
	[ "$status" -ne 0 ]
	grep -q 'one.yaml:6:.*gate' nextflow.log
}

@test "Nextflow: the filters as jobs on a cluster of three nodes" {
	tiny one
	by_make one
	cluster_up
	cat >small.config <<-'E'
	process.resourceLimits = [cpus: 1, memory: 500.MB]
	executor { pollInterval = '2 sec'; queueStatInterval = '2 sec' }
	E
	type_it --config one.yaml --bin "$BIN" --shards 2 -profile slurm -c small.config
	same_as_make one results
	[ "$(grep -c 'JobState=COMPLETED' "$SLURM_LAB/jobcomp.txt")" -ge 13 ]
	[ "$(grep -o 'NodeList=n[123]' "$SLURM_LAB/jobcomp.txt" | sort -u | wc -l)" -ge 2 ]
}
