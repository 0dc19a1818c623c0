// How long a worker waited for a CPU while others had them.
//
// Job: tell a worker that hangs from one that a busy machine starves. Looks at the threads of a process tree in /proc about once a
// second and adds up, of each look, the longest wait since the look before. One thread.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <vector>

namespace rcufarm::stress {

class CpuWait {
 public:
  using Clock = std::chrono::steady_clock;

  explicit CpuWait(Clock::time_point began) : looked_(began) {}

  void look(const std::vector<pid_t>& processes);
  std::chrono::nanoseconds total() const { return total_; }

 private:
  std::map<pid_t, std::uint64_t> waited_;  // of each thread, in ns
  std::chrono::nanoseconds total_{0};
  Clock::time_point looked_;
};

}  // namespace rcufarm::stress
