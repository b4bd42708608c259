// References as one file, their labels in one column.
process CONCAT {
    tag "$meta.id"
    label 'process_medium'

    input:
    tuple val(meta), path(h5ads), path(panel), path(map)

    output:
    tuple val(meta), path("${prefix}.h5ad"), emit: h5ad
    tuple val(meta), path("concat.json"), topic: manifests, emit: manifest
    tuple val("${task.process}"), val('concat'), eval("concat --version | sed 's/.* //'"), topic: versions, emit: versions_concat

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    def names = map ? "--map $map" : ''
    prefix = task.ext.prefix ?: "${meta.id}"
    def genes = panel ? "--genes $panel" : ''
    """
    concat -t ${task.cpus} $args $genes $names $h5ads -o ${prefix}.h5ad --manifest concat.json
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    touch ${prefix}.h5ad concat.json
    """
}
