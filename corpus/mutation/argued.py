"""The mutants that are argued to be equivalent: equivalent.txt.

Job: read the list, match it with mutants, and say what in it is stale. Pure, but for the file.

An entry is a line `id kind file function | what` (as `mutate.py list` prints it) and below it, indented, the reason; entries in
a row share the reason below the last of them. The id
is made of the function's code and of the change: when the code changes, the entry is stale and says so. A line
`rule NAME kind REGEX` argues for all mutants of a kind whose `file function | what` matches; a rule that matches nothing is
stale.
"""

import re
from dataclasses import dataclass, field


class Malformed(Exception):
    """The list cannot be read."""


@dataclass
class Entry:
    head: str
    id: str = ""
    kind: str = ""
    pattern: object = None
    reason: str = ""
    matched: list = field(default_factory=list)


def place_of(mutant):
    return f"{mutant.file} {mutant.function} | {mutant.what}"


def head_of(mutant):
    return f"{mutant.id} {mutant.kind} {place_of(mutant)}"


def entry_of(line, number):
    rule = re.fullmatch(r"rule (\S+) (\w+) (.+)", line)
    if rule:
        try:
            return Entry(line, kind=rule.group(2), pattern=re.compile(rule.group(3)))
        except re.error as error:
            raise Malformed(f"line {number}: the expression is wrong: {error}") from error
    one = re.fullmatch(r"([0-9a-f]{10}) (\w+) (.+)", line)
    if not one:
        raise Malformed(f"line {number}: expected `id kind file function | what` or `rule NAME kind REGEX`: {line[:60]}")
    return Entry(line, id=one.group(1), kind=one.group(2))


def read(text):
    entries = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        if not line.startswith(" "):
            entries.append(entry_of(line.rstrip(), number))
        elif not entries:
            raise Malformed(f"line {number}: a reason without an entry")
        else:
            entries[-1].reason += line.strip() + " "
    reason = ""
    for entry in reversed(entries):
        reason = entry.reason = entry.reason or reason
    if entries and not entries[-1].reason:
        raise Malformed(f"no reason is given for: {entries[-1].head[:80]}")
    return entries


def match(entries, mutants):
    """{mutant id: entry}, and the stale entries."""
    argued = {}
    for mutant in mutants:
        for entry in entries:
            fits = entry.id == mutant.id if entry.id else (
                entry.kind == mutant.kind and entry.pattern.search(place_of(mutant)))
            if fits:
                entry.matched.append(mutant)
                argued.setdefault(mutant.id, entry)
    return argued, [entry for entry in entries if not entry.matched]
