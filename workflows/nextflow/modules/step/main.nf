// One step of the plan. Its command is the one that Make runs, on files that are linked to where the
// plan has them; what it makes goes to made/, by the names it has in the folder of a run.
process STEP {
    tag "$meta.name"

    input:
    tuple val(meta), path(inputs, stageAs: 'in*/*'), path(sources, stageAs: 'from*/*')

    output:
    tuple val(meta), path('made/**'), emit: files
    tuple val("${task.process}"), val("${meta.command.tokenize(' ').first()}"), eval("conf-mk --version | sed 's/.* //'"), topic: versions

    script:
    def staged = inputs instanceof List ? inputs : [inputs]
    def links = [meta.inputs, staged].transpose().collect { wanted, file ->
        "mkdir -p ${wanted.replaceFirst('/[^/]*$', '')} && ln -s \"\$PWD/$file\" $wanted"
    }
    def made = (meta.outputs + meta.manifest).unique().join(' ')
    def command = meta.command.replace('{threads}', "-t $task.cpus")
    """
    ${links.join('\n    ')}
    step ${meta.of.query ? '-q' : ''} $meta.manifest ${meta.outputs.join(' ')} -- $command
    ls $made >/dev/null
    find $meta.run -type f | while read -r file; do # what is beside an output too: pictures
        made=made/\${file#$meta.run/}
        mkdir -p "\$(dirname "\$made")"
        mv "\$file" "\$made"
    done
    """

    stub:
    def made = (meta.outputs + meta.manifest).unique().join(' ')
    """
    for file in $made; do
        made=made/\${file#$meta.run/}
        mkdir -p "\$(dirname "\$made")"
        touch "\$made"
    done
    """
}
