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

Job: compile its sources for the hooks (fuzz/machine/hooks), refuse what the machine cannot see or does not have, and rename what they
call to what meets it (adopt_manifest.py, adopt_sources.py); or compile them with a sanitizer, for real threads (adopt_native.py). Exit
code 2 with a sentence where something is wrong. Writes below OUT (or FOLDER, `new`) only.
"""
import sys

sys.dont_write_bytecode = True  # the folder is the sources'

import argparse
import hashlib
import re
import shlex
from pathlib import Path

from adopt_manifest import HERE, MANIFEST, Manifest, die, run, write_if_new, write_manifest
from adopt_native import SANITIZERS, build_native
from adopt_sources import callers_of, compile_all, defined_in, demangled, refuse_assembly, refuse_without_adapter, undefined_in

# Which loads and stores there are depends on both; places are return addresses, so no call may be a jump.
FLAGS = ["-O1", "-g", "-gdwarf-aranges", "-fPIC", "-fsanitize=thread", "-femulated-tls", "-fno-optimize-sibling-calls",
         # A frame larger than a page does not step over the page that guards a stack.
         "-fstack-clash-protection",
         "-fno-omit-frame-pointer", "-mllvm", "-tsan-distinguish-volatile=1", "-mllvm", "-tsan-instrument-func-entry-exit=0",
         # A read that a write follows is announced, too: another thread may come between them.
         "-mllvm", "-tsan-instrument-read-before-write=1"]

# What engines are told of edges: no flag that changes how the code is optimised, so that inputs mean the same in the program without.
COVERAGE = {None: [], "libfuzzer": ["-fsanitize-coverage=inline-8bit-counters,pc-table,trace-cmp"], "afl": ["-fsanitize-coverage=trace-pc-guard"]}

OF_COVERAGE = re.compile(r"__sanitizer_cov_|__(start|stop)___sancov_")

STARTS_THREADS = ("pthread_create", "thrd_create", "_ZNSt6thread15_M_start_threadESt10unique_ptrINS_6_StateESt14default_deleteIS1_EEPFvvE")

LINKER_SCRIPT = """SECTIONS {
  .data.rel.ro : { *(.data.rel.ro .data.rel.ro.*) }
  under_test_data : { *(.data .data.*) }
  under_test_bss : { *(.bss .bss.* COMMON) }
}
"""


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


def write_made_of(manifest, out, target, clang):
    """What decides which scheduling points there are, in a line for findings."""
    version = run([clang, "-dumpversion"]).stdout.strip()
    hashes = hashlib.sha256()
    for source in manifest.sources:
        hashes.update(Path(manifest.resolve(source)).read_bytes())
    flags = hashlib.sha256(" ".join(FLAGS + manifest.flags).encode()).hexdigest()[:12]
    line = f"{manifest.name}'s sources {hashes.hexdigest()[:12]}, clang {version}, flags {flags}"
    write_if_new(out / "made_of.txt", line)


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
    print(f"{folder} has a pool with a lock and its adapter. Run it, then put your own in their place:\n  ./farm adopt {shlex.quote(str(folder))}")


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
