#!/usr/bin/env bash
# clang 19.1.7: -fsanitize-coverage=trace-loads,trace-stores announces nothing.
# The usual guess: the flag names what is traced, so loads and stores are traced.
# What happens: both are modifiers. Without a type of coverage beside them (trace-pc-guard, inline-8bit-counters, ...) the pass has no
# work and emits nothing; there is no warning. https://clang.llvm.org/docs/SanitizerCoverage.html lists them without saying so.
# shellcheck source=findings/fetch
. "$(dirname "$(readlink -f "$0")")/fetch"
clang_19
cat >a.c <<'C'
int word;
int load(void) { return word; }
void store(int v) { word = v; }
C
for type in "" ,trace-pc-guard; do clang -O1 -S -fsanitize-coverage=trace-loads,trace-stores$type a.c -o "a$type.s"; done
same "alone" "" "$(calls __sanitizer_cov_ a.s)"
same "with trace-pc-guard" "load: __sanitizer_cov_load4
store: __sanitizer_cov_store4" "$(calls '__sanitizer_cov_(load|store)' a,trace-pc-guard.s)"
