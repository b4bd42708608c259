#!/usr/bin/env python3
"""wrappers BIN VERSION OUT: what other systems want to know of the filters, from what those say themselves.

Galaxy's tools, modules as nf-core has them, wrappers as snakemake-wrappers has them. One source: each
filter's --help and --list-options, the table of filters in the README, and examples.tsv, whose commands
are run here and become the tests of all three. Only a command that ended well becomes one.
"""
import os
import pathlib
import shutil
import sys

import filters
import galaxy
import nextflow
import snakemake

bin_, version, out = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2], pathlib.Path(sys.argv[3]).resolve()
ENVIRONMENT = f"channels:\n  - conda-forge\n  - bioconda\ndependencies:\n  - bioconda::pipette-cells={version}\n"


def put(path, text):
    path = out / path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def share(examples, folder):
    """The files that they read, beside their tests."""
    (out / folder).mkdir(parents=True, exist_ok=True)
    for e in examples:
        for name in [*e.inputs, *(path for _, path in e.files())]:
            if not (out / folder / name).exists():
                os.link(filters.Filter.made[name], out / folder / name)


shutil.rmtree(out, ignore_errors=True)
every, examples = filters.wrapped(bin_)
filters.run_examples(examples, out / "examples")
put("galaxy/macros.xml", galaxy.macros(version))
put("galaxy/.shed.yml", galaxy.SHED)
put("nf-core/nf-test.config", nextflow.NF_TEST_CONFIG)
put("nf-core/.nf-core.yml", "repository_type: modules\norg_path: nf-core\n")
put("nf-core/tests/nextflow.config", nextflow.TESTS_CONFIG)
share(examples, "galaxy/test-data")
share(examples, "nf-core/test-data")
for f in every:
    put(f"galaxy/{f.name}.xml", galaxy.tool(f))
    module = f"nf-core/modules/nf-core/pipette/{f.name.replace('-', '')}"
    put(f"{module}/main.nf", nextflow.module(f, version))
    put(f"{module}/meta.yml", nextflow.meta(f, version))
    put(f"{module}/environment.yml", ENVIRONMENT)
    put(f"{module}/tests/main.nf.test", nextflow.tests(f))
    put(f"{module}/tests/nextflow.config", nextflow.config(f))
    wrapper = f"snakemake-wrappers/bio/pipette/{f.name}"
    put(f"{wrapper}/wrapper.py", snakemake.wrapper(f))
    put(f"{wrapper}/environment.yaml", ENVIRONMENT)
    put(f"{wrapper}/meta.yaml", snakemake.meta(f))
    put(f"{wrapper}/test/Snakefile", snakemake.snakefile(f))
    share(f.examples, f"{wrapper}/test")
print(f"{out}: {len(every)} filters for Galaxy, nf-core and snakemake-wrappers, {len(examples)} tests of commands that ran")
