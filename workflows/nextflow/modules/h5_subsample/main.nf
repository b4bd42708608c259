// A smaller reference, by cell type.
process H5_SUBSAMPLE {
    tag "$meta.id"
    label 'process_medium'

    input:
    tuple val(meta), path(h5ad)

    output:
    tuple val(meta), path("${prefix}.sub.h5ad"), emit: h5ad
    tuple val(meta), path("subsample.${prefix}.json"), topic: manifests, emit: manifest
    tuple val("${task.process}"), val('h5-subsample'), eval("h5-subsample --version | sed 's/.* //'"), topic: versions, emit: versions_h5_subsample

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    h5-subsample -t ${task.cpus} $args $h5ad -o ${prefix}.sub.h5ad --manifest subsample.${prefix}.json
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    touch ${prefix}.sub.h5ad subsample.${prefix}.json
    """
}
