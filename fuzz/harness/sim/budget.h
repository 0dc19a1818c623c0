// How long work on a finding may take, and who is told how far it is.
//
// Job: a limit of the wall clock beside the limits that are counted in runs, and the way out for a user who has seen enough. Given
// by who asks for the work, and outlives it. Without one the work is deterministic.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

namespace rcufarm::harness {

class Budget {
 public:
  using Clock = std::chrono::steady_clock;

  // `go_on` is called about every `progress_seconds` with the runs so far; false: it is over. May be empty.
  Budget(double seconds, std::function<bool(std::uint64_t)> go_on)
      : began_(Clock::now()), end_(began_ + to_clock(seconds)), next_(began_), go_on_(std::move(go_on)) {}

  // After each run. True: stop here. The clock is looked at once in some runs, and after each that took its time.
  bool over_after_a_run(bool was_long) {
    if (over_ || (++runs_ % runs_between_looks != 0 && !was_long)) return over_;
    const Clock::time_point now = Clock::now();
    over_ = now >= end_;
    if (!over_ && go_on_ && now >= next_) {
      next_ = now + to_clock(progress_seconds);
      over_ = !go_on_(runs_);
    }
    return over_;
  }
  bool over() const { return over_ || Clock::now() >= end_; }

 private:
  static constexpr std::uint64_t runs_between_looks = 16;
  static constexpr double progress_seconds = 0.5;
  static Clock::duration to_clock(double seconds) {
    return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  }

  Clock::time_point began_;
  Clock::time_point end_;
  Clock::time_point next_;
  std::function<bool(std::uint64_t)> go_on_;
  std::uint64_t runs_ = 0;
  bool over_ = false;
};

}  // namespace rcufarm::harness
