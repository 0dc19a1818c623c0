#!/usr/bin/env python3
"""Somebody's allocator as an object file for the simulated machine.

  adopt.py new FOLDER                      a skeleton that builds and runs
  adopt.py name FOLDER                     prints the name that its manifest gives it
  adopt.py models FOLDER                   prints the memory models that it is searched under
  adopt.py debian FOLDER                   prints the source package that it wants, or nothing
  adopt.py build FOLDER --out OUT --hooks LIBRARY [--engine libfuzzer|afl] [--clang NAME]
                                           OUT gets target.o, manifest.c and made_of.txt
  adopt.py native FOLDER --out OUT --sanitizer asan|tsan [--clang NAME]
                                           OUT gets native-asan or native-tsan, a program

Job: read rcufarm.toml, compile its sources for the hooks (fuzz/machine/hooks), refuse what the machine cannot see or does not have, and
rename what they call to what meets it; or compile them with a sanitizer, for real threads. Exit code 2 with a sentence where something is wrong. Writes below OUT (or FOLDER, `new`) only.
"""
import argparse
import hashlib
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent
MANIFEST = "rcufarm.toml"
# Where source packages of Debian are unpacked (adopt.sh).
SOURCES = HERE.parent.parent / "build" / "adopt" / "sources"

# Which loads and stores there are depends on both; places are return addresses, so no call may be a jump.
FLAGS = ["-O1", "-g", "-gdwarf-aranges", "-fPIC", "-fsanitize=thread", "-femulated-tls", "-fno-optimize-sibling-calls",
         "-fno-omit-frame-pointer", "-mllvm", "-tsan-distinguish-volatile=1", "-mllvm", "-tsan-instrument-func-entry-exit=0",
         # A read that a write follows is announced, too: another thread may come between them.
         "-mllvm", "-tsan-instrument-read-before-write=1"]
# Instructions that change nothing which others can see.
HARMLESS_ASSEMBLY = {"", "nop", "pause", "rep; nop", "rep;nop", "rep nop", "yield"}
# And these, where neither an operand nor a clobber is memory: from registers to registers.
OF_REGISTERS = re.compile(r"(bsr|bsf|lzcnt|tzcnt|popcnt|bswap|ro[lr]|sh[lr]|sar|xor|and|or|not|neg|add|adc|sub|sbb|inc|dec|i?mul|i?div|cmp|"
                          r"test|mov|movz\w*|movs\w*|lea|cmov\w*|set\w*|j\w+|\d+:)[bwlq]?")

# What engines are told of edges: no flag that changes how the code is optimised, so that inputs mean the same in the program without.
COVERAGE = {None: [], "libfuzzer": ["-fsanitize-coverage=inline-8bit-counters,pc-table,trace-cmp"], "afl": ["-fsanitize-coverage=trace-pc-guard"]}

OF_COVERAGE = re.compile(r"__sanitizer_cov_|__(start|stop)___sancov_")

# On real threads. Of what is undefined, not what every compiler means the same by: the address of a member of nothing, a callback by
# another type of pointer. Hidden: what the sources define is not to stand in for what liburcu's libraries have under the same name.
SANITIZERS = {"asan": ["-fsanitize=address,undefined", "-fno-sanitize=null,pointer-overflow,function", "-fno-sanitize-recover=undefined"],
              "tsan": ["-fsanitize=thread"]}
NATIVE_FLAGS = ["-O1", "-g", "-fno-optimize-sibling-calls", "-fvisibility=hidden", "-fno-omit-frame-pointer"]

STARTS_THREADS = ("pthread_create", "thrd_create", "_ZNSt6thread15_M_start_threadESt10unique_ptrINS_6_StateESt14default_deleteIS1_EEPFvvE")

LINKER_SCRIPT = """SECTIONS {
  .data.rel.ro : { *(.data.rel.ro .data.rel.ro.*) }
  under_test_data : { *(.data .data.*) }
  under_test_bss : { *(.bss .bss.* COMMON) }
}
"""

CONTRACT = {
    "null": {"any": False, "only-without-memory": True},
    "races": {"accused": True, "ignored": False},
    "volatile": {"atomic": True, "plain": False},
    "plain": {"atomic": True, "plain": False},
    "memory": {"may-fail": True, "is-there": False},
    "deferred": {"anywhere": True, "outside-sections": False},
    "model": {"c11": "sc c11", "kernel": "sc kernel", "tso": "sc tso"},
}
DEFAULTS = {"null": "any", "races": "accused", "volatile": "atomic", "plain": "plain", "memory": "may-fail", "deferred": "anywhere",
            "model": "c11"}


def die(text):
    print(f"adopt: {text}", file=sys.stderr)
    sys.exit(2)


def run(command, **more):
    return subprocess.run([str(part) for part in command], text=True, capture_output=True, check=False, **more)


class Manifest:
    """rcufarm.toml, checked."""

    def __init__(self, folder):
        self.folder = Path(folder).resolve()
        self.path = self.folder / MANIFEST
        if not self.path.is_file():
            die(f"there is no {MANIFEST} in {folder}. `./farm adopt new NAME` writes one to begin with")
        try:
            read = tomllib.loads(self.path.read_text())
        except tomllib.TOMLDecodeError as error:
            die(f"{self.path}: {error}")
        known = {"name", "debian", "sources", "include", "flags", "assembly", "operations", "contract"}
        self.refuse_unknown(read, known, "")
        self.name = self.text(read, "name", self.folder.name)
        if not re.fullmatch(r"[a-z][a-z0-9-]{0,30}", self.name):
            die(f"{self.path}: name = \"{self.name}\": small letters, digits and - only, a letter first")
        if self.name.startswith(("linux", "defect", "farm", "hooked")) or self.name in ("sim", "native"):
            die(f"{self.path}: name = \"{self.name}\": programs of the project are called so; take another")
        self.debian = self.text(read, "debian", "")
        if self.debian and not re.fullmatch(r"[a-z0-9][a-z0-9+.-]+", self.debian):
            die(f"{self.path}: debian = \"{self.debian}\" is no name of a source package")
        os.environ["DEBIAN"] = str(SOURCES / self.debian) if self.debian else "$DEBIAN"
        self.sources = self.texts(read, "sources")
        if not self.sources:
            die(f"{self.path}: sources = [] names no file. Give the allocator's sources and your adapter")
        self.include = self.texts(read, "include", ["."])
        self.flags = self.texts(read, "flags", [])
        self.assembly = self.texts(read, "assembly", [])
        operations = read.get("operations", {})
        self.refuse_unknown(operations, {"sizes"}, "operations.")
        self.sizes = operations.get("sizes", [16, 64])
        if not isinstance(self.sizes, list) or not self.sizes or not all(
                isinstance(size, int) and 0 < size < 65536 for size in self.sizes):
            die(f"{self.path}: operations.sizes wants a list of bytes, each from 1 to 65535")
        contract = read.get("contract", {})
        self.refuse_unknown(contract, set(CONTRACT) | {"link_bytes"}, "contract.")
        self.contract = {}
        for key, values in CONTRACT.items():
            said = contract.get(key, DEFAULTS[key])
            if said not in values:
                die(f"{self.path}: contract.{key} = \"{said}\" is unknown. Allowed: {', '.join(values)}")
            self.contract[key] = values[said]
        # What orders there is the machine's, and C++'s races are not what its code goes by.
        if contract.get("model") in ("kernel", "tso") and "races" not in contract:
            self.contract["races"] = False
        self.link_bytes = contract.get("link_bytes", 16)
        if not isinstance(self.link_bytes, int) or self.link_bytes < 0:
            die(f"{self.path}: contract.link_bytes wants a number of bytes")

    def refuse_unknown(self, table, known, prefix):
        for key in table:
            if key not in known:
                die(f"{self.path}: {prefix}{key} is unknown. Allowed: {', '.join(sorted(known))}")

    def text(self, table, key, default):
        value = table.get(key, default)
        if not isinstance(value, str):
            die(f"{self.path}: {key} wants a text")
        return value

    def texts(self, table, key, default=None):
        value = table.get(key, default)
        if value is None:
            die(f"{self.path}: {key} is missing")
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            die(f"{self.path}: {key} wants a list of texts")
        return [os.path.expandvars(one) for one in value]

    def resolve(self, path):
        return path if os.path.isabs(path) else str(self.folder / path)

    def compile_flags(self, source):
        language = ["-std=gnu11"] if source.endswith(".c") else ["-std=gnu++20"]
        includes = [f"-I{self.resolve(one)}" for one in self.include]
        return language + includes + [f"-I{HERE}", f"-I{HERE / 'include'}"] + self.flags


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


# ---- compile, check, rename -------------------------------------------------------------------------------------------

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


def harmless_names():
    plain, patterns = set(), []
    for line in (HERE / "adopted" / "harmless.txt").read_text().splitlines():
        line = line.split("#")[0].strip()
        if line.startswith("/"):
            patterns.append(re.compile(line[1:]))
        elif line:
            plain.add(line)
    return plain, patterns


def refuse_unmet(merged, met, hooks):
    plain, patterns = harmless_names()
    optional = {f"rcufarm_target_{name}" for name in ("destroy", "free_deferred", "thread_begin", "thread_end", "read_lock",
                                                      "read_unlock", "quiescent")}
    missing = [name for name in sorted(undefined_in(merged))
               if name not in met and name not in hooks and name not in plain and name not in optional
               and not any(pattern.match(name) for pattern in patterns) and not OF_COVERAGE.match(name)]
    if not missing:
        return
    callers = callers_of(merged, set(missing))
    said = [f"  {demangled(name)}, called by {demangled(callers.get(name, 'a global'))}" for name in missing]
    die("the sources need what neither they nor the simulated machine have:\n" + "\n".join(said) +
        f"\nAdd the source that defines it to {MANIFEST}. What of the C library is met: fuzz/targets/ADOPT.md, \"What is met\"")


def demangled(name):
    return run(["c++filt", name]).stdout.strip() or name


def refuse_without_adapter(has):
    for needed in ("init", "alloc", "free"):
        if f"rcufarm_target_{needed}" not in has:
            die(f"no source defines rcufarm_target_{needed}(), which an adapter has to have (rcufarm_target.h; in C++ as extern \"C\")")


def build(manifest, out, hooks_library, engine, clang):
    out.mkdir(parents=True, exist_ok=True)
    objects = compile_all(manifest, out, clang, FLAGS + COVERAGE[engine])
    for source in manifest.sources:
        refuse_assembly(manifest, source, clang)
    merged = out / "merged.o"
    script = out / "sections.ld"
    script.write_text(LINKER_SCRIPT)
    done = run(["ld", "-r", "-d", "--force-group-allocation", "-T", script, "-o", merged, *objects])
    if done.returncode != 0:
        print(done.stderr, file=sys.stderr)
        die("the sources do not go together; the linker's words stand above")
    has = defined_in(merged)
    refuse_without_adapter(has)
    hooks = defined_in(hooks_library)
    met = {name.removeprefix("rcufarm_met_"): name for name in hooks if name.startswith("rcufarm_met_")}
    refuse_unmet(merged, met, hooks)
    renames = out / "renames"
    undefined = undefined_in(merged)
    renames.write_text("".join(f"{name} {by}\n" for name, by in sorted(met.items()) if name in undefined))
    kept = out / "kept"
    kept.write_text("".join(f"{name}\n" for name in sorted(has) if name.startswith("rcufarm_target_")))
    target = out / "target.o"
    done = run(["objcopy", f"--redefine-syms={renames}", f"--keep-global-symbols={kept}", merged, target])
    if done.returncode != 0:
        die(f"objcopy failed: {done.stderr}")
    has_fences = "__tsan_atomic_thread_fence" in undefined
    starts_threads = any(name in undefined for name in STARTS_THREADS)
    write_manifest(manifest, out, has_fences, starts_threads)
    write_made_of(manifest, out, target, clang)


def truth(value):
    return "true" if value else "false"


def write_manifest(manifest, out, has_fences, starts_threads):
    sizes = ", ".join(str(size) for size in manifest.sizes)
    text = f"""#include "targets/adopted/manifest.h"
static const size_t sizes[] = {{{sizes}}};
const struct rcufarm_manifest rcufarm_manifest = {{
    .name = "{manifest.name}",
    .sizes = sizes,
    .sizes_count = {len(manifest.sizes)},
    .link_bytes = {manifest.link_bytes},
    .model = "{manifest.contract['model'].split()[1]}",
    .serves_while_memory = {truth(manifest.contract['null'])},
    .accuses_races = {truth(manifest.contract['races'])},
    .volatile_is_atomic = {truth(manifest.contract['volatile'])},
    .plain_is_atomic = {truth(manifest.contract['plain'])},
    .has_fences = {truth(has_fences)},
    .starts_threads = {truth(starts_threads)},
    .memory_fails = {truth(manifest.contract['memory'])},
    .defers_in_sections = {truth(manifest.contract['deferred'])},
}};
"""
    write_if_new(out / "manifest.c", text)


def write_made_of(manifest, out, target, clang):
    """What decides which scheduling points there are, in a line for findings."""
    version = run([clang, "-dumpversion"]).stdout.strip()
    hashes = hashlib.sha256()
    for source in manifest.sources:
        hashes.update(Path(manifest.resolve(source)).read_bytes())
    flags = hashlib.sha256(" ".join(FLAGS + manifest.flags).encode()).hexdigest()[:12]
    line = f"{manifest.name}'s sources {hashes.hexdigest()[:12]}, clang {version}, flags {flags}"
    write_if_new(out / "made_of.txt", line)


def write_if_new(path, text):
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


# ---- real threads ------------------------------------------------------------------------------------------------------

def build_native(manifest, out, sanitizer, clang):
    """The sources, the adapter and adopted/real_*.cpp with the ordinary sanitizer."""
    made = out / f"native-{sanitizer}.objects"
    made.mkdir(parents=True, exist_ok=True)
    flags = NATIVE_FLAGS + SANITIZERS[sanitizer]
    if sanitizer == "tsan" and (not manifest.contract["races"] or manifest.contract["plain"]):
        die(f"{manifest.path} says that plain accesses without order are meant (races, plain, model). ThreadSanitizer cannot be told, and would "
            "accuse them: use --native asan")
    objects = compile_all(manifest, made, clang, flags)
    if sanitizer == "tsan":
        refuse_fences(manifest, objects)
    refuse_without_adapter(set().union(*map(defined_in, objects)))
    write_manifest(manifest, made, False, False)
    alloc = HERE.parent.parent / "alloc"
    own = ["-std=c++20", f"-I{HERE.parent}", f"-I{alloc}", f"-I{HERE}"]
    for source in (HERE / "adopted" / "real_threads.cpp", HERE / "adopted" / "real_urcu.cpp", alloc / "native" / "tsan.cpp",
                   alloc / "native" / "tsan_suppressions.cpp", made / "manifest.c"):
        objects.append(made / (source.stem + ".o"))
        language = own if source.suffix == ".cpp" else [f"-I{HERE.parent}"]
        done = run([compiler_for(source.name, clang), "-c", *flags, *language, source, "-o", objects[-1]])
        if done.returncode != 0:
            print(done.stderr, file=sys.stderr)
            die(f"{source.name} does not compile; the compiler's words stand above")
    program = out / f"native-{sanitizer}"
    done = run([compiler_for("", clang), *SANITIZERS[sanitizer], *objects, "-lurcu-memb", "-lurcu-common", "-pthread", "-o", program])
    if done.returncode != 0:
        print(done.stderr, file=sys.stderr)
        die(f"the sources do not link on real threads; the linker's words stand above. Add the source that defines what is missing to {MANIFEST}")


def refuse_fences(manifest, objects):
    """ThreadSanitizer takes no order from a fence by itself."""
    for source, made in zip(manifest.sources, objects):
        caller = callers_of(made, {"__tsan_atomic_thread_fence"}).get("__tsan_atomic_thread_fence")
        if caller:
            die(f"{source}: {demangled(caller)} has a fence (atomic_thread_fence), from which ThreadSanitizer takes no order, so it would accuse "
                "what is right: use --native asan")


# ---- a skeleton --------------------------------------------------------------------------------------------------------

def skeleton(folder):
    folder = Path(folder)
    if folder.exists() and any(folder.iterdir()):
        die(f"{folder} is there already, and not empty. Give the name of a folder that is to be made")
    name = re.sub(r"[^a-z0-9-]", "-", folder.name.lower()).strip("-") or "mine"
    if not name[0].isalpha() or name.startswith(("linux", "defect", "farm", "hooked")):
        name = "my-" + name
    folder.mkdir(parents=True, exist_ok=True)
    for template in sorted((HERE / "adopted" / "skeleton").iterdir()):
        (folder / template.name).write_text(template.read_text().replace("@NAME@", name))
    print(f"{folder} has a pool with a lock and its adapter. Run it, then put your own in their place:\n  ./farm adopt {folder}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("verb", choices=["new", "name", "debian", "models", "build", "native"])
    parser.add_argument("folder")
    parser.add_argument("--out")
    parser.add_argument("--hooks")
    parser.add_argument("--engine", choices=["libfuzzer", "afl"])
    parser.add_argument("--sanitizer", choices=SANITIZERS)
    parser.add_argument("--clang", default="clang-19")
    given = parser.parse_args()
    if given.verb == "new":
        return skeleton(given.folder)
    manifest = Manifest(given.folder)
    if given.verb == "models":
        return print(manifest.contract["model"])
    if given.verb in ("name", "debian"):
        return print(getattr(manifest, given.verb))
    if given.verb == "native":
        return build_native(manifest, Path(given.out), given.sanitizer, given.clang)
    return build(manifest, Path(given.out), Path(given.hooks), given.engine, given.clang)


if __name__ == "__main__":
    main()
