// A reference of the registry.
process FETCH_REFERENCE {
    tag "$meta.id"
    label 'process_single'

    input:
    tuple val(meta), val(id)

    output:
    tuple val(meta), path("${prefix}.h5ad"), emit: h5ad
    tuple val(meta), path("fetch.${prefix}.json"), topic: manifests, emit: manifest
    tuple val("${task.process}"), val('ref-fetch'), eval("ref-fetch --version | sed 's/.* //'"), topic: versions, emit: versions_ref_fetch

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    fetch-named reference $id $args -o ${prefix}.h5ad --manifest fetch.${prefix}.json
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    touch ${prefix}.h5ad fetch.${prefix}.json
    """
}
