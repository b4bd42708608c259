// Approved gene symbols.
process GENE_NORMALIZE {
    tag "$meta.id"
    label 'process_medium'

    input:
    tuple val(meta), path(h5ad)

    output:
    tuple val(meta), path("${prefix}.genes.h5ad"), emit: h5ad
    tuple val(meta), path("${prefix}.genes.tsv"), emit: report
    tuple val(meta), path("${step}.${prefix}.json"), topic: manifests, emit: manifest
    tuple val("${task.process}"), val('gene-normalize'), eval("gene-normalize --version | sed 's/.* //'"), topic: versions, emit: versions_gene_normalize

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    prefix = task.ext.prefix ?: "${meta.id}"
    step = task.ext.step ?: 'genes'
    """
    gene-normalize -t ${task.cpus} $args --report ${prefix}.genes.tsv $h5ad \\
        -o ${prefix}.genes.h5ad --manifest ${step}.${prefix}.json
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    step = task.ext.step ?: 'genes'
    """
    touch ${prefix}.genes.h5ad ${prefix}.genes.tsv ${step}.${prefix}.json
    """
}
