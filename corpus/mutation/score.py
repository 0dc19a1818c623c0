"""The score: from results to a table and a list of what was missed. Pure."""

import re
from collections import Counter

import argued
import operators

# How a mutant can end, and how the table calls it.
ENDS = {"found": "found", "died": "died", "missed": "missed", "argued": "argued", "same-object": "same code",
        "no-compile": "no program", "new": "not run"}


def chosen(mutants, kinds, only):
    wanted = [m for m in mutants if not kinds or m.kind in kinds]
    return [m for m in wanted if not only or re.search(only, argued.head_of(m))]


class Score:
    def __init__(self, mutants, listed, stale, results):
        self.stale = stale
        self.rows = []
        for mutant in mutants:
            result = results.load(mutant)
            if mutant.id in listed:
                end = "argued but found" if result["status"] in ("found", "died") else "argued"
            else:
                end = result["status"]
            self.rows.append((mutant, end, result))

    def count(self, kind, end):
        return sum(1 for mutant, its, _ in self.rows if its == end and kind in (mutant.kind, "all"))

    def counted(self, kind):
        """Mutants that are programs, and other ones than the original."""
        return sum(self.count(kind, end) for end in ("found", "died", "missed", "new", "argued but found"))

    def caught(self, kind):
        return sum(self.count(kind, end) for end in ("found", "died", "argued but found"))

    def of(self, end):
        return [(mutant, result) for mutant, its, result in self.rows if its == end]

    def complete(self):
        return not self.stale and not self.of("argued but found") and self.caught("all") == self.counted("all")

    def percent(self, kind):
        return 100.0 * self.caught(kind) / self.counted(kind) if self.counted(kind) else 100.0

    def as_text(self):
        kinds = [kind for kind in operators.KINDS if any(mutant.kind == kind for mutant, _, _ in self.rows)] + ["all"]
        text = f"\n{'mutants':8}" + "".join(f"{name:>11}" for name in ("made", *ENDS.values(), "score")) + "\n"
        for kind in kinds:
            made = sum(1 for mutant, _, _ in self.rows if kind in (mutant.kind, "all"))
            cells = [made] + [self.count(kind, end) for end in ENDS]
            text += f"{kind:8}" + "".join(f"{n:11}" for n in cells) + f"{self.percent(kind):10.1f}%\n"
        text += ("score: found (or the search died of it), of those that are programs with other code than the original "
                 "and are not argued to be equivalent\n")
        for end, title in (("missed", "Missed"), ("died", "The search died or hung"),
                           ("argued but found", "Argued to be equivalent, and found: the argument is wrong")):
            if self.of(end):
                text += f"\n{title}:\n" + "".join(
                    f"  {argued.head_of(m)}{' <- ' + r['by'] if r.get('by') else ''}\n" for m, r in self.of(end))
        if self.stale:
            text += "\nStale in equivalent.txt (the code has changed; argue again, or take it out):\n"
            text += "".join(f"  {entry.head}\n" for entry in self.stale)
        return text

    def as_json(self):
        seconds = sorted(result["seconds"] for _, result in self.of("found"))
        return {"made": len(self.rows), "counted": self.counted("all"), "caught": self.caught("all"),
                "percent": round(self.percent("all"), 1), "ends": dict(Counter(end for _, end, _ in self.rows)),
                "median_seconds": seconds[len(seconds) // 2] if seconds else None,
                "missed": [argued.head_of(mutant) for mutant, _ in self.of("missed")],
                "stale": [entry.head for entry in self.stale]}
