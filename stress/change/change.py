#!/usr/bin/env python3
"""A change to an allocator, looked at: a patch that somebody posted, or a commit of a watched branch.

Job: change.py ORDER RESULT [fetch]: ORDER is a JSON file that the farm wrote (stress/farm/changes.cpp), RESULT gets what came of it, as JSON. Applies
the patch as `./farm try` and `./farm kernel` do, builds by content as `./farm kernel history` does, searches with a budget, and
holds what it found against the tree without the change. Builds and searches have no network where that can be had (built.py).
The farm bounds time, memory and files. Writes below the order's `work` and `build` folders only; one at a time for each of them.

Order: do ("patch", "commit", "look"), target, work, build, root, models, seconds; of a watch: watch, repository, repository_copy, branch, folder;
patch: file, explorer, tree; commit: commit, commits (of the watch, oldest first, this one last), open (findings: key, signature, model,
file), paths; look: paths, since. A patch with a watch goes onto its branch's tip.
With `fetch` a repository is copied that was not before, which may take hours, and there is a result only if it cannot be.
Result: state ("waiting": it could not be had, and is tried again), told, and what reply.py needs to write the reply, which is in it.

Exit 0: the result is written, whatever it says. Anything else is our own fault.
"""

import sys

sys.dont_write_bytecode = True  # the folder is the sources'

import json
import os
import re
import select
import shutil
import subprocess
from pathlib import Path

from built import COMPILER_LINES_MAX, Built, Ended, at, files_below, last_line, unpack  # its folder has what follows, too
from reply import reply_of

import series
from commits import FILES, BadUse, Commit
from mails import BadPatch

REPLAYS = 20
FINDINGS_MAX = 20
DIAGRAMS_MAX = 3  # of one change, findings with a drawing
FETCH_SILENCE_MAX = 300  # seconds
FETCH_SAID_MAX = 4096
ASK_SECONDS_MAX = 10  # of one program, whether it shows one finding
NOT_MINIMIZED = 0.01  # seconds for what makes a finding small, where one is only asked for
EFFORT = 20  # so many of the schedules that did not show a finding would have, were it there as before


# ---- repositories ----


def git(*arguments, folder=None):
    done = subprocess.run(["git", *(["-C", folder] if folder else []), *arguments], capture_output=True, text=True, errors="replace",
                          env={**os.environ, "GIT_TERMINAL_PROMPT": "0"})
    if done.returncode != 0:
        raise Ended("failed", last_line(done.stderr))
    return done.stdout


def fetched(order):
    """A copy of our own, with the branch as it is now."""
    copy = Path(order["repository_copy"])
    if not (copy / "HEAD").is_file():
        copy.mkdir(parents=True, exist_ok=True)
        git("init", "-q", "--bare", folder=copy)
    # What a fetch that was killed had got is of no use to the next one.
    for left in copy.glob("objects/pack/tmp_*"):
        left.unlink()
    # --: what stands in a configuration is no flag.
    fetch(copy, "--no-tags", "--", order["repository"], f"+refs/heads/{order['branch']}:refs/heads/watched")
    # Whoever asks the next time has a look to do, and no whole repository to fetch.
    (copy / "fetched").write_text(order["repository"])
    return copy


def fetch(copy, *words):
    """As long as it takes; but not as long as git says nothing of how far it is."""
    # unpackLimit: of a pack that it unpacks at once git says nothing between two objects.
    with subprocess.Popen(["git", "-C", copy, "-c", "fetch.unpackLimit=1", "fetch", "--progress", *words], stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, env={**os.environ, "GIT_TERMINAL_PROMPT": "0"}) as child:
        said = b""
        while select.select([child.stderr], [], [], FETCH_SILENCE_MAX)[0]:
            some = os.read(child.stderr.fileno(), 65536)
            if not some:
                break
            said = (said + some)[-FETCH_SAID_MAX:]
        else:
            child.terminate()
            raise Ended("failed", f"git said nothing for {FETCH_SILENCE_MAX} s while it fetched")
    if child.returncode != 0:
        lines = said.decode(errors="replace").replace("\r", "\n").splitlines()
        # Behind the reason git may give advice.
        raise Ended("failed", next((line for line in lines if line.startswith("fatal:")), last_line("\n".join(lines))))


def is_before(copy, commit, other):
    """Or the same; False where one of them is not there."""
    return subprocess.run(["git", "-C", copy, "merge-base", "--is-ancestor", commit, other], capture_output=True).returncode == 0


# ---- searches ----


def explored(built, program, seconds, minimize_seconds, *words):
    """What one search says, as the program's JSON."""
    done = subprocess.run([*built.search_words, program, "explore", "--json", "--seconds", f"{seconds:.2f}", "--minimize-seconds",
                           f"{minimize_seconds:.2f}", *words], capture_output=True, text=True, errors="replace")
    try:
        if done.returncode > 1:
            raise ValueError
        return json.loads(done.stdout)
    except ValueError:
        what = f"a signal {-done.returncode}" if done.returncode < 0 else f"exit code {done.returncode}"
        raise Ended("failed", f"`explore {' '.join(map(str, words))}` ended by {what}: {last_line(done.stderr or done.stdout)}") from None


def searched_of(said, model):
    counted = said["searched"]
    return {"model": model, "schedules": counted["schedules"], "points": counted["points"], "seconds": counted["seconds"]}


def reproduces(built, program, file):
    """Of REPLAYS replays those that show it."""
    done = subprocess.run([*built.search_words, program, "replay", file, "--times", str(REPLAYS), "--json"], capture_output=True, text=True, errors="replace")
    try:
        said = json.loads(done.stdout)
    except ValueError:
        return 0
    return said.get("reproduced", said.get("hits", 0))


def search(built, program, order, folder):
    """All models share the time, the strongest first. What was searched, and each finding once, those that do not replay left out."""
    models = order["models"]
    searched, findings, unsure = [], {}, []
    for model in models:
        seconds = order["seconds"] / len(models)
        said = explored(built, program, seconds, max(1, seconds / 2), "--model", model, "--keep-going", "--findings", folder / model)
        searched.append(searched_of(said, model))
        for found in said["findings"]:
            signature = found["signature"]
            if signature in findings or len(findings) == FINDINGS_MAX:
                continue
            hits = reproduces(built, program, found["file"])
            if hits < REPLAYS:
                unsure.append(signature)
                continue
            findings[signature] = {"signature": signature, "kind": found["kind"], "model": model, "seen": found["seen"],
                                   "schedules": said["searched"]["schedules"], "detail": found["detail"], "diagram": "\n".join(found["diagram"]),
                                   "input": Path(found["file"]).read_text(errors="replace"), "file": found["file"],
                                   "replays": REPLAYS, "reproduced": hits, "known": False, "svg": ""}
    for found in list(findings.values())[:DIAGRAMS_MAX]:
        drawing = folder / "drawing.svg"
        subprocess.run([*built.search_words, program, "replay", found["file"], "--svg", drawing], capture_output=True)
        if drawing.is_file():
            found["svg"] = drawing.read_text(errors="replace")
    return searched, list(findings.values()), unsure


def near(built, program, finding, seconds, *words):
    """How often this program shows it, asked near the schedule that it was found by, and of how many schedules."""
    said = explored(built, program, seconds, NOT_MINIMIZED, "--near", finding["file"], "--no-save", "--no-minimize", *words)
    return (sum(found["seen"] for found in said["findings"] if finding["signature"] in (found["signature"], found["former_signature"])),
            said["searched"]["schedules"])


def hit(built, program, finding, order):
    """Does this program show it? The first schedule that does ends the search."""
    seen, _ = near(built, program, finding, ask_seconds(order))
    return seen > 0


def ask_seconds(order):
    return min(ASK_SECONDS_MAX, order["seconds"] / 4)


# ---- a patch ----


def whole_series(path):
    """The patches, in order, and what was left out. A part of a series has no verdict."""
    patches, left_out = series.posted(path, 0)
    total = patches[0].total
    missing = sorted(set(range(1, total + 1)) - {patch.number for patch in patches})
    if missing:
        raise Ended("incomplete", f"Of the series' {total} patches {', '.join(map(str, missing))} did not come with it. Send the whole thread as "
                    "one file (b4 am, or the archive's mbox)")
    return patches, left_out


def tree_for(order, folder):
    """What a patch is put onto: the farm's own sources, a kernel's tree, or a branch's tip, which is unpacked into `folder`."""
    if "watch" not in order:
        return Path(order["root"] if order["target"] == "alloc" else order["tree"]), ""
    try:
        copy = fetched(order)
    except Ended as away:
        raise Ended("waiting", away.told) from None
    tip, title = git("log", "-n1", "--format=%H%x09%s", "watched", folder=copy).rstrip("\n").split("\t", 1)
    looked_at = {"alloc": ["alloc"], "linux": ["kernel/bpf", "include/linux", "include/asm-generic"]}.get(order["target"], [])
    parts = git("ls-tree", "-d", "--name-only", tip, "--", *looked_at, folder=copy).splitlines() if looked_at else []
    if looked_at and not parts:
        raise Ended("failed", f"the branch {order['branch']} of {order['repository']} has no {looked_at[0]}")
    folder.mkdir(parents=True)
    unpack(copy, tip, folder, parts)
    return folder, f"the branch {order['branch']} at {tip[:12]} (\"{title}\")"


def patched(tree, order, folder):
    """Two copies of what is looked at of a tree: one stays as it is, the other is for the patch."""
    plain = folder / "plain"
    with_it = folder / "with"
    for place in (plain, with_it):
        if order["target"] == "adopted":
            shutil.copytree(tree, place, symlinks=True)
        elif order["target"] == "alloc":
            shutil.copytree(tree / "alloc", place / "alloc", ignore=shutil.ignore_patterns("bench"))
        else:
            for name in FILES:
                if not (tree / name).is_file():
                    where = f"the branch {order['branch']}" if "watch" in order else f"{tree}: [changes] linux_tree wants a tree of the kernel"
                    raise Ended("failed", f"there is no {name} in {where}")
                (place / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(tree / name, place / name)
            (place / "origin").symlink_to(tree.resolve())
            (place / "taken.h").touch()
    return plain, with_it


def apply_plain(patches, folder, inner):
    """As `./farm try`: its paths may begin with the tree's folders, or with those of its folder `inner`."""
    diff = folder.parent / "all.patch"
    diff.write_bytes(b"".join(patch.diff.rstrip(b"\n") + b"\n" for patch in patches))
    said = ""
    for below in dict.fromkeys(("", inner)):
        for strip in (1, 0):
            copy = folder.parent / "copy"
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(folder, copy, symlinks=True)
            done = subprocess.run(["patch", "--force", "--no-backup-if-mismatch", f"-p{strip}", "-d", copy / below, "-i", diff],
                                  capture_output=True, text=True, errors="replace")
            if done.returncode == 0:
                shutil.rmtree(folder)
                copy.rename(folder)
                return
            said += done.stdout + done.stderr
    reasons = sorted({line for line in said.splitlines() if re.search(r"FAILED|garbage|malformed|find file", line)})
    raise Ended("not applied", "\n".join(reasons[:COMPILER_LINES_MAX]) or "no file of it has such lines")


def apply_linux(patches, folder, left_out):
    for patch in patches:
        is_applied, said = series.apply(patch, folder)
        if not is_applied:
            left_out.append(said)


def changed(plain, with_it, target):
    """Does the patch change what is looked at?"""
    if target == "linux":
        return any(not (with_it / name).is_file() or (plain / name).read_bytes() != (with_it / name).read_bytes() for name in FILES)
    return files_below(plain) != files_below(with_it)


def try_patch(order, result):
    work = Path(order["work"])
    sources = work / "sources"
    shutil.rmtree(sources, ignore_errors=True)
    sources.mkdir(parents=True)
    try:
        patches, left_out = whole_series(order["file"])
        result.update(patches=[patch.subject for patch in patches], left_out=left_out)
        tree, result["on"] = tree_for(order, sources / "tip")
        plain, with_it = patched(tree, order, sources)
        if order["target"] == "linux":
            apply_linux(patches, with_it, left_out)
        else:
            apply_plain(patches, with_it, "alloc" if order["target"] == "alloc" else order["folder"])
    except BadPatch as bad:
        # Whoever reads this has a mail, and not our file.
        told = str(bad).replace(str(order["file"]), "the mail")
        raise Ended("incomplete" if re.search(r"of the series' \d+ patches .* is not in it", told) else "not applied", told) from None
    if not changed(plain, with_it, order["target"]):
        raise Ended("not applied", "it changes nothing that is looked at: "
                    + {"alloc": "alloc/ but for alloc/bench", "linux": " and ".join(FILES)}.get(order["target"], "its files are as they were"))
    findings_folder = work / "findings"
    shutil.rmtree(findings_folder, ignore_errors=True)
    built = Built(order)
    built.prune()
    result["confined"] = built.confinement
    is_there = order["target"] == "alloc" and "watch" not in order and os.access(order["explorer"], os.X_OK)

    def without():
        return order["explorer"] if is_there else built.built(at(plain))

    try:
        program = built.built(at(with_it))
    except Ended as ended:
        try:
            without()
        except Ended as before:
            raise Ended("failed", f"the tree without it does not build, either:\n{before.told}") from None
        raise ended
    if order["target"] == "adopted":
        order["models"] = built.models(with_it)
    result["searched"], result["findings"], result["unsure"] = search(built, program, order, findings_folder)
    if not result["findings"]:
        result["state"] = "clean"
        return
    # The tree without it, by the same means: for as long under each model that found something, and from each finding's scenario.
    try:
        explorer = without()
    except Ended as before:
        result["findings"] = []
        raise Ended("failed", f"something was found, and whose it is cannot be told: the tree without it does not build:\n{before.told}") from None
    models = list(dict.fromkeys(found["model"] for found in result["findings"]))
    less = {**order, "models": models, "seconds": order["seconds"] * len(models) / len(order["models"])}
    result["base"], known, _ = search(built, explorer, less, findings_folder / "without")
    names = {found["signature"] for found in known}
    for found in result["findings"]:
        found["known"] = found["signature"] in names or hit(built, explorer, found, order)
    result["state"] = "same" if all(found["known"] for found in result["findings"]) else "wrong"


# ---- a commit ----


def earlier(built, finding, order):
    """The first of the watched commits that shows it: {commit, title, also}, `also` being those between that do not build."""
    commits = [Commit(one["commit"], "", one["title"]) for one in order["commits"]]
    asked = {len(commits) - 1: True}

    def ask(i):
        if order["commits"][i].get("state") == "not built":
            return None
        if i not in asked:
            try:
                asked[i] = hit(built, built.built(commits[i]), finding, order)
            except Ended:
                asked[i] = None
        return asked[i]

    low, high = 0, len(commits) - 1
    while low < high and ask(low) is None:
        low += 1
    if ask(low):
        return {"commit": commits[low].name, "title": commits[low].subject, "also": [], "first": low == 0}
    while True:
        inner = sorted(range(low + 1, high), key=lambda i: abs(2 * i - low - high))
        middle = next((i for i in inner if ask(i) is not None), None)
        if middle is None:
            return {"commit": commits[high].name, "title": commits[high].subject, "also": [commits[i].name for i in range(low + 1, high)],
                    "first": False}
        low, high = (low, middle) if ask(middle) else (middle, high)


def cured(built, program, finding, order):
    """Not shown here, and shown by the last commit before that builds, so often that this silence says something."""
    seen, silent = near(built, program, finding, ask_seconds(order))
    if seen:
        return False
    for one in reversed(order["commits"][:-1]):
        if one.get("state") == "not built":
            continue
        try:
            before = built.built(Commit(one["commit"], "", one["title"]))
        except Ended:
            continue
        seen, asked = near(built, before, finding, ASK_SECONDS_MAX, "--keep-going", "--schedules", str(silent))
        if not seen:
            return False
        more = EFFORT * asked // seen - silent
        if more <= 0:
            return True
        seen, silent = near(built, program, finding, ASK_SECONDS_MAX, "--schedules", str(more), "--seed", "2")
        return not seen and silent >= more
    return False


def wanted(order):
    """The branch's copy. Ended where the watch asks for this commit no more: it waited while the configuration, or the branch, was changed."""
    copy, commit = Path(order["repository_copy"]), order["commit"]
    try:
        fetched(order)
    except Ended as away:
        # What another farm listed has to be had; of the rest the last look is good enough.
        if not is_before(copy, commit, commit):
            raise Ended("waiting", away.told) from None
    if not is_before(copy, commit, "watched"):
        raise Ended("dropped", f"it is not on the branch {order['branch']} of {order['repository']}, as that is now")
    if order["paths"] and not git("log", "-n1", "--format=%H", f"{commit}^!", "--", *order["paths"], folder=copy):
        raise Ended("dropped", f"it touches nothing that is watched now: {', '.join(order['paths'])}")
    # What lay on another branch is none of its past.
    order["commits"] = [one for one in order["commits"] if is_before(copy, one["commit"], commit)]
    return copy


def try_commit(order, result):
    work = Path(order["work"])
    folder = work / "findings"
    shutil.rmtree(folder, ignore_errors=True)
    commit = Commit(order["commit"], "", order["title"])
    result["on"] = f"the branch {order['branch']}"
    try:
        built = Built(order, wanted(order))
        built.prune()
        result["confined"] = built.confinement
        program = built.built(commit)
        result["reproduce"] = {"alloc": "build/release/bin/rcufarm", "linux": "build/release/bin/rcufarm-linux"}.get(order["target"])
        if order["target"] == "adopted":
            order["models"] = built.models(built.tree(commit))
            result["reproduce"] = "build/release/bin/rcufarm-" + built.adopt("name", built.tree(commit) / built.folder).stdout.strip()
        result["searched"], result["findings"], result["unsure"] = search(built, program, order, folder)
        result["state"] = "wrong" if result["findings"] else "clean"
        known = {one["signature"]: one for one in order["open"]}
        for found in result["findings"]:
            found["known"] = found["signature"] in known
            if not found["known"]:
                found["first_bad"] = earlier(built, found, order)
        names = {found["signature"] for found in result["findings"]}
        result["cured"] = [one["key"] for one in order["open"] if one["signature"] not in names and cured(built, program, one, order)]
        if result["findings"] and all(found["known"] for found in result["findings"]):
            result["state"] = "same"
    except BadUse as bad:
        raise Ended("failed", str(bad)) from None


# ---- a branch ----


def look(order, result):
    """The branch's new commits, oldest first; of one that was never looked at the newest alone."""
    copy = fetched(order)
    since = order["since"]
    gone = bool(since) and not is_before(copy, since, "watched")
    which = ["-n1", "watched"] if not since or gone else [f"{since}..watched"]
    said = git("log", "--topo-order", "--format=%H%x09%s", *which, "--", *order["paths"], folder=copy)
    commits = [dict(zip(("commit", "title"), line.split("\t", 1))) for line in said.splitlines()]
    if gone:
        result["told"] = "the branch was written anew: what is watched begins again at its tip"
    result.update(state="looked", commits=list(reversed(commits)), gone=gone)


def main(arguments):
    order = json.loads(Path(arguments[0]).read_text())
    if arguments[2:] == ["fetch"]:
        try:
            fetched(order)
        except Ended as away:
            Path(arguments[1]).write_text(json.dumps({"state": "waiting", "told": away.told, "findings": [], "cured": []}))
        return
    result = {"state": "", "told": "", "do": order["do"], "target": order["target"], "title": order.get("title", ""), "patches": [],
              "left_out": [], "on": "", "confined": "", "searched": [], "base": [], "findings": [], "unsure": [], "cured": []}
    try:
        {"patch": try_patch, "commit": try_commit, "look": look}[order["do"]](order, result)
    except Ended as ended:
        result.update(state=ended.state, told=ended.told)
    result["reply"] = "" if order["do"] == "look" or result["state"] == "waiting" else reply_of(result, order)
    Path(arguments[1]).write_text(json.dumps(result))


if __name__ == "__main__":
    main(sys.argv[1:])
