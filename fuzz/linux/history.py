#!/usr/bin/env python3
"""The allocator through its history: which commit brought a finding, and which one took it away.

Job: history.py history --repo PATH explores each commit that touched the allocator's files and writes a table; history.py bisect FINDING
--repo PATH looks for one signature by bisection. A commit is built and explored once for each content (commits.py): what was done
before is read, so that a run that was stopped goes on. Called by `./farm kernel history` and `./farm kernel bisect`, from the
project's folder, with the build folder's settings made.

Exit 0: the table is written, or the commits are named; 1: bisect cannot say; 2: bad use.
"""

import sys

sys.dont_write_bytecode = True  # the folder is the sources'

import argparse
import json
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ancestry import Ancestry
from commits import BadUse, Commits


def explored(program, seconds, *words):
    """What one search says: signature to how often, or a sentence."""
    done = subprocess.run([program, "explore", "--json", "--no-minimize", "--no-save", "--seconds", str(seconds), *words],
                          capture_output=True, text=True)
    if done.returncode not in (0, 1):
        return ((done.stderr or done.stdout).strip().splitlines() or [f"it ended with {done.returncode}"])[-1]
    said = json.loads(done.stdout)
    return {found["signature"]: {"former": found["former_signature"], "seen": found["seen"], "after": round(found["at_seconds"], 2),
                                 "model": found["model"], "of": said["searched"]["schedules"]} for found in said["findings"]}


def findings_of(program, seconds, models):
    """All models share the time; what a stronger one shows is not told again."""
    found = {}
    for model in models:
        said = explored(program, seconds / len(models), "--model", model, "--keep-going")
        if isinstance(said, str):
            return said
        for signature, what in said.items():
            found.setdefault(signature, what)
    return found


class History:
    def __init__(self, commits, options):
        self.commits, self.options = commits, options
        self.results = commits.work / "results"
        self.results.mkdir(parents=True, exist_ok=True)

    def result(self, commit):
        """Of one commit, from before or anew."""
        program, trouble = self.commits.program(commit)
        if trouble:
            return trouble
        file = self.results / f"{program.name}-{self.options.seconds:g}-{'-'.join(self.options.models)}.json"
        if file.is_file():
            return json.loads(file.read_text())
        found = findings_of(program, self.options.seconds, self.options.models)
        if not isinstance(found, str):
            file.write_text(json.dumps(found))
        return found

    def rows(self):
        commits = self.commits.listed(self.options.range)
        self.commits.build(commits, self.options.jobs)
        # Commits of one content are one search.
        first = {}
        for commit in commits:
            first.setdefault(self.commits.key(commit), commit)
        done = 0
        with ThreadPoolExecutor(self.options.jobs) as pool:
            results = {}
            for key, result in zip(first, pool.map(self.result, first.values())):
                results[key] = result
                done += 1
                print(f"  {done} of {len(first)}: {first[key].short} {first[key].subject}", file=sys.stderr)
        return [(commit, results[self.commits.key(commit)]) for commit in commits]


STRONGEST_FIRST = ("sc", "tso", "kernel", "c11")


def shown_by(signature, what, before):
    """How often, and by which model. Two mistakes may have one signature: where a stronger model shows it now, it says so."""
    known = before.get(signature)
    is_stronger = known and STRONGEST_FIRST.index(what["model"]) < STRONGEST_FIRST.index(known["model"])
    return f"({what['seen']} of {what['of']}, {what['model']}{'; before: ' + known['model'] + ' alone' if is_stronger else ''})"


def cell(text):
    """In a table."""
    return text.replace("|", "/")


class Rows:
    """The results, and what each commit had before it: of a merge, what all that it merges had."""

    def __init__(self, rows):
        self.results = {commit.name: result for commit, result in rows}
        self.ancestry = Ancestry([commit for commit, _ in rows])

    def nearest(self, commit):
        return self.ancestry.nearest(commit, lambda one: not isinstance(self.results[one.name], str))

    def before(self, commit):
        found = {}
        for parent in self.nearest(commit):
            for signature, what in self.results[parent.name].items():
                known = found.setdefault(signature, what)
                if STRONGEST_FIRST.index(what["model"]) < STRONGEST_FIRST.index(known["model"]):
                    found[signature] = what
        return found

    def has(self, commit, signature):
        return signature in self.results[commit.name]

    def first_bad(self, signature):
        return [commit for commit in self.ancestry.commits if not isinstance(self.results[commit.name], str) and self.has(commit, signature)
                and not any(self.has(parent, signature) for parent in self.nearest(commit))]

    def first_good(self, bad, signature):
        """Those that end it, on each branch: all before them that come from `bad` have it, or had it from there on."""
        later, ill, good = {bad.name}, {bad.name}, []
        for commit in self.ancestry.since(bad)[1:]:
            if isinstance(self.results[commit.name], str):
                continue
            parents = [parent for parent in self.nearest(commit) if parent.name in later]
            later.add(commit.name)
            if not parents:
                continue
            if self.has(commit, signature):
                if any(parent.name in ill for parent in parents):
                    ill.add(commit.name)
            elif all(parent.name in ill for parent in parents):
                good.append(commit)
        return good


def table(rows):
    """Commit by commit; what appears has a +, what goes a -."""
    lines = ["| commit | date | what it says | builds | findings |", "|---|---|---|---|---|"]
    known = Rows(rows)
    for commit, result in rows:
        before = known.before(commit)
        head = f"| `{commit.short}` | {commit.date} | {cell(commit.subject)} |"
        if isinstance(result, str):
            lines.append(f"{head} no: {cell(result)} | |")
            continue
        cells = [("" if signature in before else "+ ") + f"`{cell(signature)}` {shown_by(signature, what, before)}"
                 for signature, what in result.items()]
        cells += [f"- `{cell(signature)}`" for signature in before if signature not in result]
        lines.append(f"{head} yes | {'<br>'.join(cells) or 'nothing found'} |")
    return lines


def spans(rows):
    """Of each finding, the first bad and the first good commit behind it, for each time that it came."""
    lines = ["| finding | first bad | first good |", "|---|---|---|"]
    known = Rows(rows)
    for signature in dict.fromkeys(signature for _, result in rows if not isinstance(result, str) for signature in result):
        for bad in known.first_bad(signature):
            good = "<br>".join(f"`{commit.short}` {cell(commit.subject)}" for commit in known.first_good(bad, signature))
            lines.append(f"| `{cell(signature)}` | `{bad.short}` {cell(bad.subject)} | {good or 'none yet'} |")
    return lines


def history(commits, options):
    rows = History(commits, options).rows()
    text = "\n".join([*table(rows), "", *spans(rows)]) + "\n"
    if options.output:
        Path(options.output).write_text(text)
    print(text, end="")
    if rows and all(isinstance(result, str) for _, result in rows):
        raise BadUse("none of the commits builds: nothing was searched, and why stands in the table")
    return 0


class Bisection:
    """Does a commit show the signature? Asked once each."""

    def __init__(self, commits, signature, finding, options):
        self.commits, self.signature, self.finding, self.options = commits, signature, finding, options
        self.known = {}

    def shows(self, commit):
        """True, False, or None where it does not build."""
        key = self.commits.key(commit)
        if key not in self.known:
            self.known[key] = self.ask(commit)
            print(f"  {commit.short} {commit.date} {commit.subject}: "
                  f"{ {True: 'shows it', False: 'does not', None: 'does not build'}[self.known[key]] }", file=sys.stderr)
        return self.known[key]

    def ask(self, commit):
        self.commits.build([commit], self.options.jobs)
        program, trouble = self.commits.program(commit)
        if trouble:
            return None
        # Near the schedule that showed it, for half of the time; then anywhere.
        models = self.options.models
        seconds = self.options.seconds / (2 if self.finding else 1)
        searches = [(seconds / len(models), ["--model", model, "--keep-going"]) for model in models]
        if self.finding:
            searches.insert(0, (seconds, ["--near", self.finding]))
        for limit, words in searches:
            said = explored(program, limit, *words)
            if isinstance(said, str):
                raise BadUse(f"the search of {commit.short} failed: {said}")
            # A finding that was saved before signatures told causes has another.
            if self.signature in said or self.signature in (what["former"] for what in said.values()):
                return True
        return False

    def change(self, commits, low, high):
        """Between two that differ: the first that is as `high` is."""
        wanted = self.shows(commits[high])
        while True:
            inner = sorted(range(low + 1, high), key=lambda i: abs(2 * i - low - high))
            middle = next((i for i in inner if self.shows(commits[i]) is not None), None)
            if middle is None:
                return high, [commits[i] for i in range(low + 1, high)]
            low, high = (low, middle) if self.shows(commits[middle]) == wanted else (middle, high)

    def introduced(self, ancestry, bad):
        """Up to `bad`, the one that shows it while none before it does. None: it was there from the first on, which is the second answer."""
        while True:
            before = ancestry.up_to(bad)
            low = next(i for i, commit in enumerate(before) if self.shows(commit) is not None)
            if self.shows(before[low]):
                return None, before[low]
            at, skipped = self.change(before, low, len(before) - 1)
            # The list has branches one behind the other: one that is merged may have brought it.
            bad = next((parent for parent in self.nearest(ancestry, before[at]) if self.shows(parent)), None)
            if bad is None:
                return before[at], skipped

    def fixed(self, ancestry, bad, high):
        """From `bad` up to `high`, the one that does not show it while all before it do that come from `bad`."""
        since = ancestry.since(bad)
        names = {commit.name for commit in since}
        while True:
            up_to = {commit.name for commit in ancestry.up_to(high)}
            between = [commit for commit in since if commit.name in up_to]
            at, skipped = self.change(between, 0, len(between) - 1)
            high = next((parent for parent in self.nearest(ancestry, between[at]) if parent.name in names and not self.shows(parent)), None)
            if high is None:
                return between[at], skipped

    def nearest(self, ancestry, commit):
        return ancestry.nearest(commit, lambda one: self.shows(one) is not None)

    def a_bad_one(self, commits):
        """Where neither end shows it: the middle first, then the quarters."""
        step = len(commits)
        while step > 1:
            step = (step + 1) // 2
            for i in range(step, len(commits), step):
                if self.shows(commits[i]):
                    return i
            if step == 1:
                return None
        return None


def told(what, commit, skipped):
    print(f"{what}: {commit.name} {commit.date} {commit.subject}")
    if skipped:
        print(f"  or one of {len(skipped)} before it that do not build: {', '.join(c.short for c in skipped)}")


def bisect(commits, options):
    finding = Path(options.finding) if Path(options.finding).is_file() else None
    signature = options.finding
    if finding:
        line = re.search(r"^signature (.*)$", finding.read_text(errors="replace"), re.MULTILINE)
        if not line:
            raise BadUse(f"{finding} is no finding: it has no line `signature ...`. Give a file that explore saved, or a signature")
        signature = line[1]
    listed = commits.between(options.good, options.bad)
    search = Bisection(commits, signature, finding, options)
    places = range(len(listed))
    low, high = (next((i for i in order if search.shows(listed[i]) is not None), None) for order in (places, reversed(places)))
    if low is None:
        raise BadUse("none of the commits builds")
    bad = high if search.shows(listed[high]) else low if search.shows(listed[low]) else search.a_bad_one(listed)
    if bad is None:
        print(f"None of {len(search.known)} commits that were asked shows `{signature}` within {options.seconds:g} seconds: give more --seconds, "
              "or --good and --bad")
        return 1
    ancestry = Ancestry(listed)
    commit, found = search.introduced(ancestry, listed[bad])
    if commit is None:
        print(f"It is there at {found.short} already, the first of those asked.")
    else:
        told("Introduced by", commit, found)
    # From there on, since the one that showed it first may stand on a branch.
    first = commit or found
    last = next(one for one in reversed(ancestry.since(first)) if search.shows(one) is not None)
    if search.shows(last):
        print(f"It is there at {last.short} still, the last of those asked.")
    else:
        told("Fixed by", *search.fixed(ancestry, first, last))
    return 0


def parsed(arguments):
    parser = argparse.ArgumentParser(prog="./farm kernel", description=__doc__.splitlines()[0])
    verbs = parser.add_subparsers(dest="verb", required=True)
    table_of = verbs.add_parser("history", help="a table of all commits that touched the allocator")
    table_of.add_argument("--range", default="", help="as git log's: v6.1..v6.12")
    table_of.add_argument("--output", default="", help="a file for the table, as well")
    one = verbs.add_parser("bisect", help="which commit brought a finding, and which one took it away")
    one.add_argument("finding", help="a saved finding, or its signature")
    one.add_argument("--good", default="", help="a commit before it came")
    one.add_argument("--bad", default="", help="a commit that shows it, or the last to be looked at")
    for verb in (table_of, one):
        verb.add_argument("--repo", required=True, help="a git repository with the file; bare or partial will do")
        verb.add_argument("--seconds", type=float, default=20, help="for each commit (20)")
        verb.add_argument("--model", dest="models", action="append", choices=("sc", "tso", "kernel", "c11"),
                          help="search under this one; may be given again (sc and kernel)")
        verb.add_argument("--jobs", type=int, default=1, help="commits side by side (1)")
        verb.add_argument("--target", choices=("linux", "alloc"), default="linux", help="alloc: this project's own allocator")
        verb.add_argument("--build", default="build/kernel/cmake", help=argparse.SUPPRESS)
        verb.add_argument("--work", default="build/kernel/history", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    options.models = options.models or ["sc", "kernel"]
    if options.seconds <= 0 or options.jobs < 1:
        raise BadUse("--seconds and --jobs want numbers above 0")
    return options


def main(arguments):
    options = parsed(arguments)
    commits = Commits(options.repo, options.target, Path(options.build), Path(options.work))
    return {"history": history, "bisect": bisect}[options.verb](commits, options)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except BadUse as bad:
        print(f"history: {bad}", file=sys.stderr)
        sys.exit(2)
