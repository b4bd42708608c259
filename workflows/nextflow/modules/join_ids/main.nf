// The calls with the ontology's columns, or as they are.
process JOIN_IDS {
    tag "$meta.id"
    label 'process_single'

    input:
    tuple val(meta), path(calls), path(map)

    output:
    tuple val(meta), path("${prefix}.tsv"), emit: table
    tuple val(meta), path("table.${prefix}.json"), topic: manifests, emit: manifest

    when:
    task.ext.when == null || task.ext.when

    script:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    join-ids $calls $map -o ${prefix}.tsv --manifest table.${prefix}.json
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    touch ${prefix}.tsv table.${prefix}.json
    """
}
