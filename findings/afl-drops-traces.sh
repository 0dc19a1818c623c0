#!/usr/bin/env bash
# afl-clang-fast++ 4.04c: -fsanitize-coverage=trace-loads,trace-stores does nothing, and nothing says so.
# The usual guess: it is clang with a pass of its own, and hands on flags that it does not know.
# What happens: in its usual mode its own pass takes the place of clang's coverage, and the flag goes with that.
# AFL_LLVM_INSTRUMENT=LLVM-NATIVE uses clang's, and keeps it.
# shellcheck source=findings/fetch
. "$(dirname "$(readlink -f "$0")")/fetch"
debian afl++=4.04c-4 clang-14=1:14.0.6-12 libllvm14=1:14.0.6-12 libclang-cpp14=1:14.0.6-12 libclang-common-14-dev=1:14.0.6-12
export LD_LIBRARY_PATH=$work/root/usr/lib/llvm-14/lib:$work/root/usr/lib/x86_64-linux-gnu AFL_PATH=$work/root/usr/lib/afl
export AFL_CC=$work/root/usr/lib/llvm-14/bin/clang AFL_CXX=$work/root/usr/lib/llvm-14/bin/clang++ AFL_QUIET=1
printf 'int word;\nint load(void) { return word; }\n' >a.c
traces() {
  root/usr/bin/afl-clang-fast -O1 -c -fsanitize-coverage=trace-loads,trace-stores a.c -o a.o
  grep -c __sanitizer_cov_load4 a.o || :
}
same "objects with announced loads, by its usual mode" 0 "$(traces)"
same "and by AFL_LLVM_INSTRUMENT=LLVM-NATIVE" 1 "$(AFL_LLVM_INSTRUMENT=LLVM-NATIVE traces)"
