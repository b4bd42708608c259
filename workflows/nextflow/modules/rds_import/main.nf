// R objects as h5ad.
process RDS_IMPORT {
    tag "$meta.id"
    label 'process_single'

    input:
    tuple val(meta), path(source)

    output:
    tuple val(meta), path("${prefix}.h5ad"), emit: h5ad
    tuple val(meta), path("${step}.${prefix}.json"), topic: manifests, emit: manifest
    tuple val("${task.process}"), val('rds-import'), eval("rds-import --version | sed 's/.* //'"), topic: versions, emit: versions_rds_import

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    prefix = task.ext.prefix ?: "${meta.id}"
    step = task.ext.step ?: 'import'
    """
    rds-import -t ${task.cpus} $args $source -o ${prefix}.h5ad --manifest ${step}.${prefix}.json
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    step = task.ext.step ?: 'import'
    """
    touch ${prefix}.h5ad ${step}.${prefix}.json
    """
}
