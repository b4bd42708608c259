// A published model.
process FETCH_MODEL {
    tag "$meta.id"
    label 'process_single'

    input:
    val(meta)

    output:
    tuple val(meta), path("${prefix}.h5"), emit: model
    tuple val(meta), path("model.${prefix}.json"), topic: manifests, emit: manifest
    tuple val("${task.process}"), val('ref-fetch'), eval("ref-fetch --version | sed 's/.* //'"), topic: versions, emit: versions_ref_fetch

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    fetch-named model $meta.id $args -o ${prefix}.h5 --manifest model.${prefix}.json
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    touch ${prefix}.h5 model.${prefix}.json
    """
}
