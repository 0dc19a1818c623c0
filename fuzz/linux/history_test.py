#!/usr/bin/env python3
"""history.py on a small repository: a tree of the kernel, and planted defects of ours that come and go.

Job: history_test.py TREE BUILD: TREE is Debian's 6.12, BUILD a build folder of it. The repository is made in a temporary folder; programs
and results are kept under BUILD's neighbour history-test, so that a second run shows that nothing is built again.
"""

import sys

sys.dont_write_bytecode = True

import contextlib
import io
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).parent))
import history  # noqa: E402  pylint: disable=wrong-import-position
from ancestry import Ancestry  # noqa: E402  pylint: disable=wrong-import-position
from commits import FILES, BadUse, Commit, Commits  # noqa: E402  pylint: disable=wrong-import-position

HERE = Path(__file__).parent
TREE, BUILD = (Path(sys.argv.pop(1)).resolve() for _ in range(2))
LOCK = HERE / "defects" / "05-del-first-without-lock.sed"
SIGNATURE = "use-after-free: free_one, alloc_bulk"


class History(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.repo = Path(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, cls.repo)
        cls.git("init", "-q")
        cls.original = (TREE / FILES[0]).read_text()
        planted = subprocess.run(["sed", "-f", LOCK], input=cls.original, capture_output=True, text=True, check=True).stdout
        (cls.repo / "README").write_text("not of the allocator\n")
        cls.commit("an unrelated file", {})
        cls.names = [cls.commit(subject, {FILES[0]: file, FILES[1]: (TREE / FILES[1]).read_text()}) for subject, file in (
            ("the allocator", cls.original),
            ("a comment", cls.original + "/* ours */\n"),
            ("no lock", planted),
            ("no lock, and a comment", planted + "/* ours */\n"),
            ("what nobody has", planted.replace("local_inc_return(", "local_inc_return_twice(", 1)),
            ("the lock again", cls.original + "/* ours, too */\n"))]

        cls.planted = planted

    @classmethod
    def git(cls, *arguments):
        return subprocess.run(["git", "-C", cls.repo, "-c", "user.name=a", "-c", "user.email=a@example.org", *arguments], check=True,
                              capture_output=True, text=True).stdout.strip()

    @classmethod
    def commit(cls, subject, files):
        for name, text in files.items():
            (cls.repo / name).parent.mkdir(parents=True, exist_ok=True)
            (cls.repo / name).write_text(text)
        cls.git("add", ".")
        cls.git("commit", "-q", "--allow-empty", "-m", subject)
        return cls.git("rev-parse", "HEAD")

    def said(self, *arguments, code=0, repo=None):
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            self.assertEqual(history.main([*arguments, "--repo", str(repo or self.repo), "--build", str(BUILD), "--model", "sc", "--work",
                                           str(BUILD.parent / "history-test")]), code)
        return out.getvalue()

    def test_the_table_has_what_comes_and_goes(self):
        table = self.said("history", "--seconds", "8", "--jobs", "2")
        rows = {line.split(" | ")[2]: line for line in table.splitlines() if line.startswith("| `") and line.count(" | ") == 4}
        self.assertEqual(list(rows), ["the allocator", "a comment", "no lock", "no lock, and a comment", "what nobody has",
                                      "the lock again"])
        self.assertIn("nothing found", rows["a comment"])
        self.assertIn(f"+ `{SIGNATURE}`", rows["no lock"])
        self.assertIn(f"`{SIGNATURE}`", rows["no lock, and a comment"])
        self.assertNotIn(f"+ `{SIGNATURE}`", rows["no lock, and a comment"])
        self.assertIn("no: local_inc_return_twice is missing", rows["what nobody has"])
        self.assertIn(f"- `{SIGNATURE}`", rows["the lock again"])
        self.assertIn(f"| `{SIGNATURE}` | `{self.names[2][:12]}` no lock | `{self.names[5][:12]}` the lock again |", table)
        again = AssertionError("what was done is read")
        with mock.patch.object(history, "findings_of", side_effect=again), mock.patch.object(Commits, "build_linux", side_effect=again):
            self.assertEqual(self.said("history", "--seconds", "8", "--jobs", "2"), table)

    def test_bisect_names_both_commits(self):
        said = self.said("bisect", SIGNATURE, "--seconds", "8")
        self.assertIn(f"Introduced by: {self.names[2]}", said)
        self.assertIn(f"Fixed by: {self.names[5]}", said)
        self.assertIn(f"or one of 1 before it that do not build: {self.names[4][:12]}", said)
        said = self.said("bisect", SIGNATURE, "--seconds", "8", "--good", self.names[0], "--bad", self.names[3])
        self.assertIn(f"Introduced by: {self.names[2]}", said)
        self.assertIn("still, the last of those asked", said)

    def test_bisect_halves(self):
        """Of a hundred commits, of which some do not build, as many are asked as halving takes."""
        listed = [Commit(f"{i:040}", "", "") for i in range(100)]
        for bad in range(1, 100):
            asked = []

            class Known(history.Bisection):
                def shows(self, commit):
                    i = listed.index(commit)
                    asked.append(i)
                    return None if i % 10 == 3 and i not in (bad - 1, bad) else i >= bad

            changed, skipped = Known(None, "", None, None).change(listed, 0, 99)
            self.assertEqual((changed, skipped), (bad, []))
            self.assertLess(len(set(asked)), 12)

    def test_a_stronger_model_that_shows_it_is_told(self):
        def row(short, seen, model):
            parents = (chr(ord(short) - 1) * 40,)
            return Commit(short * 40, "", "", parents), {"leak: x": {"seen": seen, "of": 9, "model": model}}
        lines = history.table([row("a", 4, "kernel"), row("b", 1, "sc"), row("c", 2, "kernel")])
        self.assertIn("`leak: x` (1 of 9, sc; before: kernel alone)", lines[3])
        self.assertIn("| `leak: x` (2 of 9, kernel) |", lines[4])

    def branched(self, mirrored):
        """The lock goes on one branch, and comes back on one; the others never did either. The contents are those of the other commits."""
        repo = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, repo)
        date = 1_700_000_000

        def git(*arguments, **more):
            return subprocess.run(["git", "-C", repo, "-c", "user.name=a", "-c", "user.email=a@example.org", *arguments], check=True,
                                  capture_output=True, text=True, **more).stdout.strip()

        def commit(subject, file, *parents):
            nonlocal date
            date += 100
            for name, text in {FILES[0]: file, FILES[1]: (TREE / FILES[1]).read_text()}.items():
                (repo / name).parent.mkdir(parents=True, exist_ok=True)
                (repo / name).write_text(text)
            git("add", ".")
            both = reversed(parents) if mirrored else parents
            name = git("commit-tree", git("write-tree"), "-m", subject, *(word for parent in both for word in ("-p", parent)),
                       env={"PATH": "/usr/bin:/bin", "GIT_AUTHOR_DATE": f"{date} +0000", "GIT_COMMITTER_DATE": f"{date} +0000"})
            git("update-ref", "HEAD", name)
            return name

        git("init", "-q")
        first = commit("the allocator", self.original)
        bad = commit("no lock", self.planted, first)
        never = commit("a comment, on a branch", self.original + "/* ours */\n", first)
        merged = commit("merge: no lock, and a comment", self.planted + "/* ours */\n", bad, never)
        good = commit("the lock again", self.original + "/* ours, too */\n", merged)
        still = commit("no comment, on a branch", self.planted, merged)
        commit("merge: the lock again", self.original, good, still)
        return repo, bad, good

    def test_a_branch_that_never_had_it_mends_nothing(self):
        for mirrored in (False, True):
            repo, bad, good = self.branched(mirrored)
            table = self.said("history", "--seconds", "8", "--jobs", "2", repo=repo)
            spans = [line for line in table.splitlines() if line.startswith(f"| `{SIGNATURE}` |")]
            self.assertEqual(spans, [f"| `{SIGNATURE}` | `{bad[:12]}` no lock | `{good[:12]}` the lock again |"], table)
            self.assertEqual(table.count(f"+ `{SIGNATURE}`"), 1, table)
            row = next(line for line in table.splitlines() if "a comment, on a branch" in line)
            self.assertNotIn(f"- `{SIGNATURE}`", row)
            said = self.said("bisect", SIGNATURE, "--seconds", "8", repo=repo)
            self.assertIn(f"Introduced by: {bad}", said)
            self.assertIn(f"Fixed by: {good}", said)

    def test_bisection_of_every_small_history_with_branches(self):
        """What is named as the first has it, and none before it; the fix lacks it, and what it stands on has it."""
        shapes = [[(), (0,), (0,), (1, 2), (3,), (3,), (4, 5)], [(), (0,), (1,), (0,), (3,), (2, 4)], [(), (0,), (1,), (2,), (1,), (3, 4)]]
        for shape in shapes:
            listed = [Commit(f"{i:040}", "", "", tuple(f"{j:040}" for j in parents)) for i, parents in enumerate(shape)]
            ancestry = Ancestry(listed)
            for brought, mended in ((i, j) for i in range(1, len(shape)) for j in range(i + 1, len(shape) + 1)):
                with_it = {commit.name for commit in ancestry.since(listed[brought])}
                without = {commit.name for commit in ancestry.since(listed[mended])} if mended < len(shape) else set()

                class Known(history.Bisection):
                    def shows(self, commit):
                        return commit.name in with_it - without

                known = Known(None, "", None, None)
                bad = listed[brought]
                if not known.shows(bad):
                    continue
                self.assertEqual(known.introduced(ancestry, bad)[0], bad)
                for later in ancestry.since(bad):
                    if known.shows(later):
                        self.assertEqual(known.introduced(ancestry, later)[0], bad)
                if mended < len(shape) and listed[mended].name in with_it:
                    last = ancestry.since(bad)[-1]
                    if not known.shows(last):
                        self.assertEqual(known.fixed(ancestry, bad, last)[0], listed[mended], (shape, brought, mended))

    def test_what_nobody_shows(self):
        self.assertIn("None of", self.said("bisect", "leak: nowhere", "--seconds", "2", code=1))

    def test_a_partial_clone_has_what_its_remote_has(self):
        self.git("config", "uploadpack.allowFilter", "true")
        self.git("config", "uploadpack.allowAnySHA1InWant", "true")
        folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, folder)
        for name, what in (("bare", ("--bare", "--filter=blob:none")), ("without-trees", ("--no-checkout", "--filter=tree:0"))):
            subprocess.run(["git", "clone", "-q", *what, f"file://{self.repo}", folder / name], check=True)
            part = Commits(str(folder / name), "linux", BUILD, folder / "work")
            full = Commits(str(self.repo), "linux", BUILD, folder / "work")
            self.assertEqual([part.contents(commit) for commit in part.listed()], [full.contents(commit) for commit in full.listed()])

    def test_a_partial_clone_without_its_remote_is_told(self):
        self.git("config", "uploadpack.allowFilter", "true")
        folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, folder)
        shutil.copytree(self.repo, folder / "remote")
        subprocess.run(["git", "clone", "-q", "--bare", "--filter=blob:none", f"file://{folder}/remote", folder / "part"], check=True)
        shutil.rmtree(folder / "remote")
        with self.assertRaisesRegex(BadUse, "partial clone, and its remote does not give"):
            Commits(str(folder / "part"), "linux", BUILD, folder / "work").listed()

    def test_bad_use(self):
        for wrong in (["history", "--range", "v0..v1"], ["bisect", "x", "--good", "no-such-commit"]):
            with self.assertRaises(history.BadUse):
                self.said(*wrong)
        empty = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, empty)
        with self.assertRaises(history.BadUse):
            history.main(["history", "--repo", empty, "--build", str(BUILD)])


if __name__ == "__main__":
    unittest.main()
