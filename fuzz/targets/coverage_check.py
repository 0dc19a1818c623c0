#!/usr/bin/env python3
"""What the fuzz targets reach of alloc/mem: a table of its files, and each function that they do not reach at all.

usage: coverage_check.py COVERAGE.json...     one for each target, as `llvm-cov export` prints it

Both builds of the allocator, on threads and simulated, and all instances of a template count for the one function in the
source. (One export of two programs would show a function as the first one has it, which may be not at all.)
Exit 0: every function is reached, or excused; 1: some are not; 2: wrong use.
"""
import json
import re
import subprocess
import sys

FOLDER = "/alloc/mem/"
# What no scenario can reach, and why: whole signatures, so that no other function hides behind one. An excuse that is not needed
# is a mistake, too.
MISUSE = "reports a caller's mistake; scenarios are correct users, and mem_test.cpp has the wrong ones"
FIGURES = "names a figure for people; the fuzz targets sum figures up and show them to nobody"
EXCUSED = {
    "MemAlloc::refuse(char const*, char const*, void const*) const": MISUSE,
    "MemAlloc::refuse_cache_free(char const*, void*) const": MISUSE,
    "SmallClasses::SmallClasses()": "runs in the compiler, and what it makes is asserted there (size_class.h)",
    "name_of(List)": FIGURES,
    "name_of(NullCause)": FIGURES,
    "name_of(RcuFlavor)": FIGURES,
    "Statistics::grace_periods(RcuFlavor) const": FIGURES,
}


def place_of(function):
    """File and first line, if it is one of the allocator's."""
    file = function["filenames"][0]
    return (file[file.index(FOLDER) + 1:], function["regions"][0][0]) if FOLDER in file else None


def signature(name):
    """A mangled name for people, without namespaces."""
    name = name.split(":")[-1]  # a function of one file has that in front
    plain = subprocess.run(["c++filt", name], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    return re.sub(r"\b[a-z_0-9]+::", "", plain)


def add(path, counts, names, lines):
    """What one target reaches."""
    with open(path, encoding="utf-8") as file:
        data = json.load(file)["data"][0]
    for function in data["functions"]:
        place = place_of(function)
        if place:
            counts[place] = counts.get(place, 0) + function["count"]
            names[place] = function["name"]
    for file in data["files"]:
        if FOLDER in file["filename"]:
            name = file["filename"][file["filename"].index(FOLDER) + 1:]
            lines[name] = max(lines.get(name, 0.0), file["summary"]["lines"]["percent"])


def main(arguments):
    if not arguments or any(path.startswith("-") for path in arguments):
        print(__doc__, file=sys.stderr)
        return 2
    counts, names, lines = {}, {}, {}
    for path in arguments:
        try:
            add(path, counts, names, lines)
        except (OSError, ValueError, LookupError) as error:
            print(f"coverage_check: {path} is not what `llvm-cov export` prints: {error}", file=sys.stderr)
            return 2
    if not counts:
        print("coverage_check: nothing of alloc/mem in it", file=sys.stderr)
        return 2
    print(f"{'file':32} {'functions':>9} {'reached':>8} {'lines %':>8}   (of the build that reaches more)")
    for name in sorted({place[0] for place in counts}):
        here = [count for place, count in counts.items() if place[0] == name]
        print(f"{name:32} {len(here):9} {sum(count > 0 for count in here):8} {lines[name]:8.1f}")
    missed = sorted(place for place, count in counts.items() if count == 0)
    said = {place: signature(names[place]) for place in missed}
    for place, name in said.items():
        reason = f" ({EXCUSED[name]})" if name in EXCUSED else ""
        print(f"not reached{reason}: {place[0]}:{place[1]}: {name}")
    needless = EXCUSED.keys() - said.values()
    for excuse in sorted(needless):
        print(f"reached or not there, and excused in coverage_check.py: {excuse}")
    excused = sum(name in EXCUSED for name in said.values())
    print(f"{len(counts) - len(missed)} of {len(counts)} functions are reached, {excused} excused")
    return 1 if needless or excused < len(missed) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
