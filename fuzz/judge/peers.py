#!/usr/bin/env python3
"""How fast the simulator is beside Relacy, on the same two programs: a table, as Markdown.

Job: compile relacy.cpp with the headers of a checkout, run both sides in turns on one core, and print operations a second of CPU
time, the median of their ratios, and the least and greatest. Fetches nothing; writes under --work only.

Exit 0: measured (a missed target is a result); 2: bad use, or a program that does not run.
"""

import sys

sys.dont_write_bytecode = True  # the folder is the sources'

import argparse
import os
import statistics
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
# program -> (runs of a turn, wanted ratio under sc and c11)
PROGRAMS = {"toy": (400_000, {"sc": 2.0, "c11": 1.25}), "rounds": (4_000, {"sc": 1.4, "c11": 0.8})}


class CannotMeasure(Exception):
    """A program is missing, or fails."""


def run(command):
    try:
        said = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    except OSError as error:
        raise CannotMeasure(f"{command[0]}: {error.strerror}") from error
    if said.returncode != 0:
        raise CannotMeasure(f"{command[0]} ended with {said.returncode}: {(said.stderr or said.stdout)[-800:]}")
    return said.stdout


def rate(command):
    """Million operations a second of CPU time."""
    operations, seconds = run(command).split()
    return int(operations) / float(seconds) / 1e6


def compiled(relacy, work):
    if not (relacy / "relacy/relacy.hpp").is_file():
        raise CannotMeasure(f"{relacy}: no relacy/relacy.hpp there. Give the path of a checkout of https://github.com/dvyukov/relacy")
    work.mkdir(parents=True, exist_ok=True)
    program = work / "relacy"
    run(["g++", "-std=c++17", "-O2", "-w", "-I", relacy, "-I", HERE.parent, HERE / "peers/relacy.cpp", "-o", program])
    return program


def main():
    parser = argparse.ArgumentParser(prog="./farm bench peers", description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("relacy", type=Path, help="a checkout of Relacy")
    parser.add_argument("--turns", type=int, default=7)
    parser.add_argument("--ours", type=Path, default=Path("build/release/bin/peers_ours"), help=argparse.SUPPRESS)
    parser.add_argument("--work", type=Path, default=Path("build/judge/peers"), help="what is compiled goes here")
    options = parser.parse_args()
    if options.turns < 1:
        parser.error("--turns wants a number above 0")
    try:
        relacy = compiled(options.relacy, options.work.resolve())
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        print("| program | model | Relacy, M operations/s | ours | ours / Relacy, median (least to greatest) | wanted |")
        print("|---|---|---|---|---|---|")
        for program, (runs, wanted) in PROGRAMS.items():
            theirs, ours = [], {model: [] for model in wanted}
            for _ in range(options.turns):
                theirs.append(rate([relacy, program, runs]))
                for model, rates in ours.items():
                    rates.append(rate([options.ours, program, model, runs]))
            for model, rates in ours.items():
                ratios = [mine / other for mine, other in zip(rates, theirs)]
                print(f"| {program} | {model} | {statistics.median(theirs):.1f} | {statistics.median(rates):.1f} "
                      f"| {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}) | {wanted[model]} |")
    except CannotMeasure as trouble:
        print(f"peers: {trouble}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
