// A thread that sleeps when its lock-free queue is empty, and is woken without a lock.
//
// Job: make "look once more, then sleep" safe against "add, then wake". One sleeper, many wakers; a waker makes a
// system call only if the sleeper is asleep or about to be. Wakers get no edge from each other (a mutex would give
// one, which an allocator must not rely on).
//
//   sleeper: announce(); if (nothing new) wait(deadline); else cancel();
//   waker:   add to the queue; wake();
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

namespace rcufarm::native {

class Parker {
 public:
  using Clock = std::chrono::steady_clock;

  // Acquire: pairs with the release in wake(). All are read-modify-writes of one word: either the waker finds the
  // sleeper announced, or the sleeper sees, after announcing, what the waker added.
  void announce() noexcept { state_.exchange(asleep, std::memory_order_acq_rel); }
  void cancel() noexcept { state_.exchange(awake, std::memory_order_acq_rel); }
  // Returns when woken, at the deadline, or for no reason.
  void wait(std::optional<Clock::time_point> deadline) noexcept;

  void wake() noexcept {
    // Release: pairs with the acquire in announce().
    if (state_.exchange(awake, std::memory_order_release) == asleep) wake_sleeper();
  }

 private:
  static constexpr std::uint32_t awake = 0;
  static constexpr std::uint32_t asleep = 1;
  void wake_sleeper() noexcept;

  std::atomic<std::uint32_t> state_{awake};
};

}  // namespace rcufarm::native
