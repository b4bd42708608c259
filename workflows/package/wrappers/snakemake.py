"""Wrappers as snakemake-wrappers has them: a script a filter, what it needs, and a rule that uses it."""
import json

ENTITY = '''"""Wrapper of pipette {name}: {summary}."""

from snakemake.shell import shell

files = " ".join(
    f"--{{key.replace('_', '-')}} {{path}}"
    for key, path in snakemake.input.items()
    if key != "cells"
)
cells = snakemake.input.get("cells", snakemake.input if not files else "")
extra = snakemake.params.get("extra", "")
log = snakemake.log_fmt_shell(stdout=False, stderr=True)

shell("pipette {name} {{extra}}{threads} {{files}} {{cells}} -o {{snakemake.output[0]:q}} {{log}}")
'''


def wrapper(f):
    threads = " --threads {snakemake.threads}" if f.threads else ""
    return ENTITY.format(name=f.name, summary=f.summary, threads=threads)


def rule(e):
    """The example as a rule of its own."""
    f = e.filter
    first = {o for o, _ in e.files()}
    inputs = ", ".join(json.dumps(name) for name in e.inputs)
    rows = [f"        cells={'[' + inputs + ']' if len(e.inputs) > 1 else inputs},"]
    rows += [f"        {o.variable}={json.dumps(path)}," for o, path in e.files()]
    name = e.makes.replace(".", "_").replace("-", "_")
    threads = "    threads: 2\n" if f.threads else ""
    return (f"rule pipette_{f.name.replace('-', '_')}_{name}:\n    input:\n" + "\n".join(rows) +
            f"\n    output:\n        {json.dumps('out/' + e.makes)},\n    params:\n"
            f"        extra={json.dumps(e.text(without=first))},\n{threads}"
            f"    log:\n        {json.dumps(f'logs/{e.makes}.log')},\n    wrapper:\n"
            f"        {json.dumps('master/bio/pipette/' + f.name)}\n")


def snakefile(f):
    return "\n\n".join(rule(e) for e in f.examples)


def meta(f):
    return (f"name: {f.name}\ndescription: {json.dumps(f.summary)}\nurl: https://example.org/pipette\n"
            "authors:\n  - the Pipette authors\n"
            f"input:\n  - cells: {json.dumps(f.reads)}\n"
            + "".join(f"  - {o.variable}: {json.dumps(o.help)}\n" for o, _ in f.examples[0].files()) +
            f"output:\n  - {json.dumps('a ' + f.ending + ' file')}\n"
            f"params:\n  - extra: {json.dumps('options of pipette ' + f.name + (', after its verb' if f.verbs else ''))}\n")
