"""trials.py - what the rows of the reliability table share: runs, a desk to run them on, verdicts.

A run is a line of runs.tsv. A desk is a folder with nothing in it but the outputs as they were
before ("old"), and a TMPDIR of its own. After a trial each output must be the old bytes or those of
the run that nothing disturbed, and nothing else may be there.

	row = Row("memory")
	for run in row.runs():
	    with Server(run, row.desk, MEMORY) as server:
	        for n in row.points(count, most=400):
	            row.judge(run, server.go("own %d" % n), "own %d" % n)
	row.done()

The environment says which build (PIPETTE_BUILD), what share (SAMPLE), which seed (SEED), which runs
(RUNS, patterns with blanks between), and where the desk stands (DESK: a folder, else /dev/shm or TMPDIR).
"""
import fnmatch, hashlib, json, os, random, re, resource, shutil, signal, socket, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.path.abspath(os.environ.get("PIPETTE_BUILD") or os.path.join(HERE, "../../build"))
IN = os.path.join(BUILD, "reliability/in")
FAULT = os.path.join(BUILD, "reliability/fault")
MEMORY = os.path.join(BUILD, "reliability/memory.so")
FAULT_MANY = os.path.join(BUILD, "reliability/fault.so")
OLD = b"what was there before\n"
SECONDS = 20  # a trial that takes longer hangs


class Desk:
    """A folder to run in, and its TMPDIR."""

    def __init__(self, place=None):
        place = place or os.environ.get("DESK") or ("/dev/shm" if os.access("/dev/shm", os.W_OK) else None)
        self.top = tempfile.mkdtemp(prefix="reliability.", dir=place)
        self.work, self.tmp = os.path.join(self.top, "work"), os.path.join(self.top, "tmp")
        self.clear()

    def clear(self, outputs=()):
        """Empty, but for the outputs of before. The folders stay: a server stands in one."""
        for folder in (self.work, self.tmp):
            os.makedirs(folder, exist_ok=True)
            for entry in os.scandir(folder):
                if entry.is_dir(follow_symlinks=False):
                    shutil.rmtree(entry.path, ignore_errors=True)
                else:
                    os.unlink(entry.path)
        for name in outputs:
            with open(os.path.join(self.work, name), "wb") as f:
                f.write(OLD)

    def left(self, outputs):
        """Files that should not be there."""
        here = [n for n in os.listdir(self.work) if n not in outputs and n != "cache"]
        return here + ["tmp/" + n for n in os.listdir(self.tmp)]

    def bytes_of(self, name):
        try:
            with open(os.path.join(self.work, name), "rb") as f:
                return f.read()
        except OSError:
            return None

    def gone(self):
        shutil.rmtree(self.top, ignore_errors=True)


class Said:
    """How a command ended."""

    def __init__(self, status, text, hung, seconds):
        self.status, self.text, self.hung, self.seconds = status, text, hung, seconds

    @property
    def signal(self):
        if self.status < 0:
            return -self.status
        return self.status - 128 if 128 < self.status < 160 else 0


def environment(desk, more=None):
    env = {"PATH": os.path.join(BUILD, "bin") + ":" + os.environ["PATH"], "LC_ALL": "C.UTF-8",
           "TMPDIR": desk.tmp, "HOME": desk.tmp, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "GCOV_PREFIX", "GCOV_PREFIX_STRIP"):
        if name in os.environ:
            env[name] = os.environ[name]
    env.update(more or {})
    return env


def run_command(command, desk, env=None, seconds=None, stdin=None):
    begin = time.monotonic()
    process = subprocess.Popen(command, cwd=desk.work, env=environment(desk, env), stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, stdin=stdin or subprocess.DEVNULL, start_new_session=True)
    hung = False
    try:
        _, text = process.communicate(timeout=seconds or SECONDS)
    except subprocess.TimeoutExpired:
        hung = True
        os.killpg(process.pid, signal.SIGKILL)
        _, text = process.communicate()
    return Said(process.returncode, text.decode("utf-8", "replace"), hung, time.monotonic() - begin)


class Server:
    """A run's filter, loaded once: each trial is a child of it (serve.h).

    'library' is MEMORY or FAULT_MANY, and the words of a trial are those it understands.
    """

    def __init__(self, run, desk, library):
        self.run, self.desk = run, desk
        self.socket, theirs = socket.socketpair()
        self.said = open(os.path.join(desk.top, "said"), "a+b")
        env = environment(desk, {"LD_PRELOAD": library, "PIPETTE_SERVE": str(theirs.fileno())})
        self.process = subprocess.Popen(run.argv, cwd=desk.work, env=env, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=self.said, pass_fds=[theirs.fileno()])
        theirs.close()
        self.count = 0  # of what the library counts, in the last trial

    def go(self, words, keep=False):
        if not keep:
            self.desk.clear(self.run.outputs)
        begin = time.monotonic()
        self.socket.sendall(words.encode() + b"\n")
        answer = b""
        while not answer.endswith(b"\n"):
            more = self.socket.recv(100)
            if not more:
                raise RuntimeError("%s: the server ended (%s)" % (self.run.name, words))
            answer += more
        status, hung, self.count = map(int, answer.split())
        self.said.seek(0)
        code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status)
        return Said(code, self.said.read().decode("utf-8", "replace"), bool(hung), time.monotonic() - begin)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()
        self.process.wait()
        self.said.close()


class Run:
    """A line of runs.tsv."""

    def __init__(self, name, outputs, command):
        self.name, self.outputs = name, outputs
        self.argv = [w.replace("@/", IN + "/") for w in command.split()]
        self.tool = self.argv[0]
        self.argv[0] = os.path.join(BUILD, "bin", self.tool)
        self.good = None

    def exists(self):
        return os.access(self.argv[0], os.X_OK)

    def go(self, desk, wrap=(), env=None, keep=False):
        if not keep:
            desk.clear(self.outputs)
        return run_command(list(wrap) + self.argv, desk, env)

    def learn(self, desk, env=None):
        """What it gives when nothing goes wrong."""
        said = self.go(desk, env=env)
        self.good = {name: desk.bytes_of(name) for name in self.outputs}
        if said.status != 0 or desk.left(self.outputs):
            return "fails undisturbed (%d), left %s" % (said.status, desk.left(self.outputs)), said
        return None, said

    def same(self, name, have):
        """A manifest says when and how long; that it is whole is what can be told."""
        if name != "made.json" or have is None:
            return have == self.good[name]
        try:
            return json.loads(have)["tool"] == self.tool
        except (ValueError, KeyError):
            return False

    def same_data(self, name, have):
        """HDF5 may have put its pieces elsewhere: what they hold is compared."""
        if not name.endswith((".h5", ".h5ad")) or have is None:
            return False
        with tempfile.TemporaryDirectory() as folder:
            paths = [os.path.join(folder, "have"), os.path.join(folder, "good")]
            for path, data in zip(paths, (have, self.good[name])):
                with open(path, "wb") as f:
                    f.write(data)
            return subprocess.run([os.path.join(HERE, "same-data")] + paths, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL).returncode == 0

    def wrong(self, desk, said, may_succeed=True, may_crash=False, sound=False):
        """None, or what is wrong after a fault. Where the libraries' own allocations fail (may_crash), the
        same data at other places of a file is right too. Files that are 'sound' may not be called otherwise."""
        have = {name: desk.bytes_of(name) for name in self.outputs}
        left = desk.left(self.outputs)
        if said.hung:
            return "hangs"
        for name in self.outputs:
            if self.tool == "ref-fetch" and said.status == 1 and have[name] and have[name][-1:] == b"\n":
                continue  # its table says which files failed
            if have[name] != OLD and not self.same(name, have[name]):
                if not (may_crash and self.same_data(name, have[name])):
                    return "%s is neither the old one nor the right one" % name
                have[name] = self.good[name]
        if said.status == 0:
            if not may_succeed:
                return "status 0"
            if any(not self.same(name, have[name]) for name in self.outputs):
                return "status 0 without the output"
        elif may_crash:
            pass
        elif said.signal:
            return "signal %d" % said.signal
        elif said.status not in (1, 3):
            return "status %d" % said.status
        elif not any(line.startswith(self.tool + ":") for line in said.text.splitlines()):
            return "fails without a word"
        elif "crashed (" in said.text:
            return "crashes"
        elif re.search("0x[0-9a-f]{4}", said.text):
            return "tells an address"
        elif sound and re.search("damaged|truncated|cut short", said.text):
            return "calls a sound file damaged"
        if left:
            return "left behind: " + " ".join(left[:3])
        return None


class Row:
    """A row of the table, as it is being filled."""

    def __init__(self, name, desk=None):
        self.name, self.begin = name, time.monotonic()
        self.share = float(os.environ.get("SAMPLE") or 1)
        self.seed = int(os.environ.get("SEED") or 1)
        self.random = random.Random("%s %d" % (name, self.seed))
        self.pattern = os.environ.get("RUNS") or "*"
        self.desk = desk or Desk()
        self.trials, self.bad, self.notes, self.kept = 0, [], {}, self.begin
        signal.signal(signal.SIGTERM, self.cut_short)
        signal.signal(signal.SIGINT, signal.default_int_handler)  # who is started in the background ignores it
        self.log = open(os.path.join(BUILD, "reliability", name + ".wrong"), "w")

    def wants(self, name):
        """Is it one of those that RUNS asks for?"""
        return any(fnmatch.fnmatch(name, p) for p in self.pattern.split())

    def runs(self, env=None):
        with open(os.path.join(HERE, "runs.tsv")) as f:
            lines = [l.rstrip("\n").split("\t") for l in f if l.strip() and l[0] != "#"]
        for name, outputs, command in lines:
            run = Run(name, [] if outputs == "-" else outputs.split(","), command)
            if run.exists() and self.wants(name):
                wrong, said = run.learn(self.desk, env)
                if wrong:
                    self.count(wrong, name, said)
                else:
                    yield run

    def points(self, count, most):
        """1..count, or a seeded choice of them when there are more, or a share is asked for."""
        n = min(count, most)
        if self.share < 1:
            n = max(1, round(n * self.share)) if n else 0
        if n == count:
            return range(1, count + 1)
        return sorted(self.random.sample(range(1, count + 1), n))

    def count(self, wrong, what, said=None):
        self.trials += 1
        self.keep()
        if not wrong:
            return
        self.bad.append(what)
        text = "%s: %s: %s\n" % (what, wrong, "" if said is None else said.text.strip()[-300:])
        self.log.write(text)
        self.log.flush()
        if len(self.bad) <= 10:
            sys.stderr.write("  " + text)

    def judge(self, run, said, what, **how):
        self.count(run.wrong(self.desk, said, **how), "%s %s" % (run.name, what), said)

    def keep(self):
        """Now and then, for who looks on: ROW.sofar."""
        if time.monotonic() < self.kept + 20:
            return
        self.kept = time.monotonic()
        with open(os.path.join(BUILD, "reliability", self.name + ".sofar"), "w") as f:
            f.write(self.line() + "\n")

    def cut_short(self, *_):
        """Told to end: what was tried so far is a result, too."""
        self.note("cut short")
        self.done()

    def note(self, what, n=1):
        self.notes[what] = self.notes.get(what, 0) + n

    def line(self):
        """The row as it stands. Processor time, with that of the trials, says what it costs on a busy machine, too."""
        used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        cost = sum(u.ru_utime + u.ru_stime for u in used)
        notes = dict(self.notes, **{"processor seconds": round(cost)})
        note = ", ".join("%s: %d" % item for item in sorted(notes.items()))
        return "%s\t%d\t%d\t%.0f\t%d\t%g\t%s" % (self.name, self.trials, len(self.bad), time.monotonic() - self.begin,
                                               self.seed, self.share, note)

    def done(self):
        self.desk.gone()
        print(self.line(), flush=True)
        sys.exit(1 if self.bad else 0)


def digest(data):
    return hashlib.sha256(data).hexdigest() if data is not None else None
