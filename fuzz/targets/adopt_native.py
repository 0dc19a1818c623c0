"""An adopted allocator on real threads: its sources, its adapter and adopted/real_*.cpp under an ordinary sanitizer.

Job: compile and link that program; refuse what ThreadSanitizer would accuse wrongly. Exit code 2 with a sentence where something is wrong.
"""
import sys

from adopt_manifest import HERE, MANIFEST, die, run, write_manifest
from adopt_sources import callers_of, compile_all, compiler_for, defined_in, demangled, refuse_without_adapter

# On real threads. Of what is undefined, not what every compiler means the same by: the address of a member of nothing, a callback by
# another type of pointer. Hidden: what the sources define is not to stand in for what liburcu's libraries have under the same name.
SANITIZERS = {"asan": ["-fsanitize=address,undefined", "-fno-sanitize=null,pointer-overflow,function", "-fno-sanitize-recover=undefined"],
              "tsan": ["-fsanitize=thread"]}
NATIVE_FLAGS = ["-O1", "-g", "-fno-optimize-sibling-calls", "-fvisibility=hidden", "-fno-omit-frame-pointer"]


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
    adopted = [HERE / "adopted" / name for name in ("real_threads.cpp", "real_round.cpp", "real_urcu.cpp")]
    for source in (*adopted, alloc / "native" / "tsan.cpp", alloc / "native" / "tsan_suppressions.cpp", made / "manifest.c"):
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
