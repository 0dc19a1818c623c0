"""Commits, and folders in their place, as programs: built by content, and kept.

Job: Built.built(commit) gives the program, or ends with the compiler's words; `words` and `search_words` stand before what builds and what runs a
stranger's code, and take its network and its right to write away where that can be had. Imported by change.py. Owns the order's
folders `work` and `build`.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

LINUX = Path(__file__).resolve().parents[2] / "fuzz/linux"
ADOPT = LINUX.parent / "targets/adopt.py"
sys.path.insert(0, str(LINUX))

from commits import FILES, READ, Commit, Commits, shim_key  # noqa: E402

COMPILER_LINES_MAX = 6
BUILDS_KEPT = 100


class Ended(Exception):
    """A state that is no verdict, and why."""

    def __init__(self, state, told):
        super().__init__(told)
        self.state, self.told = state, told


@lru_cache
def confined(*writable):
    """Words before a command that take its network away, and the right to write elsewhere where bubblewrap can do that."""
    writable = [path for path in (*writable, os.environ.get("TMPDIR"), os.environ.get("CCACHE_DIR")) if path and os.path.isdir(path)]
    bound = [word for path in writable for word in ("--bind", path, path)]
    ways = {"no network, a read-only file system": ["bwrap", "--die-with-parent", "--unshare-net", "--unshare-ipc", "--ro-bind", "/", "/",
                                                    "--dev", "/dev", "--proc", "/proc", *bound, "--"],
            "no network": ["unshare", "--net", "--"], "no network (as another user)": ["unshare", "--map-root-user", "--net", "--"]}
    for name, words in ways.items():
        try:
            if subprocess.run([*words, "true"], capture_output=True, timeout=20).returncode == 0:
                return name, words
        except (OSError, subprocess.TimeoutExpired):
            continue
    return "nothing: neither bwrap nor unshare works here", []


class Built(Commits):
    """Commits, and folders in their place, as programs: built without a network."""

    def __init__(self, order, repo=None):
        build = Path(order["build"])
        work = Path(order["work"])
        for folder in (build, work / "adopted", work / "findings"):
            folder.mkdir(parents=True, exist_ok=True)
        # A compiler cache of somebody else's is not to be written by what a stranger sent.
        os.environ.setdefault("CCACHE_DIR", str(work / "ccache"))
        Path(os.environ["CCACHE_DIR"]).mkdir(parents=True, exist_ok=True)
        # What a stranger sent does not write where later programs are taken from.
        self.confinement, self.words = confined(str(build), str(work / "adopted"))
        _, self.search_words = confined(str(work / "findings"))
        self.root, self.folder = order["root"], order.get("folder", "")
        if repo is not None:
            super().__init__(repo, order["target"], build, work)
        else:
            self.repo, self.target, self.build_folder, self.work = None, order["target"], build, work.resolve()
            self.keys, self.troubles, self.shim = {}, {}, shim_key()
            (self.work / "bin").mkdir(parents=True, exist_ok=True)
        if not (build / "CMakeCache.txt").is_file():
            options = [f"-DRCUFARM_{name}=OFF" for name in ("TESTS", "WERROR", "BENCH", "STRESS", "DEFECTS", "LINUX_DEFECTS")]
            made = subprocess.run([*self.words, "cmake", "--preset", "release", "-B", build, *options], cwd=self.root,
                                  capture_output=True, text=True)
            if made.returncode != 0:
                (build / "CMakeCache.txt").unlink(missing_ok=True)
                raise Ended("failed", f"the build could not be set up: {last_line(made.stderr or made.stdout)}")

    def cmake(self, *arguments):
        # What was built before is not built again: its sources may be gone.
        unset = [word for name in ("RCUFARM_TRY_ALLOC", "RCUFARM_LINUX_TREES", "RCUFARM_ADOPTED") if "-D" in arguments
                 and not any(one.startswith(f"{name}=") for one in arguments if isinstance(one, str)) for word in ("-D", f"{name}=")]
        return subprocess.run([*self.words, "cmake", *arguments, *unset], cwd=self.root, capture_output=True, text=True)

    def prune(self):
        """The newest are kept: of programs, and of what they were made from."""
        for name in ("bin", "trees", "adopted"):
            made = sorted((self.work / name).glob("*"), key=lambda path: path.stat().st_mtime, reverse=True)
            for old in made[BUILDS_KEPT:]:
                shutil.rmtree(old) if old.is_dir() else old.unlink()

    def key(self, commit):
        if self.target != "adopted":
            return super().key(commit)
        if Path(commit.name).is_absolute():
            tree = repr(sorted(files_below(Path(commit.name)).items()))
        else:
            named = self.git("rev-parse", f"{commit.name}^{{tree}}")
            if named is None:
                raise Ended("failed", f"there is no commit {commit.name} any more")
            tree = named.decode()
        return hashlib.sha256(f"{self.shim} {self.folder} {tree}".encode()).hexdigest()[:16]

    def tree(self, commit):
        """Of an adopted allocator the whole tree: its sources may lie anywhere in it."""
        if self.target != "adopted":
            return super().tree(commit)
        if Path(commit.name).is_absolute():
            return Path(commit.name)
        folder = self.work / "trees" / self.key(commit)
        if not folder.is_dir():
            new = folder.with_suffix(".new")
            shutil.rmtree(new, ignore_errors=True)
            new.mkdir(parents=True)
            unpack(self.repo, commit.name, new)
            new.rename(folder)
        return folder

    def build_alloc(self, trees, jobs):
        if self.target != "adopted":
            super().build_alloc(trees, jobs)
            return
        for key, tree in trees.items():
            self.build_adopted(key, tree)

    def adopt(self, verb, folder, *more):
        return subprocess.run([*self.words, sys.executable, ADOPT, verb, folder, *more], capture_output=True, text=True)

    def models(self, tree):
        """Under which an adopted allocator is searched: its manifest says it."""
        return self.adopt("models", tree / self.folder).stdout.split() or ["sc"]

    def build_adopted(self, key, tree):
        """As `./farm adopt`: the hooks, the object file for them, the program."""
        name, made = f"watched-{key}", self.work / "adopted" / key
        made.mkdir(parents=True, exist_ok=True)
        program = f"rcufarm-{name}"
        for step in (lambda: self.cmake(self.build_folder, "-D", f"RCUFARM_ADOPTED={name}={made}"),
                     lambda: self.cmake("--build", self.build_folder, "--target", "rcufarm_hooks"),
                     lambda: self.adopt("build", tree / self.folder, "--out", made, "--hooks", self.build_folder / "lib/librcufarm_hooks.a"),
                     lambda: self.cmake(self.build_folder, "-D", f"RCUFARM_ADOPTED={name}={made}"),
                     lambda: self.cmake("--build", self.build_folder, "--target", program)):
            done = step()
            if done.returncode != 0:
                said = (done.stderr + done.stdout).replace(f"{tree.resolve()}/", "")
                # A refusal of adopt.py has no error of a compiler before it.
                self.troubles[key] = "\n".join(first_errors(said) or said.strip().splitlines()[:COMPILER_LINES_MAX])
                return
        shutil.copy2(self.build_folder / "bin" / program, self.work / "bin" / key)

    def build_linux(self, trees, jobs):
        """One after the other: the farm gave one CPU."""
        configured = self.cmake(self.build_folder, "-D", "RCUFARM_LINUX_TREES=" + ";".join(f"linux-{key}={tree}" for key, tree in trees.items()))
        if configured.returncode != 0:
            raise Ended("not built", last_line(configured.stderr))
        for key, tree in trees.items():
            self.keep(key, tree, self.build_folder / "bin" / f"rcufarm-linux-{key}", f"rcufarm-linux-{key}")

    def contents(self, commit):
        folder = Path(commit.name)
        if not folder.is_absolute():
            return super().contents(commit)
        if self.target == "alloc":
            return {str(file.relative_to(folder)): file.read_bytes() for file in sorted((folder / "alloc").rglob("*")) if file.is_file()}

        def text(name):
            file = next((place / name for place in (folder, folder / "origin") if (place / name).is_file()), None)
            return file.read_bytes() if file else None

        included = re.findall(rb"^#\s*include\s*<((?:linux|asm-generic)/[\w/]+\.h)>", text(FILES[0]) or b"", re.MULTILINE)
        names = dict.fromkeys([*FILES, *READ, *(f"include/{name.decode()}" for name in included)])
        return {name: found for name in names if (found := text(name)) is not None}

    def built(self, commit):
        """The program; Ended where there is none, with the compiler's words."""
        self.build([commit], 1)
        program, trouble = self.program(commit)
        if program:
            os.utime(program)
            return program
        log = self.work / f"{self.key(commit)}.log"
        said = log.read_text(errors="replace") if log.is_file() else ""
        errors = first_errors(said.replace(f"{self.tree(commit)}/", ""))
        raise Ended("not built", "\n".join(errors) or trouble.split(" (")[0])


def first_errors(said):
    """Of what compilers and linkers say."""
    return [line.strip() for line in said.splitlines() if re.search(r"\berror:|undefined reference", line)][:COMPILER_LINES_MAX]


def files_below(folder):
    """What lies in a folder: path to bytes, or to where a link leads."""
    return {str(path.relative_to(folder)): os.readlink(path).encode() if path.is_symlink() else path.read_bytes()
            for path in folder.rglob("*") if path.is_symlink() or path.is_file()}


def unpack(repository, commit, folder, paths=()):
    """A commit's files, or those below some paths."""
    archive = subprocess.run(["git", "-C", repository, "archive", commit, *paths], capture_output=True)
    if archive.returncode != 0:
        raise Ended("failed", last_line(archive.stderr.decode(errors="replace")))
    subprocess.run(["tar", "-x", "-C", folder], input=archive.stdout, check=True)


def last_line(text):
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "no word of why")


def at(folder):
    return Commit(str(folder), "", folder.name)
