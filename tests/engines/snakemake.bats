# The pipeline under Snakemake: the same bytes as Make's, whole or in shards, killed or not.

load engines

SNAKEMAKE=("$ENGINES/venv/bin/snakemake" -s "$WORKFLOWS/snakemake/Snakefile")

# type_it OPTION...: what was said goes to snakemake.log.
type_it() {
	"${SNAKEMAKE[@]}" "$@" >snakemake.log 2>&1 || { tail -n 40 snakemake.log; return 1; }
}
steps_run() { sed -nE 's/^\[[0-9:]+\] ([^: ]+)$/\1/p' snakemake.log | sort | paste -sd ' '; }

@test "Snakemake: queries times models fan out in shards, and the bytes are Make's" {
	dataset all
	by_make all
	type_it -c2 --config config=all.yaml bin="$BIN" shards=3
	same_as_make all runs/all
	same_page all runs/all
	"$WORKFLOWS/run/verify" runs/all
	[ "$(grep -cE '^\[[0-9:]+\] predict-shard\.(pbmc_query|second)\.(trained|strict)\.[123]$' snakemake.log)" -eq 12 ]

	# Whole queries give the same.
	type_it -c2 --config config=all.yaml bin="$BIN" runs=whole
	same_as_make all whole/all
	same_page all whole/all
	"$WORKFLOWS/run/verify" whole/all
}

@test "Snakemake: R objects, tables and a panel" {
	odd mixed
	by_make mixed
	type_it -c2 --config config=mixed.yaml bin="$BIN"
	same_as_make mixed runs/mixed
	same_page mixed runs/mixed
	[ "$(wc -l <runs/mixed/typed/table.tsv)" -eq 31 ]
	diff -r made/mixed/multiqc runs/mixed/multiqc
	diff -r made/mixed/pictures runs/mixed/pictures
	[ -s runs/mixed/pictures/table.composition.png ]
}

@test "Snakemake: a published model alone, and clusters that the query brings" {
	published alone
	by_make alone
	type_it -c2 --config config=alone.yaml bin="$BIN"
	same_as_make alone runs/alone
	same_page alone runs/alone
	[[ $(steps_run) = *clusters* ]]
	[[ $(steps_run) != *train* ]]
}

@test "Snakemake: mapping onto an atlas of the references, and onto a neural reference" {
	mapped atlas
	by_make atlas
	type_it -c2 --config config=atlas.yaml bin="$BIN"
	same_as_make atlas runs/atlas
	same_page atlas runs/atlas
	[[ $(steps_run) = *atlas*place.pbmc_query*transfer.pbmc_query* ]]
	grep -q 'Cells over the atlas' runs/atlas/report.html

	latent neural
	by_make neural
	type_it -c2 --config config=neural.yaml bin="$BIN"
	same_as_make neural runs/neural
	same_page neural runs/neural
	[[ $(steps_run) = *transfer.query2* ]]
	grep -q 'X_scANVI' runs/neural/report.html
}

@test "Snakemake: quality, evidence, domains of a tissue and a layout" {
	every_look looks
	by_make looks
	type_it -c2 --config config=looks.yaml bin="$BIN"
	same_as_make looks runs/looks
	cmp made/looks/space/pbmc_query.domains.tsv runs/looks/space/pbmc_query.domains.tsv
	same_page looks runs/looks
	[[ $(steps_run) = *domains* ]]
}

@test "Snakemake: an older file that is put back is used; one from the future is refused in its words" {
	tiny one
	type_it -c2 --config config=one.yaml bin="$BIN"
	touch -d '3 days ago' pbmc_query.h5ad
	type_it -c2 --config config=one.yaml bin="$BIN"
	[[ $(steps_run) = *genes.pbmc_query* ]]
	[[ $(steps_run) != *subsample* ]]
	touch -d tomorrow pbmc_query.h5ad
	run type_it -c2 --config config=one.yaml bin="$BIN"
	[ "$status" -ne 0 ]
	grep -q 'older modification time .* than input pbmc_query.h5ad' snakemake.log
}

@test "Snakemake: a run of another version is said, not used, unless it is asked for" {
	tiny one
	type_it -c2 --config config=one.yaml bin="$BIN"
	echo 0.0.9 >runs/one/version
	run type_it -c2 --config config=one.yaml bin="$BIN"
	[ "$status" -ne 0 ]
	grep -q 'runs/one: a run of Pipette 0.0.9' snakemake.log
	type_it -c2 --config config=one.yaml bin="$BIN" adopt=yes
	[ -z "$(steps_run)" ]
}

@test "Snakemake: a second run does nothing; a new threshold reruns the gate and what follows" {
	tiny one
	type_it -c2 --config config=one.yaml bin="$BIN"
	type_it -c2 --config config=one.yaml bin="$BIN"
	[ -z "$(steps_run)" ]
	echo 'gate: {min_confidence: 0.5}' >>one.yaml
	type_it -c2 --config config=one.yaml bin="$BIN"
	[ "$(steps_run)" = 'gate.pbmc_query h5ad.pbmc_query map.pbmc_query' ]
	by_make one
	same_as_make one runs/one
}

@test "Snakemake: a job that is killed fails the run, and the next run goes on from there" {
	tiny one
	by_make one
	filters_that_die
	: >die
	run type_it -c2 --config config=one.yaml bin=bin
	[ "$status" -ne 0 ]
	[ ! -e runs/one/models/trained.h5 ]
	[ ! -e runs/one/typed/pbmc_query.tsv ]
	rm die
	type_it -c2 --config config=one.yaml bin=bin
	[[ $(steps_run) = *train* ]]
	[[ $(steps_run) != *concat* ]]
	same_as_make one runs/one
}

@test "Snakemake: killed itself, it resumes with --rerun-incomplete and trusts no half output" {
	tiny one
	by_make one
	filters_that_die
	killed_while_training "${SNAKEMAKE[@]}" -c2 --config config=one.yaml bin=bin
	[ "$(cat runs/one/models/trained.h5)" = half ]
	type_it --unlock --config config=one.yaml bin=bin
	type_it -c2 --rerun-incomplete --config config=one.yaml bin=bin
	[[ $(steps_run) = *train* ]]
	[[ $(steps_run) != *concat* ]]
	same_as_make one runs/one
}

@test "Snakemake: a query that cannot be typed fails the run, which does all the rest" {
	unfit two
	run type_it -c2 --config config=two.yaml bin="$BIN"
	[ "$status" -ne 0 ]
	grep -q 'not typed: small: ensemble: every model was skipped' snakemake.log
	[ "$(wc -l <runs/two/typed/pbmc_query.tsv)" -eq 358 ]
	[ -e runs/two/run.json ]
	# nothing is done again, and it is said again
	run type_it -c2 --config config=two.yaml bin="$BIN"
	[ "$status" -ne 0 ]
	[ -z "$(steps_run)" ]
	grep -q 'not typed: small' snakemake.log
}

@test "Snakemake: a config that is wrong is refused in conf-mk's words" {
	tiny one
	echo 'gaet: {min_confidence: 0.5}' >>one.yaml
	run type_it -c2 --config config=one.yaml bin="$BIN"
	[ "$status" -ne 0 ]
	grep -q 'one.yaml:6:.*gate' snakemake.log
	[ ! -e runs ]
}

@test "Snakemake: the filters as jobs on a cluster of three nodes" {
	tiny one
	by_make one
	cluster_up
	type_it --profile "$WORKFLOWS/snakemake/profiles/slurm" --config config=one.yaml bin="$BIN" shards=2 \
		--slurm-status-command squeue --slurm-init-seconds-before-status-checks 1 \
		--seconds-between-status-checks 1 --latency-wait 5 --max-threads 1 \
		--default-resources mem_mb=200 runtime=5 slurm_partition=lab slurm_account=none \
		--set-resources train:mem_mb=500 graph:mem_mb=500
	same_as_make one runs/one
	[ "$(grep -c 'JobState=COMPLETED' "$SLURM_LAB/jobcomp.txt")" -ge 8 ]
	[ "$(grep -o 'NodeList=n[123]' "$SLURM_LAB/jobcomp.txt" | sort -u | wc -l)" -ge 2 ]
}
