"""Commits of a repository, as programs.

Job: which commits touched the allocator's files, their files in a folder, and the command built from them, kept by content: two commits
with the same files, and the same shim, are one program. Any git repository will do, bare or partial: files are asked for by name.
Imported by history.py. Owns the folder `work`, and while it builds the build folder's list of trees.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

HERE = Path(__file__).parent
FILES = ("kernel/bpf/memalloc.c", "include/linux/bpf_mem_alloc.h")
# What rules.py reads, beside the headers that the file includes.
READ = ("include/linux/rcupdate.h", "include/linux/rcupdate_trace.h", "include/linux/slab.h", "include/linux/percpu.h")


class BadUse(Exception):
    """A sentence that says what to do."""


@dataclass(frozen=True)
class Commit:
    name: str
    date: str
    subject: str
    parents: tuple = ()  # of those listed, the names

    @property
    def short(self):
        return self.name[:12]


def shim_key():
    """Of everything of ours that goes into a program."""
    key = hashlib.sha256()
    for file in sorted(file for folder in (HERE.parent, HERE.parent.parent / "alloc") for file in folder.rglob("*")
                       if file.suffix in (".h", ".cpp", ".c", ".txt") and file.is_file()):
        key.update(file.read_bytes())
    return key.hexdigest()


class Commits:
    def __init__(self, repo, target, build, work):
        self.repo, self.target, self.build_folder, self.work = repo, target, build, work.resolve()
        self.paths = FILES if target == "linux" else ("alloc/mem", "alloc/kernel", "alloc/bpf_mem_alloc.h", "alloc/bpf_mem_alloc.cpp")
        self.keys, self.troubles, self.shim = {}, {}, shim_key()
        (self.work / "bin").mkdir(parents=True, exist_ok=True)
        if self.git("rev-parse", "--git-dir") is None:
            raise BadUse(f"{repo} is no git repository. --repo wants one that has {self.paths[0]}")

    def git(self, *arguments):
        """Its output as bytes; None: it failed. What a partial clone has not yet, git fetches; where it cannot, nothing is missing."""
        done = subprocess.run(["git", "-C", self.repo, *arguments], capture_output=True)
        if done.returncode == 0:
            return done.stdout
        if re.search(rb"promisor|not fetch|read from remote", done.stderr):
            raise BadUse(f"{self.repo} is a partial clone, and its remote does not give what it lacks. Let it be reached, or fetch the files "
                         f"before: git -C {self.repo} log --patch --format= -- {' '.join(self.paths)}")
        return None

    def listed(self, which=""):
        """Oldest first."""
        # --parents: of a commit, the last ones before it that touched the files, whatever lies between.
        log = self.git("log", "--reverse", "--topo-order", "--parents", "--format=%H%x09%cs%x09%P%x09%s", *([which] if which else []), "--", *self.paths)
        if log is None:
            raise BadUse(f"git log knows no `{which}` in {self.repo}")
        lines = [line.split("\t", 3) for line in log.decode(errors="replace").splitlines()]
        commits = [Commit(name, date, subject, tuple(parents.split())) for name, date, parents, subject in lines]
        commits = [commit for commit in commits if self.git("cat-file", "-e", f"{commit.name}:{self.paths[0]}") is not None]
        if not commits:
            raise BadUse(f"no commit of {self.repo} touched {self.paths[0]}")
        return commits

    def between(self, good, bad):
        """Those to be bisected: from `good` itself to `bad`."""
        last = bad or "HEAD"
        commits = self.listed(f"{good}..{last}" if good else last)
        if good:
            name = self.git("rev-parse", "--verify", f"{good}^{{commit}}")
            if name is None:
                raise BadUse(f"there is no commit `{good}` in {self.repo}")
            name, listed = name.decode().strip(), {commit.name for commit in commits}
            commits = [commit if listed & set(commit.parents) else replace(commit, parents=(name,)) for commit in commits]
            commits.insert(0, Commit(name, "", f"({good})"))
        return commits

    def text(self, commit, path):
        return self.git("show", f"{commit.name}:{path}")

    def contents(self, commit):
        """Path to bytes, of what the build looks at."""
        if self.target == "alloc":
            names = self.git("ls-tree", "-r", "--name-only", commit.name, "alloc").decode().splitlines()
            return {name: self.text(commit, name) for name in names if not name.startswith("alloc/bench")}
        file = self.text(commit, FILES[0]) or b""
        included = re.findall(rb"^#\s*include\s*<((?:linux|asm-generic)/[\w/]+\.h)>", file, re.MULTILINE)
        names = dict.fromkeys([*FILES, *READ, *(f"include/{name.decode()}" for name in included)])
        return {name: text for name in names if (text := self.text(commit, name)) is not None}

    def key(self, commit):
        if commit.name not in self.keys:
            key = hashlib.sha256(self.shim.encode())
            for name, text in sorted(self.contents(commit).items()):
                key.update(f"{name} {len(text)} ".encode() + text)
            self.keys[commit.name] = key.hexdigest()[:16]
        return self.keys[commit.name]

    def program(self, commit):
        """The program, or None and why there is none."""
        key = self.key(commit)
        program = self.work / "bin" / key
        return (program, "") if program.is_file() else (None, self.troubles.get(key, "not built"))

    def tree(self, commit):
        folder = self.work / "trees" / self.key(commit)
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in self.contents(commit).items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            if not file.is_file() or file.read_bytes() != text:
                file.write_bytes(text)
        (folder / "taken.h").touch()
        return folder

    def build(self, commits, jobs):
        """All that are not there yet."""
        wanted = {self.key(commit): commit for commit in commits
                  if not (self.work / "bin" / self.key(commit)).is_file() and not self.is_known_to_lack(self.key(commit))}
        if not wanted:
            return
        print(f"building {len(wanted)} of {len(commits)}", file=sys.stderr)
        trees = {key: self.tree(commit) for key, commit in wanted.items()}
        lacking = [key for key, tree in trees.items() if self.target == "linux" and not all((tree / file).is_file() for file in FILES)]
        for key in lacking:
            self.troubles[key] = f"it has no {FILES[1]}"
            del trees[key]
        (self.build_linux if self.target == "linux" else self.build_alloc)(trees, jobs)

    def is_known_to_lack(self, key):
        """A name that the shim lacks, which is part of the key: it will lack it again."""
        known = self.work / "bin" / f"{key}.missing"
        if known.is_file():
            self.troubles[key] = known.read_text()
        return known.is_file()

    def cmake(self, *arguments):
        return subprocess.run(["cmake", *arguments], capture_output=True, text=True)

    def build_linux(self, trees, jobs):
        configured = self.cmake(self.build_folder, "-D", "RCUFARM_LINUX_TREES=" + ";".join(f"linux-{key}={tree}" for key, tree in trees.items()))
        if configured.returncode != 0:
            raise BadUse(f"cmake failed: {configured.stderr.strip()}")
        # All at once; then each that failed, alone, for its own words.
        targets = [f"rcufarm-linux-{key}" for key in trees]
        self.cmake("--build", self.build_folder, "--parallel", str(max(jobs, os.cpu_count() or 1)), "--target", *targets, "--", "-k", "0")
        for key, tree in trees.items():
            self.keep(key, tree, self.build_folder / "bin" / f"rcufarm-linux-{key}", f"rcufarm-linux-{key}")

    def build_alloc(self, trees, jobs):
        for key, tree in trees.items():
            self.cmake(self.build_folder, "-D", f"RCUFARM_TRY_ALLOC={tree / 'alloc'}")
            program = self.build_folder / "bin" / "rcufarm-try"
            program.unlink(missing_ok=True)
            self.keep(key, tree, program, "rcufarm-try")
        self.cmake(self.build_folder, "-D", "RCUFARM_TRY_ALLOC=")

    def keep(self, key, tree, program, target):
        """Until it builds or nothing gets on; then into the folder of programs."""
        log = self.work / f"{key}.log"
        while True:
            built = self.cmake("--build", self.build_folder, "--target", target, "--", "-k", "0")
            if built.returncode == 0:
                shutil.copy2(program, self.work / "bin" / key)
                log.unlink(missing_ok=True)
                return
            log.write_text(built.stdout + built.stderr)
            if subprocess.run([HERE / "helpers.py", log, tree], capture_output=True).returncode != 0:
                break
        said = subprocess.run([HERE / "missing.py", log, tree], capture_output=True, text=True).stdout
        names = re.findall(r": (\S+) is missing|the header <([^>]*)> is missing", said)
        if not names:
            first = re.search(r"^  (\S+:\d+: .*)$", said, re.MULTILINE)
            self.troubles[key] = f"{first[1] if first else 'it does not build'} ({log})"
            return
        self.troubles[key] = ", ".join(sorted({a or b for a, b in names})) + " is missing"
        (self.work / "bin" / f"{key}.missing").write_text(self.troubles[key])
