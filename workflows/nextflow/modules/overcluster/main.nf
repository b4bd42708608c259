// Clusters of the graph.
process OVERCLUSTER {
    tag "$meta.id"
    label 'process_single'

    input:
    tuple val(meta), path(h5ad)

    output:
    tuple val(meta), path("${prefix}.clusters.tsv"), emit: clusters
    tuple val(meta), path("clusters.${prefix}.json"), topic: manifests, emit: manifest
    tuple val("${task.process}"), val('overcluster'), eval("overcluster --version | sed 's/.* //'"), topic: versions, emit: versions_overcluster

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    overcluster $args $h5ad -o ${prefix}.clusters.tsv --manifest clusters.${prefix}.json
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    touch ${prefix}.clusters.tsv clusters.${prefix}.json
    """
}
