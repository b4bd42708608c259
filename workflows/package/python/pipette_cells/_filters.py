"""The filters as processes: found, run, watched, and ended when Python is interrupted."""
from __future__ import annotations

import contextlib
import io
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import typing

HERE = pathlib.Path(__file__).resolve().parent


class PipetteError(RuntimeError):
    """A filter did not do its work. str() is its line; filter and status say whose it is."""

    def __init__(self, filter: str, status: int, lines: typing.Sequence[str]):
        self.filter, self.status, self.lines = filter, status, list(lines)
        # A message may have a line before it that says what was decided: the last is the reason.
        super().__init__(lines[-1] if lines else f"{filter}: ended with status {status}")


class Failed(PipetteError):
    """The input, the disk or the network."""


class WrongUsage(PipetteError, ValueError):
    """An option or argument that the filter does not take."""


class Refused(PipetteError):
    """The input was read and judged unfit; the line says which option overrides that."""


WHERE = ("there are wheels for Linux on x86_64 and aarch64 with glibc 2.28 or later (not musl); elsewhere "
         "build the filters from source and set PIPETTE_BIN to build/bin")
NOT_RUN = (126, 127)  # a shell's word that what it was to run cannot be run, or its loader is not there
KINDS = {2: WrongUsage, 3: Refused}


def folder() -> pathlib.Path:
    """Where the filters are: PIPETTE_BIN, or those that came with the package."""
    named = os.environ.get("PIPETTE_BIN")
    place = pathlib.Path(named) if named else HERE / "libexec" / "pipette"
    if not place.is_dir():
        raise FileNotFoundError(f"{place}: no filters for this machine came with pipette_cells: {WHERE}")
    return place


def filters() -> typing.List[str]:
    """The names of the filters there are."""
    return sorted(f.name for f in folder().iterdir() if "." not in f.name and f.name != "pipette")


def program(name: str) -> str:
    path = folder() / name
    if name == "overcluster" and not path.exists():
        raise FileNotFoundError("overcluster is under the GPL and comes on its own: "
                                "pip install pipette-cells-overcluster")
    if name not in filters():
        raise WrongUsage(name, 2, [f"pipette_cells: there is no filter {name}: {', '.join(filters())}"])
    return str(path)


@contextlib.contextmanager
def workplace() -> typing.Iterator[pathlib.Path]:
    """A folder for files that pass between steps; gone afterwards, whatever happened."""
    with tempfile.TemporaryDirectory(prefix="pipette-") as path:
        yield pathlib.Path(path)


def words(options: typing.Mapping[str, typing.Any]) -> typing.List[str]:
    """min_cells=4 is --min-cells=4; True a flag; None and False nothing; lists are repeated."""
    said = []
    for name, value in options.items():
        option = ("-" if len(name) == 1 else "--") + name.replace("_", "-")
        for each in value if isinstance(value, (list, tuple)) else [value]:
            if each is True:
                said.append(option)
            elif each is not None and each is not False:
                said += [option, os.fspath(each) if isinstance(each, os.PathLike) else str(each)]
    return said


def _end(process: "subprocess.Popen[bytes]") -> None:
    """So that no process outlives the cell of a notebook that was interrupted."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _start(command: typing.List[str], source: typing.Any) -> "subprocess.Popen[bytes]":
    """An interrupt while a process is being made would leave it behind: it comes when it is made."""
    came: typing.List[bool] = []
    heard = (threading.current_thread() is threading.main_thread()
             and signal.getsignal(signal.SIGINT) not in (None, signal.SIG_IGN))
    if heard:
        before = signal.signal(signal.SIGINT, lambda *_: came.append(True))
    try:
        process = subprocess.Popen(command, stdin=source, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
    finally:
        if heard:
            signal.signal(signal.SIGINT, before)
    if came:
        _end(process)
        raise KeyboardInterrupt
    return process


def _listen(stream: typing.IO[bytes], lines: typing.List[str], aloud: bool) -> None:
    try:
        for raw in stream:
            line = raw.decode("utf-8", "replace").rstrip("\n")
            lines.append(line)
            del lines[:-200]
            if aloud:
                print(line, file=sys.stderr, flush=True)
    except ValueError:  # closed by who was interrupted before this thread began
        pass


def _collect(stream: typing.IO[bytes], said: typing.List[bytes]) -> None:
    try:
        said.append(stream.read())
    except ValueError:  # as above
        pass


def run(filter: str, *arguments: typing.Any, given: str = "", quiet: bool = False,
        **options: typing.Any) -> str:
    """Run a filter and return what it wrote to standard output; 'given' is its standard input.

    run("lr-predict", "sample.h5ad", model="model.h5", min_coverage=0) is
    lr-predict --model model.h5 --min-coverage 0 sample.h5ad. What it says is shown as it says it.
    """
    plain = [os.fspath(a) if isinstance(a, os.PathLike) else str(a) for a in arguments]
    command = [program(filter), *words(options), *(["-q"] if quiet else []), "--", *plain]
    lines: typing.List[str] = []
    source: typing.Any = subprocess.DEVNULL
    if given:
        source = tempfile.TemporaryFile()
        source.write(given.encode("utf-8"))
        source.seek(0)
    process = _start(command, source)
    said: typing.List[bytes] = []
    readers = [threading.Thread(target=_listen, args=(process.stderr, lines, not quiet), daemon=True),
               threading.Thread(target=_collect, args=(process.stdout, said), daemon=True)]
    try:
        for reader in readers:
            reader.start()
        for reader in readers:
            while reader.is_alive():  # an interrupt is heard between two waits, whenever it came
                reader.join(0.5)
        status = process.wait()
    finally:
        _end(process)
        for reader in readers:
            if reader.is_alive():
                reader.join(5)
        process.stdout.close()
        process.stderr.close()
        if given:
            source.close()
    if status in NOT_RUN:
        raise Failed(filter, status, [*lines, f"{command[0]}: does not run on this machine ({' '.join(lines[-1:])}): {WHERE}"])
    if status:
        raise KINDS.get(status, Failed)(filter, status, lines)
    return b"".join(said).decode("utf-8")


def table(filter: str, *arguments: typing.Any, **options: typing.Any) -> "typing.Any":
    """run(), its table read as a pandas.DataFrame."""
    import pandas

    return pandas.read_csv(io.StringIO(run(filter, *arguments, **options)), sep="\t",
                           keep_default_na=False, na_values=[""], quoting=3)
