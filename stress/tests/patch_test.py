"""Posted patches for what is not the tree's own allocator: the kernel's file, and an adopted allocator. python3 -m unittest, RCUFARM_BIN set.

RCUFARM_LINUX_TREE is a tree of the kernel and RCUFARM_LINUX_BUILD a build folder of it, RCUFARM_ADOPT_BUILD one with the hooks: the lanes
`linux` and `adopt` give them. What a lane does not give is skipped, and says so.
"""
import difflib
import os
import pathlib
import shutil
import subprocess
import unittest

from change_test import PART, ROOT, ChangeCase

MEMALLOC = "kernel/bpf/memalloc.c"
TUTORIAL = ROOT / "fuzz/targets/examples/tutorial"


def planted(text, script):
    return subprocess.run(["sed", "-f", script], input=text, capture_output=True, text=True, check=True).stdout


def mail(title, name, before, after):
    diff = "".join(difflib.unified_diff(before.splitlines(True), after.splitlines(True), f"a/{name}", f"b/{name}"))
    assert diff, "the mistake is none"
    return PART.format("", title, diff).replace("[PATCH ]", "[PATCH]")


class PatchCase(ChangeCase):
    def judged(self, farm, key, state):
        """Its end, its answer and its page, which agree."""
        end = self.ended(farm, key, 1500)
        self.assertEqual(end["state"], state, f"{end}\n{self.answer(key)}")
        answer, page = self.answer(key), farm.get(f"/changes/{key}")
        self.assertTrue(all(len(line) <= 72 and line.isascii() for line in answer.splitlines()), answer)
        self.assertEqual(answer, farm.get(f"/changes/{key}/reply"))
        self.assertIn(state, page)
        return answer, page


@unittest.skipUnless(os.environ.get("RCUFARM_LINUX_TREE"), "RCUFARM_LINUX_TREE names no tree of the kernel: ./farm test --lane linux has Debian's")
class KernelPatchTest(PatchCase):
    def setUp(self):
        super().setUp()
        self.tree = pathlib.Path(os.environ["RCUFARM_LINUX_TREE"])
        self.build = pathlib.Path(os.environ["RCUFARM_LINUX_BUILD"])
        self.before = (self.tree / MEMALLOC).read_text()

    def test_a_patch_of_the_kernels_file(self):
        farm = self.farm(self.config(seconds=8).replace("[changes]\n", f"[changes]\nlinux_tree = \"{self.tree}\"\n"))
        farm.port()
        wrong = self.submit("wrong", mail("bpf: take no lock", MEMALLOC, self.before,
                                          planted(self.before, ROOT / "fuzz/linux/defects/05-del-first-without-lock.sed")))
        lacks = self.submit("lacks", mail("bpf: count twice", MEMALLOC, self.before,
                                          self.before.replace("local_inc_return(", "local_inc_return_twice(", 1)))
        harmless = self.submit("harmless", mail("bpf: a comment", MEMALLOC, self.before, self.before + "/* ours */\n"))
        answer, page = self.judged(farm, wrong, "wrong")
        for words in ("On: kernel/bpf/memalloc.c", "It is wrong", "free_one, alloc_bulk", "BAD:", "without it under the model sc"):
            self.assertIn(words, answer)
        self.assertIn("Not shown by the tree without it.", page)
        self.assertIn("<svg", farm.get(f"/changes/{wrong}/0.svg"))
        answer, page = self.judged(farm, lacks, "not built")
        for text in (answer, page):
            self.assertIn("local_inc_return_twice", text)
        self.judged(farm, harmless, "clean")
        self.assertEqual(farm.end()[0], 0, farm.said())


@unittest.skipUnless(os.environ.get("RCUFARM_ADOPT_BUILD"), "RCUFARM_ADOPT_BUILD names no build with the hooks: ./farm test --lane adopt has one")
class AdoptedPatchTest(PatchCase):
    def setUp(self):
        super().setUp()
        self.build = pathlib.Path(os.environ["RCUFARM_ADOPT_BUILD"])
        self.repository = self.folder / "repository"
        # Its manifest does not lie in the root, as in the repository of somebody who has more than an allocator.
        shutil.copytree(TUTORIAL, self.repository / "fuzz", ignore=shutil.ignore_patterns("bugs"))
        self.git("init", "-q", "-b", "trunk")
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "the magazine")

    def test_a_patch_for_an_adopted_allocator(self):
        before = (TUTORIAL / "magazine.c").read_text()
        watch = f'[[watch]]\nname = "magazine"\nrepository = "{self.repository}"\nbranch = "trunk"\ntarget = "fuzz"\nseconds = 4\n'
        farm = self.farm(self.config(seconds=20, more=watch))
        farm.port()
        after = planted(before, TUTORIAL / "bugs/3-no-grace-period.sed")
        wrong = self.submit("wrong", mail("fuzz: do not wait", "fuzz/magazine.c", before, after), "--target", "magazine")
        broken = self.submit("broken", mail("no end", "magazine.c", before, before + "int broken(void) { return nobody_has_this; }\n"),
                             "--target", "magazine")
        # The drop folder of the watch is the other way in. Paths may begin at the manifest, too.
        folder = self.state / "patches/magazine"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "harmless").write_text(mail("a comment", "magazine.c", before, before + "/* ours */\n"))
        answer, page = self.judged(farm, wrong, "wrong")
        for words in ("On: the allocator of magazine, the branch trunk at", "It is wrong", "Searched:", "without it"):
            self.assertIn(words, answer)
        self.assertIn("Not shown by the tree without it.", page)
        answer, page = self.judged(farm, broken, "not built")
        for text in (answer, page):
            self.assertIn("nobody_has_this", text)
            self.assertNotIn(str(self.state), text)
        harmless, = farm.wait_for("the dropped one", lambda: [one["key"] for one in self.listed() if one["title"] == "[PATCH] a comment"])
        self.judged(farm, harmless, "clean")
        # What somebody's patch shows is no finding of the branch.
        self.assertEqual(farm.total("rcufarm_bugs"), 0)
        self.assertEqual(farm.end()[0], 0, farm.said())


if __name__ == "__main__":
    unittest.main()
