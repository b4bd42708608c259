// Some consecutive cells of a query.
process H5_SHARD {
    tag "$meta.id"
    label 'process_single'

    input:
    tuple val(meta), path(h5ad)

    output:
    tuple val(meta), path("${prefix}.shard.h5ad"), emit: h5ad
    tuple val(meta), path("shard.${prefix}.json"), topic: manifests, emit: manifest
    tuple val("${task.process}"), val('h5-select'), eval("h5-select --version | sed 's/.* //'"), topic: versions, emit: versions_h5_select

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    h5-select -t ${task.cpus} $args --shard $meta.shard/$meta.shards $h5ad -o ${prefix}.shard.h5ad --manifest shard.${prefix}.json
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    touch ${prefix}.shard.h5ad shard.${prefix}.json
    """
}
