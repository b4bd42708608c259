// What every step wrote of itself, as one file.
process COLLECT {
    tag "$meta.id"
    label 'process_single'

    input:
    tuple val(meta), val(config)
    path(manifests, stageAs: 'run/manifests/*')

    output:
    tuple val(meta), path("run.json"), emit: json

    when:
    task.ext.when == null || task.ext.when

    script:
    """
    collect run ${meta.id} $config >run.json
    """

    stub:
    """
    touch run.json
    """
}
