// How far a native run is: its phase, and each task's place in its list.
//
// Job: let the watchdog see whether anything moves, and say where everything stands. One run owns it. Each task writes
// its own part; any thread may read.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "harness/finding.h"

namespace rcufarm::harness {

// What others may read of a task while it runs. Relaxed: for people and for the watchdog.
struct TaskProgress {
  std::atomic<std::uint32_t> next_op{0};
  std::atomic<std::uint32_t> skipped{0};
  std::atomic<bool> done{false};
};

class RunProgress {
 public:
  explicit RunProgress(std::size_t tasks) : tasks_(tasks) {}

  TaskProgress& task(std::size_t i) { return tasks_[i]; }
  // Changes whenever a task or the run as a whole moves on.
  std::uint64_t steps() const;
  // A line for the phase and one for each task.
  std::string where() const;
  // After the run: the operations that ran, and those that were skipped.
  void add_to(Outcome& outcome) const;

  // A constant; each phase's begins with a letter of its own.
  std::atomic<const char*> phase{"made"};

 private:
  std::vector<TaskProgress> tasks_;
};

}  // namespace rcufarm::harness
