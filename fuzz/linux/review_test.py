#!/usr/bin/env python3
"""review.py on a small repository: from the posted file, from its base with replies between the lines, from a mail that an archive has
put on one line; and the sentence where there is neither. usage: review_test.py"""
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

REVIEW = Path(__file__).resolve().parent / "review.py"
BASE = "".join(f"int line_{n}(void);\n" for n in range(30)) + """
static void drain(struct box *b)
{
\twait_for(b);
\tif (b->late)
\t\twait_again(b);

\tfree_box(b);
}
"""
POSTED = BASE.replace("\twait_for(b);\n", "\twait_twice(b); /* both lists */\n\twait_for(b);\n").replace(
    "int line_3(void);\n", "int line_3(void);\nint third(int a);\n").replace("free_box(b);", "free_all(b);")
REPLY = ["It does not wait for the second list, which the callback fills again as shown below:", "", "destroy     callback",
         "drain(b)    add(b)"]


def git(repo, *arguments, data=None):
    return subprocess.run(["git", "-C", repo, "-c", "user.name=t", "-c", "user.email=t@example.org", *arguments], check=True,
                          stdout=subprocess.PIPE, text=True, input=data).stdout


class Review(unittest.TestCase):
    def setUp(self):
        self.work = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.repo = self.work / "repo"
        self.repo.mkdir()
        git(self.repo, "init", "-q")
        self.write(BASE)
        git(self.repo, "add", ".")
        git(self.repo, "commit", "-qm", "base")
        self.write(POSTED)
        self.diff = git(self.repo, "diff", "--abbrev=12")
        self.write(BASE)

    def write(self, text):
        file = self.repo / "kernel/file.c"
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)

    def review(self, mail):
        (self.work / "mail").write_text(mail)
        done = subprocess.run([sys.executable, REVIEW, "--diff", self.work / "mail", "--repo", self.repo, self.work / "tree"],
                              capture_output=True, text=True, check=False)
        file = self.work / "tree/kernel/file.c"
        return done, file.read_text() if file.exists() else ""

    def quoted(self):
        lines = []
        for line in self.diff.splitlines():
            lines.append(f"> {line}")
            if "both lists" in line:
                lines += REPLY
        return "\n".join(["Hi,", "On a day somebody wrote:", "> From: somebody", ">", *lines, ""])

    def assert_posted(self, text):
        self.assertEqual(re.sub(r"\s+", "", text), re.sub(r"\s+", "", POSTED))

    def test_the_posted_file_is_taken_where_the_repository_has_it(self):
        git(self.repo, "hash-object", "-w", "--stdin", data=POSTED)
        done, text = self.review(self.quoted())
        self.assertEqual((done.returncode, text), (0, POSTED), done.stderr)
        self.assertIn("as it was posted", done.stdout)

    def test_quoted_lines_are_applied_to_the_base_without_the_replies(self):
        done, text = self.review(self.quoted())
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("quoted lines on", done.stdout)
        self.assert_posted(text)

    def test_a_mail_on_one_line_is_read(self):
        done, text = self.review(re.sub(r"\s+", " ", self.quoted()))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assert_posted(text)

    def test_a_diff_alone_is_read(self):
        done, text = self.review(self.diff)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assert_posted(text)

    def test_a_repository_without_the_file_of_that_time_is_told(self):
        self.repo = self.work / "other"
        self.repo.mkdir()
        git(self.repo, "init", "-q")
        done, text = self.review(self.quoted())
        self.assertEqual((done.returncode, text), (2, ""))
        self.assertRegex(done.stderr, r"has neither [0-9a-f]{12} .*nor [0-9a-f]{12} ")
        self.assertIn("fetch a branch", done.stderr)

    def test_what_is_no_review_and_no_repository_is_told(self):
        done, _ = self.review("Looks good to me.\n")
        self.assertEqual(done.returncode, 2)
        self.assertIn("no diff with an `index` line", done.stderr)
        self.repo = self.work
        done, _ = self.review(self.quoted())
        self.assertEqual(done.returncode, 2)
        self.assertIn("no git repository", done.stderr)

    def test_a_hunk_that_is_cut_short_is_told(self):
        done, _ = self.review(self.quoted().replace(">  \tif (b->late)\n", ""))
        self.assertEqual(done.returncode, 2)
        self.assertIn("not quoted in full", done.stderr)


if __name__ == "__main__":
    unittest.main()
