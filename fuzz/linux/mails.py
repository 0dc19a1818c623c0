"""Patches out of mails: decoding, and what each mail is.

Job: from the bytes of an mbox, of one mail or of a plain diff to a list of patches with their place in a series, and of what else
was there. Python's email decodes (base64, quoted-printable, attachments), git splits mboxes and takes a mail apart (mailsplit,
mailinfo: commit message, flowed text). Imported by series.py.
"""

import email
import email.header
import gzip
import os
import re
import subprocess
import tempfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path


class BadPatch(Exception):
    """A sentence that says what is wrong with the user's input, and what to do."""


@dataclass
class Patch:
    subject: str
    diff: bytes
    version: int = 1
    number: int = 0  # of `total`; 0: it has none
    total: int = 0


@dataclass
class Mails:
    patches: list = field(default_factory=list)
    left_out: list = field(default_factory=list)  # sentences
    places: list = field(default_factory=list)  # (version, title, id) of each patch and cover letter
    parents: dict = field(default_factory=dict)  # of a mail's id: the id of the mail that it answers

    def thread_of(self, name):
        """The id of the mail that began the thread, as far as the mails say."""
        seen = set()
        while name in self.parents and name not in seen:
            seen.add(name)
            name = self.parents[name]
        return name

    def names_of(self, version):
        """By what another version of the series is known: a subject, or a thread."""
        return {name for posted, title, of in self.places if posted == version for name in (title, self.thread_of(of)) if name}


# At the margin no line of a diff begins so, and a mail within a mail does.
HEADER = re.compile(rb"^(?:Subject|Message-ID|MIME-Version|Content-Transfer-Encoding):[ \t]", re.IGNORECASE | re.MULTILINE)
ENCODED = re.compile(rb"^Content-Transfer-Encoding:[ \t]*(?:base64|quoted-printable)", re.IGNORECASE | re.MULTILINE)
DIFF = re.compile(rb"^(?:diff --git |--- \S)", re.MULTILINE)
REPLY = re.compile(r"(?:\s*\[(?![^\]]*(?:patch|\d/\d))[^\]]*\])*\s*(re|aw|fwd?|wg)\s*:", re.IGNORECASE)
CHANGED = re.compile(rb"^ {1,2}(\d+) files? changed(?:, (\d+) insertions?\(\+\))?(?:, (\d+) deletions?\(-\))?$", re.MULTILINE)


# How what is packed otherwise begins.
PACKED = ((0, b"\xfd7zXZ\0", "xz"), (0, b"BZh", "bzip2"), (0, b"PK\3\4", "zip"), (0, b"\x28\xb5\x2f\xfd", "zstd"), (257, b"ustar", "tar"))
# An attachment that has them, by its name.
PATCHES = re.compile(r"(?:^|[._-])(?:patch|patches|diff|mbox|series)\b")


def unpacked(data, name):
    """gzip, if it is."""
    while data[:2] == b"\x1f\x8b":
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error) as error:
            raise BadPatch(f"{name} is gzip, and broken: {error}. Save it again") from error
    return data


def refuse_packed(data, name):
    for at, magic, kind in PACKED:
        if data[at:].startswith(magic):
            raise BadPatch(f"{name} is packed by {kind}. Unpack it; of several patches make one file: cat *.patch >series.mbox")


def git(arguments, data=None, folder="/"):
    """Runs git, which is to see no repository that the folder may lie in. Its exit code, output and message."""
    done = subprocess.run(["git", *arguments], input=data, cwd=folder, capture_output=True,
                          env={"PATH": os.environ["PATH"], "GIT_CEILING_DIRECTORIES": str(Path(folder).resolve().parent),
                               "GIT_CONFIG_NOSYSTEM": "1", "HOME": "/nonexistent", "LC_ALL": "C.UTF-8"})
    return done.returncode, done.stdout, done.stderr.decode(errors="replace").strip()


def messages_in(data):
    """An mbox's mails; of anything else the whole."""
    data = re.sub(rb"^(?:\xef\xbb\xbf)?(?:[ \t]*\r?\n)*", b"", data)
    if not data.startswith(b"From "):
        return [data]
    with tempfile.TemporaryDirectory() as folder:
        code, _, error = git(["mailsplit", "--mboxrd", "--keep-cr", f"-o{folder}"], data)
        if code != 0:
            raise BadPatch(f"git cannot split the mbox: {error}. Save it again, as an mbox")
        return [file.read_bytes() for file in sorted(Path(folder).iterdir())]


def several(name):
    return BadPatch(f"{name}: another mail begins inside of it, where git sees none. Save the thread as an mbox, with a `From ` line in front of "
                    "each mail (b4 am, or the archive's); of attached mails, save what is attached")


def refuse_several(text, name):
    """Mails one behind the other, with no mbox's lines between them: what is encoded in one would be passed over."""
    diff = DIFF.search(text)
    if ENCODED.search(text) or (diff and HEADER.search(text, diff.end())):
        raise several(name)


def refuse_cut(text, diff, name):
    """Fewer lines than git counted when it made the mail: the end is missing, between two hunks."""
    summaries = CHANGED.findall(text, 0, DIFF.search(text).start()) if diff else []
    if not summaries:
        return
    code, numbers, _ = git(["apply", "--numstat"], diff)
    if code != 0:
        return
    said = [int(count or 0) for count in summaries[-1]]
    lines = [line.split(b"\t") for line in numbers.splitlines() if line.count(b"\t") >= 2]
    have = [len(lines), *(sum(int(line[side]) for line in lines if line[side].isdigit()) for side in (0, 1))]
    if any(is_there < counted for is_there, counted in zip(have, said)):
        files, added, removed = (f"{is_there} of {counted}" for is_there, counted in zip(have, said))
        raise BadPatch(f"`{name}`: its own summary counts more than there is (files: {files}; added lines: {added}; removed lines: {removed}). Save "
                       "the mail again, whole; if the diff was edited by hand, take the summary line away")


def is_mail(data):
    return re.match(rb"(?:From [^\n]*\n)?(?:[!-9;-~]+:[^\n]*\r?\n(?:[ \t][^\n]*\n)*)+\r?\n", data) is not None


def payload_of(part):
    """As it came. Python decodes a part that is said to be quoted-printable, and has other bytes all the same."""
    try:
        return part.get_payload().encode(part.get_content_charset() or "utf-8", "surrogateescape")
    except (UnicodeEncodeError, LookupError):
        return part.get_payload().encode("utf-8", "surrogateescape")


def text_of(part, subject):
    """A part's text as UTF-8 with plain line ends; None: it is no text."""
    kind = part.get_content_type()
    data = part.get_payload(decode=True)
    if part.get("Content-Transfer-Encoding", "").strip().lower() == "quoted-printable":
        # White space behind a soft line break is transport's (RFC 2045, 6.7).
        part.set_payload(re.sub(rb"=[ \t]+(\r?\n)", rb"=\1", payload_of(part)))
        data = part.get_payload(decode=True)
    broken = [type(defect).__name__ for defect in part.defects if "Base64" in type(defect).__name__]
    if broken:
        raise BadPatch(f"`{subject}`: a part cannot be decoded ({', '.join(broken)}). Save the mail again")
    name = (part.get_filename() or "").lower()
    is_packed = data[:2] == b"\x1f\x8b"
    data = unpacked(data, f"`{subject}`: the attachment {name}")
    if PATCHES.search(name):
        refuse_packed(data, f"`{subject}`: the attachment {name}")
    is_text = kind.startswith("text/") or name.endswith((".patch", ".diff", ".txt", ".mbox")) or kind.endswith(("-patch", "-diff"))
    if not is_packed and (kind == "text/html" or not is_text):
        return None
    try:
        text = data.decode(part.get_content_charset() or "utf-8")
    except (UnicodeDecodeError, LookupError):
        text = data.decode("latin-1") if part.get_content_charset() else data.decode("utf-8", "surrogateescape")
    return text.replace("\r\n", "\n").encode("utf-8", "surrogateescape")


def diff_in(part, subject):
    """The patch of one part, as git takes it out; empty: there is none."""
    text = text_of(part, subject)
    if text is None:
        return b""
    refuse_several(text, f"`{subject}`")
    flowed = ""
    if (part.get_param("format") or "").lower() == "flowed":
        flowed = "; format=flowed" + ("; delsp=yes" if (part.get_param("delsp") or "").lower() == "yes" else "")
    diff = taken_apart(text, subject, flowed)
    # Some say flowed, and send their lines as they are.
    if flowed and git(["apply", "--numstat"], diff)[0] != 0:
        diff = taken_apart(text, subject, "")
    refuse_cut(text, diff, subject)
    return diff


def taken_apart(text, subject, flowed):
    head = f"From: a <a@b>\nSubject: x\nContent-Type: text/plain; charset=utf-8{flowed}\nContent-Transfer-Encoding: 8bit\n\n"
    with tempfile.TemporaryDirectory() as folder:
        code, _, error = git(["mailinfo", "--no-scissors", "-n", f"{folder}/message", f"{folder}/patch"], head.encode() + text)
        if code != 0:
            raise BadPatch(f"`{subject}`: git cannot take the mail apart: {error}. Save it again")
        patch = Path(folder, "patch").read_bytes()
    return patch if DIFF.search(patch) else b""


def alone(diff):
    """Without what stands in front of it and behind it."""
    return diff[DIFF.search(diff).start():].split(b"\n-- \n", 1)[0].strip()


def subject_of(message):
    raw = message.get("Subject", "(no subject)")
    try:
        raw = str(email.header.make_header(email.header.decode_header(raw)))
    except (LookupError, UnicodeDecodeError):
        pass
    return " ".join(raw.split())


def place_of(subject):
    """(version, number, total) as the brackets in front say: [PATCH bpf-next v2 3/5]."""
    brackets = " ".join(re.findall(r"\[([^\]]*)\]", re.match(r"(?:\s*\[[^\]]*\])*", subject)[0]))
    version = re.search(r"(?:\b|PATCH)v(\d+)\b", brackets, re.IGNORECASE)
    place = re.search(r"\b(\d+)/(\d+)\b", brackets)
    return int(version[1]) if version else 1, int(place[1]) if place else -1, int(place[2]) if place else 0


def ids_in(message, header):
    return re.findall(r"<([^<>\s]+)>", str(message.get(header, "")))


def parts_of(message, subject):
    """What may have a diff in it. A mail that ends before it says so is half of one."""
    for part in message.walk():
        if any(type(defect).__name__ in ("CloseBoundaryNotFoundDefect", "StartBoundaryNotFoundDefect") for defect in part.defects):
            raise BadPatch(f"`{subject}` ends in the middle: the line that closes its parts is missing. Save the mail again, whole")
        if part.is_multipart() and HEADER.search((part.epilogue or "").encode("utf-8", "surrogateescape")):
            raise several(f"`{subject}`")
    return [part for part in message.walk() if not part.is_multipart()]


def has_diff(message, subject):
    try:
        return any(diff_in(part, subject) for part in parts_of(message, subject))
    except BadPatch:
        return False


def read_mail(data, mails):
    message = email.message_from_bytes(data)
    subject = subject_of(message)
    own = (ids_in(message, "Message-ID") or [""])[0]
    if own and (answered := ids_in(message, "In-Reply-To")[:1] or ids_in(message, "References")[-1:]):
        mails.parents[own] = answered[0]
    if REPLY.match(subject):
        its_diff = ", and the diff in it is left alone (to try that one, save it as a file of its own)" if has_diff(message, subject) else ""
        mails.left_out.append(f"`{subject}`: a reply{its_diff}")
        return
    version, number, total = place_of(subject)
    is_patch = re.search(r"\[[^\]]*patch[^\]]*\]", subject, re.IGNORECASE)
    if total or is_patch:
        mails.places.append((version, re.sub(r"^(?:\s*\[[^\]]*\])*\s*", "", subject), own))
    if number == 0:
        mails.left_out.append(f"`{subject}`: the cover letter")
        return
    diffs = [diff_in(part, subject) for part in parts_of(message, subject)]
    diffs = list({alone(diff): diff for diff in reversed(diffs) if diff}.values())[::-1]  # inline and attached is once
    if diffs:
        mails.patches.append(Patch(subject, b"".join(diffs), version, max(number, 0), total))
    elif is_patch:
        raise BadPatch(f"`{subject}` says that it is a patch, and no diff is found in it. Save the mail again, or make the patch "
                       "with git format-patch")
    else:
        mails.left_out.append(f"`{subject}`: no diff in it")


def read_mails(path):
    """All of a file."""
    mails = Mails()
    data = unpacked(Path(path).read_bytes(), Path(path).name)
    refuse_packed(data, Path(path).name)
    if not data.strip():
        raise BadPatch(f"{path} is empty")
    for message in messages_in(data):
        if is_mail(message):
            read_mail(message, mails)
        else:
            text = message.replace(b"\r\n", b"\n")
            refuse_several(text, Path(path).name)
            mails.patches.append(Patch(Path(path).name, text))
    return mails
