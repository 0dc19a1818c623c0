#!/usr/bin/env python3
"""./farm adopt, from the outside: the skeleton, the tutorial with each of its bugs, and every error as a sentence.

Job: run the real verb on folders that are made here, below build/adopt/test, and look at exit codes and text. Arguments are
unittest's. Budgets are in seconds of search, and nothing depends on how many schedules fit in.
"""
import re
import shutil
import subprocess
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
FARM = HERE.parent.parent / "farm"
TUTORIAL = HERE / "examples" / "tutorial"
WORK = FARM.parent / "build" / "adopt" / "test"

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


def planted(script, work):
    """The example of this script, with its mistake in a copy: in the adapter, or in the file of Debian's that it names (# In: FILE)."""
    example = script.parent.parent
    made = work / example.name
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(HERE / "examples", work)
    inside = re.search("(?m)^# In: (.*)", script.read_text())
    if inside is None:
        source = made / ("magazine.c" if example.name == "tutorial" else "target.c")
    else:
        manifest = (made / "rcufarm.toml").read_text()
        package = re.search('(?m)^debian = "(.*)"', manifest).group(1)
        sources = FARM.parent / "build" / "adopt" / "sources" / package
        if not sources.is_dir():
            adopt(example, "--seconds", 1)  # fetches them
        shutil.copytree(sources, made / "debian", symlinks=True)
        manifest = re.sub('(?m)^debian = .*$', "", manifest).replace("$DEBIAN", "debian")
        (made / "rcufarm.toml").write_text(manifest)
        source = made / "debian" / inside.group(1)
    before = source.read_text()
    subprocess.run(["sed", "-i", "-f", script, source], check=True)
    if source.read_text() == before:
        raise AssertionError(f"{script} changes nothing in {source}")
    return made


class Adopt(unittest.TestCase):
    def said(self, code, text, *arguments):
        exit_code, output = adopt(*arguments)
        self.assertEqual(exit_code, code, output)
        if code == 1:
            self.assertNotRegex(output, "slab|free_rcu|kmalloc|kfree|irq_work|raw_spin", "an allocator of user space is told in its words")
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
            with self.subTest(example=script.parent.parent.name, bug=script.stem):
                said = script.read_text()
                expected = re.search("# Found as: (.*)", said).group(1)
                output = self.said(1, f"(?m)^({expected}): ", planted(script, WORK / "examples"), "--seconds",
                                   60 if "# Needs: 60 seconds" in said else 10)
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

    # ---- real threads ------------------------------------------------------------------------------------------------

    def test_real_threads_of_a_sound_one(self):
        for sanitizer in ("asan", "tsan"):
            self.said(0, r"(?s)[1-9]\d* rounds, .*[1-9]\d* looks of readers.*: nothing found", TUTORIAL, "--native", sanitizer, "--seconds", 3)

    def test_real_threads_find(self):
        def found(text, made, sanitizer):
            self.said(1, f"(?m)^found in round .*{text}", made, "--native", sanitizer, "--seconds", 60)
        bugs = TUTORIAL / "bugs"
        found(r"data race .*magazine\.c:\d+", planted(bugs / "1-no-acquire.sed", WORK / "examples"), "tsan")
        found("heap-use-after-free", planted(bugs / "2-no-barrier.sed", WORK / "examples"), "asan")
        found("corrupted: .*a reader finds", planted(bugs / "3-no-grace-period.sed", WORK / "examples"), "asan")
        found("byte.s. leaked", sound(free="return;"), "asan")
        found("the code ends the process with 0", sound(alloc="exit(0);"), "asan")
        found(r"no-end: .* is in alloc\(\)", sound(alloc="for (volatile int i = 1; i;) {}"), "asan")

    def test_real_threads_are_refused(self):
        more = "#include <stdatomic.h>"
        fence = "atomic_thread_fence(memory_order_seq_cst);"
        self.said(2, r"t\.c: rcufarm_target_alloc has a fence", sound(more, alloc=fence), "--native", "tsan")
        self.said(0, "nothing found", sound(more, alloc=fence), "--native", "asan", "--seconds", 1)
        self.said(2, "plain accesses without order are meant", HERE / "examples" / "ck-epoch", "--native", "tsan")
        self.said(2, "--native wants asan or tsan, not 'fast'", TUTORIAL, "--native", "fast")
        self.said(2, "leave --model out", TUTORIAL, "--native", "asan", "--model", "sc")
        self.said(2, "init\\(\\) said -1", sound(init="return -1;"), "--native", "asan", "--seconds", 1)

    # ---- engines -------------------------------------------------------------------------------------------------------

    def test_engines(self):
        self.said(0, r"(?s)libFuzzer (plain|UBSan) .*AFL\+\+ plain .*findings: none", TUTORIAL, "--engines", "--seconds", 15)
        # Its order of loads is x86's: under another memory model it is accused (ADOPT.md).
        self.said(0, "findings: none", HERE / "examples" / "ck-epoch", "--engines", "--seconds", 30)
        self.said(2, "--engines goes with --seconds only", TUTORIAL, "--engines", "--model", "sc")

    def test_engines_find(self):
        made = planted(TUTORIAL / "bugs" / "3-no-grace-period.sed", WORK / "examples")
        output = self.said(1, "(?m)(reused-under-reader|corrupted: content)", made, "--engines", "--seconds", 60)
        for engine in ("libFuzzer", "AFL"):
            self.assertRegex(output, fr"(?m)^.*{engine}.* [1-9]\d*$")

    # ---- threads of the code's own -------------------------------------------------------------------------------------

    # A std::thread throws without memory.
    def threads(self, more, init, destroy, file="t.c", expect=(0, "nothing was found"), alloc=""):
        text = SOUND.format(more=more, init=init, alloc=alloc, free="").replace(
            "void rcufarm_target_destroy(void) {}", f"void rcufarm_target_destroy(void) {{ {destroy} }}")
        made = folder("case", {file: text, "rcufarm.toml": MANIFEST.format(sources=f'["{file}"]') + '[contract]\nmemory = "is-there"\n'})
        return self.said(expect[0], expect[1], made, "--seconds", 6)

    POSIX = """
#include <pthread.h>
static pthread_t worker;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t wanted = PTHREAD_COND_INITIALIZER;
static int rounds, is_over;
static void* work(void* nothing) {
  pthread_mutex_lock(&lock);
  while (!is_over) { ++rounds; pthread_cond_wait(&wanted, &lock); }
  pthread_mutex_unlock(&lock);
  return nothing;
}
"""
    STOP = "pthread_mutex_lock(&lock); is_over = 1; pthread_cond_signal(&wanted); pthread_mutex_unlock(&lock); pthread_join(worker, NULL);"
    WAKE = "pthread_mutex_lock(&lock); ++rounds; pthread_cond_signal(&wanted); pthread_mutex_unlock(&lock);"

    def test_thread_of_posix(self):
        start = "if (pthread_create(&worker, NULL, work, NULL) != 0) return -1;"
        self.threads(self.POSIX, start, self.STOP, alloc=self.WAKE)
        self.threads(self.POSIX, start, self.STOP, alloc="++rounds;", expect=(1, "(?m)^data-race: "))
        self.threads(self.POSIX, start, "pthread_mutex_lock(&lock); pthread_join(worker, NULL);", alloc=self.WAKE,
                     expect=(1, "(?m)^(deadlock|no-end): "))

    def test_threads_of_c11(self):
        more = """
#include <threads.h>
static thrd_t worker;
static mtx_t lock;
static tss_t key;
static once_flag once = ONCE_FLAG_INIT;
static int count;
static void begin(void) { mtx_init(&lock, mtx_plain); }
static void* own(void) { return tss_get(key); }
static int work(void* nothing) { call_once(&once, begin); tss_set(key, nothing); mtx_lock(&lock); ++count; mtx_unlock(&lock); return own() == nothing ? 7 : 8; }
"""
        init = "tss_create(&key, 0); call_once(&once, begin); if (thrd_create(&worker, work, &count) != thrd_success) return -1;"
        stop = "int result = 0; thrd_join(worker, &result); if (result != 7 || count == 0) *(volatile int*)8 = 1;"
        self.threads(more, init, stop, alloc="mtx_lock(&lock); ++count; mtx_unlock(&lock);")
        self.threads(more, init, stop, alloc="++count;", expect=(1, "(?m)^data-race: "))

    def test_threads_of_cpp(self):
        more = """
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
struct Worker {
  std::mutex lock;
  std::condition_variable wanted;
  std::once_flag once;
  bool is_over = false;
  int rounds = 0, begun = 0;
  std::thread thread;
  void work() {
    std::call_once(once, [this] { begun = 1; });
    std::unique_lock<std::mutex> held(lock);
    while (!is_over) { ++rounds; wanted.wait(held); }
  }
};
static Worker* worker;
static std::atomic<int> ended;
struct Ends { int number = 0; ~Ends() { ended += number; } };
static thread_local Ends ends;
"""
        init = "worker = new Worker; worker->thread = std::thread([] { ends.number = 1; worker->work(); });"
        stop = """{ std::lock_guard<std::mutex> held(worker->lock); worker->is_over = true; }
  worker->wanted.notify_all(); worker->thread.join(); if (ended != 1) *(volatile int*)8 = 1; delete worker;"""
        wake = "{ std::lock_guard<std::mutex> held(worker->lock); ++worker->rounds; } worker->wanted.notify_one();"
        self.threads(more, init, stop, file="t.cpp", alloc=wake)
        self.threads(more, init, stop, file="t.cpp", alloc="++worker->rounds;", expect=(1, "(?m)^data-race: "))

    def test_join_in_a_callback_is_refused(self):
        more = """
#include <pthread.h>
#include <urcu.h>
static pthread_t worker;
static struct rcu_head head;
static void* work(void* nothing) { return nothing; }
static void later(struct rcu_head* h) { (void)h; pthread_join(worker, NULL); }
"""
        self.threads(more, "pthread_create(&worker, NULL, work, NULL); call_rcu(&head, later);", "rcu_barrier();",
                     expect=(2, r"later \(.*t.c:\d+\) calls pthread_join\(\) in a callback, which the simulated machine does not have"))

    def test_places_are_those_of_the_code_and_not_of_std_atomic(self):
        # A flag that nobody stores to is a constant to the compiler.
        more = "#include <atomic>\nstatic std::atomic<bool> flag;\nvoid raise() { flag = true; }"
        output = self.said(1, "(?m)^no-end: alloc", sound(more, alloc="while (!flag.load()) {}", file="t.cpp"), "--seconds", 4)
        self.assertRegex(output, r"rcufarm_target_alloc\(\)\n?.*t\.cpp:\d+")

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
        self.said(2, r"t.c:\d+: fence has inline assembly \(`mfence`\),\nwhich nobody sees", sound(more, alloc="fence();"))
        bits = 'static inline long top(long x) { long y; __asm__("bsrq %1, %0" : "=r"(y) : "r"(x) : "cc"); return y; }'
        self.said(0, "nothing was found", sound(bits, alloc="if (top((long)bytes) < 0) return 0;"), "--seconds", 2)
        declared = 'sources = ["t.c"]\nassembly = ["fence"]\n'
        self.said(0, "nothing was found", sound(more, alloc="fence();", manifest=declared), "--seconds", 2)

    # ---- what is found -------------------------------------------------------------------------------------------------

    def test_spinning_without_an_end(self):
        more = "#include <stdatomic.h>\natomic_int flag;"
        output = self.said(1, "(?m)^no-end: alloc", sound(more, alloc="while (!atomic_load(&flag)) {}"), "--seconds", 4)
        self.assertRegex(output, r"rcufarm_target_alloc\(\) \S*t.c:\d+")

    def test_a_long_loop_is_none_without_an_end(self):
        more = "#include <stdatomic.h>\nstatic atomic_int rounds;"
        output = self.said(0, "nothing was found", sound(more, alloc="for (int i = 0; i < 25000; i++) atomic_fetch_add(&rounds, 1);"), "--seconds", 8)
        self.assertIn("reached a limit of the simulator, which proves nothing", output)

    def test_spinning_without_shared_memory(self):
        output = self.said(1, "(?m)^no-end: ", sound("static volatile int unused;", alloc="int i = 1; while (i) { __asm__ volatile(\"\" : \"+r\"(i)); }"),
                           "--seconds", 4)
        self.assertIn("rcufarm_target_alloc", output)

    def test_stack_overflow(self):
        # Wherever it is noticed, in the code itself or in a call of ours that it makes.
        for more in ("static int deep(int n, char* p) { char a[512]; a[n % 512] = *p; return n == 0 ? 0 : deep(n - 1, a) + a[3]; }",
                     "static int deep(int n, char* p) { volatile int m = n; return n == 0 ? *p : deep(n - 1, p) + m; }"):
            self.said(1, r"(?m)^crash: deep\n[^;]*\(stack\soverflow\)",
                      sound(more, alloc="char c = 0; if (deep(100000, &c) == 12345) return 0;"), "--seconds", 4)

    def test_a_frame_that_is_larger_than_what_guards_a_stack(self):
        for frame in ("volatile char a[1 << 20];", "volatile char* a = (volatile char*)__builtin_alloca(bytes * 20000);"):
            # At a place that no compiler knows, so that there is an array.
            code = f"{frame} volatile long at = 3; a[at] = 1; if (a[at] == 9) return 0;"
            self.said(1, r"(?m)^crash: rcufarm_target_alloc\n[^;]*\(stack\soverflow\)", sound(alloc=code), "--seconds", 4)

    def test_signal(self):
        self.said(1, "(?m)^crash: rcufarm_target_alloc", sound(alloc="*(volatile int*)8 = 1;"), "--seconds", 4)

    def test_exit_abort_assert(self):
        self.said(1, r"(?s)the process would have ended here\s\(exit\(\)\swas\scalled\);\sended\sby", sound(alloc="exit(0);"), "--seconds", 4)
        self.said(1, r"abort\(\)\swas\scalled", sound(free="abort();"), "--seconds", 4)
        self.said(1, r"assertion\sfailed:\sbytes\s==\s7", sound(more="#include <assert.h>", alloc="assert(bytes == 7);"), "--seconds", 4)

    def test_exception(self):
        for where in ("alloc", "free"):
            self.said(1, rf"(?m)^crash: rcufarm_target_{where}\n[^;]*\(an\sexception\sleaves\sthe\sallocator\)",
                      sound(**{where: "throw 1;"}, file="t.cpp"), "--seconds", 4)

    def test_exception_that_nobody_catches(self):
        def ends(text, place, **code):
            self.said(1, rf"(?m)^crash: {place}\n[^;]*\({text}\)", sound(**code, file="t.cpp"), "--seconds", 4)
        ends(r"an\sexception\sis\scaught\sby\snobody", "quiet", more="static void quiet() noexcept { throw 1; }", alloc="quiet();")
        ends(r"std::terminate\(\)\swas\scalled", "rcufarm_target_free", more="#include <exception>", free="std::terminate();")
        self.threads("#include <thread>\nstatic std::thread thread;\nstatic void run() { throw 1; }", "thread = std::thread(run);", "thread.join();",
                     file="t.cpp", expect=(1, r"(?m)^crash: run\n[^;]*\(an\sexception\sleaves\sa\sthread\)"))
        self.said(0, "nothing was found", sound(alloc="try { throw 1; } catch (int) {}", file="t.cpp"), "--seconds", 2)
        # Thrown by the library.
        self.said(1, r"(?m)^crash: \w+\n[^;]*\(an\sexception\sleaves\sthe\sallocator\)",
                  sound("#include <vector>", alloc="std::vector<int> v; v.at(3);", file="t.cpp"), "--seconds", 4)

    def test_init_that_never_succeeds(self):
        self.said(2, r"rcufarm_target_init\(\) said 7, and no memory had failed", sound(init="return 7;"), "--seconds", 2)
        # Without memory it may.
        self.said(0, "nothing was found", sound(more="static void* first;", init="first = malloc(8); if (!first) return 7; free(first);"), "--seconds", 2)

    def test_uses_of_memory(self):
        self.said(1, "(?m)^use-after-free: ", sound(free="free(object); *(volatile char*)object = 1; return;"), "--seconds", 4)
        self.said(1, "(?m)^freed-twice: ", sound(free="free(object);"), "--seconds", 4)
        self.said(1, "(?m)^leak: ", sound(free="return;"), "--seconds", 4)
        self.said(1, "(?m)^wrong-size: alloc", sound(alloc="return malloc(bytes - 8);"), "--seconds", 4)
        self.said(1, "(?m)^handed-out-twice: alloc", sound("static char pool[70000];", alloc="return pool;", free="return;"), "--seconds", 4)


if __name__ == "__main__":
    unittest.main(verbosity=2)
