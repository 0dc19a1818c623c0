// A steady rate, in bursts.
//
// Job: let a thread do `burst` objects whenever they are due, so that two sides which cost different CPU time do the
// same work in the same time. A thread that was held up catches up. Owned and used by one thread.
#pragma once

#include <sys/prctl.h>
#include <time.h>

#include <cstdint>

#include "bench/clocks.h"

namespace rcufarm::bench {

class Pacer {
 public:
  Pacer(double objects_per_s, std::int64_t burst)
      : period_ns_(static_cast<double>(burst) * static_cast<double>(ns_per_s) / objects_per_s), start_ns_(wall_ns()) {
    prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);  // of this thread; the usual 50 us are half a burst
  }

  // Sleeps until the next burst is due; returns at once when it is overdue.
  void wait() {
    const std::int64_t due_ns = start_ns_ + static_cast<std::int64_t>(period_ns_ * static_cast<double>(bursts_++));
    if (wall_ns() >= due_ns) return;
    const timespec due{due_ns / ns_per_s, due_ns % ns_per_s};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, nullptr) != 0) {
    }
  }

 private:
  double period_ns_;
  std::int64_t start_ns_;
  std::int64_t bursts_ = 0;
};

}  // namespace rcufarm::bench
