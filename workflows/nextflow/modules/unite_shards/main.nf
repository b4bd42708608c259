// The calls of a query's shards, in their order.
process UNITE_SHARDS {
    tag "$meta.id"
    label 'process_single'

    input:
    tuple val(meta), path(calls, stageAs: 'shards/*'), path(manifests, stageAs: 'shards/*')

    output:
    tuple val(meta), path("${prefix}.calls.tsv"), emit: calls
    tuple val(meta), path("predict.${prefix}.json"), topic: manifests, emit: manifest

    when:
    task.ext.when == null || task.ext.when

    script:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    unite-shards ${meta.query}.genes.h5ad $calls $manifests -o ${prefix}.calls.tsv \\
        --manifest predict.${prefix}.json
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    touch ${prefix}.calls.tsv predict.${prefix}.json
    """
}
