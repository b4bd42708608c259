// One page about the run.
process REPORT {
    tag "$meta.id"
    label 'process_single'

    input:
    tuple val(meta), path(tables), path(h5ads, stageAs: 'queries/?/*'), path(evals), path(model)
    path(calls)
    path(manifests, stageAs: 'run/manifests/*')

    output:
    tuple val(meta), path("${prefix}.html"), emit: html
    tuple val(meta), path("multiqc/*"), emit: multiqc, optional: true
    tuple val(meta), path("report.json"), emit: manifest
    tuple val("${task.process}"), val('report'), eval("report --version | sed 's/.* //'"), topic: versions, emit: versions_report

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    prefix = task.ext.prefix ?: 'report'
    def each = { option, files -> (files instanceof List ? files : [files]).collect { "$option $it" } }
    def given = each('--h5ad', h5ads) + each('--eval', evals) + each('--model', model)
    """
    report --run run --title ${meta.id} $args ${given.join(' ')} $tables -o ${prefix}.html --manifest report.json
    """

    stub:
    prefix = task.ext.prefix ?: 'report'
    """
    touch ${prefix}.html report.json
    """
}
