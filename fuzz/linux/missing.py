#!/usr/bin/env python3
"""What a file of the kernel needs and the shim does not have: from the compiler's words.

Job: missing.py LOG TREE prints for each unknown name its place, the header of TREE that declares it (or that TREE has none), and the
shim's header to add it to; then every error of another kind, under its own heading. Names are the kernel's: a guard is called
guard(KIND). Reads the log and the tree's include folder.

Exit 0: printed; 1: the log has no error of a compiler.
"""

import sys

sys.dont_write_bytecode = True  # the folder is the sources'

import functools
import itertools
import re
from pathlib import Path

ERROR = re.compile(r"^(?P<file>[^\s:][^:\n]*):(?P<line>\d+):(?:\d+:)? (?:fatal )?error: (?P<text>.*)$", re.MULTILINE)
UNKNOWN = re.compile(r"(?:undeclared (?:library )?function|undeclared identifier|unknown type name|incomplete type|"
                     r"incomplete definition of type|invalid application of 'sizeof' to an incomplete type)"
                     r"[^']*'(?:struct |union |enum )?(?P<name>\w+)")
NO_MEMBER = re.compile(r"no member named '(?P<name>\w+)' in '(?P<type>struct \w+)'")
NO_HEADER = re.compile(r"'(?P<name>[a-z/_0-9.-]+\.h)' file not found")
UNDEFINED = re.compile(r"undefined reference to `(?P<name>\w+)'")
HINT = re.compile(r"(?:\n(?! *\S+: error: ).*){0,4}?\n[^\n]*: note: did you mean '(?P<name>\w+)'\?")
# What the shim makes of a guard's kind, a class, a way to free; what the file says; and by what a header of the kernel defines it.
SCOPED = ((re.compile(r"^rcufarm_guard_(?:begin_|end_|is_held_)?(\w+)$"), "guard({})", r"DEFINE_(?:LOCK_)?GUARD(?:_[0-9])?\(\s*{}\s*,"),
          (re.compile(r"^rcufarm_class_(?:begin_|end_)?(\w+)$"), "CLASS({})", r"(?:DEFINE|EXTEND)_CLASS\(\s*{}\s*,"),
          (re.compile(r"^rcufarm_free_(\w+)$"), "__free({})", r"DEFINE_FREE\(\s*{}\s*,"))
COND_GUARD = re.compile(r"DEFINE_(?:LOCK_)?GUARD(?:_1)?_COND\(\s*(\w+)\s*,\s*(\w+)\s*,")
# Outside of functions a macro that nobody defines looks like a function without a type.
NO_TYPE = re.compile(r"^type specifier missing|^a parameter list without types|^expected parameter declarator")
MACRO_CALL = re.compile(r"\n *\d+ \| *(?:static +)?(?P<name>[A-Z_][A-Z0-9_]{3,}) *\(")


def unknown_in(log, error):
    """The name that this error says nobody has; None: it is of another kind."""
    name = None
    if unknown := UNKNOWN.search(error["text"]):
        name = kernel_name(unknown["name"])
    elif NO_TYPE.search(error["text"]) and (call := MACRO_CALL.match(log, error.end())):
        name = call["name"]
    # A macro that is there, in the shim or in the file itself, is not missing: it is used as it cannot be.
    return None if name and (name in macros_of_the_shim() or name in macros_in(Path(error["file"]))) else name


def macros_in(file):
    return set(re.findall(r"^#\s*define\s+(\w+)", file.read_text(errors="replace"), re.MULTILINE)) if file.is_file() else set()


@functools.cache
def macros_of_the_shim():
    return set().union(*map(macros_in, (Path(__file__).parent / "include").rglob("*.h")))


def kernel_name(name):
    """What the file says, where the shim has a name of its own behind it."""
    for of_the_shim, of_the_kernel, _ in SCOPED:
        if found := of_the_shim.match(name):
            return of_the_kernel.format(found[1])
    return name.removeprefix("rcufarm_")


def declared_in(tree, name):
    """The header of the tree that declares it, the shortest name first; None: no header of it does."""
    for _, of_the_kernel, defined in SCOPED:
        if scoped := re.fullmatch(re.escape(of_the_kernel).replace(r"\{\}", r"(\w+)"), name):
            pattern = defined.format(scoped[1])
            break
    else:
        pattern = (rf"#\s*define\s+{name}\b|\b(?:struct|union|enum)\s+{name}\s*{{|\btypedef\b[^;]*\b{name}\s*;|"
                   rf"^(?:(?!\breturn\b)[\w\s*])*[\s*]{name}\s*\(|\bextern\b[^;]*\b{name}\b|^\s*{name}\s*[,=]")
    known = re.compile(pattern, re.MULTILINE)
    headers = [header for folder in ("linux", "asm-generic", "net", "uapi/linux")
               for header in sorted((tree / "include" / folder).rglob("*.h"), key=lambda header: (len(str(header)), header))]
    for header in headers:
        text = header.read_text(errors="replace")
        word = scoped[1] if scoped else name
        if (re.search(rf"\b{word}\b", text) and known.search(text)) or (scoped and word in joined_guards(text)):
            return header.relative_to(tree / "include").as_posix()
    return None


def joined_guards(text):
    """Of locks that may fail the kind is put together."""
    return map("".join, COND_GUARD.findall(text))


def where(tree, name):
    header = declared_in(tree, name)
    if header is None:
        return "No header of the given tree declares it"
    return f"The tree has it in {header}. Add it: fuzz/linux/include/{header}"


def line_of(error):
    file = Path(error["file"])
    lines = file.read_text(errors="replace").splitlines() if file.is_file() else []
    return "".join(lines[int(error["line"]) - 1:int(error["line"])])


def is_the_files_own(tree, place, kind):
    """Is that struct defined in the file itself? Then the shim has no part in it."""
    file = tree / place.rsplit(":", 1)[0]
    return file.is_file() and re.search(rf"\b{kind}\s*{{", file.read_text(errors="replace")) is not None


def told(log, tree):
    """Two lists of lines, without doubles and in the log's order: what is missing, and errors of other kinds."""
    missing, others, lines = {}, {}, {}
    for error in ERROR.finditer(log):
        text = error["text"]
        if hint := HINT.match(log, error.end()):  # of a call it is a note of its own
            text += f"; did you mean '{hint['name']}'?"
        as_the_file_has_it = re.sub(r"(?:struct )?\b(rcufarm_\w+)", lambda found: kernel_name(found[1]), text)
        # A place in the copied file is told as in the tree.
        place = re.sub(r"^.*/(?=(?:kernel|lib|include)/)", "", error["file"]) + ":" + error["line"]
        if header := NO_HEADER.search(text):
            line = f"the header <{header['name']}> is missing. Add it: fuzz/linux/include/{header['name']}"
            missing.setdefault(line, place)
        elif name := unknown_in(log, error):
            # A name like another one, which the tree knows nowhere, is misspelt.
            if "did you mean" in text and declared_in(tree, name) is None:
                others.setdefault(as_the_file_has_it, place)
            else:
                line = f"{name} is missing. {where(tree, name)}"
                missing.setdefault(line, place)
                lines.setdefault(line, (name, line_of(error)))
        elif (member := NO_MEMBER.search(text)) and not is_the_files_own(tree, place, member["type"]):
            line = f"{member['type']} has no field {member['name']} in the shim. {where(tree, member['type'].split()[1])}"
            missing.setdefault(line, place)
        else:
            others.setdefault(as_the_file_has_it, place)
    for undefined in UNDEFINED.finditer(log):
        name = kernel_name(undefined["name"])
        missing.setdefault(f"{name} is declared and defined nowhere. {where(tree, name)}", "at the link")
    # What a macro that is missing would have defined: nobody else has its name.
    for line, (name, _) in lines.items():
        if "No header" in line and any(name != other and re.search(rf"\b{name}\b", text) for other, text in lines.values() if other.isupper()):
            del missing[line]
    # What else is wrong with a line that lacks a name comes of that.
    others = {line: place for line, place in others.items() if place not in missing.values()}
    return [[f"  {place}: {line}" for line, place in of.items()] for of in (missing, others)]


def main(log, tree):
    missing, others = told(Path(log).read_text(errors="replace"), Path(tree))
    if missing:
        print("What the file needs and the shim does not have (fuzz/linux/README.md says how to add it):", *missing, sep="\n")
        # The allocator's own is there in any case.
        if len(list(itertools.islice((Path(tree) / "include").rglob("*.h"), 2))) < 2:
            print("The given tree has no headers to look in. Give a whole tree of the kernel: inline functions are taken from there, and the rest is told with "
                  "its header")
    if others:
        print("What the compiler does not take:", *others, sep="\n")
    return 0 if missing or others else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
