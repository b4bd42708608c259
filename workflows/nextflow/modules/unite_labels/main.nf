// The labels of several tables, each once.
process UNITE_LABELS {
    tag "$meta.id"
    label 'process_single'

    input:
    tuple val(meta), path(tables)

    output:
    tuple val(meta), path("${prefix}.labels.tsv"), emit: labels

    when:
    task.ext.when == null || task.ext.when

    script:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    unite-labels $tables >${prefix}.labels.tsv
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    touch ${prefix}.labels.tsv
    """
}
