#!/usr/bin/env bash
# clang 19.1.7: __attribute__((no_sanitize("thread"))) leaves the calls of ThreadSanitizer for atomics in; gcc 12 takes all of them out.
# The usual guess: a function with the attribute is compiled as without -fsanitize=thread.
# What happens: with clang the plain accesses lose their calls and the atomics keep theirs, so that the run time does not lose the order
# that they give. (Its documentation says so for __attribute__((disable_sanitizer_instrumentation)), which removes these too.)
# shellcheck source=findings/fetch
. "$(dirname "$(readlink -f "$0")")/fetch"
clang_19
gcc_12
cat >a.c <<'C'
int word;
__attribute__((no_sanitize("thread"))) int plain(void) { return word; }
__attribute__((no_sanitize("thread"))) int atomic(void) { return __atomic_load_n(&word, __ATOMIC_ACQUIRE); }
C
clang -O1 -S -fsanitize=thread a.c -o clang.s
./cc1 -quiet -O1 -fsanitize=thread a.c -o gcc.s
same "clang" "atomic: __tsan_atomic32_load" "$(calls '__tsan_(read|atomic)' clang.s)"
same "gcc" "" "$(calls '__tsan_(read|atomic)' gcc.s)"
