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
"""What OSS-Fuzz demands of a fuzz target before it runs, and what it does not ask: files beside it, libraries, sanitizers.

Written anew from what infra/base-images/base-runner's test_all and bad_build_check demand. Reads programs; runs none of them.
"""
import os
import re
import subprocess
from pathlib import Path

RUNTIMES = {"address": "asan", "undefined": "ubsan", "thread": "tsan"}
EVERY_RUNTIME = ("asan", "ubsan", "tsan", "msan", "dfsan")
# How many calls of each runtime OSS-Fuzz allows in a whole program, from and to. It counts UBSan builds for libFuzzer
# alone, and ThreadSanitizer builds for no engine.
UNLIMITED = 10**9
ALLOWED = {
    "address": {"asan": (1000, UNLIMITED), "ubsan": (0, 200), "msan": (0, 3), "dfsan": (0, 0)},
    "undefined": {"ubsan": (168, UNLIMITED), "asan": (0, 0), "msan": (0, 3), "dfsan": (0, 0)},
}
# Ours, for each engine and sanitizer: so many calls of the right one at least, and none of another, where what comes with the
# engine and the runtime does not count.
OWN_CALLS_MIN = 1000
# What every base image has. All else has to be in the target, or beside it.
SYSTEM_LIBRARIES = re.compile(r"^(linux-vdso|ld-linux[-\w]*|libc|libm|libgcc_s|libdl|libpthread|librt|libresolv)\.so")
# Names that OSS-Fuzz takes for helpers.
HELPERS = re.compile(r"^(do_stuff_fuzzer|checksum_fuzzer|fuzz_dump|fuzz_keyring|xmltest|afl-.*)$")
ELF_X86_64 = (b"\x7fELF", 62)


class Broken(Exception):
    """What is wrong with a target."""


def demand(holds, text, output=""):
    if not holds:
        raise Broken(text + ("\n" + output[-4000:] if output else ""))


def run(command, env, cwd, seconds=900):
    """Output and exit code, whatever they are."""
    done = subprocess.run(command, env=env, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=seconds, check=False)
    return done.stdout.decode(errors="replace"), done.returncode


def targets_of(out):
    """As OSS-Fuzz finds them: by the symbol, at the top of the folder."""
    found = [path for path in sorted(out.iterdir())
             if path.is_file() and os.access(path, os.X_OK) and b"LLVMFuzzerTestOneInput" in path.read_bytes()]
    demand(found, "no fuzz target in $OUT: executable files that contain LLVMFuzzerTestOneInput")
    return found


def check_name(target):
    demand(re.fullmatch(r"[A-Za-z0-9_-]+", target.name), f"{target.name}: letters, digits, _ and - only")
    demand(not HELPERS.match(target.name), f"{target.name} looks like a helper of OSS-Fuzz's")


def check_machine(target):
    start = target.read_bytes()[:20]
    demand((start[:4], int.from_bytes(start[18:20], "little")) == ELF_X86_64, f"{target.name} is no program for x86_64")


def check_beside(target):
    for ending in ("_seed_corpus.zip", ".dict", ".options", ".labels"):
        file = target.parent / (target.name + ending)
        demand(file.is_file() and file.stat().st_size > 0, f"{file.name} is missing or empty")


def check_libraries(target):
    output, _ = run(["ldd", str(target)], os.environ, "/")
    for line in output.splitlines():
        name, _, place = line.strip().partition(" => ")
        beside = place.startswith(str(target.parent))
        demand("not found" not in line and (beside or SYSTEM_LIBRARIES.match(Path(name.split()[0]).name)),
               f"{target.name} needs a library that is neither the C library's nor beside it: {line.strip()}")


def calls(program):
    """How many calls of each sanitizer's runtime are in a program."""
    output, status = run(["objdump", "-dC", "--no-show-raw-insn", str(program)], os.environ, "/")
    demand(status == 0, f"objdump cannot read {program}", output)
    count = dict.fromkeys(EVERY_RUNTIME, 0)
    for match in re.finditer(r"\bcallq?\s+[0-9a-f]+\s+<__(asan|ubsan|tsan|msan|dfsan)", output):
        count[match.group(1)] += 1
    # Without that runtime in the program they go to functions of our own: an adopted allocator's accesses (fuzz/machine/hooks).
    if "<__tsan::" not in output:
        count["tsan"] = 0
    return count


def check_sanitizer(program, alone, engine, sanitizer):
    """How many calls of its sanitizer a program's own code has. alone: the calls in a program of the same engine and
    sanitizer that has no code of its own."""
    whole = calls(program)
    own = {runtime: whole[runtime] - alone[runtime] for runtime in EVERY_RUNTIME}
    right = RUNTIMES[sanitizer]
    others = {runtime: count for runtime, count in own.items() if count > 0 and runtime != right}
    demand(not others, f"its own code has calls of another sanitizer than {right}: {others}")
    demand(own[right] >= OWN_CALLS_MIN, f"its own code has {own[right]} calls of {right}, fewer than {OWN_CALLS_MIN}")
    if sanitizer == "address" or engine == "libfuzzer":
        for runtime, (low, high) in ALLOWED.get(sanitizer, {}).items():
            demand(low <= whole[runtime] <= high,
                   f"{whole[runtime]} calls of {runtime} in all; OSS-Fuzz allows {low} to {high}")
    return f"{own[right]:,} calls of {right}"


def check_resting(target, alone, engine, sanitizer):
    """All that can be seen without running it."""
    check_name(target)
    check_machine(target)
    check_beside(target)
    check_libraries(target)
    return check_sanitizer(target, alone, engine, sanitizer)
