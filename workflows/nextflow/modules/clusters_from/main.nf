// Clusters that the query brings, from a column.
process CLUSTERS_FROM {
    tag "$meta.id"
    label 'process_single'

    input:
    tuple val(meta), path(h5ad)

    output:
    tuple val(meta), path("${prefix}.clusters.tsv"), emit: clusters
    tuple val(meta), path("clusters.${prefix}.json"), topic: manifests, emit: manifest
    tuple val("${task.process}"), val('h5-obs'), eval("h5-obs --version | sed 's/.* //'"), topic: versions, emit: versions_h5_obs

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    clusters-from $args $h5ad -o ${prefix}.clusters.tsv --manifest clusters.${prefix}.json
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    touch ${prefix}.clusters.tsv clusters.${prefix}.json
    """
}
