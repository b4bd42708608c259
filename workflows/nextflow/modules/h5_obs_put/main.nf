// The table joined into the query.
process H5_OBS_PUT {
    tag "$meta.id"
    label 'process_single'

    input:
    tuple val(meta), path(h5ad), path(table)

    output:
    tuple val(meta), path("typed/${prefix}.h5ad"), emit: h5ad
    tuple val(meta), path("h5ad.${prefix}.json"), topic: manifests, emit: manifest
    tuple val("${task.process}"), val('h5-obs'), eval("h5-obs --version | sed 's/.* //'"), topic: versions, emit: versions_h5_obs

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    mkdir typed
    h5-obs put -t ${task.cpus} -f $table --drop $args $h5ad -o typed/${prefix}.h5ad --manifest h5ad.${prefix}.json
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    mkdir -p typed
    touch typed/${prefix}.h5ad h5ad.${prefix}.json
    """
}
