#!/usr/bin/env python3
"""A posted series, applied to a copy of the allocator's files.

Job: series.py FILE FOLDER [VERSION]: of the patches in FILE (mails.py) the newest version, or the one that is wanted, in the
series' order, onto FOLDER, whose link `origin` is the tree that it was copied from. Prints what was applied, what was left out, and
why. Nothing is passed over in silence: a part that is missing, or that does not apply, is an end.

series.py --plain FILE OUT: the same patches, in the same order, as one plain patch, whatever they change.

Exit 0: applied, or written; 2: it was not, and the sentence on stderr says what to do.
"""

import sys

sys.dont_write_bytecode = True  # the folder is the sources'

import re
import shutil
from pathlib import Path

from mails import BadPatch, git, read_mails

FILES = ["kernel/bpf/memalloc.c", "include/linux/bpf_mem_alloc.h"]
SHIM = Path(__file__).parent


def once(patches, left_out):
    """A mail that came twice is one patch; two that differ are the user's to choose from."""
    kept = {}
    for patch in patches:
        known = kept.setdefault((patch.version, patch.number, patch.total) if patch.total else (patch.subject, patch.diff), patch)
        if known is patch:
            continue
        if known.diff.split() != patch.diff.split():
            raise BadPatch(f"`{known.subject}` and `{patch.subject}` are two patches for one place. Keep one of them in the file")
        left_out.append(f"`{patch.subject}`: it is there twice")
    return list(kept.values())


def versions_of_it(mails, versions, version):
    """Of the other versions, those of the same series: they share a subject, or the thread, with it or with one that does."""
    names, rest = mails.names_of(version), [other for other in versions if other != version]
    found = []
    while related := [other for other in rest if names & mails.names_of(other)]:
        found += related
        names |= set().union(*(mails.names_of(other) for other in related))
        rest = [other for other in rest if other not in related]
    return found


def series(mails, patches, wanted):
    """The patches of one version, in order; what a version does not post anew comes from the one before."""
    versions = sorted({patch.version for patch in patches}, reverse=True)
    version = wanted or versions[0]
    if version not in versions:
        raise BadPatch(f"there is no v{version} in it. There are: {', '.join(f'v{v}' for v in versions)}")
    chosen = [patch for patch in patches if patch.version == version]
    totals = {patch.total: patch.subject for patch in chosen}
    if len(totals) > 1:
        kinds = " and ".join(f"one of {total} (`{totals[total]}`)" if total else f"a patch without a number (`{totals[total]}`)"
                             for total in sorted(totals))
        raise BadPatch(f"there is more than one series in it: {kinds}. Keep one in the file")
    total = next(iter(totals))
    related = versions_of_it(mails, versions, version)
    others = [patch for patch in patches if patch.version != version and patch.version not in related]
    if others and not wanted:
        raise BadPatch(f"there is more than one series in it: `{chosen[0].subject}` and `{others[0].subject}` share neither a subject nor a "
                       "thread. Keep one in the file, or say which version: --patch-version")
    for older in (v for v in versions if v < version and v in related):
        have = {patch.number for patch in chosen}
        if total:
            chosen += [p for p in patches if p.version == older and p.total == total and p.number not in have]
    mails.left_out += [f"`{patch.subject}`: v{version} is taken" for patch in patches if not any(patch is kept for kept in chosen)]
    missing = sorted(set(range(1, total + 1)) - {patch.number for patch in chosen})
    if missing and len(patches) > 1:
        raise BadPatch(f"of the series' {total} patches {', '.join(map(str, missing))} is not in it. Save the whole thread "
                       "(b4 am, or the archive's mbox)")
    if missing:
        mails.left_out.append(f"{len(missing)} of the series' {total} patches: not in the file, which has one alone")
    return sorted(chosen, key=lambda patch: patch.number)


def files_of(patch):
    """Its files, and how many folders stand before them (patch -p)."""
    read, errors = [], []
    for strip in ("-p1", "-p0", "-p2"):
        code, said, error = git(["apply", strip, "--numstat", "-z"], patch.diff)
        if code != 0:  # of a name with fewer folders it says so
            errors.append(error)
            continue
        read.append(strip)
        files = [line.split("\t", 2)[2] for line in said.decode(errors="replace").split("\0") if line.count("\t") >= 2]
        if any(file in FILES for file in files):
            return files, strip
    if not read:
        raise BadPatch(f"`{patch.subject}` is no patch that git can read: {errors[0]}. Save it again")
    return git_files(patch), "-p1"


def git_files(patch):
    return sorted({name.decode(errors="replace") for name in re.findall(rb"^\+\+\+ [^/\n]*/([^\t\n]+)", patch.diff, re.MULTILINE)})


def matter(files, patch, folder):
    """Those that the build looks at: the allocator's, and headers. What the tree has and the copy has not is copied."""
    wanted = []
    beside = f"{Path(FILES[0]).parent}/"
    for file in files:
        target, source = folder / file, folder / "origin" / file
        if file not in FILES and not (file.startswith(("include/", beside)) and file.endswith(".h")):
            continue
        if not target.exists() and source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
        is_new = re.search(rb"^--- /dev/null\n\+\+\+ [^/\n]*/" + re.escape(file.encode()) + rb"\s", patch.diff, re.MULTILINE)
        if target.exists() or is_new:
            wanted.append(file)
    return wanted


def apply(patch, folder):
    files, strip = files_of(patch)
    wanted = matter(files, patch, folder)
    others = [file for file in files if file not in wanted]
    rest = f" (without {', '.join(others)})" if others else ""
    # A copy of the tree's header, which only names that the shim lacks are taken from.
    ours = [file for file in wanted if file not in FILES and (SHIM / file).is_file()]
    if ours:
        rest += f" ({', '.join(ours)}: the simulator's own stands in its place; only names that it lacks come from there)"
    if not wanted:
        return False, f"`{patch.subject}`: other files ({', '.join(others)})"
    command = ["apply", strip, "--whitespace=nowarn", *(f"--include={file}" for file in wanted)]
    code, _, error = git(command, patch.diff, folder)
    if code != 0 and git([*command, "-C1"], patch.diff, folder)[0] == 0:
        code, rest = 0, rest + " (on other context than it was made on)"
    if code != 0 and git([*command, "--reverse", "--check"], patch.diff, folder)[0] == 0:
        raise BadPatch(f"`{patch.subject}` is in this tree already: its lines are as it makes them. Leave --patch away, or give the tree before it")
    if code != 0:
        raise BadPatch(f"`{patch.subject}` does not apply to this tree: {error}. Give the tree that it was made on, or make it anew: "
                       "git format-patch, in that tree")
    return True, f"`{patch.subject}`{rest}"


def posted(path, version):
    """The patches to apply, in order, and what was left out of them so far."""
    mails = read_mails(path)
    if not mails.patches:
        raise BadPatch("\n  ".join([f"there is no patch in {path}", *mails.left_out]))
    return series(mails, once(mails.patches, mails.left_out), version), mails.left_out


def write_plain(path, out):
    patches, left_out = posted(path, 0)
    Path(out).write_bytes(b"".join(patch.diff.rstrip(b"\n") + b"\n" for patch in patches))
    # Who tries a patch of his own needs no list of it.
    if len(patches) > 1 or left_out:
        for patch in patches:
            print(f"  taken: `{patch.subject}`")
    for said in left_out:
        print(f"  left out: {said}")


def main(arguments):
    if len(arguments) == 3 and arguments[0] == "--plain":
        return write_plain(arguments[1], arguments[2])
    if len(arguments) > 1 and arguments[0] == "--files":
        FILES[:] = arguments[1].split(",")
        arguments = arguments[2:]
    if len(arguments) not in (2, 3):
        raise BadPatch("series.py wants a file, a folder, and may have a version: series.py [--files A,B] FILE FOLDER [VERSION]")
    path, folder = arguments[0], Path(arguments[1])
    patches, left_out = posted(path, int(arguments[2]) if len(arguments) == 3 else 0)
    for patch in patches:
        is_applied, said = apply(patch, folder)
        if is_applied:
            print(f"  applied: {said}")
        else:
            left_out.append(said)
    for said in left_out:
        print(f"  left out: {said}")
    for file in FILES:
        if not (folder / file).is_file():
            raise BadPatch(f"{path} removes or renames {file}, and that is the file that is built here. Give a tree that has it")
    if all((folder / file).read_bytes() == (folder / "origin" / file).read_bytes() for file in FILES):
        raise BadPatch(f"{path} changes neither {FILES[0]} nor {FILES[1]}: there is nothing to try")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except BadPatch as bad:
        print(f"series: {bad}", file=sys.stderr)
        sys.exit(2)
