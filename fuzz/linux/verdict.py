#!/usr/bin/env python3
"""The verdict of ./farm kernel: what was found, the gravest first, and what of it the patch brings.

Job: verdict.py list FOLDER --but FOLDER2 prints the files of the findings below FOLDER, one for each signature, for which FOLDER2 has none of
that signature under a model as strong. verdict.py tell FOLDER MODEL... [--without FOLDER --base TREE --source TREE] prints the verdict; --without has what a search without the
patch found, TREE the file's copies. A finding is the file's own without the patch if that shows it under a model as strong. One whose name
speaks of a function that the patch brings is compared by its kind, too: a patch that renames a function breaks nothing.

Reads files; exit 0.
"""

import sys

sys.dont_write_bytecode = True  # the folder is the sources'

import argparse
import re
from dataclasses import dataclass
from pathlib import Path

MODELS = ("sc", "tso", "kernel", "c11")  # the strongest first
GRAVEST_FIRST = ("corruption", "leak")


@dataclass(frozen=True)
class Finding:
    signature: str
    file: Path
    head: tuple  # what a reader has to know first: by which model, how often
    model: str

    @property
    def kind(self):
        return self.signature.split(":", 1)[0]

    @property
    def gravity(self):
        grave = re.search(r" \((\w+)\)\.$", self.head[1]) if len(self.head) > 1 else None
        return GRAVEST_FIRST.index(grave[1]) if grave and grave[1] in GRAVEST_FIRST else len(GRAVEST_FIRST)

    def is_shown_by_as_strong_a_model(self, other):
        return MODELS.index(other.model) <= MODELS.index(self.model)


def read(file, model):
    text = file.read_text(errors="replace")
    head = tuple(line[2:] for line in text.splitlines()[:2] if line.startswith("# "))
    shown = re.match(r"Shown under (\w+):", head[0]) if head else None
    return Finding(re.search(r"^signature (.*)$", text, re.MULTILINE)[1], file, head, shown[1] if shown else model)


def findings_below(folder):
    """One for each signature, the gravest first."""
    all_of_them = [read(file, model) for model in MODELS for file in sorted((folder / model).glob("*.finding"))]
    strongest = {}
    for finding in sorted(all_of_them, key=lambda finding: MODELS.index(finding.model)):
        strongest.setdefault(finding.signature, finding)
    return sorted(strongest.values(), key=lambda finding: finding.gravity)


def words_of(tree):
    return set(re.findall(r"[A-Za-z_]\w*", " ".join(file.read_text(errors="replace") for file in sorted(tree.rglob("*.[ch]"))
                                                     if "origin" not in file.relative_to(tree).parts)))


def other_name(finding, gone, brought):
    """What shows without the patch alone, is of the same kind, and may be this one, whose name has a word that the patch brings."""
    if not brought & set(re.findall(r"[A-Za-z_]\w*", finding.signature.split(":", 1)[-1])):
        return None
    return next((other for other in gone if other.kind == finding.kind and finding.is_shown_by_as_strong_a_model(other)), None)


def of_a_patch(found, without, brought):
    """For each finding: what it is without the patch ("same", "weaker", "other name", "new"), and which finding that is."""
    by_signature = {finding.signature: finding for finding in without}
    gone = [finding for finding in without if finding.signature not in {other.signature for other in found}]
    for finding in found:
        same = by_signature.get(finding.signature)
        if same:
            yield finding, "same" if finding.is_shown_by_as_strong_a_model(same) else "weaker", same
        elif other := other_name(finding, gone, brought):
            yield finding, "other name", other
        else:
            yield finding, "new", None


def tell(options):
    found, models = findings_below(options.folder), ", ".join(options.models)
    count = dict.fromkeys(("same", "weaker", "other name", "new"), 0)
    without = findings_below(options.without) if options.without else []
    brought = words_of(options.source) - words_of(options.base) if options.without else set()
    for finding, which, other in of_a_patch(found, without, brought):
        print(finding.signature, *(f"  {line}" for line in finding.head), sep="\n")
        count[which] += 1
        if which == "same":
            print("  Found without the patch, too.")
        elif which == "weaker":
            print(f"  Without the patch under {other.model} alone: the patch makes it happen on more machines.")
        elif which == "other name":
            print(f"  Its name has a function that the patch brings. Without the patch there is `{other.signature}`, and not with it: perhaps the "
                  f"same. Compare what both draw: {finding.file} and {other.file}")
    if not found:
        print(f"Nothing found under {models}. That is no proof: what was searched stands above.")
    elif not options.without:
        print(f"Kept until the next ./farm kernel, with the program that replays them: {options.folder.parent.resolve()}")
    elif wrong := count["weaker"] + count["new"]:
        print(f"The patch is wrong: {wrong} of {len(found)} findings did not show without it in the same time.")
    elif count["other name"]:
        print(f"Whether the patch is wrong, {count['other name']} of {len(found)} findings do not say: they may be there without it, under another name.")
    else:
        print(f"The patch adds nothing to what is found without it, by signature under {models}.")
        if len(options.models) == 1:
            print("A mistake that other models show may have the same signature: without --model, all are searched.")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    verbs = parser.add_subparsers(dest="verb", required=True)
    listed, told = verbs.add_parser("list"), verbs.add_parser("tell")
    for verb in (listed, told):
        verb.add_argument("folder", type=Path)
    listed.add_argument("--but", type=Path, required=True)
    told.add_argument("models", nargs="+")
    for flag in ("--without", "--base", "--source"):
        told.add_argument(flag, type=Path)
    options = parser.parse_args()
    if options.verb == "list":
        for finding, which, _ in of_a_patch(findings_below(options.folder), findings_below(options.but), set()):
            if which != "same":
                print(finding.file)
    else:
        tell(options)


if __name__ == "__main__":
    main()
