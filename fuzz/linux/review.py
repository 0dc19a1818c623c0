#!/usr/bin/env python3
"""A patch as it stands quoted in somebody's review, put back onto the file that it was made on.

usage: review.py --diff MAIL --repo PATH/TO/linux FOLDER

MAIL is the review: its `index A..B` lines name what the files were (A) and became (B), by the hashes of their contents. If the
repository has B, that is taken as it is. If it has A, the quoted lines are applied to it: replies between them are left out, and white
space does not count, as archives fold it (even a mail on one line is read). FOLDER gets the files, as a tree for ./farm kernel --source.
Exit 0: it has them, and how they came there is said; 2: the repository has neither, or the mail is none; a sentence says what to do.
"""
import argparse
import re
import subprocess
import sys
from pathlib import Path

HEAD = re.compile(r"diff --git a/(\S+) b/\S+[\s>]+index ([0-9a-f]{7,40})\.\.([0-9a-f]{7,40})")
HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
# A statement or a comment that ends, and a sentence behind it.
REPLY = re.compile(r"(?<=[;{}/])\s+(?=[A-Z][a-z']*[ ,][^;]*)")


class BadReview(Exception):
    """A sentence that says what is wrong with the user's input, and what to do."""


def squeezed(text):
    return re.sub(r"\s+", "", text)


def blob(repo, name):
    done = subprocess.run(["git", "-C", repo, "cat-file", "blob", name], capture_output=True, check=False)
    return done.stdout if done.returncode == 0 else None


def quoted_lines(text):
    """The mail's lines, without the quote's marks. On one line, each mark begins one."""
    if text.count("\n") < 3:
        return [line.strip() for line in re.split(r"\s>(?=\s|$)", text)]
    quoted = [line for line in text.split("\n") if line.startswith(">")]
    if not quoted:
        return [line.strip() for line in text.split("\n")]
    return [re.sub(r"^>[ ]?", "", line).strip() for line in quoted]


class Patch:
    """One file's: hunks of (sign, text)."""

    def __init__(self, path, before, after):
        self.path, self.before, self.after, self.hunks = path, before, after, []


def patches_in(text):
    heads = [Patch(*found.groups()) for found in HEAD.finditer(text)]
    if not heads:
        raise BadReview("there is no diff with an `index` line in it. Give the review as it was sent, with the patch quoted in full")
    lines = quoted_lines(text)
    starts = [number for number, line in enumerate(lines) if "diff --git a/" in line]
    for patch, start, end in zip(heads, starts, starts[1:] + [len(lines)]):
        left = [0, 0]
        for line in lines[start:end]:
            hunk = HUNK.search(line)
            if hunk and not line.startswith(("+", "-")):
                left = [int(hunk[2] or 1), int(hunk[4] or 1)]
                patch.hunks.append((int(hunk[1]), []))
            elif patch.hunks and max(left) > 0:
                sign = line[:1] if line[:1] in ("+", "-") else " "
                left[0] -= sign != "+"
                left[1] -= sign != "-"
                patch.hunks[-1][1].append((sign, line[1:].strip() if sign != " " else line))
    return heads


def is_line(wanted, quoted):
    """Is it the file's line, with a reply behind it perhaps?"""
    return squeezed(quoted) == squeezed(wanted) or (squeezed(wanted) != "" and squeezed(quoted).startswith(squeezed(wanted)))


def place_of(lines, old, said):
    """Where the hunk's old lines stand: at the line that it says, or the nearest."""
    fits = [at for at in range(len(lines) - len(old) + 1) if all(is_line(lines[at + i], text) for i, text in enumerate(old))]
    return min(fits, key=lambda at: abs(at - said), default=None)


def applied(patch, text):
    lines = text.split("\n")
    moved = 0
    for number, (said, hunk) in enumerate(patch.hunks, 1):
        at = place_of(lines, [text for sign, text in hunk if sign != "+"], said - 1 + moved)
        if at is None:
            raise BadReview(f"hunk {number} of {patch.path} is not on {patch.before}: it is not quoted in full. Give a mail that quotes it all")
        new, old = [], at
        for sign, text in hunk:
            if sign == "+":
                new.append("\t" + REPLY.split(text, maxsplit=1)[0])
            else:
                new += [lines[old]] if sign == " " else []
                old += 1
        lines[at:old] = new
        moved += len(new) - (old - at)
    return "\n".join(lines)


def put_back(patch, repo):
    """The file as it was posted, and how it came here."""
    posted = blob(repo, patch.after)
    if posted is not None:
        return posted.decode(errors="replace"), f"{patch.path}: {patch.after}, as it was posted"
    base = blob(repo, patch.before)
    if base is None:
        raise BadReview(f"{repo} has neither {patch.after} ({patch.path} as it was posted) nor {patch.before} (what the patch was made on). Both are of a series "
                        "that was posted and changed before it was merged: fetch a branch that has its earlier patches (a bot's, which tests what is "
                        "posted, or one that git am makes of the whole series), and give that repository")
    return applied(patch, base.decode(errors="replace")), f"{patch.path}: the quoted lines on {patch.before}, but for white space"


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--diff", type=Path, required=True)
    parser.add_argument("--repo", required=True)
    parser.add_argument("folder", type=Path)
    asked = parser.parse_args()
    try:
        text = asked.diff.read_text(errors="replace")
    except OSError as error:
        raise BadReview(f"cannot read {asked.diff}: {error.strerror}") from error
    if subprocess.run(["git", "-C", asked.repo, "rev-parse"], capture_output=True, check=False).returncode != 0:
        raise BadReview(f"{asked.repo} is no git repository. Give a clone of Linux, bare or not")
    for path, (content, said) in {patch.path: put_back(patch, asked.repo) for patch in patches_in(text)}.items():
        target = asked.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content)
        print(f"  {said}")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BadReview as bad:
        print(f"review: {bad}", file=sys.stderr)
        sys.exit(2)
