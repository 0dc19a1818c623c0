#!/usr/bin/env python3
"""What --config says, as the build wants it; and which options of the kernel a build has.

Job: options.py TARGET COPY WORDS prints WORDS (CONFIG_NAME=y, n, 1 or 0, and RULE_NAME=VALUE), y as 1 and n as 0. An option that neither the
files of COPY nor the shim ask for changes nothing, and is misspelt perhaps: an end. Values of rules are for rules.py to judge.

Exit 0: printed; 2: a word is none of these, and the sentence on stderr says what to do.
"""

import sys

sys.dont_write_bytecode = True  # the folder is the sources'

import re
from pathlib import Path

HERE = Path(__file__).parent
VALUES = {"1": "1", "y": "1", "0": "0", "n": "0"}


class BadUse(Exception):
    """A sentence that says what to do."""


def usual():
    """The options that a build has if nobody says otherwise: CMakeLists.txt has the list."""
    listed = re.search(r"^set\(RCUFARM_LINUX_CONFIG ([^)]*)\)", (HERE / "CMakeLists.txt").read_text(), re.MULTILINE)[1]
    return dict(word.split("=") for word in listed.split())


def asked_for(copy):
    """By the files, and by the shim."""
    files = [file for file in sorted(copy.rglob("*.[ch]")) if "origin" not in file.relative_to(copy).parts]
    files += [file for folder in ("include", "pools") for file in sorted((HERE / folder).rglob("*.[ch]"))] + [HERE / "calls.c"]
    return {name for file in files for name in re.findall(r"\bCONFIG_[A-Z0-9_]+\b", re.sub(r"//[^\n]*", "", file.read_text(errors="replace")))}


def said(target, copy, words):
    names = sorted(asked_for(copy) | set(usual()))
    for word in words:
        name, _, value = word.partition("=")
        if name.startswith("RULE_"):
            if target != "linux":
                raise BadUse(f"{word}: rules are memalloc.c's, and {target} has none")
            yield word
        elif not re.fullmatch(r"CONFIG_[A-Z0-9_]+", name) or value not in VALUES:
            raise BadUse(f"{word} is no option of the kernel. Write CONFIG_NAME=y, or CONFIG_NAME=n to take one away; and RULE_NAME=VALUE for a rule")
        elif name not in names:
            raise BadUse(f"{name} is asked for nowhere, neither in the file nor in its headers here: it would change nothing. There are: {', '.join(names)}")
        else:
            yield f"{name}={VALUES[value]}"


def main(target, copy, words=""):
    print(" ".join(said(target, Path(copy), words.split())))


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except BadUse as bad:
        print(f"options: {bad}", file=sys.stderr)
        sys.exit(2)
