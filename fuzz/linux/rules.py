#!/usr/bin/env python3
"""Which rules hold for a version of the kernel: read from its tree, and told.

Job: say what a version may rely on and what it promises, since kernels changed both. rules.py TREE [RULE_NAME=VALUE]... prints a C
header for calls.c, and on stderr a line for each rule: what holds, and why. A TREE that is a copy has a link `origin` to the tree
that it was copied from: what a patch takes away was still promised. Reads those two folders alone.

Exit 0: printed; 2: there is no such file, rule or value.
"""

import sys

sys.dont_write_bytecode = True  # the folder is the sources'

import re
from pathlib import Path

FILE = "kernel/bpf/memalloc.c"


class BadUse(Exception):
    """A sentence that says what to do."""


def without_comments(text):
    """C, with comments and strings blanked: a name in a comment is no call."""
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', " ", text, flags=re.DOTALL)


class Tree:
    """What can be read of a version: the copy first, then where it came from."""

    def __init__(self, folder):
        self.folders = [Path(folder), Path(folder) / "origin"]

    def read(self, name):
        for folder in self.folders:
            if (folder / name).is_file():
                return without_comments((folder / name).read_text(errors="replace"))
        return None

    def files(self):
        """The allocator's file, with the patch and without it."""
        found = [folder / FILE for folder in self.folders if (folder / FILE).is_file()]
        if not found:
            raise BadUse(f"there is no {FILE} in {self.folders[0]}. Give a tree of the kernel")
        return [without_comments(file.read_text(errors="replace")) for file in found]


def calls(text, name):
    return re.search(rf"\b{name}\s*\(", text) is not None


def body_of(text, function):
    """What a function does, from its first brace to the one that ends a line at the margin."""
    found = re.search(rf"\b{function}\s*\([^;{{}}]*\)\s*{{(.*?)^}}", text, re.DOTALL | re.MULTILINE)
    return found[1] if found else ""


def waits_again(file):
    """Does each tasks-trace callback wait for a regular grace period itself?"""
    callbacks = re.findall(r"\bcall_rcu_tasks_trace\s*\([^,;]*,\s*(\w+)\s*\)", file)
    return bool(callbacks) and all(calls(body_of(file, callback), "call_rcu") for callback in callbacks)


def trace_implies(tree):
    file = tree.files()[0]
    if calls(file, "rcu_trace_implies_rcu_gp"):
        return "either", "the file asks rcu_trace_implies_rcu_gp(), so both answers are tried"
    if waits_again(file):
        return "either", "the file waits for a regular one behind each tasks-trace one, so it relies on nothing"
    if "srcu" in (tree.read("include/linux/rcupdate_trace.h") or ""):
        return "always", "the file does not ask, and the tree builds RCU Tasks Trace on SRCU, which implies it"
    rcupdate = tree.read("include/linux/rcupdate.h")
    if rcupdate is not None and not calls(rcupdate, "rcu_trace_implies_rcu_gp"):
        return "never", "the tree's linux/rcupdate.h promises nothing of the kind"
    return "always", "the file does not ask, so it relies on it" + ("" if rcupdate else " (the tree has no linux/rcupdate.h)")


def readers(tree):
    """A patch that takes a wait away breaks a promise: both files count."""
    files = tree.files()
    if any(calls(file, "call_rcu_tasks_trace") for file in files):
        return "both", "the file waits with call_rcu_tasks_trace()"
    if any(calls(file, "call_rcu") or calls(file, "call_rcu_hurry") for file in files):
        return "regular", "the file waits with call_rcu() alone: sleepable programs came later"
    return "none", "the file waits for nobody" + (
        ": SLAB_TYPESAFE_BY_RCU keeps the memory" if any("SLAB_TYPESAFE_BY_RCU" in file for file in files) else "")


def kmalloc_min_size(_tree):
    return "8", "as on x86, and on arm64 since 6.5"


def percpu_sizes(tree):
    file = tree.files()[0]
    if calls(file, "bpf_mem_alloc_percpu_unit_init"):
        return "unit_init", "the file has bpf_mem_alloc_percpu_unit_init()"
    if re.search(r"WARN_ON_ONCE\(\s*percpu\s*\)|percpu\s*&&\s*(!\s*size|size\s*==\s*0)|(!\s*size|size\s*==\s*0)\s*&&\s*percpu", file):
        return "none", "the file refuses one"
    if "ma->percpu" in file:
        return "init", "bpf_mem_alloc_init() takes one of size 0"
    return "none", "the file knows of none"


# A rule: its values (in the order of their numbers in the header), what it says of the machine, and who knows.
RULES = {
    "TRACE_IMPLIES_RCU_GP": (("never", "always", "either"), "does a tasks-trace grace period imply a regular one?", trace_implies),
    "READERS": (("none", "regular", "both"), "which readers does a free wait for, before memory goes back to the slab?", readers),
    "PERCPU_OF_ANY_SIZE": (("none", "init", "unit_init"), "how is a per-CPU allocator of no fixed size made?", percpu_sizes),
    "KMALLOC_MIN_SIZE": (("8", "16", "32", "64", "128"), "how large is the slab's smallest size?", kmalloc_min_size),
}


# What else kernels changed: what the file does, and what the machine makes of it. Told, and nobody's choice.
USES = (
    (r"\bkmalloc_nolock\s*\(", "allocates with kmalloc_nolock(): from any context, and nothing in an nmi"),
    (r"\bkmem_cache_create\s*\(", "has a kmem_cache for objects of one size"),
    (r"\bGFP_ATOMIC\b", "refills with GFP_ATOMIC: it never sleeps"),
    (r"\bGFP_NOWAIT\b", "refills with GFP_NOWAIT: it never sleeps, and may get nothing"),
    (r"\bget_obj_cgroup_from_current\s*\(", "charges the maker's object cgroup, with a reference that destroy gives back"),
    (r"\bcurrent_obj_cgroup\s*\(", "charges the current object cgroup without a reference"),
    (r"\birq_work_queue\s*\(", "refills from irq_work: in hard irq as soon as interrupts are on; with CONFIG_PREEMPT_RT in a thread"),
    (r"\bcall_rcu_hurry\s*\(", "asks for hurried grace periods: no other order"),
    (r"\bsrcu_", "uses SRCU of its own, which the shim has not"),
)


def uses(tree):
    file = tree.files()[0]
    return [sentence for pattern, sentence in USES if re.search(pattern, file)]


def chosen(arguments):
    overrides = {}
    for argument in arguments:
        if argument.startswith("CONFIG_"):
            continue  # the build's
        name, _, value = argument.removeprefix("RULE_").partition("=")
        if name not in RULES or value not in RULES[name][0]:
            allowed = "; ".join(f"RULE_{rule}={'|'.join(values)}" for rule, (values, _, _) in RULES.items())
            raise BadUse(f"{argument} is no rule. There are: {allowed}")
        overrides[name] = value
    return overrides


def main(arguments):
    if not arguments:
        raise BadUse("rules.py wants a tree: rules.py TREE [RULE_NAME=VALUE]...")
    tree, overrides = Tree(arguments[0]), chosen(arguments[1:])
    tree.files()
    print("// What holds for this version of the kernel. Made by rules.py.\n#pragma once")
    for name, (values, question, asked) in RULES.items():
        value, why = (overrides[name], "--config says so") if name in overrides else asked(tree)
        print(f"  {question} {value}: {why}", file=sys.stderr)
        print(f"#define RCUFARM_RULE_{name} {values.index(value)}  // {value}")
        if name == "KMALLOC_MIN_SIZE":
            print(f"#define KMALLOC_MIN_SIZE {value}")
    for sentence in uses(tree):
        print(f"  the file {sentence}", file=sys.stderr)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except BadUse as bad:
        print(f"rules: {bad}", file=sys.stderr)
        sys.exit(2)
