// log1p of counts per 10,000.
process LOGNORM {
    tag "$meta.id"
    label 'process_medium'

    input:
    tuple val(meta), path(h5ad)

    output:
    tuple val(meta), path("${prefix}.log.h5ad"), emit: h5ad
    tuple val(meta), path("lognorm.${prefix}.json"), topic: manifests, emit: manifest
    tuple val("${task.process}"), val('lognorm'), eval("lognorm --version | sed 's/.* //'"), topic: versions, emit: versions_lognorm

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    lognorm -t ${task.cpus} $args $h5ad -o ${prefix}.log.h5ad --manifest lognorm.${prefix}.json
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    touch ${prefix}.log.h5ad lognorm.${prefix}.json
    """
}
