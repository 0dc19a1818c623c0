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

from commits import BadUse, Commits


def explored(program, seconds, *words):
    """What one search says: signature to how often, or a sentence."""
    done = subprocess.run([program, "explore", "--json", "--no-minimize", "--no-save", "--seconds", str(seconds), *words],
                          capture_output=True, text=True)
    if done.returncode > 1:
        return (done.stderr or done.stdout).strip().splitlines()[-1]
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


def table(rows):
    """Commit by commit; what appears has a +, what goes a -."""
    lines = ["| commit | date | what it says | builds | findings |", "|---|---|---|---|---|"]
    before = {}
    for commit, result in rows:
        head = f"| `{commit.short}` | {commit.date} | {commit.subject.replace('|', '/')} |"
        if isinstance(result, str):
            lines.append(f"{head} no: {result.replace('|', '/')} | |")
            continue
        cells = [("" if signature in before else "+ ") + f"`{signature}` {shown_by(signature, what, before)}"
                 for signature, what in result.items()]
        cells += [f"- `{signature}`" for signature in before if signature not in result]
        lines.append(f"{head} yes | {'<br>'.join(cells) or 'nothing found'} |")
        before = result
    return lines


def spans(rows):
    """Of each finding, the first bad and the first good commit behind it, for each time that it came."""
    lines = ["| finding | first bad | first good |", "|---|---|---|"]
    built = [(commit, result) for commit, result in rows if not isinstance(result, str)]
    for signature in dict.fromkeys(signature for _, result in built for signature in result):
        bad = None
        for commit, result in built:
            if signature in result and bad is None:
                bad = commit
            elif signature not in result and bad is not None:
                lines.append(f"| `{signature}` | `{bad.short}` {bad.subject} | `{commit.short}` {commit.subject} |")
                bad = None
        if bad is not None:
            lines.append(f"| `{signature}` | `{bad.short}` {bad.subject} | none yet |")
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


def told(what, commits, changed, skipped):
    commit = commits[changed]
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
    if search.shows(listed[low]):
        print(f"It is there at {listed[low].short} already, the first of those asked.")
    else:
        told("Introduced by", listed, *search.change(listed, low, bad))
    if search.shows(listed[high]):
        print(f"It is there at {listed[high].short} still, the last of those asked.")
    else:
        told("Fixed by", listed, *search.change(listed, bad, high))
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
