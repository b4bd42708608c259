// The last of all: a run with a query that was not typed fails, when everything else is done.
process FINISH {
    tag "$meta.id"
    errorStrategy 'finish'
    cache false

    input:
    tuple val(meta), val(queries)
    path(typed, stageAs: 'typed/*')
    path(run)

    script:
    """
    not-typed . ${queries.join(' ')}
    """

    stub:
    """
    true
    """
}
