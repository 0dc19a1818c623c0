"""What is answered to a patch: plain text of 72 columns, as it is quoted in a mail.

Job: reply_of(result, order). No markup, no attachment, ASCII only; each line fits. It says what was searched, and that silence is no
proof. Imported by change.py, whose result it reads.
"""

import re
import textwrap

WIDTH = 72
FINDINGS_MAX = 3
TARGETS = {"alloc": "the allocator of this farm's tree", "linux": "kernel/bpf/memalloc.c", "adopted": "an adopted allocator"}


def looked_at(result, order):
    """What was searched: of a watch, whose branch."""
    what = TARGETS.get(result["target"], result["target"])
    if "watch" not in order:
        return what
    what = {"alloc": "the allocator", "adopted": f"the allocator of {order['watch']}"}.get(result["target"], what)
    return f"{what}, {result['on']}" if result.get("on") else what


def plain(text):
    return text.encode("ascii", "replace").decode()


def wrapped(text, indent=""):
    return textwrap.wrap(plain(text), WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False) or [""]


def fitted(line):
    """A line of a drawing: what does not fit goes to lines of its own, further in."""
    line = plain(line.rstrip())
    lines = []
    while len(line) > WIDTH:
        cut = line.rfind("   [", 8, WIDTH)
        cut = cut if cut > 0 else line.rfind(" ", 16, WIDTH)
        cut = cut if cut > 0 else WIDTH
        lines.append(line[:cut].rstrip())
        line = " " * 12 + line[cut:].lstrip()
    return [*lines, line]


def searched_lines(searched, what):
    lines = []
    for one in searched:
        lines += wrapped(f"{what} under the model {one['model']}: {one['schedules']:,} schedules, {one['points']:,} points, "
                         f"{one['seconds']:.0f} s", "  ")
    return lines


def no_verdict(result):
    because = {"incomplete": "A part of a series is not judged.", "not applied": "It does not apply.", "not built": "It does not build.",
               "failed": "It could not be searched.", "dropped": "It is not looked at any more."}[result["state"]]
    return ["No verdict. " + because, "", *[part for line in result["told"].splitlines() for part in wrapped(line, "  ")]]


def verdict(result):
    findings, new = result["findings"], [one for one in result["findings"] if not one["known"]]
    if not findings:
        return wrapped("Nothing was found. That is no proof: what was searched stands below.")
    if not new:
        return wrapped(f"Nothing new: {len(findings)} finding(s), and the tree without it shows the same.")
    return wrapped(f"It is wrong: {len(new)} finding(s) that the tree without it did not show to the same search. Each was replayed "
                   f"{new[0]['replays']} times and showed each time.")


def finding_lines(found):
    lines = [*wrapped(found["signature"]), *wrapped(found["detail"], "  "),
             *wrapped(f"Met {found['seen']} times in {found['schedules']:,} schedules under the model {found['model']}.", "  ")]
    if found["known"]:
        lines += wrapped("The tree without it shows this, too.", "  ")
    if found.get("first_bad"):
        first = found["first_bad"]
        lines += wrapped(f"First bad commit: {first['commit'][:12]} (\"{first['title']}\")"
                         + (", the first that was watched" if first["first"] else "")
                         + (f", or one of {len(first['also'])} before it that do not build" if first["also"] else ""), "  ")
    # The drawing begins with the signature and the detail again.
    drawing = found["diagram"].split("\n\n", 1)[-1]
    return [*lines, "", *[part for line in drawing.splitlines() for part in (fitted(line) if re.match(r" |\d+ {2}", line) else wrapped(line))]]


def reply_of(result, order):
    lines = [*wrapped(f"Looked at: {order.get('title') or 'a patch'}"), *wrapped(f"On: {looked_at(result, order)}")]
    if len(result["patches"]) > 1:
        lines += ["Taken, in this order:", *[part for one in result["patches"] for part in wrapped(one, "  ")]]
    for one in result["left_out"]:
        lines += wrapped(f"Left out: {one}")
    lines.append("")
    if result["state"] not in ("wrong", "same", "clean"):
        return "\n".join([*lines, *no_verdict(result)]) + "\n"
    lines += verdict(result)
    ordered = sorted(result["findings"], key=lambda one: one["known"])
    for found in ordered[:FINDINGS_MAX]:
        lines += ["", *finding_lines(found)]
    if len(ordered) > FINDINGS_MAX:
        lines += ["", "And:", *[part for found in ordered[FINDINGS_MAX:] for part in wrapped(found["signature"], "  ")]]
    lines += ["", "Searched:", *searched_lines(result["searched"], "with it")]
    lines += searched_lines(result["base"], "without it")
    if result["unsure"]:
        lines += wrapped(f"Not told, since they did not show in each replay: {'; '.join(result['unsure'])}")
    return "\n".join(lines) + "\n"
