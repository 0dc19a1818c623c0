#!/usr/bin/env python3
"""Mutation score of the search: how many mechanical mistakes in alloc/mem does `rcufarm explore` find?

Job: the command. Makes the mutants (operators.py), builds each (build.py), explores each for a short while and, if nothing
was found, for the full time; keeps each result by the content of what was built and of what searched, so that it can be
stopped and started again; prints the score. README.md beside this file says more.

Exit 0: each mutant that counts was found; 1: one was not, or the list of equivalents is stale; 2: bad use or environment.
"""

import sys

sys.dont_write_bytecode = True  # the folder is the sources'

import argparse
import hashlib
import json
import os
import queue
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from difflib import unified_diff
from pathlib import Path

import argued
import build
import operators
import score

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SECONDS_TO_END = 60  # that a search may take beyond its time


def sources_of(alloc):
    return {path.name: path.read_text() for path in sorted((alloc / "mem").iterdir())
            if path.suffix in (".h", ".cpp") and not path.name.endswith("_test.cpp")}


def explore(program, seconds, seed):
    """"found", with the signature; "missed"; "died", with how."""
    try:
        said = subprocess.run([str(program), "explore", "--json", "--no-save", "--no-minimize", "--seconds", str(seconds),
                               "--seed", str(seed)], capture_output=True, text=True, timeout=seconds + SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        return {"status": "died", "by": "the search hangs"}
    if said.returncode == 0:
        return {"status": "missed", "seconds": seconds}
    if said.returncode == 1:
        finding = json.loads(said.stdout)["findings"][0]
        return {"status": "found", "by": finding["signature"], "seconds": round(finding["at_seconds"], 3),
                "strategy": finding["strategy"]}
    return {"status": "died", "by": f"exit {said.returncode}: {said.stderr.strip()[-160:]}"}


class Results:
    """One file for each mutant and search, written at once and whole. `engine` is the hash of what searches."""

    def __init__(self, folder, sources, engine):
        self.folder, self.engine = folder, engine
        self.sources = "\0".join(f"{name}\0{sources[name]}" for name in sorted(sources))
        folder.mkdir(parents=True, exist_ok=True)

    def path(self, mutant):
        key = "\0".join((self.engine, self.sources, mutant.file, mutant.text))
        return self.folder / f"{hashlib.sha256(key.encode()).hexdigest()[:24]}.json"

    def load(self, mutant):
        path = self.path(mutant)
        return json.loads(path.read_text()) if path.exists() else {"status": "new"}

    def save(self, mutant, result):
        path = self.path(mutant)
        mine = path.with_suffix(f".{threading.get_ident()}")
        mine.write_text(json.dumps({**result, "id": mutant.id, "what": argued.head_of(mutant)}, indent=1))
        os.replace(mine, path)


class Campaign:
    def __init__(self, options, sources, mutants):
        self.options, self.sources = options, sources
        self.results = Results(options.work / "results", sources, build.engine_of(options.build))
        self.mutants = mutants
        self.slots = queue.Queue()
        self.failure = None

    def open_slots(self):
        for i in range(self.options.jobs):
            self.slots.put(build.Slot(self.options.build, ROOT, self.options.alloc, self.sources, self.options.work / f"slot-{i}"))

    def run(self, listed):
        short, full = self.options.short, self.options.seconds
        wanted = [m for m in self.mutants if m.id not in listed or self.options.check_argued]
        for seconds in sorted({min(short, full), full}):
            todo = [m for m in wanted if self.is_due(m, seconds)]
            print(f"{len(todo)} mutants to explore for at most {seconds} s each", flush=True)
            if todo and self.slots.empty():
                self.open_slots()
            with ThreadPoolExecutor(self.options.jobs) as pool:
                for number, (mutant, result) in enumerate(pool.map(lambda m: self.one(m, seconds), todo), 1):
                    self.say(number, len(todo), mutant, result)

    def is_due(self, mutant, seconds):
        result = self.results.load(mutant)
        return result["status"] == "new" or (result["status"] == "missed" and result["seconds"] < seconds)

    def one(self, mutant, seconds):
        slot = self.slots.get()
        try:
            program = slot.folder / "mutant"
            status, said = slot.make(mutant, program)
            result = {"status": status, "by": said}
            if status == "built":
                # Another seed for the second, longer search: the first part of it would be the same again.
                result = explore(program, seconds, self.options.seed + (0 if seconds == self.options.short else 1))
        finally:
            self.slots.put(slot)
        self.results.save(mutant, result)
        return mutant, result

    @staticmethod
    def say(number, total, mutant, result):
        more = f" in {result['seconds']} s" if result["status"] == "found" else ""
        print(f"[{number}/{total}] {result['status']}{more}: {argued.head_of(mutant)[:110]}", flush=True)


def as_patch(mutant, sources):
    name = f"alloc/mem/{mutant.file}"
    lines = unified_diff(sources[mutant.file].splitlines(True), mutant.text.splitlines(True), f"a/{name}", f"b/{name}")
    return "".join(lines)


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("verb", choices=("run", "score", "list", "patch"),
                        help="run: explore and print the score; score: of the results so far; list: all mutants; "
                             "patch: one of them, for ./farm try")
    parser.add_argument("id", nargs="?", help="of patch: which mutant")
    parser.add_argument("--build", type=Path, help="a Ninja build folder in which rcufarm is built")
    parser.add_argument("--alloc", type=Path, default=ROOT / "alloc", help="the allocator to mutate, or a copy of it")
    parser.add_argument("--work", type=Path, default=ROOT / "build/mutation", help="where results are kept")
    parser.add_argument("--seconds", type=int, default=60, help="of the search of one mutant")
    parser.add_argument("--short", type=int, default=5, help="of the first search, which finds most")
    parser.add_argument("--jobs", type=int, default=1, help="mutants at a time; one core each")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kind", action="append", choices=operators.KINDS, help="only these; may be given again")
    parser.add_argument("--only", metavar="REGEX", help="only mutants whose line in the list matches")
    parser.add_argument("--check-argued", action="store_true", help="explore those on the list of equivalents, too")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    if options.verb in ("run", "score") and options.build is None:
        parser.error("--build is missing: a folder made by cmake --preset release, with rcufarm built in it")
    if (options.verb == "patch") != (options.id is not None):
        parser.error("patch wants the id of a mutant, and nothing else does")
    if options.build:
        options.build = options.build.resolve()
    options.work, options.alloc = options.work.resolve(), options.alloc.resolve()
    return options


def main(arguments):
    options = parse(arguments)
    sources = sources_of(options.alloc)
    every = operators.mutants_of(sources)
    mutants = score.chosen(every, options.kind, options.only)
    if options.verb == "list":
        for mutant in mutants:
            print(argued.head_of(mutant))
        return 0
    if options.verb == "patch":
        one = [mutant for mutant in every if mutant.id == options.id]
        if not one:
            print(f"there is no mutant {options.id}; `list` prints them all", file=sys.stderr)
            return 2
        print(as_patch(one[0], sources), end="")
        return 0
    entries = argued.read((HERE / "equivalent.txt").read_text())
    listed, stale = argued.match(entries, every)
    campaign = Campaign(options, sources, mutants)
    if options.verb == "run":
        campaign.run(listed)
    result = score.Score(mutants, listed, stale, campaign.results)
    print(json.dumps(result.as_json(), indent=1) if options.json else result.as_text())
    return 0 if result.complete() else 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (build.BuildFailed, argued.Malformed, OSError) as error:
        print(f"mutate: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("mutate: stopped; what was done is kept, and the same command goes on from there", file=sys.stderr)
        sys.exit(2)
