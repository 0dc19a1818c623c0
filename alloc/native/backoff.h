// Waiting for another thread that is about to act: spin, then yield, then sleep, and not for ever.
//
// Job: one policy for all short waits. Not for waits that are long by nature: those block on something.
#pragma once

#include <chrono>

namespace rcufarm::native {

class Backoff {
 public:
  // `waiting_for` is for the text when limits::wait_ms_max has passed.
  explicit Backoff(const char* waiting_for) noexcept : waiting_for_(waiting_for) {}
  void pause() noexcept;

 private:
  const char* waiting_for_;
  unsigned pauses_ = 0;
  std::chrono::steady_clock::time_point began_{};
};

}  // namespace rcufarm::native
