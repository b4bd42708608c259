"""Modules as nf-core has them: a process a filter, what it takes and gives, and nf-test files."""
import json

VERSION = "pipette --version | sed 's/pipette //'"


def process(f):
    return "PIPETTE_" + f.name.upper().replace("-", "")


def module(f, version):
    files = [o for o, _ in f.examples[0].files()]
    # Apart from each other: files of one name are no clash.
    inputs = "".join(f"\n    path {o.variable}, stageAs: '{o.variable}/*'" for o in files)
    given_as = ", stageAs: 'in?/*'" if f.many or len(f.places) > 1 else ""
    given = "".join(f" --{o.long} ${o.variable}" for o in files)
    threads = " --threads $task.cpus" if f.threads else ""
    return f'''process {process(f)} {{
    tag "$meta.id"
    label 'process_medium'

    conda "${{moduleDir}}/environment.yml"
    container "pipette:{version}"

    input:
    tuple val(meta), path(input{given_as}){inputs}

    output:
    tuple val(meta), path("${{prefix}}.{f.ending}"), emit: result
    tuple val("${{task.process}}"), val('pipette'), eval("{VERSION}"), topic: versions, emit: versions_pipette

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    prefix = task.ext.prefix ?: "${{meta.id}}.{f.name}"
    """
    pipette {f.name} $args{threads}{given} $input -o ${{prefix}}.{f.ending}
    """

    stub:
    prefix = task.ext.prefix ?: "${{meta.id}}.{f.name}"
    """
    touch ${{prefix}}.{f.ending}
    """
}}
'''


def entry(name, kind, description, indent, more=""):
    pad = " " * indent
    return f'{pad}- {name}:\n{pad}    type: {kind}\n{pad}    description: {json.dumps(description)}{more}\n'


def meta(f, version):
    sample = "Groovy map with sample information, such as [ id:'sample1' ]"
    files = "".join(entry(o.variable, "file", o.help, 2, "\n      ontologies: []") for o, _ in f.examples[0].files())
    says = "".join(entry(name, kind, what, 6).replace("      - ", "    - - " if first else "      - ", 1)
                   for first, name, kind, what in (
                       (True, "${task.process}", "string", "The process that the version is of"),
                       (False, "pipette", "string", "The name of the tool"),
                       (False, f'"{VERSION}"', "string", "The command that tells its version")))
    first = entry("meta", "map", sample, 4).replace("    - ", "  - - ", 1)
    result = entry("meta", "map", sample, 6).replace("      - ", "    - - ", 1)
    return (f"name: pipette_{f.name.replace('-', '')}\ndescription: {json.dumps(f.summary)}\n"
            f"keywords:\n  - single-cell\n  - cell type annotation\n  - {f.name}\n"
            "tools:\n  - pipette:\n      description: Cell typing in small filters\n"
            '      homepage: "https://example.org/pipette"\n      licence: ["MIT"]\n      identifier: ""\n'
            f"input:\n{first}{entry('input', 'file', f.reads, 4, chr(10) + '        ontologies: []')}{files}"
            f"output:\n  result:\n{result}"
            + entry(f'"${{prefix}}.{f.ending}"', "file", "What the filter makes", 6,
                    f'\n          pattern: "*.{f.ending}"\n          ontologies: []')
            + f"  versions_pipette:\n{says}topics:\n  versions:\n{says}"
            'authors:\n  - "@pipette"\nmaintainers:\n  - "@pipette"\n')


def inputs(e):
    """The channels of a test, as nf-test wants them."""
    files = ", ".join(data(name) for name in e.inputs)
    rows = [f"input[0] = [ [ id:'test' ], {'[ ' + files + ' ]' if len(e.inputs) > 1 else files} ]"]
    rows += [f"input[{i}] = {data(path)}" for i, (_, path) in enumerate(e.files(), 1)]
    return "\n                ".join(rows)


def case(title, args, channels, options=""):
    return f'''
    test({json.dumps(title)}) {{
{options}
        when {{
            params {{
                module_args = {json.dumps(args)}
            }}
            process {{
                """
                {channels}
                """
            }}
        }}

        then {{
            assertAll(
                {{ assert process.success }},
                {{ assert snapshot(process.out).match() }}
            )
        }}
    }}
'''


def tests(f):
    """nf-test's file: the examples that have the first one's channels and ending."""
    first = [o for o, _ in f.examples[0].files()]
    cases = [case(e.makes, e.text(without=first), inputs(e)) for e in f.examples
             if e.ending == f.ending and [o for o, _ in e.files()] == first]
    cases.append(case(f"{f.name} - stub", "", inputs(f.examples[0]), '\n        options "-stub"\n'))
    return f'''nextflow_process {{

    name "Test Process {process(f)}"
    script "../main.nf"
    process "{process(f)}"
    config "./nextflow.config"

    tag "modules"
    tag "modules_nfcore"
    tag "pipette"
    tag "pipette/{f.name.replace('-', '')}"
{''.join(cases)}
}}
'''


def data(name):
    return f"file(params.modules_testdata_base_path + '/{name}', checkIfExists: true)"


def config(f):
    return f"process {{\n    withName: '{process(f)}' {{\n        ext.args = {{ params.module_args }}\n    }}\n}}\n"


NF_TEST_CONFIG = '''config {
    testsDir "modules"
    workDir System.getenv("NFT_WORKDIR") ?: ".nf-test"
    configFile "tests/nextflow.config"
}
'''
TESTS_CONFIG = '''nextflow.preview.topic = true
params {
    modules_testdata_base_path = "$projectDir/test-data"
}
'''
