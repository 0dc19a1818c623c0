// Clocks of the benchmark, in nanoseconds.
//
// Job: one name for each clock that a figure is made of. No state; any thread.
#pragma once

#include <pthread.h>
#include <time.h>

#include <cstdint>

namespace rcufarm::bench {

inline constexpr std::int64_t ns_per_s = 1'000'000'000;

inline std::int64_t read_clock_ns(clockid_t clock) {
  timespec t{};
  clock_gettime(clock, &t);
  return t.tv_sec * ns_per_s + t.tv_nsec;
}

inline std::int64_t wall_ns() { return read_clock_ns(CLOCK_MONOTONIC); }

// CPU time of the calling thread, in the kernel and outside.
inline std::int64_t thread_cpu_ns() { return read_clock_ns(CLOCK_THREAD_CPUTIME_ID); }

// CPU time of all threads of this process, those that have ended included.
inline std::int64_t process_cpu_ns() { return read_clock_ns(CLOCK_PROCESS_CPUTIME_ID); }

// CPU time of another thread of this process, which must not have been joined yet.
inline std::int64_t thread_cpu_ns(pthread_t thread) {
  clockid_t clock{};
  return pthread_getcpuclockid(thread, &clock) == 0 ? read_clock_ns(clock) : 0;
}

}  // namespace rcufarm::bench
