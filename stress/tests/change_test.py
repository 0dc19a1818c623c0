"""Patches and commits that a farm looks at, with real builds and searches. python3 -m unittest, RCUFARM_BIN set.

The build's own folder builds the patch; the tree's allocator, and the one with the planted mistake 04, are in the cache of built contents
already, since the build has them.
"""
import difflib
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import types
import unittest
import unittest.mock
import urllib.error
import urllib.request

from farm import BIN, FarmCase, Ledger, config

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEFECTS = ROOT / "corpus/defects"
sys.path[:0] = [str(ROOT / "stress/change"), str(ROOT / "fuzz/linux")]
sys.dont_write_bytecode = True

import built as change_built  # noqa: E402
import change  # noqa: E402
import history  # noqa: E402
import reply  # noqa: E402

# What is submitted, and the state that it gets without a search.
PART = ("From 1111111111111111111111111111111111111111 Mon Sep 17 00:00:00 2001\nFrom: A <a@example.com>\nSubject: [PATCH {}] {}\n"
        "Date: Mon, 1 Jan 2024 00:00:00 +0000\n\nwhy\n\n---\n{}--\n2.39\n\n")
NO_PLACE = ("--- a/alloc/mem/refill.cpp\n+++ b/alloc/mem/refill.cpp\n@@ -1,3 +1,3 @@\n no such line\n-nor this\n+or this\n or that\n")
NOTHING = ("--- a/README.md\n+++ b/README.md\n@@ -1,1 +1,1 @@\n-a\n+b\n")


def diff_of(number):
    file, = DEFECTS.glob(f"{number}-*.patch")
    return file.read_text()


def with_patch(folder, patch):
    """`folder`/alloc: the tree's, with a patch."""
    shutil.copytree(ROOT / "alloc", folder / "alloc", ignore=shutil.ignore_patterns("bench"))
    if patch:
        subprocess.run(["patch", "-s", "-p1", "-d", folder], input=patch, text=True, check=True)


class ChangeCase(FarmCase):
    """A farm that looks at changes."""

    def setUp(self):
        super().setUp()
        self.state = self.folder / "state"
        self.build = self.folder / "build"

    def config(self, more="", seconds=4):
        text = config(lanes=["canary"], programs={"root": ROOT})
        return text + (f"[canary]\nevery_seconds = 3600\n[changes]\nseconds = {seconds}\nmodels = [\"sc\"]\npoll_seconds = 1\n"
                       f"build_folder = \"{self.build}\"\n{more}")

    def submit(self, name, text, *more):
        file = self.folder / name
        file.write_text(text)
        done = self.run_farm("submit", file, "--state", self.state, *more)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.split()[0]

    def listed(self):
        done = self.run_farm("changes", "list", "--json", "--state", self.state)
        return json.loads(done.stdout) if done.returncode == 0 else []

    def ended(self, farm, key, seconds=600):
        def state():
            found = [one for one in self.listed() if one["key"].startswith(key)]
            return found and found[0]["state"] not in ("waiting", "at work") and found[0]
        return farm.wait_for(f"the end of {key}", state, seconds)

    def answer(self, key):
        return self.run_farm("changes", "show", key, "--state", self.state).stdout

    def git(self, *words):
        return subprocess.run(["git", "-C", self.repository, "-c", "user.name=a", "-c", "user.email=a@b", *words], check=True,
                              capture_output=True, text=True).stdout.strip()

    def told(self, commit):
        return Ledger(self.state).rows("SELECT told FROM change WHERE name = ?", commit)


class ChangeTest(ChangeCase):
    def test_what_has_no_verdict_says_why(self):
        farm = self.farm(self.config())
        farm.port()
        diff = diff_of("05")
        wanted = {self.submit("part", PART.format("1/2", "alloc: half", diff)): ("incomplete", "of the series' 2 patches 2"),
                  self.submit("hole", PART.format("1/3", "a", diff) + PART.format("3/3", "c", diff)): ("incomplete", "series' 3 patches 2"),
                  self.submit("place", NO_PLACE): ("not applied", "FAILED"),
                  self.submit("other", NOTHING): ("not applied", ""),
                  self.submit("none", "no patch at all\n"): ("not applied", "garbage")}
        # The drop folder is the other way in.
        (self.state / "patches").mkdir(exist_ok=True)
        (self.state / "patches/dropped.mbox").write_text(PART.format("2/3", "alloc: a third", diff))
        for key, (state, words) in wanted.items():
            end = self.ended(farm, key)
            self.assertEqual(end["state"], state, end)
            self.assertIn(words.lower(), end["told"].lower())
            answer = self.answer(key)
            self.assertIn("No verdict", answer)
            self.assertNotIn("is wrong", answer)
            self.assertTrue(all(len(line) <= 72 for line in answer.splitlines()), answer)
        farm.wait_for("the dropped one", lambda: "alloc: a third" in farm.get("/changes"))
        self.assertTrue((self.state / "patches/taken/dropped.mbox").is_file())
        farm.wait_for("its end", lambda: "incomplete" in farm.get("/changes").split("a third")[1].split("</tr>")[0])
        self.assertEqual(farm.total("rcufarm_bugs"), 0, "a patch's fault is none of the tree's")
        self.assertEqual(farm.end()[0], 0, farm.said())

    def test_a_patch_is_built_searched_and_answered(self):
        """In the build's own folder, whose libraries are there."""
        self.build = BIN.parent
        self.addCleanup(subprocess.run, ["cmake", self.build, "-D", "RCUFARM_TRY_ALLOC="], capture_output=True, check=False)
        farm = self.farm(self.config(more=f'[http]\ntoken_file = "{self.token()}"\n'))
        base = f"http://127.0.0.1:{farm.port()}"
        mail = PART.format("", "alloc: take nodes without the lock", diff_of("05")).replace("[PATCH ]", "[PATCH]").encode()
        for header, code in (({}, 401), ({"Authorization": "Bearer wrong-wrong-wrong"}, 401)):
            with self.assertRaises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(urllib.request.Request(f"{base}/api/patches", mail, header), timeout=30)
            self.assertEqual(refused.exception.code, code)
        request = urllib.request.Request(f"{base}/api/patches", mail, {"Authorization": "Bearer sixteen-letters-1"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            self.assertEqual(answer.status, 201)
            key = json.load(answer)["key"]
        self.assertEqual(json.loads(farm.get(f"/api/patches/{key}"))["title"], "[PATCH] alloc: take nodes without the lock")
        end = self.ended(farm, key, 600)
        self.assertEqual(end["state"], "wrong", end)
        said = farm.get(f"/changes/{key}/reply")
        self.assertEqual(said, self.answer(key))
        self.assertTrue(all(len(line) <= 72 and line.isascii() for line in said.splitlines()), said)
        for words in ("It is wrong", "BAD:", "Searched:", "schedules", "points", "model sc", "without it"):
            self.assertIn(words, said)
        page = farm.get(f"/changes/{key}")
        self.assertIn("Not shown by the tree without it.", page)
        self.assertIn("<svg", farm.get(f"/changes/{key}/0.svg"))
        self.assertEqual(farm.get(f"/changes/{key}/patch").encode(), mail)
        self.assertIn("take nodes without the lock", farm.get("/"))
        self.assertEqual(self.run_farm("changes", "show", key, "--state", self.state).returncode, 1)
        farm.end()

    def token(self):
        file = self.folder / "token"
        file.write_text("sixteen-letters-1\n")
        return file

    def commit(self, title, patch):
        shutil.rmtree(self.repository / "alloc", ignore_errors=True)
        with_patch(self.repository, patch)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", title)
        return self.git("rev-parse", "HEAD")

    def in_cache(self, program, commit):
        """What the build made of the same content."""
        built = change_built.Built.__new__(change_built.Built)
        built.repo, built.target, built.keys, built.shim = self.repository, "alloc", {}, change_built.shim_key()
        built.paths = ("alloc",)
        folder = self.state / "change/bin"
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy2(program, folder / built.key(change.Commit(commit, "", "")))

    def test_a_branch_is_watched_and_its_findings_carry_their_commits(self):
        # 02 is found at once. Of a defect that shows more seldom: AskedNearTest.
        self.repository = self.folder / "repository"
        self.repository.mkdir()
        self.git("init", "-q", "-b", "main")
        self.build.mkdir()
        (self.build / "CMakeCache.txt").touch()  # nothing is to be built
        good = self.commit("alloc: as it is", "")
        bad = self.commit("alloc: read them the other way round", diff_of("02"))
        self.git("reset", "-q", "--hard", good)
        self.in_cache(BIN / "rcufarm", good)
        self.in_cache(BIN / "rcufarm-defect-02", bad)
        text = self.config(more=f'[[watch]]\nname = "main"\nrepository = "{self.repository}"\npaths = ["alloc"]\nseconds = 5\n')
        farm = self.farm(text)
        farm.port()
        row = lambda commit: dict(Ledger(self.state).rows("SELECT name, state FROM change WHERE source = 'main'")).get(commit)  # noqa: E731
        farm.wait_for("the first commit", lambda: row(good) not in (None, "waiting"), 600)
        self.assertEqual(row(good), "clean", self.told(good))
        self.git("reset", "-q", "--hard", bad)
        farm.wait_for("the bad commit", lambda: row(bad) not in (None, "waiting"), 600)
        self.assertEqual(row(bad), "wrong", self.told(bad))
        blamed = Ledger(self.state).rows("SELECT first_bad, cured_by FROM blame")
        self.assertTrue(blamed)
        self.assertTrue(all(one == (bad, "") for one in blamed), blamed)
        page = farm.get("/watch/main")
        self.assertIn("alloc: read them the other way round", page)
        self.assertIn(bad[:12], page)
        cure = self.commit("alloc: read them in order", "")
        self.assertEqual(self.git("rev-parse", f"{cure}^"), bad)
        farm.wait_for("the cure", lambda: row(cure) not in (None, "waiting"), 600)
        self.assertEqual(row(cure), "clean", self.told(cure))
        fixed = Ledger(self.state).rows("SELECT f.state, b.cured_by FROM finding f JOIN blame b ON b.finding = f.key")
        self.assertTrue(all(one == ("fixed", cure) for one in fixed), fixed)
        key, = Ledger(self.state).rows("SELECT finding FROM blame WHERE cured_by <> '' LIMIT 1")[0]
        self.assertIn("fixed by", farm.get(f"/findings/{key}"))
        farm.end()
        Ledger(self.state).check()

    def watched(self, more="", name="main"):
        return f'[[watch]]\nname = "{name}"\nrepository = "{self.repository}"\n{more}'

    def state_of(self, commit, target="alloc"):
        return dict(Ledger(self.state).rows("SELECT name, state FROM change WHERE source = 'main' AND target = ?", target)).get(commit)

    def is_over(self, farm, commit, target="alloc"):
        farm.wait_for(f"the end of {commit}", lambda: self.state_of(commit, target) not in (None, "waiting"), 900)
        return self.state_of(commit, target)

    def new_repository(self):
        self.repository = self.folder / "repository"
        self.repository.mkdir()
        self.git("init", "-q", "-b", "main")

    def test_what_does_not_build_is_a_state_and_no_failure(self):
        """A patch, and a commit between a good and a bad one: the compiler's first words are told, and all else goes on."""
        self.build = BIN.parent
        self.addCleanup(subprocess.run, ["cmake", self.build, "-D", "RCUFARM_TRY_ALLOC="], capture_output=True, check=False)
        self.new_repository()
        good = self.commit("alloc: as it is", "")
        self.in_cache(BIN / "rcufarm", good)
        farm = self.farm(self.config(more=self.watched("seconds = 4\n")))
        farm.port()
        self.assertEqual(self.is_over(farm, good), "clean", self.told(good))
        source = ROOT / "alloc/mem/refill.cpp"
        after = source.read_text() + "int broken() { return nobody_has_this; }\n"
        diff = "".join(difflib.unified_diff(source.read_text().splitlines(True), after.splitlines(True), "a/alloc/mem/refill.cpp",
                                            "b/alloc/mem/refill.cpp"))
        key = self.submit("broken", PART.format("", "alloc: no end", diff).replace("[PATCH ]", "[PATCH]"))
        broken = self.commit("alloc: no end", diff)
        bad = self.commit("alloc: read it too early", diff_of("04"))
        self.in_cache(BIN / "rcufarm-defect-04", bad)
        end = self.ended(farm, key, 900)
        self.assertEqual(self.is_over(farm, bad), "wrong", self.told(bad))
        self.assertEqual(self.state_of(broken), "not built")
        self.assertEqual(end["state"], "not built", end)
        commit_key, = Ledger(self.state).rows("SELECT key FROM change WHERE name = ?", broken)[0]
        for one in (key, commit_key):
            for text in (self.answer(one), farm.get(f"/changes/{one}")):
                self.assertIn("nobody_has_this", text)
                self.assertIn("alloc/mem/refill.cpp:", text)
                self.assertIn("does not build", text)
                self.assertNotIn("It is wrong", text)
                self.assertNotIn(str(self.folder), text, "a path of this farm says nothing to whoever sent it")
        self.assertIn("not built", farm.get("/watch/main"))
        # It may be to blame as well: nobody can tell.
        for first, told in Ledger(self.state).rows("SELECT first_bad, bad_told FROM blame"):
            self.assertEqual(first, bad)
            self.assertIn("or one of 1 before it that do not build", told)
        counted = lambda kind: farm.metric("rcufarm_changes", f'kind="{kind}",state="not built"')  # noqa: E731
        farm.wait_for("the counts", lambda: counted("patch") == counted("commit") == 1)
        self.assertEqual(farm.total("rcufarm_changes_oldest_waiting_timestamp_seconds"), 0)
        self.assertEqual(farm.end()[0], 0, farm.said())
        Ledger(self.state).check()

    def two_wait(self, farm):
        """Two commits more, of which the first may be looked at already."""
        waiting = []
        self.git("checkout", "-q", "--detach")  # the branch gets both at once
        for name in ("a", "b"):
            (self.repository / name).touch()
            self.git("add", "-A")
            self.git("commit", "-q", "-m", f"file {name}")
            waiting.append(self.git("rev-parse", "HEAD"))
        self.git("branch", "-f", "main", "HEAD")
        farm.wait_for("both", lambda: all(self.state_of(one) == "waiting" for one in waiting), 120)
        return waiting

    def test_a_watch_whose_target_changes_drops_what_waits_and_begins_anew(self):
        self.build.mkdir()
        (self.build / "CMakeCache.txt").touch()  # nothing is to be built
        self.new_repository()
        first = self.commit("alloc: as it is", "")
        self.in_cache(BIN / "rcufarm", first)
        farm = self.farm(self.config(more=self.watched("seconds = 10\n")))
        farm.port()
        self.assertEqual(self.is_over(farm, first), "clean", self.told(first))
        waiting = self.two_wait(farm)
        farm.kill()
        farm = self.farm(self.config(more=self.watched('target = "linux"\nseconds = 2\n')))
        farm.port()
        self.assertEqual(self.is_over(farm, waiting[1], "linux"), "not built", self.told(waiting[1]))
        for commit in waiting:
            self.assertEqual(self.is_over(farm, commit), "dropped", self.told(commit))
            self.assertIn("the branch is watched for linux now", dict(Ledger(self.state).rows(
                "SELECT target, told FROM change WHERE name = ?", commit))["alloc"])
        self.assertEqual(self.state_of(first), "clean")
        self.assertIn("dropped", farm.get("/watch/main"))
        farm.wait_for("the count", lambda: farm.metric("rcufarm_changes", 'kind="commit",state="dropped"') == 2)
        self.assertEqual(farm.end()[0], 0, farm.said())

    def test_what_waits_for_a_watch_that_was_taken_out_is_dropped_and_told(self):
        self.build.mkdir()
        (self.build / "CMakeCache.txt").touch()  # nothing is to be built
        self.new_repository()
        first = self.commit("alloc: as it is", "")
        self.in_cache(BIN / "rcufarm", first)
        gone = '[[watch]]\nname = "gone"\nrepository = "/nonexistent/repository"\n'
        farm = self.farm(self.config(more=self.watched("seconds = 10\n") + gone))
        farm.port()
        self.assertEqual(self.is_over(farm, first), "clean", self.told(first))
        farm.wait_for("the trouble", lambda: "gone cannot be looked at" in farm.get("/"), 120)
        _, second = self.two_wait(farm)
        # As by hand: the file is written anew, and the farm is told.
        farm.config.write_text(self.config())
        farm.process.send_signal(signal.SIGHUP)
        self.assertEqual(self.is_over(farm, second), "dropped", self.told(second))
        self.assertIn("not watched any more", self.told(second)[0][0])
        farm.wait_for("no trouble", lambda: "gone cannot be looked at" not in farm.get("/"))
        farm.wait_for("the count", lambda: farm.metric("rcufarm_changes", 'kind="commit",state="dropped"') >= 1)
        self.assertEqual(farm.total("rcufarm_changes_oldest_waiting_timestamp_seconds"), 0)
        self.assertIn("dropped", farm.get("/watch/main"))
        self.assertEqual(farm.end()[0], 0, farm.said())

    def test_a_repository_larger_than_a_workers_largest_file_is_watched(self):
        self.build.mkdir()
        (self.build / "CMakeCache.txt").touch()  # nothing is to be built
        self.new_repository()
        (self.repository / "large").write_bytes(random.Random(1).randbytes(3 << 20))
        first = self.commit("alloc: as it is", "")
        self.in_cache(BIN / "rcufarm", first)
        farm = self.farm(self.config(more=f"[limits]\nfile_mb = 1\n{self.watched('seconds = 2')}\n"))
        farm.port()
        farm.wait_for("its tip", lambda: self.state_of(first) not in (None, "waiting") or "cannot be looked at" in farm.get("/"), 300)
        self.assertEqual(self.state_of(first), "clean", farm.said())
        self.assertEqual(farm.end()[0], 0, farm.said())

    def test_a_branch_that_cannot_be_fetched_is_told_and_no_failure(self):
        farm = self.farm(self.config(more='[[watch]]\nname = "gone"\nrepository = "/nonexistent/repository"\n'))
        farm.wait_for("the trouble", lambda: "gone cannot be looked at" in farm.get("/"), 120)
        self.assertIn("cannot be looked at", farm.get("/watch/gone"))
        self.assertEqual(farm.end()[0], 0, farm.said())

    def test_without_a_token_nobody_writes(self):
        farm = self.farm(self.config())
        with self.assertRaises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{farm.port()}/api/patches", b"x"), timeout=30)
        self.assertEqual(refused.exception.code, 403)
        done = self.run_farm("submit", "/nonexistent", "--state", self.state)
        self.assertEqual(done.returncode, 2)
        self.assertIn("Give a patch or an mbox", done.stderr)


class WantedTest(unittest.TestCase):
    """What became of a commit while it waited: another branch, other paths, another history."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="rcufarm-wanted-")
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.repository = self.folder / "repository"
        self.repository.mkdir()
        self.git("init", "-q", "-b", "main")
        self.first = self.commit("a")
        self.second = self.commit("b")

    git = ChangeCase.git

    def commit(self, file):
        (self.repository / file).write_text(file)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", f"touches {file}")
        return self.git("rev-parse", "HEAD")

    def wanted(self, commit, **more):
        order = {"repository": str(self.repository), "repository_copy": str(self.folder / "copy.git"), "branch": "main", "paths": [],
                 "commit": commit, "commits": [{"commit": one, "title": "", "state": "clean"} for one in (self.first, self.second)], **more}
        change.wanted(order)
        return [one["commit"] for one in order["commits"]]

    def dropped(self, commit, **more):
        with self.assertRaises(change_built.Ended) as ended:
            self.wanted(commit, **more)
        return ended.exception.state, ended.exception.told

    def test_what_another_farm_listed_is_fetched(self):
        self.assertEqual(self.wanted(self.second), [self.first, self.second])

    def test_other_paths(self):
        self.assertEqual(self.wanted(self.second, paths=["b"]), [self.first, self.second])
        state, told = self.dropped(self.second, paths=["a", "alloc"])
        self.assertEqual(state, "dropped")
        self.assertIn("nothing that is watched now: a, alloc", told)

    def test_another_branch(self):
        self.git("checkout", "-q", "-b", "stable", self.first)
        third = self.commit("c")
        self.assertEqual(self.dropped(self.second, branch="stable")[0], "dropped")
        self.assertEqual(self.wanted(third, branch="stable"), [self.first], "the other branch is none of its past")

    def test_a_branch_that_was_written_anew(self):
        self.wanted(self.second)
        self.git("reset", "-q", "--hard", self.first)
        third = self.commit("c")
        state, told = self.dropped(self.second)
        self.assertEqual(state, "dropped")
        self.assertIn("not on the branch main of", told)
        self.assertEqual(self.wanted(third), [self.first])

    def test_a_repository_that_is_away(self):
        self.wanted(self.second)
        third = self.commit("c")
        self.repository.rename(self.folder / "away")
        self.assertEqual(self.wanted(self.second), [self.first, self.second])
        self.assertEqual(self.dropped(third)[0], "waiting")
        # A patch for that branch waits, too.
        (self.folder / "patch").write_text(NOTHING)
        (self.folder / "order").write_text(json.dumps({
            "do": "patch", "target": "alloc", "watch": "w", "folder": "", "repository": str(self.repository), "branch": "main", "seconds": 1,
            "repository_copy": str(self.folder / "copy.git"), "work": str(self.folder), "file": str(self.folder / "patch"), "models": ["sc"]}))
        change.main([self.folder / "order", self.folder / "result"])
        self.assertEqual(json.loads((self.folder / "result").read_text())["state"], "waiting")


class RepositoryCase(unittest.TestCase):
    """A repository without a commit, in a folder of the case's own."""

    git = ChangeCase.git

    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="rcufarm-repository-")
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.repository = self.folder / "repository"
        self.repository.mkdir()
        self.git("init", "-q", "-b", "main")


class AskedNearTest(RepositoryCase):
    """Which commit brought a finding, and which took it: of planted defect 04, which the finding's own scenario shows in none of ten thousand
    schedules. Five commits, the third of which has the defect until the fifth."""

    def setUp(self):
        super().setUp()
        (self.folder / "build").mkdir()
        (self.folder / "build/CMakeCache.txt").touch()  # nothing is to be built
        names = [self.commit(title, patch) for title, patch in (("good", ""), ("also good", ""), ("bad", diff_of("04")), ("still", diff_of("04")),
                                                               ("cured", ""))]
        self.order = {"work": self.folder / "work", "build": self.folder / "build", "root": ROOT, "target": "alloc", "seconds": 8,
                      "commits": [{"commit": name, "title": "", "state": "clean"} for name in names]}
        self.built = change_built.Built(self.order, self.repository)
        for name, program in ((names[0], BIN / "rcufarm"), (names[2], BIN / "rcufarm-defect-04")):
            shutil.copy2(program, self.folder / "work/bin" / self.built.key(change.Commit(name, "", "")))
        self.good, _, self.bad, self.still, self.cure = names

    def commit(self, title, patch):
        (self.repository / "title").write_text(title)
        return ChangeTest.commit(self, title, patch)

    def found(self):
        """As it was met: what is small by chance is shown more often."""
        said = subprocess.run([BIN / "rcufarm-defect-04", "explore", "--order", "no", "--model", "sc", "--seed", "7", "--schedules", "1000000",
                               "--no-minimize", "--json", "--findings", self.folder / "found"], capture_output=True, text=True)
        one, = json.loads(said.stdout)["findings"]
        return {"signature": one["signature"], "file": one["file"], "model": "sc"}

    def up_to(self, name):
        """The order of the commit of that name, and its program."""
        commits = self.order["commits"]
        count = [one["commit"] for one in commits].index(name) + 1
        return {**self.order, "commits": commits[:count]}, self.built.built(change.Commit(name, "", ""))

    def test_who_brought_it_and_who_took_it(self):
        finding = self.found()
        order, _ = self.up_to(self.still)
        self.assertEqual(change.earlier(self.built, finding, order)["commit"], self.bad)
        for name, is_cured in ((self.still, False), (self.cure, True)):
            order, program = self.up_to(name)
            self.assertEqual(change.cured(self.built, program, finding, order), is_cured, name)

    def test_what_the_commit_before_did_not_show_is_no_cure(self):
        finding = self.found()
        order, program = self.up_to(self.cure)
        order["commits"] = [order["commits"][0], order["commits"][-1]]
        self.assertFalse(change.cured(self.built, program, finding, order))

    def test_kernel_bisect_asks_so_too(self):
        finding = self.found()
        commits = [change.Commit(one["commit"], "", "") for one in self.order["commits"]]
        # So short that the scenario alone would not show it.
        options = types.SimpleNamespace(seconds=0.5, models=["sc"], jobs=1)
        bisection = history.Bisection(self.built, finding["signature"], finding["file"], options)
        self.assertTrue(bisection.shows(commits[3]))
        self.assertEqual(bisection.change(commits, 0, 3), (2, []))
        self.assertEqual(bisection.change(commits, 3, 4), (4, []))


class FetchTest(RepositoryCase):
    """A slow line. Git speaks ssh to a script, which hands on what the repository's own git says."""

    def setUp(self):
        super().setUp()
        (self.repository / "large").write_bytes(random.Random(1).randbytes(4 << 20))
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "large")
        self.order = {"repository": f"ssh://far{self.repository}", "repository_copy": str(self.folder / "copy.git"), "branch": "main"}

    def over(self, line):
        """Fetches; `line` is what stands between the two ends."""
        script = self.folder / "ssh"
        script.write_text(f'#!/bin/sh\nfor last; do :; done\nsh -c "$last" | {line}\n')
        script.chmod(0o755)
        with unittest.mock.patch.dict(os.environ, {"GIT_SSH_COMMAND": str(script), "GIT_SSH_VARIANT": "ssh"}):
            return change.fetched(self.order)

    def test_what_takes_long_and_goes_on_is_waited_for(self):
        slow = f"{sys.executable} -c \"import sys, time\nwhile some := sys.stdin.buffer.read1(65536):\n sys.stdout.buffer.write(some)\n " \
               "sys.stdout.flush()\n time.sleep(0.16)\""
        began = time.monotonic()
        with unittest.mock.patch.object(change, "FETCH_SILENCE_MAX", 8):
            copy = self.over(slow)
        self.assertGreater(time.monotonic() - began, 8, "else it says nothing")
        self.assertEqual((copy / "fetched").read_text(), self.order["repository"])

    def test_what_says_nothing_any_more_is_given_up_and_tried_again(self):
        with unittest.mock.patch.object(change, "FETCH_SILENCE_MAX", 1), self.assertRaises(change_built.Ended) as ended:
            self.over("head -c 100000; sleep 20")
        self.assertIn("git said nothing for 1 s", ended.exception.told)
        copy = pathlib.Path(self.order["repository_copy"])
        self.assertFalse((copy / "fetched").exists())
        self.over("cat")
        self.assertFalse(list(copy.glob("objects/pack/tmp_*")))
        self.assertEqual(change.git("log", "-n1", "--format=%s", "watched", folder=copy), "large\n")

    def test_why_it_cannot_be_had_is_told(self):
        with self.assertRaises(change_built.Ended) as ended:
            change.fetched({**self.order, "repository": str(self.folder / "nothing")})
        self.assertRegex(ended.exception.told, "^fatal: .*nothing")


class AppliedTest(unittest.TestCase):
    """A patch onto a branch's tip, up to the build: patch_test.py goes on from there."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="rcufarm-applied-")
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.repository = self.folder / "repository"
        self.repository.mkdir()
        self.git("init", "-q", "-b", "main")

    git = ChangeCase.git

    def tip(self, files):
        for name, text in files.items():
            (self.repository / name).parent.mkdir(parents=True, exist_ok=True)
            (self.repository / name).write_text(text)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "the tip")

    def applied(self, target, folder, name, after):
        """The file, without the patch and with it; and what is said to be looked at."""
        before = (self.repository / name).read_text()
        diff = "".join(difflib.unified_diff(before.splitlines(True), after.splitlines(True), f"a/{name}", f"b/{name}"))
        (self.folder / "patch").write_text(diff)
        order = {"target": target, "watch": "w", "folder": folder, "repository": str(self.repository), "branch": "main",
                 "repository_copy": str(self.folder / "copy.git"), "file": str(self.folder / "patch")}
        sources = self.folder / "sources"
        shutil.rmtree(sources, ignore_errors=True)
        sources.mkdir()
        patches, left_out = change.whole_series(order["file"])
        tree, on = change.tree_for(order, sources / "tip")
        plain, with_it = change.patched(tree, order, sources)
        if target == "linux":
            change.apply_linux(patches, with_it, left_out)
        else:
            change.apply_plain(patches, with_it, folder)
        self.assertTrue(change.changed(plain, with_it, target))
        self.assertEqual((plain / name).read_text(), before)
        self.assertEqual((with_it / name).read_text(), after)
        return on

    def test_of_an_adopted_allocator(self):
        self.tip({"fuzz/rcufarm.toml": "", "fuzz/a.c": "int a;\n", "src/b.c": "int b;\n"})
        on = self.applied("adopted", "fuzz", "src/b.c", "int c;\n")
        self.assertRegex(on, r'^the branch main at [0-9a-f]{12} \("the tip"\)$')
        self.applied("adopted", "fuzz", "fuzz/a.c", "int c;\n")

    def test_of_the_kernels_file(self):
        memalloc, header = change.FILES
        self.tip({memalloc: "int a;\n", header: "int h;\n", "README": "no part of it\n"})
        self.applied("linux", "", memalloc, "int c;\n")
        self.applied("linux", "", header, "int c;\n")

    def test_a_branch_without_what_it_is_for(self):
        self.tip({"README": "nothing\n"})
        for target in ("alloc", "linux"):
            with self.assertRaises(change_built.Ended) as ended:
                self.applied(target, "", "README", "something\n")
            self.assertEqual(ended.exception.state, "failed")
            self.assertIn("the branch main of", ended.exception.told)


class ReplyTest(unittest.TestCase):
    def test_each_line_fits_whatever_is_told(self):
        long = "x" * 200
        found = {"signature": long, "detail": "é" * 90, "seen": 1, "schedules": 5, "model": "sc", "known": False, "replays": 20,
                 "diagram": f"{long}\n{long}\n\n 1  {long}\n    |   store(a.b, c)   [from 12]   [step 20's store reaches memory after this]\n"}
        for state in ("wrong", "incomplete", "not applied", "not built", "failed"):
            result = {"state": state, "told": long, "target": "alloc", "title": long, "patches": [long, long], "left_out": [long],
                      "searched": [{"model": "sc", "schedules": 1, "points": 2, "seconds": 1}], "base": [],
                      "findings": [found] * 5 if state == "wrong" else [], "unsure": [long], "cured": []}
            text = reply.reply_of(result, {"title": long})
            self.assertTrue(all(len(line) <= 72 and line.isascii() for line in text.splitlines()), text)


if __name__ == "__main__":
    unittest.main()
