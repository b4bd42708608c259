// A model from disk, a pickle too.
process LR_MODEL_IMPORT {
    tag "$meta.id"
    label 'process_single'

    input:
    tuple val(meta), path(source, stageAs: 'source/*')

    output:
    tuple val(meta), path("${prefix}.h5"), emit: model
    tuple val(meta), path("model.${prefix}.json"), topic: manifests, emit: manifest
    tuple val("${task.process}"), val('lr-model'), eval("lr-model --version | sed 's/.* //'"), topic: versions, emit: versions_lr_model

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    import-model $source -o ${prefix}.h5 $args --manifest model.${prefix}.json
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    touch ${prefix}.h5 model.${prefix}.json
    """
}
