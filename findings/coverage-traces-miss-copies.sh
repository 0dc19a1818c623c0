#!/usr/bin/env bash
# clang 19.1.7: trace-loads,trace-stores announces an atomic load as a load, and a copy of a struct, a memset and an exchange not at all.
# The usual guess: it announces the plain accesses of the source, each of them, and no atomic ones.
# What happens: the pass looks at the instructions `load` and `store` of the intermediate code. Atomic loads and stores are such; copies
# and fills are calls of an intrinsic, and read-modify-writes instructions of their own.
# shellcheck source=findings/fetch
. "$(dirname "$(readlink -f "$0")")/fetch"
clang_19
cat >a.c <<'C'
struct big { long words[16]; };
int word;
struct big from, to;
int plain(void) { return word; }
int atomic(void) { return __atomic_load_n(&word, __ATOMIC_ACQUIRE); }
int exchange(void) { return __atomic_exchange_n(&word, 1, __ATOMIC_SEQ_CST); }
void copy(void) { to = from; }
void fill(void) { __builtin_memset(&to, 0, sizeof to); }
C
clang -O1 -S -fsanitize-coverage=trace-loads,trace-stores,trace-pc-guard a.c
same "announced" "plain: __sanitizer_cov_load4
atomic: __sanitizer_cov_load4" "$(calls '__sanitizer_cov_(load|store)' a.s)"
