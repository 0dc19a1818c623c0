#!/usr/bin/env python3
"""series.py: however a series was mailed, what it makes of a tree is what its plain patches make of it.

Job: a small tree and a series of three patches of ours, one of them the bug; each mail in each encoding, in each place.
"""

import sys

sys.dont_write_bytecode = True

import base64
import bz2
import contextlib
import functools
import gzip
import io
import itertools
import lzma
import os
import quopri
import shutil
import subprocess
import tarfile
import tempfile
import unittest
import zipfile
from pathlib import Path

import series

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
        return self.tried(data, lambda *arguments: self.process(HERE / "series.py", *arguments), *version)

    def read_on(self, data):
        """The same without a process of its own, which takes longer than the rest: for what is tried in every combination."""
        return self.tried(data, self.here)

    @staticmethod
    def process(*command):
        done = subprocess.run(command, capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    @staticmethod
    def here(*arguments):
        said = io.StringIO()
        try:
            with contextlib.redirect_stdout(said):
                series.main([str(argument) for argument in arguments])
        except series.BadPatch as bad:
            return 2, f"{said.getvalue()}series: {bad}\n"
        return 0, said.getvalue()

    def tried(self, data, run, *version):
        copy = self.folder / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        for name in (FILE, HEADER):
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self.tree / name, copy / name)
        (copy / "origin").symlink_to(self.tree)
        (self.folder / "input").write_bytes(data)
        code, said = run(self.folder / "input", copy, *version)
        return code, said, (copy / FILE).read_text() if (copy / FILE).exists() else ""

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
                code, said, file = self.read_on(mbox(self.mails(encodings, bug)))
                self.assertEqual(code, 0, said)
                self.assertEqual(file, self.wanted([patch(i + 1, i == bug) for i in range(3)]))
                self.assertEqual(said.count("  applied: "), 3, said)

    def test_each_two_encodings_beside_each_other(self):
        want = self.wanted([patch(i + 1, i == 1) for i in range(3)])
        for i, j in itertools.product(range(len(ENCODINGS)), repeat=2):
            encodings = [ENCODINGS[i], ENCODINGS[j], ENCODINGS[(i + j) % len(ENCODINGS)]]
            with self.subTest(encodings=encodings):
                code, said, file = self.read_on(mbox(self.mails(encodings, 1)))
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
        mails = self.mails(["plain"] * 3) + [mail("[PATCH v2 2/3] bpf: change 1", body(patch(2, True)))]
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

    def test_what_stands_in_front_of_an_mbox_hides_none_of_its_mails(self):
        want = self.wanted([patch(i + 1, i == 1) for i in range(3)])
        for before in (b"\n", b"\r\n \n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"):
            code, said, file = self.run_on(before + mbox(self.mails(["plain", "base64", "quoted-printable"], 1)))
            self.assertEqual((code, file), (0, want), said)

    def test_mails_one_behind_the_other_are_not_read_by_halves(self):
        for i, (first, second) in enumerate(itertools.product(ENCODINGS, repeat=2)):
            with self.subTest(first=first, second=second):
                mails = [one + b"\n" for one in self.mails([first, second, "plain"], 1)]
                code, said, _ = self.read_on((b"", b"A note of the user's.\n\n")[i % 2] + b"".join(mails))
                self.assertEqual(code, 2, said)
                self.assertRegex(said, "another mail begins inside|cannot be decoded|no patch that git can read|there is no patch in|no diff is found")

    def test_a_cover_letter_with_a_diff_is_no_patch(self):
        """git format-patch --interdiff puts one there, at the margin."""
        cover = mail("[PATCH bpf-next v2 0/3] bpf: change", f"What it does.\n\nInterdiff against v1:\n{patch(2, True)}-- \n2.39.5\n")
        code, said, file = self.run_on(mbox([cover, *self.mails(["plain"] * 3, version=" v2")]))
        self.assertEqual((code, file), (0, self.wanted([patch(i + 1) for i in range(3)])), said)
        self.assertIn("[PATCH bpf-next v2 0/3] bpf: change`: the cover letter", said)

    def two_hunks(self, encoding):
        """A mail with a summary, and how much of it is cut off by a cut between its hunks."""
        first, second = patch(1), patch(4)
        hunk = second[second.index("@@"):]
        text = body(first + hunk).replace(" 1 file changed\n", " 1 file changed, 2 insertions(+), 2 deletions(-)\n")
        return text, text.index(hunk), mail("[PATCH] bpf: change", text, encoding)

    def test_a_mail_that_is_cut_between_two_hunks(self):
        text, cut, whole = self.two_hunks("plain")
        code, said, file = self.run_on(whole)
        self.assertEqual((code, file), (0, self.wanted([patch(1), patch(4)])), said)
        for encoding in ("plain", "quoted-printable", "base64", "attachment", "gzip"):
            code, said, _ = self.run_on(mail("[PATCH] bpf: change", text[:cut], encoding))
            self.assertEqual(code, 2, said)
            self.assertIn("added lines: 1 of 2; removed lines: 1 of 2", said)

    def test_a_summary_of_something_else_is_none_of_the_mails(self):
        text = body(patch(1)).replace("\n---\n", "\n---\nThe series: \n 9 files changed, 99 insertions(+)\nThis one:\n")
        code, said, file = self.run_on(mail("[PATCH] bpf: change", text))
        self.assertEqual((code, file), (0, self.wanted([patch(1)])), said)

    def test_inline_and_attached_is_once(self):
        text = body(patch(1))
        both = mail("[PATCH] bpf: change", text, "attachment")
        comment = text.split("---\n", 1)[0]
        self.assertIn(comment.encode(), both)
        code, said, file = self.run_on(both.replace(comment.encode(), text.encode()))
        self.assertEqual((code, file), (0, self.wanted([patch(1)])), said)

    def test_a_subject_that_begins_like_a_reply(self):
        for subject, is_reply in (("[syzbot ci] Re: bpf: change", True), ("[bpf] RE : [PATCH] x", True), ("[PATCH] wg: change", False), ("[RFC 1/1] re: x", False)):
            code, said, _ = self.run_on(mail(subject, body(patch(1))))
            self.assertEqual((code, ": a reply" in said), (2, True) if is_reply else (0, False), said)

    def test_what_is_packed_otherwise_is_told(self):
        whole = mbox(self.mails(["plain"] * 3))
        tar = io.BytesIO()
        with tarfile.open(fileobj=tar, mode="w:gz") as archive:
            archive.add(self.tree / FILE, "0001.patch")
        zipped = io.BytesIO()
        with zipfile.ZipFile(zipped, "w") as archive:
            archive.writestr("0001.patch", whole)
        packed = {"xz": lzma.compress(whole), "bzip2": bz2.compress(whole), "tar": tar.getvalue(), "zip": zipped.getvalue()}
        for kind, data in packed.items():
            code, said, _ = self.run_on(data)
            self.assertEqual(code, 2, said)
            self.assertIn(f"is packed by {kind}. Unpack it", said)
            # And in a mail, that says nothing of a patch in its subject.
            attached = mail("a change of mine", body(patch(1)), "attachment")
            at, end = attached.index(b"base64\n\n") + len(b"base64\n\n"), attached.index(b"\n--cut--")
            mails = [mail("[PATCH] bpf: change", body(patch(1))), attached[:at] + base64.encodebytes(data) + attached[end:]]
            for name in (b"text/x-patch; name=\"x.patch\"", b"application/x-" + kind.encode() + b"; name=\"x.patch." + kind.encode() + b"\""):
                code, said, _ = self.run_on(mbox([mails[0], mails[1].replace(b"text/x-patch; name=\"x.patch\"", name)]))
                self.assertEqual(code, 2, said)
                self.assertIn(f"is packed by {kind}. Unpack it", said)
        # What is no patch, a log for example, is nobody's business.
        log = mails[1].replace(b"text/x-patch; name=\"x.patch\"", b"application/x-xz; name=\"dmesg.xz\"")
        code, said, _ = self.run_on(mbox([mails[0], log]))
        self.assertEqual(code, 0, said)

    def test_an_attachment_that_is_cut(self):
        whole = mail("[PATCH] bpf: change", body(patch(1)), "attachment")
        code, said, _ = self.run_on(whole.replace(b"--cut--\n", b""))
        self.assertEqual(code, 2, said)
        self.assertIn("ends in the middle", said)

    def named(self, one, name, answers=""):
        head = f"Message-ID: <{name}>\n" + (f"In-Reply-To: <{answers}>\n" if answers else "")
        return head.encode() + one

    def test_two_series_in_a_file_are_not_mixed(self):
        old = self.mails(["plain"] * 3)
        new = [mail(f"[PATCH v2 {i}/3] bpf: something else {i}", body(patch(i, i == 2))) for i in (1, 2, 3)]
        for mails in (old + new, old + new[:2]):
            code, said, _ = self.run_on(mbox(mails))
            self.assertEqual(code, 2, said)
            self.assertIn("share neither a subject nor a thread", said)
        code, said, file = self.run_on(mbox(old + new), "2")
        self.assertEqual((code, file), (0, self.wanted([patch(i, i == 2) for i in (1, 2, 3)])), said)
        # What a version of another series does not have, this one's does not fill.
        self.assertEqual(self.run_on(mbox(old + new[:2]), "2")[0], 2)

    def test_versions_with_other_subjects_are_one_series_in_one_thread(self):
        old = [self.named(one, f"a{i}", "a0") for i, one in enumerate(self.mails(["plain"] * 3), 1)]
        new = self.named(mail("[PATCH v2 2/3] bpf: reworded", body(patch(2, True))), "b2", "a2")
        for mails in ([*old, new], [self.named(mail("[PATCH 0/3] bpf: x", "What it does.\n"), "a0"), new, *old]):
            code, said, file = self.run_on(mbox(mails))
            self.assertEqual((code, file), (0, self.wanted([patch(i + 1, i == 1) for i in range(3)])), said)

    def test_a_diff_in_a_reply_is_told(self):
        code, said, _ = self.run_on(mail("Re: [PATCH] bpf: change", "Rather so:\n\n" + patch(2, True), "base64"))
        self.assertEqual(code, 2, said)
        self.assertIn("a reply, and the diff in it is left alone (to try that one, save it as a file of its own)", said)

    def test_a_header_that_the_simulator_has_itself_is_told(self):
        header = "include/linux/llist.h"
        (self.tree / header).parent.mkdir(parents=True, exist_ok=True)
        (self.tree / header).write_text("".join(LINES))
        code, said, _ = self.run_on(patch(1).encode() + patch(2).replace(FILE, header).encode())
        self.assertEqual(code, 0, said)
        self.assertIn(f"({header}: the simulator's own stands in its place; only names that it lacks come from there)", said)

    def test_a_new_header_beside_the_file_comes_along(self):
        new = "--- /dev/null\n+++ b/kernel/bpf/ours.h\n@@ -0,0 +1 @@\n+#define OURS 1\n"
        code, said, _ = self.run_on((patch(1) + new).encode())
        self.assertEqual(code, 0, said)
        self.assertNotIn("without", said)
        self.assertEqual((self.folder / "copy/kernel/bpf/ours.h").read_text(), "#define OURS 1\n")

    def test_a_patch_that_the_tree_has_already(self):
        (self.tree / FILE).write_text(self.wanted([patch(1)]))
        code, said, _ = self.run_on(patch(1).encode())
        self.assertEqual(code, 2, said)
        self.assertIn("is in this tree already", said)

    def test_a_patch_that_takes_the_file_away(self):
        gone = "".join(f"-{line}" for line in LINES)
        code, said, _ = self.run_on(f"--- a/{FILE}\n+++ /dev/null\n@@ -1,{len(LINES)} +0,0 @@\n{gone}".encode())
        self.assertEqual(code, 2, said)
        self.assertIn(f"removes or renames {FILE}", said)

    def test_a_patch_without_prefixes_that_has_a_file_of_the_top_folder(self):
        top = "--- Makefile\n+++ Makefile\n@@ -1 +1 @@\n-VERSION = 6\n+VERSION = 7\n"
        plain = patch(1).replace(f"a/{FILE}", FILE).replace(f"b/{FILE}", FILE)
        for data in (top + plain, plain + top):
            code, said, file = self.run_on(data.encode())
            self.assertEqual((code, file), (0, self.wanted([patch(1)])), said)
            self.assertIn("(without Makefile)", said)

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
