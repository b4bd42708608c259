#!/usr/bin/env nextflow
// main.nf - the pipeline under Nextflow (24.10 or later).
//
//   nextflow run workflows/nextflow --config colon.yaml [-profile slurm] [-resume]
//
// The same config, list of steps (workflows/steps.tsv), filters and bytes as Make's: conf-mk checks the
// config and prints the plan. Every row of the list is the one process of modules/step under the
// row's name, and is given what rows above it made. --outdir FOLDER, --shards N (cut every query into
// N parts that are predicted apart), --bin FOLDER (of the filters).
nextflow.enable.dsl = 2
nextflow.preview.topic = true

include { COLLECT } from './modules/collect'
include { FINISH } from './modules/finish'
include { STEP as FETCH } from './modules/step'
include { STEP as IMPORT_REFERENCE } from './modules/step'
include { STEP as SUBSAMPLE } from './modules/step'
include { STEP as GENES_REFERENCE } from './modules/step'
include { STEP as LOGNORM } from './modules/step'
include { STEP as MAP_REFERENCES } from './modules/step'
include { STEP as CONCAT } from './modules/step'
include { STEP as TRAIN } from './modules/step'
include { STEP as MODEL } from './modules/step'
include { STEP as ATLAS } from './modules/step'
include { STEP as IMPORT } from './modules/step'
include { STEP as UNIQUE } from './modules/step'
include { STEP as GENES } from './modules/step'
include { STEP as QC } from './modules/step'
include { STEP as SHARD } from './modules/step'
include { STEP as PREDICT_SHARD } from './modules/step'
include { STEP as PREDICT } from './modules/step'
include { STEP as PLACE } from './modules/step'
include { STEP as TRANSFER } from './modules/step'
include { STEP as MAP_MODELS } from './modules/step'
include { STEP as ENSEMBLE } from './modules/step'
include { STEP as GRAPH } from './modules/step'
include { STEP as CLUSTERS } from './modules/step'
include { STEP as LAYOUT } from './modules/step'
include { STEP as VOTE } from './modules/step'
include { STEP as GATE } from './modules/step'
include { STEP as MAP } from './modules/step'
include { STEP as H5AD } from './modules/step'
include { STEP as MARKERS } from './modules/step'
include { STEP as VERDICTS } from './modules/step'
include { STEP as TERMS } from './modules/step'
include { STEP as CANDIDATES } from './modules/step'
include { STEP as PROPOSALS } from './modules/step'
include { STEP as JUDGED } from './modules/step'
include { STEP as TISSUE } from './modules/step'
include { STEP as DOMAINS } from './modules/step'
include { STEP as TRUTH } from './modules/step'
include { STEP as MAP_TRUTH } from './modules/step'
include { STEP as EVAL } from './modules/step'
include { STEP as REPORT } from './modules/step'

// The plan of a config, or an end with what conf-mk says of it.
def readPlan(config) {
    if (!config)
        error '--config FILE.yaml is missing'
    def asked = ["${params.bin}/conf-mk", '--json', '--steps', "$projectDir/../steps.tsv".toString(),
        '--shards', params.shards.toString(), '--', file(config).toAbsolutePath().toString()].execute()
    def out = new StringBuilder()
    def err = new StringBuilder()
    asked.waitForProcessOutput(out, err)
    if (asked.exitValue())
        error err.toString().trim()
    return new groovy.json.JsonSlurperClassic().parseText(out.toString())
}

// What parts say of themselves is in the manifest of the whole.
def manifestsOf(plan) {
    return plan.steps.findAll { it.where != 'part' && !it.reads_manifests }.collect { it.manifest }
}

// The steps of a row, each once all it reads is there: [step, files, sources]. `made` is [path, file],
// the path being the plan's.
def ready(plan, row, made) {
    def steps = plan.steps.findAll { it.step == row }.collect { step ->
        step + [run: plan.run, inputs: step.inputs + (step.reads_manifests ? manifestsOf(plan) : [])]
    }
    def named = steps.collectEntries { [it.name, it] }
    def wanted = [:]
    steps.each { step ->
        step.inputs.eachWithIndex { path, index ->
            wanted.computeIfAbsent(path, { [] }) << [step.name, index]
        }
    }
    return made
        .flatMap { path, file ->
            (wanted[path] ?: []).collect { name, index ->
                [groupKey(name, named[name].inputs.size()), index, file]
            }
        }
        .groupTuple()
        .map { name, order, files ->
            [named[name.toString()], [order, files].transpose().sort { it[0] }.collect { it[1] }]
        }
        .mix(Channel.fromList(steps.findAll { !it.inputs }).map { [it, []] })
        .map { step, files -> [step, files, step.sources.collect { file(it, checkIfExists: true) }] }
}

// What steps made: [path, file].
def files(made) {
    return made.flatMap { step, files ->
        files.collect { file ->
            def name = file.toString()
            ["$step.run/${name.substring(name.lastIndexOf('/made/') + '/made/'.size())}".toString(), file]
        }
    }
}

workflow {
    plan = readPlan(params.config)
    made = Channel.empty()
    made = made.mix(files(FETCH(ready(plan, 'fetch', made)).files))
    made = made.mix(files(IMPORT_REFERENCE(ready(plan, 'import-reference', made)).files))
    made = made.mix(files(SUBSAMPLE(ready(plan, 'subsample', made)).files))
    made = made.mix(files(GENES_REFERENCE(ready(plan, 'genes-reference', made)).files))
    made = made.mix(files(LOGNORM(ready(plan, 'lognorm', made)).files))
    made = made.mix(files(MAP_REFERENCES(ready(plan, 'map-references', made)).files))
    made = made.mix(files(CONCAT(ready(plan, 'concat', made)).files))
    made = made.mix(files(TRAIN(ready(plan, 'train', made)).files))
    made = made.mix(files(MODEL(ready(plan, 'model', made)).files))
    made = made.mix(files(ATLAS(ready(plan, 'atlas', made)).files))
    made = made.mix(files(IMPORT(ready(plan, 'import', made)).files))
    made = made.mix(files(UNIQUE(ready(plan, 'unique', made)).files))
    made = made.mix(files(GENES(ready(plan, 'genes', made)).files))
    made = made.mix(files(QC(ready(plan, 'qc', made)).files))
    made = made.mix(files(SHARD(ready(plan, 'shard', made)).files))
    made = made.mix(files(PREDICT_SHARD(ready(plan, 'predict-shard', made)).files))
    made = made.mix(files(PREDICT(ready(plan, 'predict', made)).files))
    made = made.mix(files(PLACE(ready(plan, 'place', made)).files))
    made = made.mix(files(TRANSFER(ready(plan, 'transfer', made)).files))
    made = made.mix(files(MAP_MODELS(ready(plan, 'map-models', made)).files))
    made = made.mix(files(ENSEMBLE(ready(plan, 'ensemble', made)).files))
    made = made.mix(files(GRAPH(ready(plan, 'graph', made)).files))
    made = made.mix(files(LAYOUT(ready(plan, 'layout', made)).files))
    made = made.mix(files(CLUSTERS(ready(plan, 'clusters', made)).files))
    made = made.mix(files(VOTE(ready(plan, 'vote', made)).files))
    made = made.mix(files(GATE(ready(plan, 'gate', made)).files))
    made = made.mix(files(MAP(ready(plan, 'map', made)).files))
    made = made.mix(files(H5AD(ready(plan, 'h5ad', made)).files))
    made = made.mix(files(MARKERS(ready(plan, 'markers', made)).files))
    made = made.mix(files(VERDICTS(ready(plan, 'verdicts', made)).files))
    made = made.mix(files(TERMS(ready(plan, 'terms', made)).files))
    made = made.mix(files(CANDIDATES(ready(plan, 'candidates', made)).files))
    made = made.mix(files(PROPOSALS(ready(plan, 'proposals', made)).files))
    made = made.mix(files(JUDGED(ready(plan, 'judged', made)).files))
    made = made.mix(files(TISSUE(ready(plan, 'tissue', made)).files))
    made = made.mix(files(DOMAINS(ready(plan, 'domains', made)).files))
    made = made.mix(files(TRUTH(ready(plan, 'truth', made)).files))
    made = made.mix(files(MAP_TRUTH(ready(plan, 'map-truth', made)).files))
    made = made.mix(files(EVAL(ready(plan, 'eval', made)).files))
    made = made.mix(files(REPORT(ready(plan, 'report', made)).files))

    told = plan.steps.findAll { it.where != 'part' }.collect { it.manifest }
    COLLECT([[id: plan.name], params.config],
        made.filter { path, file -> path in told }.map { path, file -> file }
            .toSortedList { a, b -> a.name <=> b.name })
    typed = plan.steps.findAll { it.of.query }.collect { it.of.query }.unique()
    FINISH([[id: plan.name], typed],
        made.filter { path, file -> path in typed.collect { "$plan.run/typed/${it}.tsv".toString() } }
            .map { path, file -> file }.toSortedList { a, b -> a.name <=> b.name },
        COLLECT.out.json.map { meta, file -> file })

    Channel.topic('versions')
        .unique()
        .map { process, tool, version -> "$process\t$tool\t$version\n" }
        .collectFile(name: 'versions.tsv', storeDir: params.outdir, sort: true)
}
