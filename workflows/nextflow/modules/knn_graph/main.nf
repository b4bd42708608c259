// PCA and neighbours.
process KNN_GRAPH {
    tag "$meta.id"
    label 'process_high'

    input:
    tuple val(meta), path(h5ad)

    output:
    tuple val(meta), path("${prefix}.graph.h5ad"), emit: h5ad
    tuple val(meta), path("graph.${prefix}.json"), topic: manifests, emit: manifest
    tuple val("${task.process}"), val('knn-graph'), eval("knn-graph --version | sed 's/.* //'"), topic: versions, emit: versions_knn_graph

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    graph-or-few $h5ad -t ${task.cpus} $args -o ${prefix}.graph.h5ad --manifest graph.${prefix}.json
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    touch ${prefix}.graph.h5ad graph.${prefix}.json
    """
}
