// Columns of the query as a table.
process H5_OBS_GET {
    tag "$meta.id"
    label 'process_single'

    input:
    tuple val(meta), path(h5ad)

    output:
    tuple val(meta), path("${prefix}.obs.tsv"), emit: table
    tuple val(meta), path("${step}.${prefix}.json"), topic: manifests, emit: manifest
    tuple val("${task.process}"), val('h5-obs'), eval("h5-obs --version | sed 's/.* //'"), topic: versions, emit: versions_h5_obs

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    prefix = task.ext.prefix ?: "${meta.id}"
    step = task.ext.step ?: 'truth'
    """
    h5-obs get -t ${task.cpus} $args $h5ad -o ${prefix}.obs.tsv --manifest ${step}.${prefix}.json
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    step = task.ext.step ?: 'truth'
    """
    touch ${prefix}.obs.tsv ${step}.${prefix}.json
    """
}
