"""marker-rules.py FOLDER CL.tsv BIN DB...: names for the clusters of real sets, ours beside three other rules.

FOLDER has NAME.markers.tsv (of `markers -g cl_label`). Prints per set: clusters, and for each rule how many were
named, how many rightly, and the accuracy of the others at our coverage (their surest answers first). Right is the true
term, one above it or one below. The rules: ScType's (sum of positives times sensitivity over sqrt(n), negatives taken off,
on 2 AUC - 1 of all marker genes in place of scaled expression), counting the top 5 markers (GPT Cell Annotator's
offline rule), and NanoCell's score and confidence on the top 20. All read the same tables.
"""
import collections
import csv
import glob
import gzip
import math
import os
import subprocess
import sys

folder, cl, binary, tables = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
parents, ids = {}, {}
for r in csv.reader(open(cl), delimiter="\t", quoting=3):
    if r[0].startswith("CL:"):
        parents[r[0]], ids[r[1]] = [p for p in r[6].split("|") if p], r[0]


def above(term, seen={}):
    if term not in seen:
        seen[term] = {term}.union(*[above(p) for p in parents.get(term, [])])
    return seen[term]


def right(truth, answer):
    return answer in above(truth) or truth in above(answer)


facts = {}
for path in tables:
    with (gzip.open if path.endswith("gz") else open)(path, "rt") as f:
        for r in csv.DictReader(f, delimiter="\t", quoting=3):
            facts.setdefault(r["cl_id"], {}).setdefault(r["gene"], 1 if r["sign"] == "+" else -1)
listed = collections.Counter(g for t in facts.values() for g, s in t.items() if s > 0)


def number(x):
    return float(x) if x else float("nan")


def sctype(rows):
    value = {r["gene"]: 2 * number(r["auc"]) - 1 for r in rows}
    most, least, best = max(listed.values()), min(listed.values()), {}
    for t, genes in facts.items():
        up = [value[g] * (1 - (listed[g] - least) / (most - least)) for g, s in genes.items() if s > 0 and g in value]
        down = [value[g] for g, s in genes.items() if s < 0 and g in value]
        if up:
            best[t] = sum(up) / math.sqrt(len(up)) - (sum(down) / math.sqrt(len(down)) if down else 0)
    order = sorted(best, key=lambda t: (-best[t], t))
    return (order[0], best[order[0]]) if order and best[order[0]] > 0.25 else (None, 0)


def counting(rows):
    top = [r["gene"] for r in sorted(rows, key=lambda r: -number(r["score"]))[:5]]
    n = {t: sum(facts[t].get(g, 0) > 0 for g in top) for t in facts}
    best = max(n, key=lambda t: (n[t], t))
    return (best, n[best]) if n[best] else (None, 0)


def nano(rows):
    clip = lambda x: min(1, max(0, x))
    first = {}
    for t in sorted(facts):
        for g, s in facts[t].items():
            if s > 0:
                first.setdefault(g, t)
    top = sorted(rows, key=lambda r: (number(r["padj"]), -number(r["log2fc"])))[:20]
    score, matched = collections.Counter(), 0
    for r in top:
        if r["gene"] in first:
            matched += 1
            p = max(number(r["padj"]), 1e-300)
            score[first[r["gene"]]] += 1.5 * clip(number(r["log2fc"]) / 2.5) + clip(
                (number(r["pct"]) - number(r["pct_rest"])) / 0.5) + 0.75 * min(6, -math.log10(p)) / 6
    if not score:
        return None, 0
    s = sorted(score.values(), reverse=True) + [0]
    e = [math.exp(x - s[0]) for x in score.values()]
    entropy = -sum(x / sum(e) * math.log(x / sum(e)) for x in e)
    margin, coverage = (s[0] - s[1]) / s[0], matched / 20
    sure = (0.45 * clip(s[0] / 4) + 0.25 * clip(margin / 0.5) + 0.2 * clip((coverage - 0.25) / 0.75)) * (
        1 - 0.25 * clip((entropy - 0.5) / 1.5))
    if coverage < 0.25 or s[0] < 1.25 or margin < 0.2 or entropy > 1.35:
        return None, sure
    return score.most_common(1)[0][0], sure


print("set\tclusters\trule\tnamed\tright\taccuracy\tat_our_coverage")
for path in sorted(glob.glob(os.path.join(folder, "*.markers.tsv"))):
    clusters = collections.OrderedDict()
    for r in csv.DictReader(open(path), delimiter="\t", quoting=3):
        if r["cluster"] in ids:
            clusters.setdefault(r["cluster"], []).append(r)
    ours = subprocess.run([binary, "-q", path] + [x for t in tables for x in ("--db", t)], capture_output=True, text=True, check=True).stdout
    answers = {"marker-check": {}}
    for v in csv.DictReader(ours.splitlines(), delimiter="\t", quoting=3):
        if v["cluster"] in ids:
            named = v["status"] in ("resolved", "climbed")
            answers["marker-check"][v["cluster"]] = (v["id"] if named else None, number(v["confidence"]))
    for name, rule in (("sctype", sctype), ("top-5 count", counting), ("nanocell", nano)):
        answers[name] = {c: rule(rows) for c, rows in clusters.items()}
    n_ours = sum(a[0] is not None for a in answers["marker-check"].values())
    for name, a in answers.items():
        named = sorted(((s, c, t) for c, (t, s) in a.items() if t), reverse=True)
        ok = [right(ids[c], t) for s, c, t in named]
        share = lambda x: f"{sum(x) / len(x):.3f}" if x else ""
        print(os.path.basename(path)[:-12], len(clusters), name, len(named), sum(ok), share(ok),
              share(ok[:n_ours]) if len(ok) >= n_ours else f"(names {len(ok)} only)", sep="\t")
