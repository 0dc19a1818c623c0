// CPU time of this process, in seconds.
//
// Job: the clock of the programs that measure (sim_speed, dpor_speed, fuzz/judge/peers). C++17: one is compiled with a peer.
#pragma once

#include <ctime>

namespace rcufarm {

inline double cpu_seconds() {
  std::timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

}  // namespace rcufarm
