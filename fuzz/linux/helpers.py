#!/usr/bin/env python3
"""Inline functions of the given tree's own headers, for names that the shim has not.

Job: helpers.py LOG COPY [CONFIG_NAME=0|1]...: for each name that the compiler missed (missing.py) and that a header of COPY, or of the tree that
its link `origin` leads to, defines as an inline function or a macro, puts that definition into COPY/taken.h, which is included first, and says
so. Of several definitions it is the one that the build's options choose. What such a function calls in turn is looked for when it is missed
itself. The text stays in COPY: it is the user's tree's. helpers.py --again COPY [CONFIG_NAME=0|1]...: what was taken before, from the headers
as they are now.

Exit 0: something was taken, so another build may get on; 1: nothing was.
"""

import sys

sys.dont_write_bytecode = True  # the folder is the sources'

import re
from pathlib import Path

from missing import ERROR, unknown_in
from options import usual

HEAD = "// Of the given tree's own headers. Made by helpers.py.\n#include <linux/bpf.h>\n#include <linux/llist.h>\n\n"
TAKEN = re.compile(r"^// Taken: (\w+)$", re.MULTILINE)


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


def definition(copy, name, config):
    """Where it is defined, and how. What a patch changed is in the copy."""
    for folder in (copy, copy / "origin"):
        for header in sorted((folder / "include" / "linux").rglob("*.h"), key=lambda header: (len(header.name), header)):
            text = header.read_text(errors="replace")
            if re.search(rf"\b{name}\b", text) and (found := inline_function(text, name, config) or macro(text, name, config)):
                return header.relative_to(folder / "include").as_posix(), found
    return None


def missed(log):
    """By the compiler."""
    said = Path(log).read_text(errors="replace")
    return dict.fromkeys(name for error in ERROR.finditer(said) if (name := unknown_in(said, error)))


def taken(copy, names, config):
    """Their definitions, as far as there are any; says so."""
    text = ""
    for name in names:
        if found := definition(copy, name, config):
            print(f"  {name} is taken from the tree's own {found[0]}")
            text += f"// Taken: {name}\n{found[1]}\n\n"
    return text


def main(log, copy, *options):
    copy, config = Path(copy), usual() | dict(option.split("=") for option in options)
    file = copy / "taken.h"
    old = file.read_text().removeprefix(HEAD)
    if log == "--again":
        if (again := taken(copy, TAKEN.findall(old), config)) != old:
            file.write_text(HEAD + again)
        return 0 if again else 1
    have = TAKEN.findall(old)
    new = taken(copy, [name for name in missed(log) if name.isidentifier() and name not in have], config)
    if not new:
        return 1
    # What was missed last is what the others need.
    file.write_text(HEAD + new + old)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
