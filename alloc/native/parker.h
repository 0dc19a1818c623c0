// A thread that sleeps when its lock-free queue is empty, and is woken without a lock.
//
// Job: make "look once more, then sleep" safe against "add, then wake". One sleeper, many wakers; a waker makes a
// system call only if the sleeper is asleep or about to be. Wakers get no edge from each other (a mutex would give
// one, which an allocator must not rely on).
//
//   sleeper: announce(); if (nothing new) wait(deadline); else cancel();
//   waker:   add to the queue; wake();
//
// A sleeper that wakes by itself, soon enough for what is not urgent, announces that it dozes: wake_unless_dozing() then
// leaves it alone, which saves both sides a system call.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

namespace rcufarm::native {

class Parker {
 public:
  using Clock = std::chrono::steady_clock;

  enum class State : std::uint32_t { awake, asleep, dozing };

  // Acquire: pairs with the release in wake() and wake_unless_dozing(). All are read-modify-writes of one word: either
  // the waker finds the sleeper announced, or the sleeper sees, after announcing, what the waker added.
  void announce(State state = State::asleep) noexcept { state_.exchange(word_of(state), std::memory_order_acq_rel); }
  void cancel() noexcept { state_.exchange(word_of(State::awake), std::memory_order_acq_rel); }
  // Returns when woken, at the deadline, or for no reason.
  void wait(std::optional<Clock::time_point> deadline) noexcept;

  void wake() noexcept {
    // Release: pairs with the acquire in announce().
    if (state_.exchange(word_of(State::awake), std::memory_order_release) != word_of(State::awake)) wake_sleeper();
  }

  void wake_unless_dozing() noexcept {
    // Adds nothing, but is a read-modify-write. Release: pairs with the acquire in announce().
    if (state_.fetch_add(0, std::memory_order_release) == word_of(State::asleep)) wake();
  }

 private:
  static constexpr std::uint32_t word_of(State state) noexcept { return static_cast<std::uint32_t>(state); }
  void wake_sleeper() noexcept;

  std::atomic<std::uint32_t> state_{word_of(State::awake)};
};

}  // namespace rcufarm::native
