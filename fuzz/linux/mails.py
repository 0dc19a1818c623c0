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


def unpacked(data, name):
    """gzip, if it is."""
    while data[:2] == b"\x1f\x8b":
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error) as error:
            raise BadPatch(f"{name} is gzip, and broken: {error}. Save it again") from error
    return data


def git(arguments, data=None, folder="/"):
    """Runs git, which is to see no repository that the folder may lie in. Its exit code, output and message."""
    done = subprocess.run(["git", *arguments], input=data, cwd=folder, capture_output=True,
                          env={"PATH": os.environ["PATH"], "GIT_CEILING_DIRECTORIES": str(Path(folder).resolve().parent),
                               "GIT_CONFIG_NOSYSTEM": "1", "HOME": "/nonexistent", "LC_ALL": "C.UTF-8"})
    return done.returncode, done.stdout, done.stderr.decode(errors="replace").strip()


def messages_in(data):
    """An mbox's mails; of anything else the whole."""
    if not data.startswith(b"From "):
        return [data]
    with tempfile.TemporaryDirectory() as folder:
        code, _, error = git(["mailsplit", "--mboxrd", "--keep-cr", f"-o{folder}"], data)
        if code != 0:
            raise BadPatch(f"git cannot split the mbox: {error}. Save it again, as an mbox")
        return [file.read_bytes() for file in sorted(Path(folder).iterdir())]


def is_mail(data):
    return re.match(rb"(?:From [^\n]*\n)?(?:[!-9;-~]+:[^\n]*\r?\n(?:[ \t][^\n]*\n)*)+\r?\n", data) is not None


def text_of(part, subject):
    """A part's text as UTF-8 with plain line ends; None: it is no text."""
    kind = part.get_content_type()
    data = part.get_payload(decode=True)
    if part.get("Content-Transfer-Encoding", "").strip().lower() == "quoted-printable":
        # White space behind a soft line break is transport's (RFC 2045, 6.7).
        part.set_payload(re.sub(rb"=[ \t]+(\r?\n)", rb"=\1", part.get_payload().encode("ascii", "surrogateescape")))
        data = part.get_payload(decode=True)
    broken = [type(defect).__name__ for defect in part.defects if "Base64" in type(defect).__name__]
    if broken:
        raise BadPatch(f"`{subject}`: a part cannot be decoded ({', '.join(broken)}). Save the mail again")
    name = (part.get_filename() or "").lower()
    if data[:2] == b"\x1f\x8b":
        data = unpacked(data, f"`{subject}`: the attachment {name}")
    elif kind == "text/html" or not (kind.startswith("text/") or name.endswith((".patch", ".diff", ".txt", ".mbox"))
                                     or kind.endswith(("-patch", "-diff"))):
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
    if (part.get_param("format") or "").lower() != "flowed":
        return taken_apart(text, subject, "")
    delsp = "; delsp=yes" if (part.get_param("delsp") or "").lower() == "yes" else ""
    diff = taken_apart(text, subject, f"; format=flowed{delsp}")
    # Some say flowed, and send their lines as they are.
    return diff if git(["apply", "--numstat"], diff)[0] == 0 else taken_apart(text, subject, "")


def taken_apart(text, subject, flowed):
    head = f"From: a <a@b>\nSubject: x\nContent-Type: text/plain; charset=utf-8{flowed}\nContent-Transfer-Encoding: 8bit\n\n"
    with tempfile.TemporaryDirectory() as folder:
        code, _, error = git(["mailinfo", "--no-scissors", "-n", f"{folder}/message", f"{folder}/patch"], head.encode() + text)
        if code != 0:
            raise BadPatch(f"`{subject}`: git cannot take the mail apart: {error}. Save it again")
        patch = Path(folder, "patch").read_bytes()
    return patch if re.search(rb"^(diff --git |--- \S)", patch, re.MULTILINE) else b""


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


def read_mail(data, mails):
    message = email.message_from_bytes(data)
    subject = subject_of(message)
    if re.match(r"\s*(re|aw|fwd?|wg)\s*:", subject, re.IGNORECASE):
        mails.left_out.append(f"`{subject}`: a reply")
        return
    version, number, total = place_of(subject)
    diffs = [diff_in(part, subject) for part in message.walk() if not part.is_multipart()]
    diffs = list(dict.fromkeys(diff for diff in diffs if diff))  # inline and attached is once
    if diffs:
        mails.patches.append(Patch(subject, b"".join(diffs), version, max(number, 0), total))
    elif number == 0:
        mails.left_out.append(f"`{subject}`: the cover letter")
    elif re.search(r"\[[^\]]*patch[^\]]*\]", subject, re.IGNORECASE):
        raise BadPatch(f"`{subject}` says that it is a patch, and no diff is found in it. Save the mail again, or make the patch "
                       "with git format-patch")
    else:
        mails.left_out.append(f"`{subject}`: no diff in it")


def read_mails(path):
    """All of a file."""
    mails = Mails()
    data = unpacked(Path(path).read_bytes(), Path(path).name)
    if not data.strip():
        raise BadPatch(f"{path} is empty")
    for message in messages_in(data):
        if is_mail(message):
            read_mail(message, mails)
        else:
            mails.patches.append(Patch(Path(path).name, message.replace(b"\r\n", b"\n")))
    return mails
