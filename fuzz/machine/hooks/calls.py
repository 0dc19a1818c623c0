#!/usr/bin/env python3
"""Which functions of ThreadSanitizer's runtime each compiler calls for which construct.

  calls.py            prints CALLS.md's table
  calls.py --check LIBRARY   compares it with CALLS.md, and each function with those that LIBRARY (librcufarm_hooks.a) defines

Job: compile one sample for each construct with clang 14, clang 19 and g++ 12, with the flags that adopted code has, and read the undefined
symbols. A construct for which no function is called is one that nobody sees.
"""
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
COMPILERS = {"clang 14": "clang-14", "clang 19": "clang-19", "g++ 12": "gcc-12"}
FLAGS = ["-O1", "-fPIC", "-fsanitize=thread", "-fno-builtin-printf", "-w", "-c"]

# Name, C or C++, text.
SAMPLES = [
    ("read of 1, 2, 4, 8 bytes", "c", "char a; short b; int c; long d; long f(void) { return a + b + c + d; }"),
    ("write of 1, 2, 4, 8 bytes", "c", "char a; short b; int c; long d; void f(int x) { a = x; b = x; c = x; d = x; }"),
    ("`x = x + 1`", "c", "int x; void f(void) { x = x + 1; }"),
    ("read and write of 16 bytes", "c", "__int128 a; __int128 f(__int128 x) { __int128 old = a; a = x; return old; }"),
    ("packed field", "c", "struct __attribute__((packed)) s { char a; int b; } s; int f(int x) { int old = s.b; s.b = x; return old; }"),
    ("bit-field", "c", "struct s { int a : 3, b : 5; } s; void f(int x) { s.b = x; }"),
    ("volatile", "c", "volatile int a; int f(int x) { int old = a; a = x; return old; }"),
    ("struct copy", "c", "struct s { char a[100]; } s; void f(struct s* p) { *p = s; }"),
    ("memcpy, memmove, memset", "c", "#include <string.h>\nvoid f(void* a, void* b, long n) { memcpy(a, b, n); memmove(a, b, n); memset(a, 0, n); }"),
    ("virtual call", "cpp", "struct s { virtual void g(); }; void f(s* p) { p->g(); }"),
    ("constructor and destructor with a vptr", "cpp", "struct s { s(); virtual ~s(); }; s::s() {} s::~s() {}"),
    ("atomic load and store", "c", "int a; int f(void) { __atomic_store_n(&a, 1, __ATOMIC_RELEASE); return __atomic_load_n(&a, __ATOMIC_ACQUIRE); }"),
    ("atomic load, consume", "c", "void* a; void* f(void) { return __atomic_load_n(&a, __ATOMIC_CONSUME); }"),
    ("exchange", "c", "int a; int f(void) { return __atomic_exchange_n(&a, 1, __ATOMIC_ACQ_REL); }"),
    ("compare-exchange, strong and weak", "c", "int a; int f(int* e) { return __atomic_compare_exchange_n(&a, e, 1, 0, 5, 5) + __atomic_compare_exchange_n(&a, e, 1, 1, 5, 5); }"),
    ("fetch_add, sub, and, or, xor, nand", "c", "int a; void f(void) { __atomic_fetch_add(&a, 1, 0); __atomic_fetch_sub(&a, 1, 0); __atomic_fetch_and(&a, 1, 0); __atomic_fetch_or(&a, 1, 0); __atomic_fetch_xor(&a, 1, 0); __atomic_fetch_nand(&a, 1, 0); }"),
    ("atomics of 1, 2, 8 bytes", "c", "char a; short b; long c; long f(void) { return __atomic_load_n(&a, 0) + __atomic_load_n(&b, 0) + __atomic_load_n(&c, 0); }"),
    ("compare-exchange of 16 bytes, -mcx16", "c", "__int128 a; int f(__int128* e, __int128 v) { return __atomic_compare_exchange_n(&a, e, v, 0, 5, 5); }"),
    ("`__sync_fetch_and_add`, `__sync_bool_compare_and_swap`", "c", "int a; int f(void) { return __sync_fetch_and_add(&a, 1) + __sync_bool_compare_and_swap(&a, 1, 2); }"),
    ("`__sync_synchronize`, thread fence", "c", "void f(void) { __sync_synchronize(); __atomic_thread_fence(__ATOMIC_ACQUIRE); }"),
    ("signal fence", "c", "void f(void) { __atomic_signal_fence(__ATOMIC_SEQ_CST); }"),
    ("fetch_add of a double", "cpp", "#include <atomic>\nstd::atomic<double> a; void f() { double o = a.load(); while (!a.compare_exchange_weak(o, o + 1)) {} }"),
    ("thread_local", "c", "static _Thread_local int a; int* g(int* p); int f(void) { g(&a); return a; }"),
    ("function", "c", "void g(void); void f(void) { g(); g(); }"),
    ("inline assembly", "c", "int a; void f(void) { __asm__ volatile(\"movl $1, %0\" : \"=m\"(a)); }"),
    ("pause", "c", "void f(void) { __builtin_ia32_pause(); }"),
]


def calls_of(compiler, language, text, more):
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / f"sample.{language}"
        source.write_text(text)
        command = compiler if language == "c" else compiler.replace("clang", "clang++").replace("gcc", "g++")
        made = Path(folder) / "sample.o"
        flags = list(FLAGS)
        if "clang" in compiler:
            flags += ["-femulated-tls", "-mllvm", "-tsan-distinguish-volatile=1", "-mllvm", "-tsan-instrument-read-before-write=1"]
        else:
            flags += ["--param=tsan-distinguish-volatile=1"]
        done = subprocess.run([command, *flags, *more, source, "-o", made], text=True, capture_output=True, check=False)
        if done.returncode != 0:
            return None, done.stderr
        symbols = subprocess.run(["nm", "--undefined-only", made], text=True, capture_output=True, check=True).stdout
        return {line.split()[-1] for line in symbols.splitlines()}, ""


def shown(symbols):
    if symbols is None:
        return "not compiled"
    names = sorted(name for name in symbols if re.match(r"__tsan_|__emutls_get|__tls_get|__atomic_|__sync_|mem(cpy|move|set)$", name))
    names = [name for name in names if name not in ("__tsan_init", "__tsan_func_entry", "__tsan_func_exit")]
    return ", ".join(f"`{name.removeprefix('__tsan_')}`" for name in names) or "none"


def table():
    rows, called = [], set()
    for name, language, text in SAMPLES:
        row = [name]
        for compiler in COMPILERS.values():
            symbols, _ = calls_of(compiler, language, text, ["-mcx16"] if "mcx16" in name else [])
            called |= {one for one in symbols or () if one.startswith("__tsan_")}
            row.append(shown(symbols))
        if row[1] == row[2] == row[3]:
            rows.append(f"| {name} | {row[1]} | the same | the same |")
        else:
            rows.append("| " + " | ".join(row) + " |")
    head = "| construct | " + " | ".join(COMPILERS) + " |\n|---|---|---|---|\n"
    return head + "\n".join(rows) + "\n", called


def main():
    made, called = table()
    if "--check" not in sys.argv:
        print(made, end="")
        return 0
    wrong = 0
    if made not in (HERE / "CALLS.md").read_text():
        print("CALLS.md has another table; this is the one measured:\n" + made)
        wrong = 1
    library = sys.argv[sys.argv.index("--check") + 1]
    symbols = subprocess.run(["nm", "--defined-only", "--extern-only", library], text=True, capture_output=True, check=True).stdout
    defined = {line.split()[-1] for line in symbols.splitlines() if len(line.split()) == 3}
    for name in sorted(called - defined):
        print(f"{name} is called by a compiler, and the hooks do not define it")
        wrong = 1
    return wrong


if __name__ == "__main__":
    sys.exit(main())
