#!/usr/bin/env bash
# clang 19.1.7, -fsanitize=thread: __atomic_fetch_max() is compiled without any call of the run time.
# The usual guess: all of the __atomic_ built-ins are instrumented, as fetch_add is.
# What happens: the run time has functions for add, sub, and, or, xor and nand, and none for max and min; for these the compiler says
# nothing and emits the bare compare-and-exchange loop. ThreadSanitizer sees neither the access nor the order that it gives.
# shellcheck source=findings/fetch
. "$(dirname "$(readlink -f "$0")")/fetch"
clang_19
cat >a.c <<'C'
int word;
int add(int v) { return __atomic_fetch_add(&word, v, __ATOMIC_SEQ_CST); }
int max(int v) { return __atomic_fetch_max(&word, v, __ATOMIC_SEQ_CST); }
C
same "what the compiler says" "" "$(clang -Wall -Wextra -O1 -S -fsanitize=thread a.c 2>&1)"
same "calls" "add: __tsan_atomic32_fetch_add" "$(calls '__tsan_(read|write|atomic)' a.s)"
same "compare-and-exchange instructions in max()" 1 "$(sed -n '/^max:/,/ret/p' a.s | grep -c cmpxchg)"
