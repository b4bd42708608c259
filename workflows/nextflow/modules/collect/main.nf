// What every step wrote of itself, as one file.
process COLLECT {
    tag "$meta.id"

    input:
    tuple val(meta), val(config)
    path(manifests, stageAs: 'run/manifests/*')

    output:
    tuple val(meta), path("run.json"), emit: json

    script:
    """
    collect run ${meta.id} $config >run.json
    """

    stub:
    """
    touch run.json
    """
}
