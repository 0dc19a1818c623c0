#!/usr/bin/env python3
"""One finding of corpus/regressions, replayed on the simulator.

usage: finding_check.py [--quiet-only | --renew] RCUFARM FILE

The allocator as it is must be quiet under the finding's schedule. The build that the finding names, one with a planted
defect, must show the signature that the file names, and the same events: the digest in its line `# digest ...`.
--quiet-only: where builds with defects are not there. --renew: after a change of the allocator that moves schedules, search
the finding's program again and write the file anew. Exit 0: so it is; 1: it is not; 2: wrong use.
"""
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

TIMES = 3
SECONDS = 60


def rcufarm(program, *arguments):
    """What the command printed, as JSON where it is, and its exit code."""
    done = subprocess.run([program, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode > 1:
        sys.exit(f"finding_check: {program} {' '.join(arguments)}: {done.stderr}")
    return json.loads(done.stdout) if "--json" in arguments else done.stdout


def field(text, name, pattern):
    """A head line's value, or None."""
    found = re.search(rf"^{name} ({pattern})$", text, re.MULTILINE)
    return found.group(1) if found else None


def fail(file, what):
    sys.exit(f"{file}: {what}. If alloc/mem or the simulator was changed on purpose: ./farm corpus renew")


def check(program, file, quiet_only):
    text = rcufarm(program, "show", file)  # the file may be bytes
    said = rcufarm(program, "replay", file, "--json")
    if said["finding"] is not None:
        fail(file, f"the allocator as it is shows `{said['finding']['signature']}` under this schedule")
    defect = field(text, "config rcufarm", r"defect-\d+")
    if quiet_only or defect is None:
        return
    said = rcufarm(program, "--defect", defect.removeprefix("defect-"), "replay", file, "--json", "--times", str(TIMES))
    signature = field(text, "signature", ".+")
    found = said["finding"] or {}
    # A file of before signatures told causes is the same finding still.
    if signature not in (found.get("signature"), found.get("former_signature")):
        fail(file, f"{defect} must show `{signature}` and shows `{(said['finding'] or {}).get('signature', 'nothing')}`")
    if said["identical"] != TIMES:
        fail(file, f"only {said['identical']} of {TIMES} replays were the same")
    digest = field(Path(file).read_bytes().decode(errors="replace"), "# digest", "[0-9a-f]{16}")
    if digest not in (None, said["finding"]["digest"]):
        fail(file, f"the events are other ones: digest {said['finding']['digest']}, and {digest} in the file")


def renew(program, file):
    path = Path(file)
    defect = field(path.read_bytes().decode(errors="replace"), "config rcufarm", r"defect-\d+")
    if defect is None:
        return
    with tempfile.TemporaryDirectory() as folder:
        said = rcufarm(program, "--defect", defect.removeprefix("defect-"), "explore", "--scenario", file, "--seconds",
                       str(SECONDS), "--findings", folder, "--json")
        if not said["findings"]:
            fail(file, f"its program shows nothing of {defect} within {SECONDS} s")
        found = said["findings"][0]
        lines = next(Path(folder).iterdir()).read_text().splitlines(keepends=True)
    behind = next(i for i, line in enumerate(lines) if line.startswith("signature ")) + 1
    lines.insert(behind, f"# digest {found['digest']}\n")
    path.write_text("".join(lines))
    print(f"{path.name}: {found['signature']}")


def main(arguments):
    flags = [a for a in arguments if a.startswith("--")]
    rest = [a for a in arguments if not a.startswith("--")]
    if len(rest) != 2 or not set(flags) <= {"--quiet-only", "--renew"}:
        print(__doc__, file=sys.stderr)
        return 2
    if "--renew" in flags:
        renew(*rest)
    else:
        check(*rest, "--quiet-only" in flags)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
