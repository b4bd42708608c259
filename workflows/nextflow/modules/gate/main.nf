// Doubtful cells become Unknown, with a reason.
process GATE {
    tag "$meta.id"
    label 'process_single'

    input:
    tuple val(meta), path(calls)

    output:
    tuple val(meta), path("${prefix}.gated.tsv"), emit: calls
    tuple val(meta), path("gate.${prefix}.json"), topic: manifests, emit: manifest
    tuple val("${task.process}"), val('gate'), eval("gate --version | sed 's/.* //'"), topic: versions, emit: versions_gate

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    gate $args $calls -o ${prefix}.gated.tsv --manifest gate.${prefix}.json
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    touch ${prefix}.gated.tsv gate.${prefix}.json
    """
}
