#!/usr/bin/env bash
# clang 19.1.7, -fsanitize=thread: `x = x + 1` is one write to the run time; with gcc 12 it is a read and a write.
# The usual guess: each access of the source is one call.
# What happens: clang leaves out the read before a write of the same word in the same block, since a race with the one is a race
# with the other. Who counts accesses, or stops at each, counts differently under the two compilers.
# shellcheck source=findings/fetch
. "$(dirname "$(readlink -f "$0")")/fetch"
clang_19
gcc_12
printf 'int word;\nvoid increment(void) { word = word + 1; }\n' >a.c
clang -O1 -S -fsanitize=thread a.c -o clang.s
./cc1 -quiet -O1 -fsanitize=thread a.c -o gcc.s
same "clang" "increment: __tsan_write4" "$(calls '__tsan_(read|write)' clang.s)"
same "gcc" "increment: __tsan_read4
increment: __tsan_write4" "$(calls '__tsan_(read|write)' gcc.s)"
