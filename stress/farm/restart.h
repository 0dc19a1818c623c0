// When a kind of worker that failed may start again: exponential backoff with jitter, and parking after a crash loop.
//
// Job: the books of one kind's failures. The caller gives the time and the chance; no clock of its own.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "stress/config/config.h"

namespace rcufarm::stress {

class Restart {
 public:
  using Time = std::chrono::steady_clock::time_point;
  enum class State : std::uint8_t { ready, backoff, parked };

  void succeeded() { failures_ = 0; }

  // `chance` is from 0 to 1: the wait is 50 to 150 % of what it would be. True: it was parked now.
  bool failed(Time now, const RestartConfig& config, double chance) {
    ++failures_;
    if (failures_ >= config.crash_loop) {
      failures_ = config.crash_loop - 1;  // when it comes back, one more failure parks it again
      parked_until_ = now + std::chrono::seconds(config.parked_seconds);
      return true;
    }
    const double wait = std::min<double>(config.backoff_ms * static_cast<double>(1ULL << std::min(failures_ - 1, 30U)),
                                         config.backoff_ms_max);
    next_ = now + std::chrono::milliseconds(static_cast<std::int64_t>(wait * (0.5 + chance)));
    return false;
  }
  // A precondition is missing: no use to try soon.
  void park(Time now, const RestartConfig& config) {
    parked_until_ = now + std::chrono::seconds(config.parked_seconds);
  }

  State state(Time now) const {
    if (now < parked_until_) return State::parked;
    return now < next_ ? State::backoff : State::ready;
  }
  unsigned failures() const { return failures_; }

 private:
  unsigned failures_ = 0;  // in a row
  Time next_{};
  Time parked_until_{};
};

}  // namespace rcufarm::stress
