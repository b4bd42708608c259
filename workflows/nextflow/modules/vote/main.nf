// The majority of every cluster.
process VOTE {
    tag "$meta.id"
    label 'process_single'

    input:
    tuple val(meta), path(calls), path(clusters)

    output:
    tuple val(meta), path("${prefix}.voted.tsv"), emit: calls
    tuple val(meta), path("vote.${prefix}.json"), topic: manifests, emit: manifest
    tuple val("${task.process}"), val('vote'), eval("vote --version | sed 's/.* //'"), topic: versions, emit: versions_vote

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    vote -c $clusters $args $calls -o ${prefix}.voted.tsv --manifest vote.${prefix}.json
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    touch ${prefix}.voted.tsv vote.${prefix}.json
    """
}
