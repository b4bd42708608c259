"""Galaxy's tools: an XML file a filter, with a test for each of its examples."""
import re
from xml.sax.saxutils import escape, quoteattr

import h5py

from filters import Filter

FORMATS = {"tsv": "tabular", "h5ad": "h5ad", "h5": "h5", "html": "html", "json": "json", "txt": "txt"}


def format_of(ending):
    return FORMATS.get(ending, "data")


# ---- what is asked ----

def attributes(o, label=None, name=None):
    name = name or (o.variable if o.variable != o.long.replace("-", "_") else None)
    named = f"name={quoteattr(name)} " if name else ""
    return f"{named}argument={quoteattr('--' + o.long)} label={quoteattr(label or o.help or o.long)}"


def params(o):
    if o.writes or o.writes_folder:
        return [f'<param name="want_{o.variable}" type="boolean" checked="false" label={quoteattr("Also: " + o.help)}/>']
    if o.is_flag:
        return [f'<param {attributes(o)} type="boolean" truevalue="--{o.long}" falsevalue="" checked="false"/>']
    if o.choices:
        rows = "".join(f"<option value={quoteattr(c)}>{escape(c)}</option>" for c in o.choices)
        return [f'<param {attributes(o)} type="select" optional="true">{rows}</param>']
    file = f'type="data" format="data" optional="true"{" multiple=" + quoteattr("true") if o.many else ""}/>'
    if o.reads_or_says:
        return [f'<param {attributes(o)} type="text" optional="true"/>',
                f'<param {attributes(o, o.help + " (a file)", o.variable + "_file")} {file}']
    if o.reads:
        return [f"<param {attributes(o)} {file}"]
    text = f'<param {attributes(o)} type="text" optional="true"/>'
    return [f'<repeat name="several_{o.variable}" title={quoteattr("--" + o.long)}>{text}</repeat>'] if o.many else [text]


def command(o):
    v = o.variable
    given = f"#if str(${v}) not in ('', 'None')\n    --{o.long} '${v}'\n#end if"
    if o.writes:
        return f"#if $want_{v}\n    --{o.long} '{v}.{o.ending}'\n#end if"
    if o.writes_folder:
        return f"#if $want_{v}\n    --{o.long} '{v}'\n#end if"
    if o.is_flag:
        return f"${v}"
    if o.reads_or_says:
        return f"#if ${v}_file\n    --{o.long} '${v}_file'\n#el" + given[1:]
    if o.many and o.reads:
        return f"#if ${v}\n    #for $each in ${v}\n    --{o.long} '$each'\n    #end for\n#end if"
    if o.many:
        return f"#for $each in $several_{v}\n    --{o.long} '$each.{v}'\n#end for"
    return given


def outputs(f):
    for o in f.options:
        label = f'label="${{tool.name}} on ${{on_string}}: {escape(o.long)}"'
        wanted = f"<filter>want_{o.variable}</filter>"
        if o.writes:
            yield (f'<data name="{o.variable}" format="{format_of(o.ending)}" from_work_dir="{o.variable}.{o.ending}" '
                   f"{label}>{wanted}</data>")
        if o.writes_folder:
            yield (f'<collection name="{o.variable}" type="list" {label}><discover_datasets '
                   f'pattern="__name_and_ext__" directory="{o.variable}"/>{wanted}</collection>')


# ---- tests ----

def asserts(path):
    """What an output must hold, of what it held when the example was run."""
    if path.suffix == ".tsv":
        lines = path.read_text().splitlines()
        header = quoteattr(lines[0]).replace("\t", "&#9;")
        return f'<has_n_lines n="{len(lines)}"/><has_line line={header}/>'
    if path.suffix in (".h5ad", ".h5"):
        with h5py.File(path, "r") as file:
            return f'<has_h5_keys keys="{",".join(sorted(file))}"/>'
    if path.suffix == ".html":
        return '<has_text text="&lt;h2"/><has_text text="&lt;/html>"/>'
    return f'<has_size size="{path.stat().st_size}" delta="{path.stat().st_size // 10}"/>'


def test_param(o, values):
    name = o.variable
    if o.reads and o.reads_or_says and values[0] in Filter.made:
        name += "_file"
    if o.many and not o.reads:
        return "".join(f'<repeat name="several_{name}"><param name="{name}" value={quoteattr(v)}/></repeat>' for v in values)
    value = "true" if o.is_flag else ",".join(values)
    return f'<param name="{name}" value={quoteattr(value)}/>'


def test(f, e):
    given = {}
    for o, value in e.options:
        given.setdefault(o, []).append(value)
    rows = [test_param(o, values) for o, values in given.items()]
    if e.verb:
        rows.insert(0, f'<param name="verb" value="{e.verb}"/>')
    given = [",".join(e.inputs)] if f.many else e.inputs
    for name, value in reversed(list(zip(inputs(f), given))):
        kind = format_of(value.rsplit(".", 1)[1])
        rows.insert(0, f'<param name="{name}" value={quoteattr(value)} ftype="{kind}"/>')
    rows.append(f'<output name="output" ftype="{format_of(e.ending)}"><assert_contents>{asserts(Filter.made[e.makes])}'
                "</assert_contents></output>")
    return '        <test expect_num_outputs="1">\n' + "".join(f"            {row}\n" for row in rows) + "        </test>\n"


# ---- the tool ----

def inputs(f):
    """The names of what it reads: their order is the filter's, where there are several."""
    return ["input"] if len(f.places) < 2 else [f"input_{i + 1}" for i in range(len(f.places))]


def input_params(f):
    multiple = ' multiple="true"' if f.many else ""
    for i, name in enumerate(inputs(f)):
        label = f.places[i] if len(f.places) > 1 else "Input"
        optional = ' optional="true"' if f"[{f.places[i]}]" in f.usage and i else ""
        yield (f'<param name="{name}" type="data" format="data"{multiple}{optional} label={quoteattr(label)} '
               f"help={quoteattr(f.reads)}/>")



def change_format(f):
    others = [(e.verb, e.ending) for e in f.examples if e.ending != f.ending]
    rows = "".join(f'<when input="verb" value="{verb}" format="{format_of(ending)}"/>' for verb, ending in others)
    return f"<change_format>{rows}</change_format>" if rows else ""


def made(f):
    """The output's name while the filter runs: its ending may say the format."""
    if not f.verbs:
        return f"output.{f.ending}", ""
    endings = ", ".join(f"'{e.verb}': '{e.ending}'" for e in f.examples)
    return "output.$ending", f"#set $ending = {{{endings}}}[str($verb)]\n"


def tool(f):
    rows = [row for o in f.options for row in params(o)]
    if f.verbs:
        verbs = dict.fromkeys(e.verb for e in f.examples)
        rows.insert(0, '<param name="verb" type="select" label="What to do">'
                    + "".join(f'<option value="{v}">{v}</option>' for v in verbs) + "</param>")
    output, ending = made(f)
    listed = "$input" if f.many else f"[{', '.join('$' + name for name in inputs(f))}]"
    words = [f"pipette {f.name}{' $verb' if f.verbs else ''}"]
    words += ['--threads "\\${GALAXY_SLOTS:-1}"'] if f.threads else []
    nl = "\n        "
    return f"""<tool id="pipette_{f.name.replace('-', '_')}" name="pipette {f.name}" version="@TOOL_VERSION@+galaxy@VERSION_SUFFIX@" profile="@PROFILE@">
    <description>{escape(f.summary)}</description>
    <macros><import>macros.xml</import></macros>
    <expand macro="requirements"/>
    <command detect_errors="exit_code"><![CDATA[
#import re
#set $paths = []
#for $number, $each in enumerate({listed})
    #if $each
    #set $path = 'in/%d/%s' % ($number, re.sub('[^A-Za-z0-9_.-]', '_', str($each.element_identifier)))
    #silent $paths.append($path)
    mkdir -p in/$number && ln -s '$each' '$path' &&
    #end if
#end for
{ending}{' '.join(words)}
{chr(10).join(command(o) for o in f.options)}
#for $path in $paths
    '$path'
#end for
-o '{output}' && mv '{output}' '$output'
    ]]></command>
    <inputs>
        {nl.join([*input_params(f), *rows])}
    </inputs>
    <outputs>
        {nl.join([f'<data name="output" format="{format_of(f.ending)}">{change_format(f)}</data>', *outputs(f)])}
    </outputs>
    <tests>
{''.join(test(f, e) for e in f.examples)}    </tests>
    <help><![CDATA[
{help_of(f)}
    ]]></help>
    <expand macro="citations"/>
</tool>
"""


def help_of(f):
    """As reStructuredText: what --help says, as it stands."""
    text = f.help.split("\n", 2)[2].replace("]]>", "]] >").rstrip()
    return f"{f.summary[0].upper()}{f.summary[1:]}.\n\n::\n\n" + re.sub(r"^(?=.)", "    ", text, flags=re.M)


def macros(version):
    return f"""<macros>
    <token name="@TOOL_VERSION@">{version}</token>
    <token name="@VERSION_SUFFIX@">0</token>
    <token name="@PROFILE@">23.0</token>
    <xml name="requirements"><requirements><requirement type="package" version="@TOOL_VERSION@">pipette-cells</requirement></requirements></xml>
    <xml name="citations"><citations><citation type="doi">10.1126/science.abl5197</citation></citations></xml>
</macros>
"""


SHED = """name: pipette
owner: pipette
description: Cell typing in small filters
long_description: Learns cell types from labelled single-cell atlases or takes CellTypist's models, and types cells.
categories: [Single Cell, Transcriptomics]
type: unrestricted
"""
