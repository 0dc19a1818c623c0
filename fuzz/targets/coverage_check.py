#!/usr/bin/env python3
"""What the fuzz targets reach of alloc/mem: a table of its files, and each function that they do not reach at all.

usage: coverage_check.py COVERAGE.json...     one for each target, as `llvm-cov export` prints it

Both builds of the allocator, on threads and simulated, and all instances of a template count for the one function in the
source. (One export of two programs would show a function as the first one has it, which may be not at all.) Exit 0: every function is reached, or excused; 1: some are not; 2: wrong use.
"""
import json
import subprocess
import sys

FOLDER = "/alloc/mem/"
# What no scenario can reach, and why. An excuse that is not needed is a mistake, too.
EXCUSED = {
    "MemAlloc::refuse": "reports misuse, and every scenario is a legal program",
    "MemAlloc::refuse_cache_free": "reports misuse, and every scenario is a legal program",
    "SmallClasses::SmallClasses": "runs in the compiler",
    "name_of": "names for metrics",
    "Statistics::grace_periods": "for metrics",
}


def place_of(function):
    """File and first line, if it is one of the allocator's."""
    file = function["filenames"][0]
    return (file[file.index(FOLDER) + 1:], function["regions"][0][0]) if FOLDER in file else None


def plain(name):
    """A mangled name for people."""
    name = name.split(":")[-1]
    return subprocess.run(["c++filt", name], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


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


def is_named(excuse, name):
    """Does this demangled name say that function?"""
    return f"::{excuse}(" in name


def excuse_of(name):
    """Why it need not be reached, or None."""
    return next((reason for excuse, reason in EXCUSED.items() if is_named(excuse, name)), None)


def main(arguments):
    if not arguments:
        print(__doc__, file=sys.stderr)
        return 2
    counts, names, lines = {}, {}, {}
    for path in arguments:
        add(path, counts, names, lines)
    if not counts:
        print("coverage_check: nothing of alloc/mem in it", file=sys.stderr)
        return 2
    print(f"{'file':32} {'functions':>9} {'reached':>8} {'lines %':>8}   (of the build that reaches more)")
    for name in sorted({place[0] for place in counts}):
        here = [count for place, count in counts.items() if place[0] == name]
        print(f"{name:32} {len(here):9} {sum(count > 0 for count in here):8} {lines[name]:8.1f}")
    missed = sorted(place for place, count in counts.items() if count == 0)
    excused = [place for place in missed if excuse_of(plain(names[place]))]
    for place in missed:
        name = plain(names[place])
        reason = f" ({excuse_of(name)})" if place in excused else ""
        print(f"not reached{reason}: {place[0]}:{place[1]}: {name}")
    needless = [excuse for excuse in EXCUSED if not any(is_named(excuse, plain(names[place])) for place in missed)]
    for excuse in needless:
        print(f"reached, and excused in coverage_check.py: {excuse}")
    print(f"{len(counts) - len(missed)} of {len(counts)} functions are reached, {len(excused)} excused")
    return 1 if needless or len(excused) < len(missed) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
