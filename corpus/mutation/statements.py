"""Statements of C++ sources, found by brackets.

Job: say where the functions of a file are, and the statements of each block in them. It knows as much of C++ as alloc/mem
is written in: no macros, no preprocessor conditions inside of functions, no digraphs. Pure; what it does not understand
is an error and not a guess.
"""

import re
from dataclasses import dataclass, field

OPEN = {"(": ")", "[": "]", "{": "}"}
CONTROL = re.compile(r"(if|for|while|switch)\b(\s+constexpr\b)?\s*(?=\()")
LABEL = re.compile(r"(case\b[^:;{}]*(::[^:;{}]*)*|default|public|private|protected)\s*:(?!:)")
ATTRIBUTES = re.compile(r"\s*(\[\[[^\]]*\]\]\s*)*")
SCOPE = re.compile(r"(inline\s+)?namespace\b|extern\s*\"C\"|(template\s*<[^{;]*>\s*)?(class|struct|union)\b[^()=]*$")


class NotUnderstood(Exception):
    """The text is not written as this parser expects."""


@dataclass
class Statement:
    begin: int  # of the file's text
    end: int    # behind its last character
    is_label: bool = False


@dataclass
class Function:
    name: str
    begin: int  # of the head
    end: int
    blocks: list = field(default_factory=list)  # lists of neighbouring Statements, inner blocks and lambdas included


def without_comments(text):
    """The text with comments and the insides of literals blanked; every character keeps its place."""
    blank = lambda match: re.sub(r"[^\n]", " ", match.group())
    literal = lambda match: match.group()[0] + " " * (len(match.group()) - 2) + match.group()[-1]

    def one(match):
        return blank(match) if match.group().startswith("/") else literal(match)

    text = re.sub(r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])+'", one, text, flags=re.S)
    return re.sub(r"^[ \t]*#.*$", blank, text, flags=re.M)


def closing(code, at):
    """The place of the bracket that closes the one at `at`."""
    wanted = []
    for i in range(at, len(code)):
        if code[i] in OPEN:
            wanted.append(OPEN[code[i]])
        elif code[i] in ")]}":
            if code[i] != wanted.pop():
                raise NotUnderstood(f"bracket at {i}: {code[max(0, i - 40):i + 10]!r}")
            if not wanted:
                return i
    raise NotUnderstood(f"bracket at {at} is never closed")


def spaces(code, at):
    return at + len(code[at:]) - len(code[at:].lstrip())


class Body:
    """Walks one function's body."""

    def __init__(self, code, blocks):
        self.code, self.blocks = code, blocks

    def block(self, at):
        """`at`: an opening brace. Gives the place behind the closing one."""
        end = closing(self.code, at)
        statements = []
        self.blocks.append(statements)
        i = spaces(self.code, at + 1)
        while i < end:
            label = LABEL.match(self.code, i)
            after = label.end() if label else self.statement(i)
            statements.append(Statement(i, after, label is not None))
            i = spaces(self.code, after)
        return end + 1

    def statement(self, at):
        code = self.code
        if code[at] == "{":
            return self.block(at)
        control = CONTROL.match(code, at)
        if control:
            return self.control(control)
        if re.match(r"do\b", code[at:at + 3]):
            return self.expression(self.body(at + 2))
        return self.expression(at)

    def body(self, at):
        """A statement under a head; one without braces is a block of its own."""
        at = ATTRIBUTES.match(self.code, at).end()
        if self.code[at] == "{":
            return self.block(at)
        statements = []
        self.blocks.append(statements)
        end = self.statement(at)
        statements.append(Statement(at, end))
        return end

    def control(self, head):
        close = closing(self.code, head.end())
        self.lambdas(head.end() + 1, close)
        end = self.body(close + 1)
        if head.group(1) == "if":
            other = re.compile(r"\s*else\b").match(self.code, end)
            if other:
                end = self.body(other.end())
        return end

    def expression(self, at):
        i = at
        while self.code[i] != ";":
            if self.code[i] in OPEN:
                close = closing(self.code, i)
                self.lambdas(i, close + 1)
                i = close
            elif self.code[i] in ")]}":
                raise NotUnderstood(f"statement at {at}: {self.code[at:at + 60]!r}")
            i += 1
        return i + 1

    def lambdas(self, begin, end):
        """Blocks of lambdas between two places."""
        i = begin
        while i < end:
            if self.code[i] == "{":
                before = self.code[:i].rstrip()
                if re.search(r"\]\s*(\([^()]*\)\s*)?(mutable|noexcept)?$", before):
                    i = self.block(i)
                    continue
            i += 1


def functions(text):
    """All functions with a body, in order."""
    code = without_comments(text)
    found = []
    scope(code, 0, len(code), found)
    return found


def scope(code, at, end, found):
    """Declarations between two places of a namespace or a class."""
    begin = at = spaces(code, at)
    while at < end:
        c = code[at]
        if c == ";":
            begin = at = spaces(code, at + 1)
        elif c in "([":
            at = closing(code, at) + 1
        elif c == "{":
            head = re.sub(r"^(\s*(public|private|protected)\s*:(?!:))+", "", code[begin:at])
            close = closing(code, at)
            if is_function(head):
                function = Function(name_of(head), begin, close + 1)
                Body(code, function.blocks).block(at)
                found.append(function)
                begin = at = spaces(code, close + 1)
            elif SCOPE.match(head.strip()):
                scope(code, at + 1, close, found)
                at = spaces(code, close + 1)
                if re.match(r"\s*(inline\s+)?namespace\b", head):
                    begin = at
            else:
                at = close + 1  # an initialiser, or an enumeration
        else:
            at += 1


def is_function(head):
    head = re.sub(r"\[\[[^\]]*\]\]", "", head).strip()
    if re.match(r"(inline\s+)?namespace\b|enum\b", head):
        return False
    if re.search(r"\)\s*(const|noexcept|override|final|\s)*$", head):
        return True
    return re.search(r"\)\s*(noexcept\s*)?:(?!:)[^;]*\)\s*$", head) is not None


def name_of(head):
    match = re.search(r"((?:\w+::)*(?:~?\w+|operator\s*[^\s(]+))\s*\(", head)
    return match.group(1) if match else head.split()[-1]
