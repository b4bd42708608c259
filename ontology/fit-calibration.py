#!/usr/bin/env python3
"""Fit ontology/calibration.tsv: how often each kind of answer is right.

    fit-calibration.py LABELS.tsv CL-MAP [OUT.tsv]

LABELS.tsv has the columns source, label, current_id (an expert's id). CL-MAP is the program;
its --explain output gives the kind and features of every answer. One logistic model: a bias per
group of kinds, drawn towards one another (sources differ more than kinds do), and for labels
that are a term's own the number of words. How strongly they are drawn together is
decided by the log loss when a source is left out: the strongest that is no worse than the best by
more than one standard error. What is printed comes from models, that choice
included, that have not seen the source they are judged on; the calibration error is over ten bins
of equal width, answers of all sources together. Standard library only.
"""
import collections
import csv
import math
import subprocess
import sys
import tempfile

TSV = dict(delimiter="\t", quoting=csv.QUOTE_NONE)
NAMES = ("label", "alias", "synonym", "other")
KINDS = [f"{g}/{n}" for g in ("exact", "set", "repaired", "reduced") for n in NAMES]
KINDS += ["pattern/first", "pattern/last", "overlap", "ngram", "common", "verbatim"]
GROUPS = ("verbatim", "known", "reduced", "guessed")
GUESSED = "overlap ngram common pattern/last".split()
PENALTIES = (3.0, 10.0, 20.0, 40.0, 80.0)
BINS = 10

Case = collections.namedtuple("Case", "source group words right")


def group_of(kind):
    if kind == "verbatim" or kind.startswith("reduced/"):
        return kind.split("/")[0]
    return "guessed" if kind in GUESSED else "known"


def ask(program, labels):
    with tempfile.NamedTemporaryFile("w", suffix=".tsv", encoding="utf-8") as f:
        f.write("label\n" + "".join(label + "\n" for label in labels))
        f.flush()
        out = subprocess.run([program, "-q", "--explain", f.name], check=True,
                             capture_output=True, encoding="utf-8").stdout
    return {r["label"]: r for r in csv.DictReader(out.splitlines(), **TSV)}


def read_cases(path, program):
    pairs = {}
    for r in csv.DictReader(open(path, encoding="utf-8"), **TSV):
        if r["current_id"].startswith("CL:"):
            pairs.setdefault((r["label"], r["current_id"]), r["source"])
    answers = ask(program, sorted({label for label, _ in pairs}))
    cases = []
    for (label, gold), source in sorted(pairs.items()):
        a = answers.get(label)
        if a and a["id"]:
            group = group_of(a["kind"])
            words = float(a["n_words"]) if group == "verbatim" else 0.0
            cases.append(Case(source, group, words, a["id"] == gold))
    return cases


def row_of(group, words):
    return [float(group == g) for g in GROUPS] + [words, 1.0]


def solve(a, b):
    n = len(b)
    for i in range(n):
        p = max(range(i, n), key=lambda r: abs(a[r][i]))
        a[i], a[p], b[i], b[p] = a[p], a[i], b[p], b[i]
        for r in range(i + 1, n):
            k = a[r][i] / a[i][i]
            for c in range(i, n):
                a[r][c] -= k * a[i][c]
            b[r] -= k * b[i]
    for i in reversed(range(n)):
        b[i] = (b[i] - sum(a[i][c] * b[c] for c in range(i + 1, n))) / a[i][i]
    return b


def fit(cases, penalty):
    """Newton's method; equal rows are counted, not repeated. The shared bias, last, is free."""
    count = collections.Counter((c.group, c.words, c.right) for c in cases)
    rows = [(row_of(g, words), float(right), n) for (g, words, right), n in sorted(count.items())]
    ridge = [penalty] * (len(GROUPS) + 1) + [0.001]
    w = [0.0] * len(ridge)
    for _ in range(50):
        g = [-r * v for r, v in zip(ridge, w)]
        h = [[r * (i == j) for j in range(len(w))] for i, r in enumerate(ridge)]
        for x, y, n in rows:
            p = 1 / (1 + math.exp(-sum(map(float.__mul__, w, x))))
            for i, xi in enumerate(x):
                g[i] += n * (y - p) * xi
                for j, xj in enumerate(x):
                    h[i][j] += n * p * (1 - p) * xi * xj
        step = solve(h, g)
        w = [a + b for a, b in zip(w, step)]
        if max(map(abs, step)) < 1e-9:
            break
    return w


def score(w, case):
    z = sum(map(float.__mul__, w, row_of(case.group, case.words)))
    return min(0.99, max(0.01, 1 / (1 + math.exp(-z))))


def left_out(cases, make):
    """Every case with its score from a model made without its source."""
    judged = []
    for source in sorted({c.source for c in cases}):
        model = make([c for c in cases if c.source != source])
        judged += [(score(model, c), c) for c in cases if c.source == source]
    return judged


def losses(cases, penalty):
    judged = left_out(cases, lambda part: fit(part, penalty))
    return [-math.log(p if c.right else 1 - p) for p, c in judged]


def within_error(worse, better):
    """Is the mean of the differences no more than its standard error?"""
    n = len(better)
    apart = [a - b for a, b in zip(worse, better)]
    mean = sum(apart) / n
    return mean <= math.sqrt(sum((d - mean) ** 2 for d in apart)) / n


def best_penalty(cases):
    by_penalty = {p: losses(cases, p) for p in PENALTIES}
    best = min(PENALTIES, key=lambda p: sum(by_penalty[p]))
    return max(p for p in PENALTIES
               if p >= best and within_error(by_penalty[p], by_penalty[best]))


def fit_best(cases):
    return fit(cases, best_penalty(cases))


def bins(judged):
    by_bin = collections.defaultdict(list)
    for p, c in judged:
        by_bin[min(BINS - 1, int(BINS * p))].append((p, c.right))
    return by_bin


def report(name, judged):
    n = len(judged)
    error = sum(abs(sum(p - right for p, right in b)) for b in bins(judged).values()) / n
    high = [c.right for p, c in judged if p >= 0.9]
    print(f"{name:<26} answers {n:5d} right {sum(c.right for _, c in judged) / n:6.1%} "
          f"mean score {sum(p for p, _ in judged) / n:6.1%} calibration error {error:.3f} "
          f"at 0.9 {len(high):4d} right {sum(high) / max(1, len(high)):6.1%}")


def main():
    cases = read_cases(sys.argv[1], sys.argv[2])
    judged = left_out(cases, fit_best)
    for source in sorted({c.source for c in cases}):
        report(source, [(p, c) for p, c in judged if c.source == source])
    report("all, source held out", judged)
    for b, part in sorted(bins(judged).items()):
        print(f"  score {b / BINS:.1f} to {(b + 1) / BINS:.1f}: {len(part):4d} answers, "
              f"mean {sum(p for p, _ in part) / len(part):6.1%}, "
              f"right {sum(right for _, right in part) / len(part):6.1%}")
    if len(sys.argv) > 3:
        w = fit_best(cases)
        with open(sys.argv[3], "w", encoding="utf-8") as out:
            print("kind", "bias", "n_words", sep="\t", file=out)
            for kind in KINDS:
                group = group_of(kind)
                words = w[len(GROUPS)] if group == "verbatim" else 0.0
                print(kind, f"{w[-1] + w[GROUPS.index(group)]:.4f}", f"{words:.4f}",
                      sep="\t", file=out)


main()
