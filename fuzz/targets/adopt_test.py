#!/usr/bin/env python3
"""./farm adopt, from the outside: the skeleton, the tutorial with each of its bugs, and every error as a sentence.

Job: run the real verb on folders that are made here, below the folder that is given as the only argument, and look at exit codes and
text. Budgets are in seconds of search, and nothing depends on how many schedules fit in.
"""
import re
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
FARM = HERE.parent.parent / "farm"
TUTORIAL = HERE / "examples" / "tutorial"
WORK = Path(sys.argv.pop(1) if len(sys.argv) > 1 else "build/adopt/test").resolve()

MANIFEST = 'name = "t"\nsources = {sources}\n'
SOUND = """
#include <rcufarm_target.h>
#include <stdlib.h>
{more}
int rcufarm_target_init(void) {{ {init} return 0; }}
void rcufarm_target_destroy(void) {{}}
void* rcufarm_target_alloc(size_t bytes) {{ {alloc} return malloc(bytes); }}
void rcufarm_target_free(void* object, size_t bytes) {{ (void)bytes; {free} free(object); }}
"""


def adopt(*arguments, timeout=550):
    done = subprocess.run([FARM, "adopt", *map(str, arguments)], text=True, capture_output=True, timeout=timeout, check=False)
    return done.returncode, done.stdout + done.stderr


def folder(name, files):
    made = WORK / name
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True)
    for file, text in files.items():
        (made / file).write_text(text)
    return made


def sound(more="", init="", alloc="", free="", file="t.c", manifest=None):
    text = SOUND.format(more=more, init=init, alloc=alloc, free=free)
    if file.endswith(".cpp"):
        text = text.replace("<stdlib.h>", "<cstdlib>")
    return folder("case", {file: text, "rcufarm.toml": manifest or MANIFEST.format(sources=f'["{file}"]')})


class Adopt(unittest.TestCase):
    def said(self, code, text, *arguments):
        exit_code, output = adopt(*arguments)
        self.assertEqual(exit_code, code, output)
        self.assertRegex(output, text)
        return output

    # ---- what works --------------------------------------------------------------------------------------------------

    def test_skeleton_builds_and_runs_at_once(self):
        made = WORK / "skeleton"
        shutil.rmtree(made, ignore_errors=True)
        self.said(0, "Run it, then put your own in their place", "new", made)
        self.said(0, "nothing was found in skeleton", made, "--seconds", 4)
        self.said(2, "is there already, and not empty", "new", made)

    def test_examples_are_clean(self):
        for example in sorted(HERE.glob("examples/*/rcufarm.toml")):
            with self.subTest(example=example.parent.name):
                self.said(0, f"nothing was found in {example.parent.name}", example.parent, "--seconds", 6)

    def test_bugs_are_found(self):
        for script in sorted(HERE.glob("examples/*/bugs/*.sed")):
            example = script.parent.parent
            with self.subTest(example=example.name, bug=script.stem):
                made = WORK / "examples" / example.name
                shutil.rmtree(WORK / "examples", ignore_errors=True)
                shutil.copytree(HERE / "examples", WORK / "examples")
                source = made / ("magazine.c" if example.name == "tutorial" else "target.c")
                before = source.read_text()
                subprocess.run(["sed", "-i", "-f", script, source], check=True)
                self.assertNotEqual(source.read_text(), before)
                expected = re.search("# Found as: (.*)", script.read_text()).group(1)
                output = self.said(1, f"(?m)^({expected}): ", made, "--seconds",
                                   60 if "# Needs: 60 seconds" in script.read_text() else 10)
                replay = re.search(r"Replay:  (\S+) replay (\S+) --diagram", output)
                again = subprocess.run([FARM.parent / replay.group(1), "replay", FARM.parent / replay.group(2)], text=True,
                                       capture_output=True, check=False)
                self.assertEqual(again.returncode, 1, again.stdout + again.stderr)

    def test_cpp_with_its_library(self):
        more = """
#include <atomic>
#include <mutex>
#include <vector>
static std::mutex lock;
static std::atomic<int> calls;
static thread_local int mine = 3;
"""
        alloc = "std::lock_guard<std::mutex> held(lock); ++calls; if (++mine < 4) return nullptr; std::vector<int> v(3); (void)v;"
        self.said(0, "nothing was found", sound(more, alloc=alloc, file="t.cpp"), "--seconds", 2)

    # ---- what is refused -----------------------------------------------------------------------------------------------

    def test_no_manifest(self):
        self.said(2, "there is no rcufarm.toml", folder("case", {}))

    def test_bad_manifest(self):
        self.said(2, "colour is unknown. Allowed: ", sound(manifest='colour = 1\nsources = ["t.c"]\n'))
        self.said(2, r"rcufarm.toml: .*line 2", sound(manifest="sources = [\n="))
        self.said(2, "contract.null = \"never\" is unknown. Allowed: any, only-without-memory",
                  sound(manifest='sources = ["t.c"]\n[contract]\nnull = "never"\n'))
        self.said(2, "sources names other.c, and there is no such file", sound(manifest='sources = ["other.c"]\n'))

    def test_no_such_folder(self):
        self.said(2, "there is no folder", WORK / "not-there")
        self.said(2, "adopt wants the folder")
        self.said(2, "unknown flag '--fast'", "--fast")

    def test_does_not_compile(self):
        output = self.said(2, "t.c does not compile; the compiler's words stand above", sound(more="int x = ;"))
        self.assertIn("expected expression", output)

    def test_missing_symbol(self):
        output = self.said(2, "the sources need what neither they nor the simulated machine have",
                           sound(more="int helper(void);", alloc="helper();"))
        self.assertIn("helper, called by rcufarm_target_alloc", output)

    def test_call_that_is_not_met(self):
        output = self.said(2, "fork, called by rcufarm_target_alloc", sound(more="#include <unistd.h>", alloc="fork();"))
        self.assertIn("What is met", output)

    def test_system_call_that_is_not_met(self):
        self.said(2, r"rcufarm_target_alloc \(.*t.c:\d+\) calls syscall\(9999\), which the simulated machine does not have",
                  sound(more="#include <unistd.h>\nlong syscall(long, ...);", alloc="syscall(9999);"), "--seconds", 2)

    def test_adapter_without_free(self):
        made = folder("case", {"t.c": "#include <rcufarm_target.h>\nint rcufarm_target_init(void) { return 0; }\n"
                                      "void* rcufarm_target_alloc(size_t b) { return (void*)b; }\n",
                               "rcufarm.toml": MANIFEST.format(sources='["t.c"]')})
        self.said(2, r"no source defines rcufarm_target_free\(\)", made)

    def test_assembly(self):
        more = 'static inline void fence(void) { __asm__ volatile("mfence" ::: "memory"); }'
        self.said(2, r"t.c:\d+: fence has inline assembly \(`mfence`\), which nobody sees", sound(more, alloc="fence();"))
        declared = 'sources = ["t.c"]\nassembly = ["fence"]\n'
        self.said(0, "nothing was found", sound(more, alloc="fence();", manifest=declared), "--seconds", 2)

    # ---- what is found -------------------------------------------------------------------------------------------------

    def test_spinning_without_an_end(self):
        more = "#include <stdatomic.h>\natomic_int flag;"
        output = self.said(1, "(?m)^no-end: alloc", sound(more, alloc="while (!atomic_load(&flag)) {}"), "--seconds", 4)
        self.assertRegex(output, r"rcufarm_target_alloc\(\) \S*t.c:\d+")

    def test_spinning_without_shared_memory(self):
        output = self.said(1, "(?m)^no-end: ", sound("static volatile int unused;", alloc="int i = 1; while (i) { __asm__ volatile(\"\" : \"+r\"(i)); }"),
                           "--seconds", 4)
        self.assertIn("rcufarm_target_alloc", output)

    def test_stack_overflow(self):
        more = "static int deep(int n, char* p) { char a[512]; a[n % 512] = *p; return n == 0 ? 0 : deep(n - 1, a) + a[3]; }"
        self.said(1, "(?s)^.*crash: .*stack overflow", sound(more, alloc="char c = 0; if (deep(100000, &c) == 12345) return 0;"), "--seconds", 4)

    def test_signal(self):
        self.said(1, "(?m)^crash: rcufarm_target_alloc", sound(alloc="*(volatile int*)8 = 1;"), "--seconds", 4)

    def test_exit_abort_assert(self):
        self.said(1, r"exit\(\) was called", sound(alloc="exit(0);"), "--seconds", 4)
        self.said(1, r"abort\(\) was called", sound(free="abort();"), "--seconds", 4)
        self.said(1, "assertion failed: bytes == 7", sound(more="#include <assert.h>", alloc="assert(bytes == 7);"), "--seconds", 4)

    def test_exception(self):
        self.said(1, "an exception leaves the allocator", sound(alloc="throw 1;", file="t.cpp"), "--seconds", 4)

    def test_uses_of_memory(self):
        self.said(1, "(?m)^use-after-free: ", sound(free="free(object); *(volatile char*)object = 1; return;"), "--seconds", 4)
        self.said(1, "(?m)^freed-twice: ", sound(free="free(object);"), "--seconds", 4)
        self.said(1, "(?m)^leak: ", sound(free="return;"), "--seconds", 4)
        self.said(1, "(?m)^wrong-size: alloc", sound(alloc="return malloc(bytes - 8);"), "--seconds", 4)
        self.said(1, "(?m)^handed-out-twice: alloc", sound("static char pool[70000];", alloc="return pool;", free="return;"), "--seconds", 4)


if __name__ == "__main__":
    unittest.main(verbosity=2)
