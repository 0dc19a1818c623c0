#!/usr/bin/env python3
"""Inline functions of the given tree's own headers, for names that the shim has not.

Job: helpers.py LOG COPY: for each name that the compiler missed (missing.py) and that a header of COPY, or of the tree that its link
`origin` leads to, defines as an inline function or a macro, puts that definition into COPY/taken.h, which is included first, and says
so. What such a function calls in turn is looked for when it is missed itself. The text stays in COPY: it is the user's tree's.

Exit 0: something was taken, so another build may get on; 1: nothing was.
"""

import sys

sys.dont_write_bytecode = True  # the folder is the sources'

import re
from pathlib import Path

from missing import ERROR, UNKNOWN, kernel_name

HEAD = "// Of the given tree's own headers. Made by helpers.py.\n#include <linux/bpf.h>\n#include <linux/llist.h>\n\n"


def inline_function(text, name):
    """The definition of an inline function, with its braces; None: there is none."""
    found = re.search(rf"^(?:static\s+(?:__always_)?inline|static\s+__always_inline)\b[^;{{}}()]*\b{name}\s*\([^;{{}}]*\)\s*{{",
                      text, re.MULTILINE)
    if not found:
        return None
    depth, end = 1, found.end()
    while depth and end < len(text):
        depth += {"{": 1, "}": -1}.get(text[end], 0)
        end += 1
    return text[found.start():end] if depth == 0 else None


def macro(text, name):
    found = re.search(rf"^#\s*define\s+{name}\b(?:[^\n]*\\\n)*[^\n]*$", text, re.MULTILINE)
    return found[0] if found else None


def definition(copy, name):
    """Where it is defined, and how. What a patch changed is in the copy."""
    for folder in (copy, copy / "origin"):
        for header in sorted((folder / "include" / "linux").rglob("*.h"), key=lambda header: (len(header.name), header)):
            text = header.read_text(errors="replace")
            if re.search(rf"\b{name}\b", text) and (found := inline_function(text, name) or macro(text, name)):
                return header.relative_to(folder / "include").as_posix(), found
    return None


def main(log, copy):
    copy = Path(copy)
    names = dict.fromkeys(kernel_name(unknown["name"]) for error in ERROR.finditer(Path(log).read_text(errors="replace"))
                          if (unknown := UNKNOWN.search(error["text"])))
    file = copy / "taken.h"
    old = file.read_text() or HEAD
    new = ""
    for name in names:
        if not name.isidentifier() or inline_function(old + new, name) or macro(old + new, name):
            continue
        if found := definition(copy, name):
            print(f"  {name} is taken from the tree's own {found[0]}")
            new += f"{found[1]}\n\n"
    if not new:
        return 1
    # What was missed last is what the others need.
    file.write_text(HEAD + new + old.removeprefix(HEAD))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
