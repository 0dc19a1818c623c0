#!/usr/bin/env python3
"""verdict.py on findings as explore saves them: what the patch brings, and what is the file's own."""

import sys

sys.dont_write_bytecode = True

import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).parent
SHOWN = {"sc": "every machine can do it.", "tso": "x86 can do this (store buffers); not shown under sc in 9 runs.",
         "kernel": "needs arm64 or POWER; not shown under sc in 9 runs, nor under tso in 9 runs."}
CRASH, LEAK, NULL = "use-after-free: free_one, alloc_bulk", "leak: slab, __alloc", "spurious-null: alloc"
GRAVITY = {CRASH: "corruption", LEAK: "leak", NULL: "other"}
FILE = "static void free_one(void *p) { kfree(p); }\nvoid alloc_bulk(void) { }\nvoid __alloc(void) { }\n"


class Verdict(unittest.TestCase):
    def setUp(self):
        self.work = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.work)
        self.trees(FILE, FILE)

    def trees(self, base, source):
        for name, text in (("base", base), ("source", source)):
            file = self.work / name / "kernel/bpf/memalloc.c"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)

    def save(self, below, signature, searched, shown=None, gravity=None):
        """As explore does: searched under one model, and shown by a stronger one perhaps."""
        file = self.work / below / searched / f"linux-{signature.replace(' ', '-').replace(':', '')}.finding"
        file.parent.mkdir(parents=True, exist_ok=True)
        shown = shown or searched
        file.write_text(f"# Shown under {shown}: {SHOWN[shown]}\n# Seen in 3 of 90 schedules ({gravity or GRAVITY[signature]}).\nfinding v1\n"
                        f"kind {signature.split(':')[0]}\nsignature {signature}\nschedule\n")
        return file

    def run_verb(self, *arguments):
        done = subprocess.run([HERE / "verdict.py", *arguments], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def told(self, *models, patch=True):
        what = ["--without", self.work / "without", "--base", self.work / "base", "--source", self.work / "source"] if patch else []
        return self.run_verb("tell", self.work / "found", *(models or ("sc", "tso", "kernel")), *what)

    def near(self):
        return self.run_verb("list", self.work / "found", "--but", self.work / "without").splitlines()

    def test_the_gravest_stands_first_and_each_once(self):
        self.save("found", NULL, "sc")
        self.save("found", LEAK, "sc")
        self.save("found", CRASH, "kernel")
        self.save("found", LEAK, "tso")
        said = self.told(patch=False)
        self.assertEqual([line for line in said.splitlines() if line in (NULL, LEAK, CRASH)], [CRASH, LEAK, NULL])
        self.assertIn("  Seen in 3 of 90 schedules (corruption).\n", said)
        self.assertIn(f"{LEAK}\n  Shown under sc: every machine can do it.\n", said)
        self.assertIn("Kept until the next ./farm kernel", said)

    def test_nothing_is_no_proof(self):
        self.assertEqual(self.told(), "Nothing found under sc, tso, kernel. That is no proof: what was searched stands above.\n")

    def test_what_the_patch_brings(self):
        self.save("found", CRASH, "sc")
        self.save("found", NULL, "sc")
        self.save("without", NULL, "sc")
        said = self.told()
        self.assertIn("The patch is wrong: 1 of 2 findings did not show without it", said)
        self.assertEqual(said.count("Found without the patch, too."), 1)
        self.assertEqual([Path(file).name for file in self.near()], [f"linux-{CRASH.replace(' ', '-').replace(':', '')}.finding"])

    def test_what_is_the_files_own(self):
        self.save("found", NULL, "sc")
        self.save("without", NULL, "sc")
        said = self.told("sc")
        self.assertIn("The patch adds nothing to what is found without it, by signature under sc.\nA mistake that other models", said)
        self.assertEqual(self.near(), [])

    def test_a_weaker_model_is_no_excuse(self):
        """Without the patch on arm64 alone, with it everywhere: it is the patch's."""
        self.save("found", CRASH, "sc")
        self.save("without", CRASH, "kernel")
        said = self.told()
        self.assertIn("Without the patch under kernel alone", said)
        self.assertIn("The patch is wrong: 1 of 1 findings", said)
        self.assertEqual(len(self.near()), 1)
        # Searched under the weak model, and shown by the strong one: the finding says it.
        self.save("without", CRASH, "kernel", shown="sc")
        self.assertIn("The patch adds nothing", self.told())

    def test_a_renamed_function_is_no_mistake(self):
        self.trees(FILE, FILE.replace("free_one", "free_object"))
        self.save("found", CRASH.replace("free_one", "free_object"), "sc", gravity="corruption")
        self.save("without", CRASH, "sc")
        said = self.told()
        self.assertIn(f"Without the patch there is `{CRASH}`, and not with it: perhaps the same.", said)
        self.assertNotIn("The patch is wrong", said)
        self.assertIn("Whether the patch is wrong, 1 of 1 findings do not say", said)
        # It is not the same if that one is there with the patch, too, or needs a weaker machine, or if the name is an old one.
        self.save("without", CRASH, "sc", shown="kernel")
        self.assertIn("The patch is wrong: 1 of 1", self.told())
        self.save("without", CRASH, "sc")
        self.save("found", CRASH, "sc")
        self.assertIn("The patch is wrong: 1 of 2", self.told())
        self.trees(FILE + "/* free_object */", FILE.replace("free_one", "free_object"))
        (self.work / "found/sc" / f"linux-{CRASH.replace(' ', '-').replace(':', '')}.finding").unlink()
        self.assertIn("The patch is wrong: 1 of 1", self.told())


if __name__ == "__main__":
    unittest.main()
