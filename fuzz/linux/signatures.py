#!/usr/bin/env python3
"""Do signatures tell planted defects apart? Measures it on Debian's 6.12, one by one and in pairs.

usage: signatures.py [--seeds N] [--schedules N] TREE BUILD NUMBER...

BUILD is a build folder that ./farm kernel has configured; NUMBER are scripts of fuzz/linux/defects. Each defect alone and each
pair of them is planted into a copy of the tree, built, and explored under sc with seeds 1 to N, so many schedules each.
Says each on stderr when it is done, then prints two tables in Markdown: which signatures each defect has and in how many of the seeds, and for each pair what is seen once one
of the two is mended. Two defects are *merged* if one has no signature of its own beside the other's: then mending it looks like
mending nothing. A defect is *split* if findings of one kind have more than one signature. Exit 0.
"""
import argparse
import itertools
import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
FILES = ("kernel/bpf/memalloc.c", "include/linux/bpf_mem_alloc.h")


def plant(tree, folder, numbers):
    """A copy of the tree's files with these defects in it."""
    for name in FILES:
        text = (tree / name).read_bytes()
        for number in numbers:
            script, = HERE.glob(f"defects/{number}-*.sed")
            text = subprocess.run(["sed", "-f", script], input=text, stdout=subprocess.PIPE, check=True).stdout
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists() or target.read_bytes() != text:
            target.write_bytes(text)
    origin = folder / "origin"
    if not origin.is_symlink():
        origin.symlink_to(tree)


def build(build_folder, trees):
    listed = ";".join(f"linux-{name}={folder}" for name, folder in trees.items())
    subprocess.run(["cmake", build_folder, "-D", f"RCUFARM_LINUX_TREES={listed}", "-D", "RCUFARM_LINUX_DEFECTS=OFF",
                    "-D", "RCUFARM_TESTS=OFF"], check=True, stdout=subprocess.DEVNULL)
    programs = [f"rcufarm-linux-{name}" for name in trees]
    subprocess.run(["cmake", "--build", build_folder, "--parallel", "1", "--target", *programs], check=True,
                   stdout=subprocess.DEVNULL)


def explore(program, seeds, schedules):
    """Signature -> in how many of the seeds it was seen."""
    seen = {}
    for seed in range(1, seeds + 1):
        done = subprocess.run([program, "explore", "--model", "sc", "--order", "no", "--keep-going", "--no-minimize", "--no-save",
                               "--schedules", str(schedules), "--seed", str(seed), "--json"],
                              stdout=subprocess.PIPE, check=False, text=True)
        if done.returncode > 1:
            sys.exit(f"signatures.py: {program} failed with seed {seed}")
        for finding in json.loads(done.stdout)["findings"]:
            seen[finding["signature"]] = seen.get(finding["signature"], 0) + 1
    return dict(sorted(seen.items(), key=lambda one: (-one[1], one[0])))


def kind_of(signature):
    return signature.partition(":")[0]


def show_alone(alone, seeds):
    print(f"| defect | signatures, and how many of {seeds} seeds show them |\n|---|---|")
    for name, seen in alone.items():
        print(f"| {name} | " + "<br>".join(f"`{signature}` {count}" for signature, count in seen.items()) + " |")
    split = [name for name, seen in alone.items() if len(seen) > len({kind_of(signature) for signature in seen})]
    print(f"\nSplit: {len(split)} of {len(alone)}" + (f" ({', '.join(split)})" if split else ""))


def show_pairs(alone, together, seeds):
    print(f"\n| pair | own of the first | own of the second | of both | together: own of the first, of the second |\n|---|---|---|---|---|")
    merged = 0
    for (first, second), seen in together.items():
        one, other = set(alone[first]), set(alone[second])
        merged += not one - other or not other - one
        shown = [sum(seen.get(signature, 0) > 0 for signature in own) for own in (one - other, other - one)]
        print(f"| {first} {second} | {len(one - other)} | {len(other - one)} | {len(one & other)} | {shown[0]}, {shown[1]} |")
    print(f"\nMerged: {merged} of {len(together)} pairs")


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--schedules", type=int, default=20000)
    parser.add_argument("tree", type=Path)
    parser.add_argument("build", type=Path)
    parser.add_argument("numbers", nargs="+")
    asked = parser.parse_args()
    pairs = list(itertools.combinations(asked.numbers, 2))
    trees = {}
    for planted in [(number,) for number in asked.numbers] + pairs:
        name = "-".join(planted)
        trees[name] = asked.build.resolve() / "signatures" / name
        plant(asked.tree.resolve(), trees[name], planted)
    build(asked.build, trees)
    found = {}
    for name in trees:
        found[name] = explore(asked.build / "bin" / f"rcufarm-linux-{name}", asked.seeds, asked.schedules)
        print(f"{name}: {found[name]}", file=sys.stderr, flush=True)
    alone = {number: found[number] for number in asked.numbers}
    show_alone(alone, asked.seeds)
    show_pairs(alone, {pair: found["-".join(pair)] for pair in pairs}, asked.seeds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
