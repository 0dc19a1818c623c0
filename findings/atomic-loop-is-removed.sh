#!/usr/bin/env bash
# clang 19.1.7: a C++ loop that waits for an atomic that nobody stores to is removed: the function returns as if it had been set.
# The usual guess: an atomic load is there to be made, and a loop of them waits for ever (C++20 [intro.progress] counts an atomic
# operation as progress, so the loop may be endless). It is how one writes a test of a watchdog.
# What happens: the variable is local to the file and no store is in it, so its loads become its initial value; what is left is a loop
# that does nothing, and C++ lets a compiler take the end of such a loop for granted. With a store anywhere in the file the loop stays;
# as C it stays as a jump to itself; g++ 12 keeps the loads.
# shellcheck source=findings/fetch
. "$(dirname "$(readlink -f "$0")")/fetch"
clang_19
debian g++-12=12.2.0-14+deb12u1
cat >wait.c <<'C'
#ifdef __cplusplus
extern "C"
#endif
int wait_for_it(void);
static int it;
#ifdef STORED
void set_it(void) { __atomic_store_n(&it, 1, __ATOMIC_SEQ_CST); }
#endif
int wait_for_it(void) { while (!__atomic_load_n(&it, __ATOMIC_SEQ_CST)) {} return 7; }
C
# jumps FILE.s: those of the function that waits.
jumps() { awk '/^[a-z_]+:/ { f = $1 } f == "wait_for_it:" && $1 ~ /^j/ { print "it jumps"; exit }' "$1"; }

clang -x c++ -O2 -S wait.c -o clang.s
clang -x c++ -DSTORED -O2 -S wait.c -o stored.s
clang -x c -O2 -S wait.c -o c.s
"$(find root -name cc1plus -type f)" -quiet -O2 wait.c -o gcc.s
same "clang, C++" "" "$(jumps clang.s)"
same "clang, C++, with a store" "it jumps" "$(jumps stored.s)"
same "clang, C" "it jumps" "$(jumps c.s)"
same "g++" "it jumps" "$(jumps gcc.s)"
