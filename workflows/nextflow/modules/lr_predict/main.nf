// Calls of one model. One that knows too few of the genes gives an empty table.
process LR_PREDICT {
    tag "$meta.id"
    label 'process_medium'

    input:
    tuple val(meta), path(h5ad), path(model)

    output:
    tuple val(meta), path("${prefix}.calls.tsv"), emit: calls
    tuple val(meta), path("predict.${prefix}.json"), topic: manifests, emit: manifest
    tuple val("${task.process}"), val('lr-predict'), eval("lr-predict --version | sed 's/.* //'"), topic: versions, emit: versions_lr_predict

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    predict-or-skip -t ${task.cpus} -m $model $args $h5ad \\
        -o ${prefix}.calls.tsv --manifest predict.${prefix}.json
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    touch ${prefix}.calls.tsv predict.${prefix}.json
    """
}
