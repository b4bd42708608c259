"""What the filters say of themselves, and examples.tsv: all that a wrapper is made of."""
import pathlib
import re
import shlex
import shutil
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
TREE = HERE.parents[2]
SOURCES = [TREE / "refs/demo", TREE / "tests/golden/rds", HERE]  # of files that examples name
# What a wrapper sets itself, or what no job of another system can use.
OURS = {"output", "threads", "manifest", "manifest-hash", "sync", "help", "version", "quiet", "list-options",
        "checkpoint", "every"}
PIPELINES = {"conf-mk", "crate", "ref-fetch", "ref-query", "llm-annotate"}  # of the pipeline, or of the network
FILE_WORDS = {"FILE", "MODEL", "REF", "H5AD", "OUT.h5ad", "TSV", "TABLE.tsv", "PANEL", "NEWICK"}


class Option:
    """A row of --list-options, with its line of --help."""

    def __init__(self, row, help):
        self.short, self.long, self.argument, choices = (row.split("\t") + ["", ""])[:4]
        self.choices = [c.strip() for c in choices.split(",") if c.strip()]
        self.help = help.get(self.long, "")
        self.variable = self.long.replace("-", "_") + ("_" if hasattr(dict, self.long) else "")
        words = set(self.argument.split("|"))
        is_file = bool(words & FILE_WORDS)
        writes = bool(re.search(r"\bwrite\b", self.help))
        self.many = "may be repeated" in self.help
        self.is_flag = self.argument == "-"
        self.writes_folder = self.argument == "DIR" and writes
        self.writes = is_file and writes
        self.reads = is_file and not writes
        self.reads_or_says = self.reads and not words <= FILE_WORDS  # a file, or a column, a number, a name
        # A folder, or files within words: only a shell can give these.
        self.is_shells = ("FOLDER" in words or ("DIR" in words and not writes)
                          or self.argument in ("MODEL=W", "PREFIX=TABLE"))

    @property
    def ending(self):
        """Of what it writes."""
        by_name = {"json": "json", "h5ad": "h5ad", "uns": "h5ad", "coordinates": "h5ad", "decision": "tsv",
                   "save-model": "h5"}
        return by_name.get(self.long, "tsv")


class Example:
    """A row of examples.tsv: a command's words, told apart by the filter's options."""

    def __init__(self, filter, words, makes):
        self.filter, self.words, self.makes = filter, shlex.split(words), makes
        self.ending = makes.rsplit(".", 1)[1]
        self.verb, self.options, self.inputs = None, [], []
        named = {"--" + o.long: o for o in filter.all_options} | {"-" + o.short: o for o in filter.all_options}
        words = list(self.words)
        if filter.verbs:
            self.verb = words.pop(0)
        while words:
            word = words.pop(0)
            if not word.startswith("-"):
                self.inputs.append(word)
            elif named[word].is_flag:
                self.options.append((named[word], None))
            else:
                self.options.append((named[word], words.pop(0)))

    def files(self):
        """Those that options read, by option: [(option, path)]."""
        return [(o, value) for o, value in self.options if o.reads and value in Filter.made]

    def text(self, without=()):
        """Its options as words for a shell, without those of 'without'."""
        words = [word for o, value in self.options if o not in without
                 for word in (["--" + o.long] if value is None else ["--" + o.long, value])]
        return " ".join(shlex.quote(w) for w in ([self.verb] if self.verb else []) + words)


class Filter:
    made = {}  # what examples made: name -> path

    def __init__(self, bin_, name, reads):
        self.name, self.reads, self.program = name, reads, bin_ / name
        self.help = self.said("--help")
        self.summary = self.help.splitlines()[0].split(" - ", 1)[1]
        self.usage = re.search(r"^Usage: (.*)$", self.help, re.M).group(1)
        help = dict(re.findall(r"^  (?:-\w, |    )--([\w-]+)(?: \S+)?\s+(.*)$", self.help, re.M))
        self.all_options = [Option(row, help) for row in self.said("--list-options").splitlines() if row]
        self.options = [o for o in self.all_options if o.long not in OURS and not o.is_shells]
        self.threads = any(o.long == "threads" for o in self.all_options)
        first = self.usage.split()[1]
        if first == "VERB":
            verbs = re.search(r"^Verbs: (.*?)\.$", self.help, re.M | re.S).group(1)
            self.verbs = re.findall(r"[a-z-]+", re.sub(r"\([^)]*\)", "", verbs))
        else:
            self.verbs = first.split("|") if "|" in first and first[0].islower() else []
        # What stands free in the usage line: INPUT..., or MODEL [REFERENCE].
        option = r"(?<!\S)\[?--?[\w-]+ [^ |\]]+(\|--?[\w-]+ [^ |]+|\|[^ |-]+)*\]?"
        free = re.sub(option + r"|\[OPTIONS\]|\bVERB\b", "", self.usage)
        self.places = re.findall(r"[A-Z][\w.-]*", free)
        self.many = "..." in free
        self.examples = []

    def said(self, option):
        return subprocess.run([self.program, option], capture_output=True, text=True, check=True).stdout

    @property
    def ending(self):
        return self.examples[0].ending

    def ending_of(self, verb):
        return next((e.ending for e in self.examples if e.verb == verb), self.ending)


def wrapped(bin_):
    """The filters to wrap, and all their examples in the table's order."""
    rows = re.findall(r"^\| [a-z]+ \| `([a-z0-9-]+)` \| (.*?) [→↔] ", (TREE / "README.md").read_text(), re.M)
    filters = {name: Filter(bin_, name, reads) for name, reads in rows
               if name not in PIPELINES and (bin_ / name).exists()}
    lines = [line for line in (HERE / "examples.tsv").read_text().splitlines() if line and line[0] != "#"]
    examples = [Example(filters[name], words, makes) for name, words, makes in
                (line.split("\t") for line in lines) if name in filters]
    for e in examples:
        e.filter.examples.append(e)
    lacking = [f.name for f in filters.values() if not f.examples]
    if lacking:
        raise SystemExit(f"wrappers: examples.tsv has no row for {', '.join(lacking)}")
    return list(filters.values()), examples


def run_examples(examples, folder):
    """Runs them in 'folder': what each made stays there, and Filter.made knows it."""
    folder.mkdir(parents=True)
    for name in {name for e in examples for name in e.words if "." in name}:
        for source in SOURCES:
            if (source / name).is_file():
                Filter.made[name] = pathlib.Path(shutil.copy(source / name, folder))
    for example in examples:
        words = [example.filter.program, *example.words, "-q", "-o", example.makes]
        done = subprocess.run(words, cwd=folder, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"wrappers: {example.filter.name} {shlex.join(example.words)}: {done.stderr.strip()}")
        Filter.made[example.makes] = folder / example.makes
