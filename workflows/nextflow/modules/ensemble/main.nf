// One answer per cell from the calls of all models.
process ENSEMBLE {
    tag "$meta.id"
    label 'process_single'

    input:
    tuple val(meta), path(calls, stageAs: 'in/calls/*')

    output:
    tuple val(meta), path("${prefix}.ensemble.tsv"), emit: calls
    tuple val(meta), path("ensemble.${prefix}.json"), topic: manifests, emit: manifest
    tuple val("${task.process}"), val('ensemble'), eval("ensemble --version | sed 's/.* //'"), topic: versions, emit: versions_ensemble

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    ensemble-or-stop $args $calls -o ${prefix}.ensemble.tsv --manifest ensemble.${prefix}.json
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    touch ${prefix}.ensemble.tsv ensemble.${prefix}.json
    """
}
