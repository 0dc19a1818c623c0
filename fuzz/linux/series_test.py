#!/usr/bin/env python3
"""series.py: however a series was mailed, what it makes of a tree is what its plain patches make of it.

Job: a small tree and a series of three patches of ours, one of them the bug; each mail in each encoding, in each place.
"""

import sys

sys.dont_write_bytecode = True

import base64
import functools
import gzip
import itertools
import os
import quopri
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).parent
FILE = "kernel/bpf/memalloc.c"
HEADER = "include/linux/bpf_mem_alloc.h"
LINES = ["// Größe: a file of ours\n", *(f"int line_{i} = {i};\n" if i % 3 else "\n" for i in range(60))]
WANTED = {}  # what plain patches make of the file
ENCODINGS = ("plain", "quoted-printable", "base64", "attachment", "format=flowed", "CRLF", "gzip")


@functools.cache
def patch(number, bug=False):
    """Changes one place of the file; a tab, a literal =20, a long line and trailing white space are in it."""
    at = 10 * number
    text = "".join(LINES)
    new = LINES.copy()
    new[at] = f"\tint line_{at} = {'0 /* the bug */' if bug else at + 1}; /* =20 {'x' * 90} – */\n"
    with tempfile.TemporaryDirectory() as folder:
        for name, content in (("a", text), ("b", "".join(new))):
            Path(folder, name, FILE).parent.mkdir(parents=True)
            Path(folder, name, FILE).write_text(content)
        diff = subprocess.run(["git", "diff", "--no-index", "--no-prefix", "a", "b"], cwd=folder, capture_output=True, text=True,
                              env=os.environ | {"GIT_CEILING_DIRECTORIES": folder}).stdout
    return diff


def body(diff, comment="What it does."):
    return f"{comment}\n\nSigned-off-by: A Developer <a@example.org>\n---\n {FILE} | 2 +-\n 1 file changed\n\n{diff}-- \n2.39.5\n"


def stuffed(text):
    """RFC 3676: a line that begins with a space, > or From gets a space, and no line ends in one unless it goes on."""
    lines = [line if line == "-- " else line.rstrip(" ") for line in text.split("\n")]
    lines = [(" " + line if line.startswith((" ", ">", "From")) else line) for line in lines]
    return "\n".join(lines)


def mail(subject, text, encoding="plain"):
    head = f"From: A Developer <a@example.org>\nDate: Wed, 21 Jun 2023 10:32:00 +0000\nSubject: {subject}\nMIME-Version: 1.0\n"
    kind = "Content-Type: text/plain; charset=utf-8"
    data = text.encode()
    if encoding in ("plain", "CRLF"):
        whole = f"{head}{kind}\nContent-Transfer-Encoding: 8bit\n\n".encode() + data
    elif encoding == "quoted-printable":
        whole = f"{head}{kind}\nContent-Transfer-Encoding: quoted-printable\n\n".encode() + quopri.encodestring(data)
    elif encoding == "base64":
        whole = f"{head}{kind}\nContent-Transfer-Encoding: base64\n\n".encode() + base64.encodebytes(data)
    elif encoding == "format=flowed":
        whole = f"{head}{kind}; format=flowed\nContent-Transfer-Encoding: 8bit\n\n".encode() + stuffed(text).encode()
    else:
        comment, diff = text.split("---\n", 1)
        attached = gzip.compress(diff.encode()) if encoding == "gzip" else diff.encode()
        name = "application/gzip; name=\"x.patch.gz\"" if encoding == "gzip" else "text/x-patch; name=\"x.patch\""
        whole = (f"{head}Content-Type: multipart/mixed; boundary=\"cut\"\n\n--cut\n{kind}\n\n{comment}\n--cut\nContent-Type: {name}\n"
                 "Content-Disposition: attachment\nContent-Transfer-Encoding: base64\n\n").encode()
        whole += base64.encodebytes(attached) + b"\n--cut--\n"
    return whole.replace(b"\n", b"\r\n") if encoding == "CRLF" else whole


def mbox(mails):
    return b"".join(b"From git@z Thu Jan  1 00:00:00 1970\n" + one + b"\n\n" for one in mails)


class Series(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.tree = self.folder / "tree"
        for name, content in ((FILE, "".join(LINES)), (HEADER, "// ours\n")):
            (self.tree / name).parent.mkdir(parents=True, exist_ok=True)
            (self.tree / name).write_text(content)

    def run_on(self, data, *version):
        """The exit code, what was said, and the file afterwards."""
        copy = self.folder / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        for name in (FILE, HEADER):
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self.tree / name, copy / name)
        (copy / "origin").symlink_to(self.tree)
        (self.folder / "input").write_bytes(data)
        done = subprocess.run([HERE / "series.py", self.folder / "input", copy, *version], capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr, (copy / FILE).read_text()

    def wanted(self, diffs):
        whole = "".join(diffs)
        if whole not in WANTED:
            code, said, WANTED[whole] = self.run_on(whole.encode())
            self.assertEqual(code, 0, said)
        return WANTED[whole]

    def mails(self, encodings, bug=-1, version="", order=(0, 1, 2)):
        return [mail(f"[PATCH bpf-next{version} {i + 1}/3] bpf: change {i}", body(patch(i + 1, i == bug)), encodings[i])
                for i in order]

    def test_each_encoding_in_each_place_with_the_bug_in_each_mail(self):
        for encoding, place, bug in itertools.product(ENCODINGS, range(3), range(3)):
            with self.subTest(encoding=encoding, place=place, bug=bug):
                encodings = ["plain"] * 3
                encodings[place] = encoding
                code, said, file = self.run_on(mbox(self.mails(encodings, bug)))
                self.assertEqual(code, 0, said)
                self.assertEqual(file, self.wanted([patch(i + 1, i == bug) for i in range(3)]))
                self.assertEqual(said.count("  applied: "), 3, said)

    def test_each_two_encodings_beside_each_other(self):
        want = self.wanted([patch(i + 1, i == 1) for i in range(3)])
        for i, j in itertools.product(range(len(ENCODINGS)), repeat=2):
            encodings = [ENCODINGS[i], ENCODINGS[j], ENCODINGS[(i + j) % len(ENCODINGS)]]
            with self.subTest(encodings=encodings):
                code, said, file = self.run_on(mbox(self.mails(encodings, 1)))
                self.assertEqual((code, file), (0, want), said)

    def test_as_one_plain_patch_it_is_the_same_series(self):
        for encodings in (["plain"] * 3, ["base64", "quoted-printable", "gzip"]):
            (self.folder / "input").write_bytes(mbox(self.mails(encodings, order=(2, 0, 1))))
            done = subprocess.run([HERE / "series.py", "--plain", self.folder / "input", self.folder / "out"], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(done.stdout.count("  taken: "), 3, done.stdout)
            copy = self.folder / "plain"
            shutil.copytree(self.tree, copy, dirs_exist_ok=True)
            subprocess.run(["patch", "-p1", "-s", "-d", copy, "-i", self.folder / "out"], check=True)
            self.assertEqual((copy / FILE).read_text(), self.wanted([patch(i + 1) for i in range(3)]))

    def test_half_a_series_is_no_plain_patch(self):
        (self.folder / "input").write_bytes(mbox(self.mails(["plain"] * 3, order=(0, 2))))
        done = subprocess.run([HERE / "series.py", "--plain", self.folder / "input", self.folder / "out"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 2, done.stdout)
        self.assertIn("2 is not in it", done.stderr)
        self.assertFalse((self.folder / "out").exists())

    def test_a_gzipped_mbox_and_one_of_crlf_and_one_mail_alone(self):
        want = self.wanted([patch(i + 1) for i in range(3)])
        whole = mbox(self.mails(["plain", "base64", "quoted-printable"]))
        for data in (gzip.compress(whole), mbox(self.mails(["plain"] * 3)).replace(b"\n", b"\r\n")):
            code, said, file = self.run_on(data)
            self.assertEqual((code, file), (0, want), said)
        code, said, file = self.run_on(mail("[PATCH] bpf: change", body(patch(1)), "quoted-printable"))
        self.assertEqual((code, file), (0, self.wanted([patch(1)])), said)

    def test_the_numbers_give_the_order_and_the_newest_version_is_taken(self):
        # Each builds on the one before: any other order fails.
        mails = self.mails(["plain", "base64", "plain"], 0, order=(2, 0, 1)) + self.mails(["base64"] * 3, 1, " v2", (1, 2, 0))
        code, said, file = self.run_on(mbox(mails))
        self.assertEqual((code, file), (0, self.wanted([patch(i + 1, i == 1) for i in range(3)])), said)
        self.assertEqual(said.count("v2 is taken"), 3, said)
        code, said, file = self.run_on(mbox(mails), "1")
        self.assertEqual((code, file), (0, self.wanted([patch(i + 1, i == 0) for i in range(3)])), said)
        self.assertEqual(self.run_on(mbox(mails), "3")[0], 2)

    def test_what_a_version_does_not_post_anew_is_the_one_befores(self):
        mails = self.mails(["plain"] * 3) + [mail("[PATCH v2 2/3] bpf: change", body(patch(2, True)))]
        code, said, file = self.run_on(mbox(mails))
        self.assertEqual((code, file), (0, self.wanted([patch(i + 1, i == 1) for i in range(3)])), said)

    def test_replies_covers_and_quoted_diffs_are_left_alone(self):
        quoted = "\n".join(f"> {line}" for line in patch(2, True).split("\n"))
        mails = [mail("[PATCH 0/3] bpf: a series", "What it does.\n"), *self.mails(["plain", "base64", "plain"]),
                 mail("Re: [PATCH bpf-next 2/3] bpf: change 1", f"On Wed he wrote:\n{quoted}\n"),
                 mail("Re: [PATCH bpf-next 2/3] bpf: change 1", "Rather so:\n\n" + patch(2, True)),
                 mail("ping", f"What about it?\n\n{quoted}\n")]
        code, said, file = self.run_on(mbox(mails))
        self.assertEqual((code, file), (0, self.wanted([patch(i + 1) for i in range(3)])), said)
        self.assertEqual([said.count(why) for why in (": a reply", ": the cover letter", ": no diff in it")], [2, 1, 1], said)

    def test_flowed_by_name_only(self):
        plain = mail("[PATCH] x", body(patch(1)))
        code, said, file = self.run_on(plain.replace(b"charset=utf-8", b"charset=utf-8; format=flowed"))
        self.assertEqual((code, file), (0, self.wanted([patch(1)])), said)

    def test_a_literal_equals_sign_in_quoted_printable(self):
        encoded = quopri.encodestring(body(patch(1)).encode())
        sloppy = encoded.replace(b"=3D ", b"= ").replace(b"=\n", b"=  \n")
        self.assertNotEqual(sloppy, encoded)
        head = mail("[PATCH] x", "", "quoted-printable")
        code, said, file = self.run_on(head + sloppy)
        self.assertEqual((code, file), (0, self.wanted([patch(1)])), said)

    def test_other_files_are_named_and_left_out(self):
        other = patch(2).replace(FILE, "tools/testing/selftests/bpf/progs/x.c")
        both = patch(1) + patch(3).replace(FILE, "Documentation/bpf/x.rst")
        mails = [mail("[PATCH 1/2] bpf: both", body(both)), mail("[PATCH 2/2] selftests/bpf: x", body(other), "base64")]
        code, said, file = self.run_on(mbox(mails))
        self.assertEqual((code, file), (0, self.wanted([patch(1)])), said)
        self.assertIn("(without Documentation/bpf/x.rst)", said)
        self.assertIn("left out: `[PATCH 2/2] selftests/bpf: x`: other files (tools/testing/selftests/bpf/progs/x.c)", said)

    def test_another_target_has_other_files(self):
        other = "lib/objpool.c"
        for folder in (self.tree, self.folder / "copy"):
            (folder / "lib").mkdir(parents=True)
            (folder / other).write_text("".join(LINES))
        (self.folder / "copy" / "origin").symlink_to(self.tree)
        (self.folder / "input").write_text(patch(1).replace(FILE, other))
        done = subprocess.run([HERE / "series.py", "--files", f"{other},{other}", self.folder / "input", self.folder / "copy"],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("line_10 = 11", (self.folder / "copy" / other).read_text())

    def test_what_cannot_be_decoded_or_applied_is_an_end(self):
        whole = self.mails(["plain"] * 3)
        base64_mail = self.mails(["plain", "base64", "plain"])[1]
        broken = {
            "is not in it": [whole[0], whole[2]],
            "cannot be decoded": [whole[0], base64_mail.replace(b"\n\n", b"\n\nA", 1), whole[2]],
            "no diff is found in it": [whole[0], mail("[PATCH bpf-next 2/3] bpf: change 1", "Lost.\n"), whole[2]],
            "does not apply to this tree": [whole[0], whole[1].replace(b" = 19", b" = 18"), whole[2]],
            "is no patch that git can read": [whole[0], whole[1][:-100 - len("-- \n2.39.5\n")], whole[2]],
            "two patches for one place": [*whole, self.mails(["plain"] * 3, 1)[1]],
            "more than one series": [*whole, mail("[PATCH 1/2] bpf: change", body(patch(4)))],
            "there is no patch in": [mail("Re: [PATCH] x", body(patch(1)))],
            "changes neither": [mail("[PATCH] x", body(patch(1).replace(FILE, "kernel/bpf/core.c")))],
        }
        for sentence, mails in broken.items():
            with self.subTest(sentence):
                code, said, _ = self.run_on(mbox(mails))
                self.assertEqual(code, 2, said)
                self.assertIn(sentence, said)
        for data in (b"", b"\x1f\x8b broken", gzip.compress(mbox(whole))[:-20]):
            self.assertEqual(self.run_on(data)[0], 2)


if __name__ == "__main__":
    unittest.main()
