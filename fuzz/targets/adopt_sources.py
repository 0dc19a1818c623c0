"""An adopted allocator's sources and objects: compile them, and look what is in them.

Job: compile; name what objects define and need, and who needs it; refuse inline assembly that the simulated machine cannot see. What is
wrong ends the process: exit code 2 with a sentence. Writes where its caller says.
"""
import os
import re
import sys

from adopt_manifest import MANIFEST, die, run

# Instructions that change nothing which others can see.
HARMLESS_ASSEMBLY = {"", "nop", "pause", "rep; nop", "rep;nop", "rep nop", "yield"}
# And these, where neither an operand nor a clobber is memory: from registers to registers.
OF_REGISTERS = re.compile(r"(bsr|bsf|lzcnt|tzcnt|popcnt|bswap|ro[lr]|sh[lr]|sar|xor|and|or|not|neg|add|adc|sub|sbb|inc|dec|i?mul|i?div|cmp|"
                          r"test|mov|movz\w*|movs\w*|lea|cmov\w*|set\w*|j\w+|\d+:)[bwlq]?")


def compiler_for(source, clang):
    return clang if source.endswith(".c") else clang.replace("clang", "clang++", 1)


# ---- assembly --------------------------------------------------------------------------------------------------------

def assembly_in(ir):
    """(function, line, instructions, constraints) of each piece of inline assembly in LLVM's text form."""
    lines = {number: (int(line), scope) for number, line, scope in
             re.findall(r"^(!\d+) = (?:distinct )?!DILocation\(line: (\d+),.*?scope: (!\d+)", ir, re.M)}
    scopes = {}
    for number, kind, rest in re.findall(r"^(!\d+) = (?:distinct )?!DI(Subprogram|LexicalBlock|LexicalBlockFile)\((.*)\)$", ir, re.M):
        name = re.search(r'name: "([^"]*)"', rest)
        scope = re.search(r"scope: (!\d+)", rest)
        scopes[number] = (kind, name.group(1) if name else "", scope.group(1) if scope else "")

    def function_of(scope):
        while scope in scopes and scopes[scope][0] != "Subprogram":
            scope = scopes[scope][2]
        return scopes.get(scope, ("", "", ""))[1]

    found = []
    function = "the file's own level"
    for text in ir.splitlines():
        define = re.match(r"define .*?@\"?([\w.$]+)", text)
        if define:
            function = define.group(1)
        module = re.match(r'module asm "(.*)"', text)
        if module:
            found.append(("the file's own level", 0, module.group(1), "~{memory}"))
        call = re.search(r'\basm (?:sideeffect )?(?:alignstack )?(?:inteldialect )?(?:unwind )?"((?:[^"])*)", "([^"]*)"', text)
        if call:
            place = re.search(r"!dbg (!\d+)", text)
            line, scope = lines.get(place.group(1), (0, "")) if place else (0, "")
            found.append((function_of(scope) or function, line, call.group(1), call.group(2)))
    return found


def is_of_registers(text, constraints):
    parts = [part.split() for part in re.split(r"[;\n]", re.sub(r"(\d+:)", r"\1;", text)) if part.strip()]
    return "~{memory}" not in constraints and "*" not in constraints and not re.search(r"[(%]", text) and all(
        OF_REGISTERS.fullmatch(part[0]) for part in parts)


def refuse_assembly(manifest, source, clang):
    command = [compiler_for(source, clang), "-S", "-emit-llvm", "-O1", "-g", "-fPIC", "-w", *manifest.compile_flags(source),
               manifest.resolve(source), "-o", "-"]
    ir = run(command).stdout
    unseen = []
    for function, line, text, constraints in assembly_in(ir):
        shown = text.replace("\\0A", "; ").replace("\\09", " ").strip()
        if shown.strip("; ") in HARMLESS_ASSEMBLY or is_of_registers(shown, constraints):
            continue
        if any(one in ("*", function, f"{source}:{function}") for one in manifest.assembly):
            continue
        unseen.append((f"{source}:{line}: {function} has inline assembly (`{shown}`)", function))
    if unseen:
        names = ", ".join(sorted({f'"{function}"' for _, function in unseen}))
        die("\n".join(dict.fromkeys(place for place, _ in unseen)) + ",\nwhich nobody sees on the simulated machine. Use the compiler's "
            f"built-ins there, or declare it harmless in {MANIFEST}: assembly = [{names}]")


# ---- objects ---------------------------------------------------------------------------------------------------------

def compile_all(manifest, out, clang, flags):
    objects = []
    for number, source in enumerate(manifest.sources):
        path = manifest.resolve(source)
        if not os.path.isfile(path):
            die(f"{manifest.path}: sources names {source}, and there is no such file ({path})")
        if not source.endswith((".c", ".cc", ".cpp", ".cxx")):
            die(f"{manifest.path}: sources names {source}; .c, .cc, .cpp and .cxx are compiled")
        made = out / f"{number}.o"
        command = [compiler_for(source, clang), "-c", *flags, *manifest.compile_flags(source), path, "-o", made]
        done = run(command)
        if done.returncode != 0:
            print(done.stderr, file=sys.stderr)
            die(f"{source} does not compile; the compiler's words stand above. Its command was:\n  {' '.join(map(str, command))}")
        objects.append(made)
    return objects


def undefined_in(path):
    return {line.split()[-1] for line in run(["nm", "--undefined-only", path]).stdout.splitlines() if line.split()[-2:-1] != ["w"]}


def defined_in(path):
    return {line.split()[-1] for line in run(["nm", "--defined-only", "--extern-only", path]).stdout.splitlines() if len(line.split()) == 3}


def callers_of(path, names):
    """name -> function of the code that refers to it first."""
    found = {}
    function = "a global"
    for line in run(["objdump", "-dr", "--no-show-raw-insn", path]).stdout.splitlines():
        header = re.match(r"[0-9a-f]+ <(.+)>:$", line)
        if header:
            function = header.group(1)
            continue
        relocation = re.search(r"R_\S+\s+([^\s+-]+(?:@[^\s]+)?)", line)
        if relocation and relocation.group(1) in names:
            found.setdefault(relocation.group(1), function)
    return found


def demangled(name):
    return run(["c++filt", name]).stdout.strip() or name


def refuse_without_adapter(has):
    for needed in ("init", "alloc", "free"):
        if f"rcufarm_target_{needed}" not in has:
            die(f"no source defines rcufarm_target_{needed}(), which an adapter has to have (rcufarm_target.h; in C++ as extern \"C\")")
