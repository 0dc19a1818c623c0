"""Mutations: what is changed in the allocator, mechanically.

Job: from the sources of alloc/mem to a list of mutants. Nobody picks: each operator is applied wherever it fits. Pure; the
same sources give the same mutants in the same order.
"""

import hashlib
import re
from dataclasses import dataclass

from statements import functions, without_comments

WEAKER = {"acquire": ["relaxed"], "release": ["relaxed"], "acq_rel": ["acquire", "release", "relaxed"],
          "seq_cst": ["acq_rel"]}
ORDER = re.compile(r"\bOrder::(acquire|release|acq_rel|seq_cst)\b")
GUARD = re.compile(r"(?:const\s+)?(?:kernel::)?(IrqGuard|ShortIrqGuard|ActiveGuard|RawSpinLockGuard|ReadSection)\s+"
                   r"(\w+)\s*(\([^;]*\)|\{[^;]*\})?\s*;$", re.S)
HELD_BY_HAND = re.compile(r"\bactive_?\.set\(")
TAKES = re.compile(r"(?:\w+(?:\.|->))+del_\w+\([^()]*\)")
NOTHING = "{}"  # a null pointer, or an empty run of nodes
DECLARATION = re.compile(r"(const|constexpr|auto|using|static_assert|return|break|continue|case|template|typename)\b|"
                         r"[\w:<>]+(?:\s*[*&]+\s*|\s+)\w+\s*(=|;|\{|\()")

# The operators that the score is about, and the one on top.
KINDS = ("order", "guard", "swap", "drain", "drop")


@dataclass
class Mutant:
    kind: str
    file: str      # in alloc/mem
    function: str
    what: str      # one line for people: what was there, and what is there now
    line: int      # of the file as it is
    text: str      # of the file, mutated
    id: str = ""   # of file, function (all of its code) and change: another code, another id


def squeezed(text):
    return " ".join(text.split())


def line_of(text, at):
    return text.count("\n", 0, at) + 1


class FileMutants:
    def __init__(self, file, text, draining):
        self.file, self.text, self.draining = file, text, draining
        self.code = without_comments(text)
        self.mutants = []

    def make(self):
        for function in functions(self.text):
            self.function = function
            self.seen = {}
            self.body = squeezed(self.code[function.begin:function.end])
            self.weaken_orders()
            self.empty_takes()
            for block in function.blocks:
                for statement in block:
                    if not statement.is_label:
                        self.drop(statement)
                for first, second in zip(block, block[1:]):
                    if not first.is_label and not second.is_label:
                        self.swap(first, second)
        return self.mutants

    def add(self, kind, what, at, parts):
        """parts: (begin, end, replacement), in order and apart. The lines stay where they are."""
        text, last = "", 0
        for begin, end, new in parts:
            text += self.text[last:begin] + new
            last = end
        text += self.text[last:]
        what = squeezed(what)
        nth = self.seen[(kind, what)] = self.seen.get((kind, what), 0) + 1
        if nth > 1:
            what += f" (the {nth}. of its kind)"
        key = "\0".join((self.file, self.body, kind, what))
        self.mutants.append(Mutant(kind, self.file, self.function.name, what, line_of(self.text, at), text,
                                   hashlib.sha256(key.encode()).hexdigest()[:10]))

    def in_function(self, pattern):
        return pattern.finditer(self.code, self.function.begin, self.function.end)

    def around(self, at):
        """The line of code at a place."""
        begin = self.code.rfind("\n", 0, at) + 1
        return squeezed(self.code[begin:self.code.find("\n", at)])

    def weaken_orders(self):
        for match in self.in_function(ORDER):
            for weaker in WEAKER[match.group(1)]:
                self.add("order", f"{match.group(1)} -> {weaker} in: {self.around(match.start())}", match.start(),
                         [(match.start(1), match.end(1), weaker)])

    def empty_takes(self):
        for match in self.in_function(TAKES):
            self.add("drain", f"{match.group()} takes nothing in: {self.around(match.start())}", match.start(),
                     [(match.start(), match.end(), NOTHING)])

    def drop(self, statement):
        source = self.code[statement.begin:statement.end]
        guard = GUARD.match(source)
        if guard:
            used = len(re.findall(rf"\b{guard.group(2)}\b", self.body)) > len(
                re.findall(rf"{guard.group(1)} {guard.group(2)}\b", self.body))
            instead = f"[[maybe_unused]] const bool {guard.group(2)} = true;" if used else ";"
            return self.instead("guard", statement, instead)
        if re.match(r"(if|for|while|switch|do)\b|\{", source):
            return None
        if HELD_BY_HAND.search(source):
            return self.instead("guard", statement, ";")
        if DECLARATION.match(source):
            return None
        call = re.match(r"(?:[\w:]+::)?(\w+)\s*\(", source)
        drains = call and call.group(1) in self.draining or TAKES.search(source)
        return self.instead("drain" if drains else "drop", statement, ";")

    def instead(self, kind, statement, new):
        source = self.code[statement.begin:statement.end]
        self.add(kind, f"without: {source}", statement.begin,
                 [(statement.begin, statement.end, new + "\n" * source.count("\n"))])

    def swap(self, first, second):
        a, b = self.text[first.begin:first.end], self.text[second.begin:second.end]
        self.add("swap", f"{self.code[second.begin:second.end]} before: {self.code[first.begin:first.end]}", first.begin,
                 [(first.begin, first.end, b), (second.begin, second.end, a)])


def draining_functions(sources):
    """Names of functions that take from a list, or call one that does."""
    bodies = {}
    for text in sources.values():
        code = without_comments(text)
        for function in functions(text):
            name = function.name.split("::")[-1]
            bodies[name] = bodies.get(name, "") + code[function.begin:function.end]
    names = {name for name, body in bodies.items() if TAKES.search(body)}
    while True:
        more = {name for name, body in bodies.items()
                if name not in names and any(re.search(rf"\b{other}\(", body) for other in names)}
        if not more:
            return names
        names |= more


def mutants_of(sources):
    """sources: {file: text}. All mutants, those that give the same text only once."""
    draining = draining_functions(sources)
    every, texts = [], set()
    for file in sorted(sources):
        for mutant in FileMutants(file, sources[file], draining).make():
            place = (file, "".join(mutant.text.split()))
            if place in texts or place == (file, "".join(sources[file].split())):
                continue
            texts.add(place)
            every.append(mutant)
    return every
