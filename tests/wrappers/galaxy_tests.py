"""galaxy_tests.py WRAPPERS: the tests of Galaxy's tools, run without a Galaxy.

Each tool is read, its command filled in and its assertions judged by Galaxy's own library (galaxy-tool-util,
Cheetah); what a Galaxy would do around that is done here: parameters that a test leaves out have the
values an untouched form has, data sets are files without endings that know what they were called.
"""
import copy
import pathlib
import subprocess
import sys
import tempfile

from Cheetah.Template import Template
from galaxy.tool_util.parser import get_tool_source
from galaxy.tool_util.verify.asserts import verify_assertions

folder = pathlib.Path(sys.argv[1]) / "galaxy"


class Dataset:
    def __init__(self, name, place):
        self.element_identifier = name
        self.path = place / f"dataset_{name.replace('.', '_')}.dat"
        self.path.write_bytes((folder / "test-data" / name).read_bytes())

    def __str__(self):
        return str(self.path)


class Switch:
    def __init__(self, on, words):
        self.on, self.words = on, words

    def __bool__(self):
        return self.on

    def __str__(self):
        return self.words[0] if self.on else self.words[1]


def name_of(param):
    return param.get("name") or param.get("argument").lstrip("-").replace("-", "_")


def value_of(param, given, place):
    """As the template has it; given is None where the test says nothing."""
    kind = param.get("type")
    if kind == "data":
        sets = [Dataset(name, place) for name in given.split(",")] if given else []
        return sets if param.get("multiple") == "true" and sets else sets[0] if sets else None
    if kind == "boolean":
        return Switch(given == "true", (param.get("truevalue", "true"), param.get("falsevalue", "false")))
    if kind == "select":
        options = [o.get("value") for o in param]
        assert given is None or given in options, f"{given} is none of {options}"
        return given if given or param.get("optional") == "true" else options[0]
    return given or ""


def values(inputs, test, place):
    found = {}
    for param in inputs:
        if param.tag == "repeat":
            rounds = [r for r in test.findall("repeat") if r.get("name") == param.get("name")]
            found[param.get("name")] = [values(param, each, place) for each in rounds]
        else:
            given = [p.get("value") for p in test.findall("param") if p.get("name") == name_of(param)]
            found[name_of(param)] = value_of(param, given[0] if given else None, place)
    return found


def run(source, test, wanted):
    root = source.root
    with tempfile.TemporaryDirectory() as work, tempfile.TemporaryDirectory() as sets:
        place = pathlib.Path(sets)
        context = values(root.find("inputs"), test, place)
        unknown = {p.get("name") for p in test.iter("param")} - {name_of(p) for p in root.find("inputs").iter("param")}
        assert not unknown, f"the test gives {unknown}, which the tool does not ask"
        context["output"] = place / "output.dat"
        command = str(Template(source=root.find("command").text.strip(), searchList=[context])).replace("\n", " ")
        done = subprocess.run(["bash", "-c", command], cwd=work, capture_output=True, text=True)
        assert done.returncode == 0, f"{command}\n{done.stderr}"
        for output in wanted["outputs"]:
            verify_assertions(context[output["name"]].read_bytes(), output["attributes"]["assert_list"])


ran = bad = 0
for page in sorted(folder.glob("*.xml")):
    if page.name == "macros.xml":
        continue
    source = get_tool_source(str(page))
    tests = copy.deepcopy(source.root).findall("tests/test")  # reading them changes them
    if not tests:
        print(f"{page.name}: no test")
        bad += 1
    for number, (test, wanted) in enumerate(zip(tests, source.parse_tests_to_dict()["tests"]), 1):
        try:
            run(source, test, wanted)
            ran += 1
        except Exception as error:
            print(f"{page.name}: test {number}: {error}")
            bad += 1
print(f"{ran} tests of Galaxy's tools passed, {bad} failed")
sys.exit(bad > 0)
