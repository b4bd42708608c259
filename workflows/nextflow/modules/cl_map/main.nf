// Labels as Cell Ontology ids.
process CL_MAP {
    tag "$meta.id"
    label 'process_single'

    input:
    tuple val(meta), path(table)

    output:
    tuple val(meta), path("${prefix}.map.tsv"), emit: map
    tuple val(meta), path("map.${prefix}.json"), topic: manifests, emit: manifest
    tuple val("${task.process}"), val('cl-map'), eval("cl-map --version | sed 's/.* //'"), topic: versions, emit: versions_cl_map

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    cl-map $args $table -o ${prefix}.map.tsv --manifest map.${prefix}.json
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    touch ${prefix}.map.tsv map.${prefix}.json
    """
}
