#!/usr/bin/env bash
# clang 19.1.7, -fsanitize=thread: an atomic load is a call of the run time, and then the load itself once more.
# The usual guess: __tsan_atomic32_load() replaces the load, as __tsan_atomic32_store() does the store.
# What happens: behind the call the program loads the word again and drops what it read. Who implements these functions
# (a simulator, a record-and-replay tool) has to leave the address mapped until after they have returned. g++ 12 emits the call alone.
# shellcheck source=findings/fetch
. "$(dirname "$(readlink -f "$0")")/fetch"
clang_19
gcc_12
printf 'int word;\nint load(void) { return __atomic_load_n(&word, __ATOMIC_ACQUIRE); }\n' >a.c
clang -O1 -S -fsanitize=thread a.c -o clang.s
./cc1 -quiet -O1 -fsanitize=thread a.c -o gcc.s
behind() { awk '/__tsan_atomic32_load/ { after = 1; next } after && /word\(%rip\)/ { n++ } END { print n + 0 }' "$1"; }
same "clang: native loads behind the call" 1 "$(behind clang.s)"
same "gcc: native loads behind the call" 0 "$(behind gcc.s)"
