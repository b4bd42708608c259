#!/usr/bin/env python3
"""tree-peak: run a command; the most memory its processes held together.

usage: tree-peak.py COMMAND...

Twenty times a second, sums the proportional set sizes (shared pages count once) of the command and
all it started. Prints seconds, the largest sum in kilobytes, and seconds of processor time.
"""
import os
import resource
import subprocess
import sys
import time


def children_of():
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat") as f:
                parent = int(f.read().rsplit(")", 1)[1].split()[1])
        except (OSError, IndexError):
            continue
        found.setdefault(parent, []).append(int(pid))
    return found


def held(pid):
    try:
        with open(f"/proc/{pid}/smaps_rollup") as f:
            return sum(int(line.split()[1]) for line in f if line.startswith("Pss:"))
    except (OSError, ValueError):
        return 0


began, most = time.time(), 0
run = subprocess.Popen(sys.argv[1:], stdout=sys.stderr)
while run.poll() is None:
    children, todo, total = children_of(), [run.pid], 0
    while todo:
        pid = todo.pop()
        total += held(pid)
        todo += children.get(pid, [])
    most = max(most, total)
    time.sleep(0.05)
use = resource.getrusage(resource.RUSAGE_CHILDREN)
print(f"{time.time() - began:.2f} {most} {use.ru_utime + use.ru_stime:.2f}")
sys.exit(run.returncode)
