#!/usr/bin/env bash
# liburcu 0.13.2: rcu_barrier() takes 10 ms where a grace period takes microseconds, also with URCU_CALL_RCU_RT.
# The usual guess: it waits for a grace period and for the callbacks; with the real-time flag the thread that runs them is woken less
# politely, so it should be faster.
# What happens: between two rounds the callback thread sleeps 10 ms by poll(NULL, 0, 10), whichever flag it has. A program that
# destroys things one after the other, each with a barrier, destroys at most 100 a second. (urcu-call-rcu-impl.h, call_rcu_thread)
# shellcheck source=findings/fetch
. "$(dirname "$(readlink -f "$0")")/fetch"
command -v gcc >/dev/null || { echo "needs gcc" >&2; exit 2; }
debian liburcu-dev=0.13.2-1 liburcu8=0.13.2-1
cat >a.c <<'C'
#include <stdio.h>
#include <time.h>
#include <urcu.h>
static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}
static double fastest(void (*call)(void)) {
  double best = 1e9;
  for (int i = 0; i < 20; ++i) {
    const double begin = now();
    call();
    const double took = now() - begin;
    if (i > 2 && took < best) best = took;
  }
  return best;
}
int main(void) {
  rcu_register_thread();
  set_thread_call_rcu_data(create_call_rcu_data(URCU_CALL_RCU_RT, -1));
  const double barrier = fastest(rcu_barrier), period = fastest(synchronize_rcu);
  printf("the fastest of 17: rcu_barrier %s, synchronize_rcu %s\n", barrier > 8 ? "over 8 ms" : "under 8 ms",
         period < 1 ? "under 1 ms" : "over 1 ms");
  rcu_unregister_thread();
}
C
library=$(dirname "$(find root -name 'liburcu.so.8*' | head -n 1)")
gcc -O1 -Iroot/usr/include -Iroot/usr/include/x86_64-linux-gnu a.c -L"$library" -lurcu -lpthread -o a
same "measured" "the fastest of 17: rcu_barrier over 8 ms, synchronize_rcu under 1 ms" "$(LD_LIBRARY_PATH=$library ./a)"
