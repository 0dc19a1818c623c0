# Copyright 2026 The rcufarm authors
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.
#
################################################################################
"""The engines as OSS-Fuzz uses them: what each one compiles with, and how it runs a target.

Written anew from what infra/base-images' compile_* and base-runner's run_fuzzer and bad_build_check do. Debian's compilers,
with libstdc++, where OSS-Fuzz has libc++: Debian's libFuzzer knows that one only.
"""
import os
import re
import signal
import subprocess
import time
from pathlib import Path

from rules import demand, run

AFL_DRIVER = Path("/usr/lib/afl/libAFLDriver.a")
# Where honggfuzz was built, which Debian 12 does not have: docker/oss-fuzz/README.md.
HONGGFUZZ = Path(os.environ.get("HONGGFUZZ", "/nonexistent"))
CLANG = {"CC": "clang-19", "CXX": "clang++-19"}
# The variables of the build contract that an engine sets, the flags it adds, and the files that must be there for it.
COMPILERS = {
    "libfuzzer": (CLANG | {"LIB_FUZZING_ENGINE": "-fsanitize=fuzzer"}, "-fsanitize=fuzzer-no-link", ("/usr/bin/clang-19",)),
    "afl": ({"CC": "afl-clang-fast", "CXX": "afl-clang-fast++", "LIB_FUZZING_ENGINE": str(AFL_DRIVER), "AFL_QUIET": "1"}, "",
            ("/usr/bin/afl-clang-fast++", AFL_DRIVER)),
    "honggfuzz": (CLANG | {"LIB_FUZZING_ENGINE": str(HONGGFUZZ / "honggfuzz.a")},
                  "-fsanitize-coverage=trace-pc-guard,indirect-calls,trace-cmp",
                  ("/usr/bin/clang-19", HONGGFUZZ / "honggfuzz", HONGGFUZZ / "honggfuzz.a")),
}
# What the image that runs targets sets, as far as it changes what a program does.
RUNNER = {
    "ASAN_OPTIONS": "alloc_dealloc_mismatch=0:allocator_may_return_null=1:check_malloc_usable_size=0:detect_leaks=1:"
                    "detect_odr_violation=0:detect_stack_use_after_return=1:fast_unwind_on_fatal=0:handle_abort=1:"
                    "handle_segv=1:handle_sigill=1:max_uar_stack_size_log=16:quarantine_size_mb=10:strict_memcmp=1:"
                    "use_sigaltstack=1",
    "UBSAN_OPTIONS": "print_stacktrace=1:print_summary=1:silence_unsigned_overflow=1",
}
AFL_FUZZ = {
    "AFL_NO_UI": "1", "AFL_SKIP_CPUFREQ": "1", "AFL_NO_AFFINITY": "1", "AFL_FAST_CAL": "1", "AFL_FORKSRV_INIT_TMOUT": "30000",
    "AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES": "1", "AFL_IGNORE_PROBLEMS": "1",
}
# A busy machine may need longer than OSS-Fuzz lets an engine run; it is given that time.
READY_SECONDS_MAX = 180


def sections(target):
    """The .options file: {section: {key: value}}."""
    known = {}
    section = None
    for line in (target.parent / (target.name + ".options")).read_text().splitlines():
        if line.startswith("["):
            section = known.setdefault(line.strip("[]"), {})
        elif line.strip():
            key, equals, value = line.partition("=")
            demand(equals and section is not None, f"{target.name}.options: what is `{line}`?")
            section[key.strip()] = value.strip()
    strange = known.keys() - {"libfuzzer", "asan", "ubsan"}
    demand(not strange, f"{target.name}.options: nobody reads {strange}")
    return known


def environment(target, engine):
    """As run_fuzzer makes it: the image's options, then those of .options, then the engine's; and nothing of ours."""
    env = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "TMPDIR": "/tmp"} | RUNNER
    for section, options in sections(target).items():
        if section != "libfuzzer":
            env[f"{section.upper()}_OPTIONS"] += "".join(f":{key}={value}" for key, value in options.items())
    if engine == "afl":
        env |= AFL_FUZZ
        env["ASAN_OPTIONS"] += ":abort_on_error=1:symbolize=0"
        env["UBSAN_OPTIONS"] += ":symbolize=0"
    return env


def replay(command, target, env, folder):
    """The empty input and each seed, one after the other; how many seeds. OSS-Fuzz does not do that."""
    seeds = folder / "seeds"
    seeds.mkdir()
    output, status = run(["unzip", "-q", f"{target}_seed_corpus.zip", "-d", str(seeds)], os.environ, "/")
    demand(status == 0, "the seed corpus does not unpack", output)
    found = sorted(path for path in seeds.rglob("*") if path.is_file())
    demand(found, "the seed corpus is empty")
    empty = folder / "empty"
    empty.write_bytes(b"")
    for seed in [empty, *found]:
        output, status = run([*command, str(seed)], env, folder)
        demand(status == 0, f"{seed.name} does not run through", output)
    return len(found)


def let_run(command, env, folder, log, ready, seconds):
    """Lets an engine run so many seconds, and on until it says that it is ready: its output, and when it was."""
    began = time.monotonic()
    ready_after = None
    with open(log, "wb") as sink, subprocess.Popen(command, env=env, cwd=folder, stdin=subprocess.DEVNULL, stdout=sink,
                                                   stderr=subprocess.STDOUT) as fuzzer:
        while fuzzer.poll() is None:
            time.sleep(0.2)
            elapsed = time.monotonic() - began
            if ready_after is None and re.search(ready, log.read_text(errors="replace"), re.MULTILINE):
                ready_after = elapsed
            if elapsed >= (READY_SECONDS_MAX if ready_after is None else seconds):
                break
        ended = fuzzer.poll()
        if ended is None:
            fuzzer.send_signal(signal.SIGINT)
            try:
                fuzzer.wait(30)
            except subprocess.TimeoutExpired:
                fuzzer.kill()
    text = log.read_text(errors="replace")
    demand(ready_after is not None, f"{command[0]} does not reach its main loop", text)
    demand(ended is None, f"{command[0]} ends by itself, with {ended}", text)
    return text, ready_after


def start_input(folder):
    """The folder with the one input that engines begin with, which must not be found empty."""
    start = folder / "start"
    start.mkdir()
    (start / "input").write_text("input\n")
    return start


def run_libfuzzer(target, folder):
    env = environment(target, "libfuzzer")
    options = ["-rss_limit_mb=2560", "-timeout=25"]
    options += [f"-{key}={value}" for key, value in sections(target)["libfuzzer"].items()]
    output, status = run([str(target), "-seed=1337", "-runs=4", *options, f"-dict={target}.dict"], env, folder)
    demand("no interesting inputs were found" not in output, "no coverage instrumentation", output)
    demand(status == 0 and "Done 4 runs" in output, "-runs=4 does not complete", output)
    edges = re.search(r"INFO: Loaded \d+ module.*\(.*(?:counters|guards)\):\s+(\d+)", output)
    count = int(edges.group(1)) if edges else 0
    demand(count >= 100, f"coverage has {count} edges, and at least 100 are wanted", output)
    return f"{count:,} edges, {replay([str(target), '-runs=1', *options], target, env, folder)} seeds"


def run_afl(target, folder):
    """Twice, as OSS-Fuzz does: once for the engine, once for whether the target dies at its start."""
    env = environment(target, "afl")
    start = start_input(folder)
    after = []
    for turn in ("1", "2"):
        out = folder / f"afl-{turn}"
        command = ["afl-fuzz", "-m", "none", "-t", "5000+", "-i", str(start), "-o", str(out), "-x", f"{target}.dict", "--",
                   str(target)]
        text, ready = let_run(command, env, folder, folder / f"afl-{turn}.log", "All set and ready to roll", 35)
        demand(not re.search(r"target binary (crashed|terminated)", text), "the target dies at its start", text)
        found = list(out.glob("*/crashes/id*"))
        demand(not found, f"AFL++ saved {len(found)} crashes")
        after.append(ready)
    seeds = replay([str(target)], target, env, folder)
    return f"main loop reached twice, after {after[0]:.1f} and {after[1]:.1f} s, {seeds} seeds"


def run_honggfuzz(target, folder):
    env = environment(target, "honggfuzz")
    command = [str(HONGGFUZZ / "honggfuzz"), "-n", "1", "--exit_upon_crash", "-V", "-R", str(folder / "report"), "-W",
               str(folder), "-v", "-z", "-P", "-f", str(start_input(folder)), "--dict", f"{target}.dict", "--", str(target)]
    _, ready = let_run(command, env, folder, folder / "honggfuzz.log", r"^Sz:\d+ Tm:\d+", 20)
    return f"first input that adds something after {ready:.1f} s, {replay([str(target)], target, env, folder)} seeds"


RUN = {"libfuzzer": run_libfuzzer, "afl": run_afl, "honggfuzz": run_honggfuzz}
