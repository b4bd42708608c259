// Calls against the truth.
process EVALUATE {
    tag "$meta.id"
    label 'process_single'

    input:
    tuple val(meta), path(table), path(truth), path(map)

    output:
    tuple val(meta), path("${prefix}.eval.json"), emit: json
    tuple val(meta), path("${prefix}.eval.tsv"), emit: tsv
    tuple val(meta), path("eval.${prefix}.json"), topic: manifests, emit: manifest
    tuple val("${task.process}"), val('evaluate'), eval("evaluate --version | sed 's/.* //'"), topic: versions, emit: versions_evaluate

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    evaluate --truth $truth --label label_original --map $map $args \\
        --json ${prefix}.eval.json $table -o ${prefix}.eval.tsv --manifest eval.${prefix}.json
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    touch ${prefix}.eval.json ${prefix}.eval.tsv eval.${prefix}.json
    """
}
