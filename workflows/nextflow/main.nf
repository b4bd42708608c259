#!/usr/bin/env nextflow
// main.nf - the pipeline of workflows/typing.mk under Nextflow (24.10 or later).
//
//   nextflow run workflows/nextflow --config colon.yaml [-profile slurm] [-resume]
//
// The same config, filters and bytes as Make's: conf-mk checks the config and prints the plan, and
// every process is one filter. --outdir FOLDER, --shards N (cut every query into N parts that are
// predicted apart), --bin FOLDER (of the filters).
nextflow.enable.dsl = 2
nextflow.preview.topic = true

include { CL_MAP } from './modules/cl_map'
include { CL_MAP as CL_MAP_REFERENCES } from './modules/cl_map'
include { CL_MAP as CL_MAP_TRUTH } from './modules/cl_map'
include { CLUSTERS_FROM } from './modules/clusters_from'
include { COLLECT } from './modules/collect'
include { CONCAT } from './modules/concat'
include { ENSEMBLE } from './modules/ensemble'
include { EVALUATE } from './modules/evaluate'
include { FETCH_MODEL } from './modules/fetch_model'
include { FETCH_REFERENCE } from './modules/fetch_reference'
include { GATE } from './modules/gate'
include { GENE_NORMALIZE as GENES_OF_QUERY } from './modules/gene_normalize'
include { GENE_NORMALIZE as GENES_OF_REFERENCE } from './modules/gene_normalize'
include { H5_OBS_GET } from './modules/h5_obs_get'
include { H5_OBS_PUT } from './modules/h5_obs_put'
include { H5_SHARD } from './modules/h5_shard'
include { H5_SUBSAMPLE } from './modules/h5_subsample'
include { JOIN_IDS } from './modules/join_ids'
include { KNN_GRAPH } from './modules/knn_graph'
include { LOGNORM } from './modules/lognorm'
include { LR_MODEL_IMPORT } from './modules/lr_model_import'
include { LR_PREDICT } from './modules/lr_predict'
include { LR_TRAIN } from './modules/lr_train'
include { OVERCLUSTER } from './modules/overcluster'
include { REPORT } from './modules/report'
include { TO_H5AD as QUERY_TO_H5AD } from './subworkflows/to_h5ad'
include { TO_H5AD as REFERENCE_TO_H5AD } from './subworkflows/to_h5ad'
include { H5_OBS_GET as LABELS_OF_REFERENCE } from './modules/h5_obs_get'
include { UNITE_LABELS } from './modules/unite_labels'
include { UNITE_LABELS as UNITE_TRUTH } from './modules/unite_labels'
include { UNITE_SHARDS } from './modules/unite_shards'
include { VOTE } from './modules/vote'

// The plan of a config, or an end with what conf-mk says of it.
def readPlan(config) {
    if (!config)
        error '--config FILE.yaml is missing'
    def asked = ["${params.bin}/conf-mk", '--json', file(config).toAbsolutePath().toString()].execute()
    def out = new StringBuilder()
    def err = new StringBuilder()
    asked.waitForProcessOutput(out, err)
    if (asked.exitValue())
        error err.toString().trim()
    return new groovy.json.JsonSlurperClassic().parseText(out.toString())
}

// The files of [[id: query], file] as one list, in the order of the config.
def inOrder(plan, files) {
    def order = plan.queries.collect { it.name }
    return files
        .toSortedList { a, b -> order.indexOf(a[0].id) <=> order.indexOf(b[0].id) }
        .map { parts -> [parts.collect { it[1] }] }
}

// The references as one training file, and the model: ['trained', model].
workflow LEARN {
    take:
    plan

    main:
    references = Channel.fromList(plan.references.withIndex().collect { reference, index ->
        [[id: reference.name, index: index], reference]
    })
    kinds = references.branch { meta, reference ->
        fetched: !reference.path
        local: true
    }
    FETCH_REFERENCE(kinds.fetched.map { meta, reference ->
        [meta + [args: plan.registry], reference.id]
    })
    local = kinds.local.map { meta, reference -> [meta, file(reference.path, checkIfExists: true)] }
    REFERENCE_TO_H5AD(FETCH_REFERENCE.out.h5ad.map { meta, h5ad -> [meta - meta.subMap('args'), h5ad] }.mix(local))
    H5_SUBSAMPLE(REFERENCE_TO_H5AD.out.h5ad.map { meta, h5ad ->
        [meta + [args: plan.params["reference.$meta.id" as String] + ' ' + plan.params.subsample], h5ad]
    })
    GENES_OF_REFERENCE(H5_SUBSAMPLE.out.h5ad.map { meta, h5ad -> [meta - meta.subMap('args'), h5ad] })
    LOGNORM(GENES_OF_REFERENCE.out.h5ad.map { meta, h5ad -> [meta + [args: '--accept subset'], h5ad] })

    // With "harmonise: yes" the references' labels meet at the ontology's names.
    map = Channel.value([[]])
    if (plan.harmonise) {
        labels = plan.references.collectEntries { [it.name, it.label] }
        LABELS_OF_REFERENCE(H5_SUBSAMPLE.out.h5ad.map { meta, h5ad ->
            [meta + [args: "-c ${labels[meta.id]}" as String], h5ad]
        })
        UNITE_LABELS(LABELS_OF_REFERENCE.out.table
            .toSortedList { a, b -> a[0].index <=> b[0].index }
            .map { parts -> [[id: 'references'], parts.collect { it[1] }] })
        CL_MAP_REFERENCES(UNITE_LABELS.out.labels.map { meta, table ->
            [[id: 'references', args: "-c label $plan.params.ontology" as String], table]
        })
        map = CL_MAP_REFERENCES.out.map.map { meta, table -> [table] }
    }
    panel = plan.panel ? file(plan.panel, checkIfExists: true) : []
    together = [id: 'train', args: plan.params.concat.replaceFirst(/ --genes \S+/, '')]
    CONCAT(LOGNORM.out.h5ad
        .toSortedList { a, b -> a[0].index <=> b[0].index }
        .filter { it }
        .map { parts -> [parts] }
        .combine(map.map { [it] })
        .map { parts, names -> [together, parts.collect { it[1] }, panel, names ? names[0] : []] })
    LR_TRAIN(CONCAT.out.h5ad.combine(map.map { [it] }).map { meta, h5ad, names ->
        [[id: 'trained', args: plan.params.train], h5ad, names ? names[0] : []]
    })

    emit:
    model = LR_TRAIN.out.model.map { meta, model -> ['trained', model] }
}

// Models from disk, or published ones: [name, model].
workflow OTHER_MODELS {
    take:
    plan

    main:
    kinds = Channel.fromList(plan.models.findAll { it.name != 'trained' }).branch { model ->
        local: model.path
        published: true
    }
    LR_MODEL_IMPORT(kinds.local.map { model -> [[id: model.name], file(model.path, checkIfExists: true)] })
    FETCH_MODEL(kinds.published.map { model -> [id: model.name, args: plan.registry] })

    emit:
    model = LR_MODEL_IMPORT.out.model.mix(FETCH_MODEL.out.model).map { meta, model -> [meta.id, model] }
}

// Every model on every query, whole or in shards: [[id: query], [calls of the models, in order]].
workflow PREDICT {
    take:
    plan
    queries
    models

    main:
    shards = params.shards as int
    if (shards > 1) {
        H5_SHARD(queries.combine(Channel.of(1..shards)).map { meta, h5ad, shard ->
            [[id: "${meta.id}.$shard" as String, query: meta.id, shard: shard, shards: shards], h5ad]
        })
        parts = H5_SHARD.out.h5ad
    } else {
        parts = queries.map { meta, h5ad -> [[id: meta.id, query: meta.id, shard: 1], h5ad] }
    }
    LR_PREDICT(parts.combine(models).map { meta, h5ad, name, model ->
        id = "${meta.query}.$name" + (shards > 1 ? ".$meta.shard" : '')
        [meta + [id: id as String, model: name, args: plan.params.predict], h5ad, model]
    })
    calls = LR_PREDICT.out.calls
    if (shards > 1) {
        UNITE_SHARDS(calls.join(LR_PREDICT.out.manifest)
            .map { meta, table, manifest -> [[id: "${meta.query}.$meta.model" as String,
                query: meta.query, model: meta.model], meta.shard, table, manifest] }
            .groupTuple(size: shards)
            .map { meta, order, tables, manifests ->
                parts = [order, tables, manifests].transpose().sort { it[0] }
                [meta, parts.collect { it[1] }, parts.collect { it[2] }]
            })
        calls = UNITE_SHARDS.out.calls
    }
    names = plan.models.collect { it.name }

    emit:
    calls = calls
        .map { meta, table -> [meta.query, names.indexOf(meta.model), table] }
        .groupTuple(size: names.size())
        .map { query, order, tables ->
            [[id: query], [order, tables].transpose().sort { it[0] }.collect { it[1] }]
        }
}

// One page, and one file of all manifests: what Make puts into runs/NAME.
workflow TELL {
    take:
    plan
    tables
    queries
    evals
    models
    calls

    main:
    trained = models.filter { it[0] == 'trained' }.map { it[1] }.toList().map { [it] }
    // What shards say of themselves is in the manifest of the whole.
    manifests = Channel.topic('manifests').filter { !it[0].shards }.map { it[1] }
        .toSortedList { a, b -> a.name <=> b.name }
    told = manifests
    if (plan.report) {
        REPORT(inOrder(plan, tables).combine(inOrder(plan, queries)).combine(inOrder(plan, evals)).combine(trained)
                .map { shown -> [[id: plan.name, args: [plan.params.report, plan.multiqc ? '--multiqc multiqc' : ''].join(' ').trim()]] + shown },
            calls.flatMap { it[1] }.toSortedList { a, b -> a.name <=> b.name }, manifests)
        told = manifests.combine(REPORT.out.manifest.map { it[1] })
    }
    COLLECT([[id: plan.name], params.config], told)
}

// Calls that clusters agree on.
workflow VOTE_BY_CLUSTER {
    take:
    plan
    calls
    queries
    genes

    main:
    if (plan.clusters) {
        CLUSTERS_FROM(queries.map { meta, h5ad -> [meta + [args: plan.clusters], h5ad] })
        clusters = CLUSTERS_FROM.out.clusters
    } else {
        KNN_GRAPH(genes)
        OVERCLUSTER(KNN_GRAPH.out.h5ad.map { meta, h5ad -> [meta + [args: plan.params.overcluster], h5ad] })
        clusters = OVERCLUSTER.out.clusters
    }
    VOTE(calls.join(clusters.map { meta, table -> [[id: meta.id], table] })
        .map { meta, table, groups -> [meta + [args: plan.params.vote], table, groups] })

    emit:
    calls = VOTE.out.calls.map { meta, table -> [[id: meta.id], table] }
}

workflow {
    plan = readPlan(params.config)
    models = OTHER_MODELS(plan).mix(LEARN(plan))
    queries = QUERY_TO_H5AD(Channel.fromList(plan.queries.collect { query ->
        [[id: query.name], file(query.path, checkIfExists: true)]
    }))
    GENES_OF_QUERY(queries)
    PREDICT(plan, GENES_OF_QUERY.out.h5ad, models)
    ENSEMBLE(PREDICT.out.calls.map { meta, calls -> [meta + [args: plan.params.ensemble], calls] })

    calls = ENSEMBLE.out.calls.map { meta, table -> [[id: meta.id], table] }
    if (plan.vote)
        calls = VOTE_BY_CLUSTER(plan, calls, queries, GENES_OF_QUERY.out.h5ad)
    GATE(calls.map { meta, table -> [meta + [args: plan.params.gate], table] })
    gated = GATE.out.calls.map { meta, table -> [[id: meta.id], table] }

    CL_MAP(gated.filter { plan.ontology }.map { meta, table -> [meta + [args: plan.params.ontology], table] })
    maps = CL_MAP.out.map.map { meta, map -> [[id: meta.id], map] }
    JOIN_IDS(plan.ontology ? gated.join(maps) : gated.map { meta, table -> [meta, table, []] })
    H5_OBS_PUT(queries.join(JOIN_IDS.out.table).filter { plan.h5ad }.map { meta, h5ad, table ->
        [meta + [args: "--map $plan.columns" as String], h5ad, table]
    })

    evals = Channel.empty()
    if (plan.truth) {
        H5_OBS_GET(queries.map { meta, h5ad -> [meta + [args: "-c $plan.truth" as String], h5ad] })
        truth = H5_OBS_GET.out.table.map { meta, table -> [[id: meta.id], table] }
        UNITE_TRUTH(truth.join(ENSEMBLE.out.calls.map { meta, table -> [[id: meta.id], table] })
            .map { meta, right, table -> [meta, [right, table]] })
        CL_MAP_TRUTH(UNITE_TRUTH.out.labels.map { meta, table ->
            [[id: meta.id, args: "-c label $plan.params.ontology" as String], table]
        })
        EVALUATE(JOIN_IDS.out.table.join(truth)
            .join(CL_MAP_TRUTH.out.map.map { meta, map -> [[id: meta.id], map] }))
        evals = EVALUATE.out.json
    }
    TELL(plan, JOIN_IDS.out.table, queries, evals, models, PREDICT.out.calls)

    Channel.topic('versions')
        .unique()
        .map { process, tool, version -> "$process\t$tool\t$version\n" }
        .collectFile(name: 'versions.tsv', storeDir: params.outdir, sort: true)
}
