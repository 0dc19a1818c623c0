#!/usr/bin/env python3
"""Are all findings of an earlier list in a later one, each of them once, and none counted less often?

usage: same_findings.py BEFORE AFTER     (files of `rcufarm-farm findings list --json`)
"""
import json
import sys


def read(path):
    with open(path, encoding="utf-8") as file:
        return [(finding["signature"], finding["count"]) for finding in json.load(file)]


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    before, after = (read(path) for path in sys.argv[1:])
    counts = dict(after)
    wrong = [f"lost: {one}" for one, _ in before if one not in counts]
    wrong += [f"counted less: {one}: {n}, now {counts[one]}" for one, n in before if counts.get(one, n) < n]
    if len(counts) != len(after):
        wrong.append("a finding is there more than once")
    if not before:
        wrong.append("there was no finding before, so nothing is shown")
    if wrong:
        sys.exit("\n".join(wrong))
    print(f"ok: {len(before)} findings before the kill, {len(after)} after, none lost, none doubled")


main()
