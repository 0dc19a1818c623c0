#!/usr/bin/env python3
"""Inline functions of the given tree's own headers, for names that the shim has not.

Job: helpers.py LOG COPY [CONFIG_NAME=0|1]...: for each name that the compiler missed (missing.py) and that a header of COPY, or of the tree that
its link `origin` leads to, defines as an inline function or a macro, puts that definition into COPY/taken.h, which is included first, and says
so. Of several definitions it is the one that the build's options choose. What such a definition needs in turn is looked for when it is missed
itself; where that comes to no end, or to a type or a function that no header defines inline, all of it goes again, and the name that the file
wanted is told as missing. The text stays in COPY: it is the user's tree's. helpers.py --again COPY [CONFIG_NAME=0|1]...: what was taken
before, from the headers as they are now.

Exit 0: something was taken or went, so another build may get on; 1: nothing did.
"""

import sys

sys.dont_write_bytecode = True  # the folder is the sources'

import functools
import re
from dataclasses import dataclass
from pathlib import Path

from missing import ERROR, declared_in, unknown_in
from options import usual

HEAD = "// Of the given tree's own headers. Made by helpers.py.\n#include <linux/bpf.h>\n#include <linux/llist.h>\n\n"
TAKEN = re.compile(r"^// Taken: (\w+)(?: for (\w+))?\n", re.MULTILINE)
LEFT = re.compile(r"^// Not taken: (\w+)\n", re.MULTILINE)
# Names one behind the other, each for a build more. What needs more of them is no helper.
CHAIN_MAX = 4


def holds(condition, config):
    """Of an #if, as far as options of the kernel say it; None: it asks for something else."""
    condition = re.sub(r"\bdefined\s*\(?\s*__KERNEL__\b\s*\)?", " True ", condition)  # the other half is for programs
    asked = re.sub(r"\b(?:defined|IS_ENABLED|IS_BUILTIN)\s*(?:\(\s*(CONFIG_\w+)\s*\)|(CONFIG_\w+))",
                   lambda found: f" {config.get(found[1] or found[2], '0') == '1'} ", condition)
    words = re.sub(r"&&", " and ", re.sub(r"\|\|", " or ", re.sub(r"!(?!=)", " not ", asked)))
    if not re.fullmatch(r"(?:True|False|and|or|not|[()\s])+", words):
        return None
    try:
        return bool(eval(words))  # of the words above alone
    except SyntaxError:
        return None


def is_compiled(text, at, config):
    """Does an #if around it leave it out?"""
    stack = []
    for line in re.finditer(r"^[ \t]*#[ \t]*(if|ifdef|ifndef|elif|else|endif)\b((?:[^\n]*\\\n)*[^\n]*)", text[:at], re.MULTILINE):
        word, condition = line[1], re.sub(r"/\*.*?\*/|//.*|\\\n", " ", line[2]).strip()
        if word == "endif":
            if stack:
                stack.pop()
        elif word in ("if", "ifdef", "ifndef"):
            stack.append([holds({"if": "", "ifdef": "defined ", "ifndef": "!defined "}[word] + condition, config)])
        elif stack:  # what stands before it in the chain, and does not hold
            before = stack[-1]
            before.append(holds(condition, config) if word == "elif" else True)
            if any(earlier is True for earlier in before[:-1]):
                before[-1] = False
    return all(chain[-1] is not False for chain in stack)


def inline_function(text, name, config=None):
    """The definition of an inline function, with its braces; None: there is none."""
    for found in re.finditer(rf"^(?:static\s+(?:__always_)?inline|static\s+__always_inline)\b[^;{{}}()]*\b{name}\s*\([^;{{}}]*\)\s*{{",
                             text, re.MULTILINE):
        depth, end = 1, found.end()
        while depth and end < len(text):
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            end += 1
        if depth == 0 and (config is None or is_compiled(text, found.start(), config)):
            return text[found.start():end]
    return None


def macro(text, name, config=None):
    for found in re.finditer(rf"^#\s*define\s+{name}\b(?:[^\n]*\\\n)*[^\n]*$", text, re.MULTILINE):
        if config is None or is_compiled(text, found.start(), config):
            return found[0]
    return None


@functools.cache
def headers_of(folder):
    """The shortest name first."""
    headers = sorted((folder / "include" / "linux").rglob("*.h"), key=lambda header: (len(header.name), header))
    return [(header.relative_to(folder / "include").as_posix(), header.read_text(errors="replace")) for header in headers]


def definition(copy, name, config):
    """Where it is defined, and how. What a patch changed is in the copy."""
    for folder in (copy, copy / "origin"):
        for header, text in headers_of(folder):
            if has_word(text, name) and (found := inline_function(text, name, config) or macro(text, name, config)):
                return header, found
    return None


def has_word(text, name):
    return name in text and re.search(rf"\b{name}\b", text) is not None


@dataclass
class Taken:
    wanted_by: str | None  # None: the file itself
    header: str
    text: str


class Helpers:
    """What taken.h has."""

    def __init__(self, copy, config):
        self.copy, self.config, self.file = copy, config, copy / "taken.h"
        self.old = self.file.read_text()
        parts = TAKEN.split(self.old.removeprefix(HEAD))
        self.left = dict.fromkeys(LEFT.findall(parts[0]))
        self.taken = {name: Taken(wanted_by, "", text.strip("\n")) for name, wanted_by, text in zip(parts[1::3], parts[2::3], parts[3::3])}

    def write(self):
        text = "".join(f"// Not taken: {name}\n" for name in self.left)
        for name, one in self.taken.items():
            text += f"// Taken: {name}{f' for {one.wanted_by}' if one.wanted_by else ''}\n{one.text}\n\n"
        if HEAD + text != self.old and (text or self.old):
            self.file.write_text(HEAD + text)

    def chain(self, name):
        """From a name that was taken to the one that the file wants."""
        names = []
        while name in self.taken and name not in names:
            names.append(name)
            name = self.taken[name].wanted_by
        return names

    def wanted_by(self, name, place):
        """Whose definition has it; None: the file itself has."""
        if place.name != "taken.h" and (not place.is_file() or has_word(place.read_text(errors="replace"), name)):
            return None
        # A name that is put together stands nowhere.
        return next((taken for taken, one in self.taken.items() if taken != name and has_word(one.text, name)), next(iter(self.taken), None))

    def take(self, name, wanted_by):
        if found := definition(self.copy, name, self.config):
            self.taken[name] = Taken(wanted_by, *found)
        return found is not None

    def give_up(self, wanted, why):
        """What was taken for a name that the file wants. It is told as missing by the next build."""
        print(f"  {wanted} is not taken from the tree's own headers: {why}")
        self.left[wanted] = None
        self.taken = {name: one for name, one in self.taken.items() if self.chain(name)[-1] != wanted}

    def put_in_order(self):
        """What others need comes first."""
        ordered = {}

        def put(name, above):
            for other in self.taken:
                if other not in ordered and other not in above and has_word(self.taken[name].text, other):
                    put(other, {*above, other})
            ordered.setdefault(name, self.taken[name])

        for name in [*self.taken]:
            put(name, {name})
        self.taken = ordered

    def look_at(self, said):
        """Takes what the compiler missed; True: another build may get on."""
        before, hopeless = [*self.taken], {}
        for name, (place, is_type) in missed(said).items():
            if not name.isidentifier() or name in self.left:
                continue
            wanted_by = self.wanted_by(name, place)
            chain = self.chain(wanted_by)
            if name in before:  # and what it needs stands above it
                hopeless.setdefault(self.chain(name)[-1], f"with it the compiler misses {name} still")
            elif len(chain) >= CHAIN_MAX:
                hopeless.setdefault(chain[-1], f"it needs more than {CHAIN_MAX} names one behind the other, the last of them {name}")
            elif (is_type or not self.take(name, wanted_by)) and chain and self.is_declared(name):
                hopeless.setdefault(chain[-1], f"it needs {name}, which is no inline function and no macro")
        if not hopeless and [*self.taken] == before:
            for at, error in self.wrong(said):
                hopeless.setdefault(self.chain(at)[-1], f"in it the compiler finds: {error}")
        for wanted, why in hopeless.items():
            self.give_up(wanted, why)
        for name in [name for name in self.taken if name not in before]:
            print(f"  {name} is taken from the tree's own {self.taken[name].header}")
        self.put_in_order()
        return bool(hopeless) or [*self.taken] != before

    def is_declared(self, name):
        return any(declared_in(folder, name) for folder in (self.copy, self.copy / "origin"))

    def wrong(self, said):
        """In which definition there is an error, and which."""
        at = {}  # by line
        for line, text in enumerate(self.old.splitlines(), 1):
            if found := TAKEN.match(text + "\n"):
                name = found[1]
            at[line] = name if found or at.get(line - 1) else None
        for error in ERROR.finditer(said):
            if error["file"].endswith("/taken.h") and (name := at.get(int(error["line"]))):
                yield name, error["text"]

    def take_again(self):
        before, self.taken, self.left = self.taken, {}, {}
        for name, one in before.items():
            if self.take(name, one.wanted_by):
                print(f"  {name} is taken from the tree's own {self.taken[name].header}")
        return bool(self.taken)


def missed(said):
    """By the compiler: where, and whether it is a struct or its like. (A function may have the same name.)"""
    names = {}
    for error in ERROR.finditer(said):
        if name := unknown_in(said, error):
            names.setdefault(name, (Path(error["file"]), re.search(rf"incomplete|'(?:struct|union|enum) {name}'", error["text"]) is not None))
    return names


def main(log, copy, *options):
    helpers = Helpers(Path(copy), usual() | dict(option.split("=") for option in options))
    got_on = helpers.take_again() if log == "--again" else helpers.look_at(Path(log).read_text(errors="replace"))
    helpers.write()
    return 0 if got_on else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
