// A model of the references' cell types.
process LR_TRAIN {
    tag "$meta.id"
    label 'process_high'

    input:
    tuple val(meta), path(h5ad), path(map)

    output:
    tuple val(meta), path("${prefix}.h5"), emit: model
    tuple val(meta), path("train.json"), topic: manifests, emit: manifest
    tuple val("${task.process}"), val('lr-train'), eval("lr-train --version | sed 's/.* //'"), topic: versions, emit: versions_lr_train

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    def names = map ? "--map $map" : ''
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    lr-train -t ${task.cpus} -l unified_cell_type $args $names $h5ad -o ${prefix}.h5 --manifest train.json
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    touch ${prefix}.h5 train.json
    """
}
