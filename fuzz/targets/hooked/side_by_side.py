#!/usr/bin/env python3
"""One allocator two ways: alloc/mem on the simulated port, and compiled through the hooks. Three tables, as Markdown.

Job: run the programs of one build (RCUFARM_HOOKED and RCUFARM_DEFECTS), in turns where speed is measured, and print what came of drawn
scenarios, which findings each planted defect gives, and points and schedules a second. Writes nothing.

Exit 0: equal outcomes, each defect found both ways, and nobody accused without one; 1: not so; 2: bad use, or a program that does not run.
"""

import sys

sys.dont_write_bytecode = True  # the folder is the sources'

import argparse
import json
import resource
import statistics
import subprocess
from pathlib import Path


class CannotMeasure(Exception):
    """A program is missing, or fails."""


def run(command, allowed=(0,)):
    try:
        said = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    except OSError as error:
        raise CannotMeasure(f"{command[0]}: {error.strerror}. Build it: ./farm bench hooks does") from error
    if said.returncode not in allowed:
        raise CannotMeasure(f"{command[0]} ended with {said.returncode}: {(said.stderr or said.stdout)[-400:]}")
    return said.stdout


def explore(program, *flags):
    return json.loads(run([program, "explore", "--no-save", "--no-minimize", "--json", *flags], allowed=(0, 1)))


def compare_outcomes(bin_folder, count):
    """True: all equal."""
    ours, hooked = (run([bin_folder / name, count]).splitlines() for name in ("outcomes", "outcomes-hooked"))
    equal = sum(a == b for a, b in zip(ours, hooked, strict=True))
    print(f"Outcomes of drawn scenarios in plain order: {equal:,} of {count:,} digests equal.\n")
    for a, b in zip(ours, hooked, strict=True):
        if a != b:
            print(f"scenario {a.split()[0]}: {a.split()[1]} on the port, {b.split()[1]} through the hooks")
    return equal == count


def trials(program, count, seconds):
    """(hits, kinds found, median seconds of those that found something)"""
    kinds, times = {}, []
    for seed in range(1, count + 1):
        findings = explore(program, "--seed", seed, "--seconds", seconds)["findings"]
        if findings:
            kind = findings[0]["signature"].split(":")[0]
            kinds[kind] = kinds.get(kind, 0) + 1
            times.append(findings[0]["at_seconds"])
    return len(times), kinds, statistics.median(times) if times else None


def told(kinds):
    return ", ".join(f"{kind} {hits}" for kind, hits in sorted(kinds.items(), key=lambda one: (-one[1], one[0]))) or "nothing"


def compare_defects(bin_folder, numbers, count, seconds):
    """True: each is found both ways."""
    print(f"| defect | port: hits of {count} | median s | found first, how often | hooks: hits | median s | found first, how often |\n|" + "---|" * 7)
    all_found = True
    for number in numbers:
        row = f"| {number} |"
        for name in (f"rcufarm-defect-{number}", f"rcufarm-hooked-{number}"):
            hits, kinds, median = trials(bin_folder / name, count, seconds)
            all_found = all_found and hits > 0
            row += f" {hits} | {'' if median is None else f'{median:.2f}'} | {told(kinds)} |"
        print(row, flush=True)
    print()
    return all_found


def cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def compare_speed(bin_folder, turns, seconds):
    """By CPU seconds of the whole process: what else the machine does meets both ways. True: nobody was accused."""
    ways = (("port", "rcufarm", ()), ("hooks", "rcufarm-hooked", ("--points", "all")), ("hooks, where words are shared", "rcufarm-hooked", ()))
    rates = {name: [] for name, _, _ in ways}
    accused = []
    for turn in range(1, turns + 1):
        for name, program, flags in ways:
            before = cpu_seconds()
            said = explore(bin_folder / program, "--seed", turn, "--seconds", seconds, *flags)
            took = cpu_seconds() - before
            searched = said["searched"]
            accused += [f"{name}, seed {turn}: {finding['signature']}" for finding in said["findings"]]
            rates[name].append((searched["points"] / took / 1e6, searched["schedules"] / took))
    print("| | million points in a CPU second, median (least to most) | schedules, median | points beside the port's, turn by turn: median |\n|---|---|---|---|")
    for name, _, _ in ways:
        points = [one[0] for one in rates[name]]
        ratios = [one[0] / port[0] for one, port in zip(rates[name], rates["port"], strict=True)]
        print(f"| {name} | {statistics.median(points):.1f} ({min(points):.1f} to {max(points):.1f}) | "
              f"{statistics.median(one[1] for one in rates[name]):,.0f} | {statistics.median(ratios):.2f} |")
    for finding in accused:
        print(f"the correct allocator is accused: {finding}")
    return not accused


def main():
    parser = argparse.ArgumentParser(prog="./farm bench hooks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=Path, required=True, help="folder of the programs")
    parser.add_argument("--scenarios", type=int, default=20000)
    parser.add_argument("--trials", type=int, default=5, help="seeds of each defect; 0: none is searched")
    parser.add_argument("--only", action="append", help="only this defect (its number); may be given again")
    parser.add_argument("--seconds", type=float, default=60, help="of each trial at most")
    parser.add_argument("--turns", type=int, default=5, help="of the measurement of speed; 0: none")
    parser.add_argument("--turn-seconds", type=float, default=5)
    given = parser.parse_args()
    try:
        good = compare_outcomes(given.bin, given.scenarios)
        if given.trials > 0:
            good = compare_defects(given.bin, given.only or [f"{n:02}" for n in range(1, 15)], given.trials, given.seconds) and good
        if given.turns > 0:
            good = compare_speed(given.bin, given.turns, given.turn_seconds) and good
    except CannotMeasure as error:
        print(f"side_by_side: {error}", file=sys.stderr)
        return 2
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
