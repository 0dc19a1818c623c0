// A cache gate: destroy begins when the last user of a cache has left.
//
// Job: the user's part of destroy's contract ("no reader and no user is left"), without ordering the users among each
// other: an edge between them would hide the races that ThreadSanitizer watches for. Any context.
#pragma once

#include <atomic>
#include <cstdint>

namespace rcufarm::harness {

class CacheGate {
 public:
  // False: the cache is being destroyed, or is.
  bool enter() {
    // Relaxed: a user needs nothing that another user did. One atomic word for users and `closing`, so that either this
    // one sees `closing` or who closes sees this one.
    if ((state_.fetch_add(1, std::memory_order_relaxed) & closing) == 0) return true;
    state_.fetch_sub(1, std::memory_order_relaxed);
    return false;
  }
  // Release: pairs with the acquire in is_idle(), so that destroy comes after all that the user did.
  void leave() { state_.fetch_sub(1, std::memory_order_release); }

  // True for the one caller that is to destroy.
  bool close() { return (state_.fetch_or(closing, std::memory_order_relaxed) & closing) == 0; }
  bool is_idle() const { return state_.load(std::memory_order_acquire) == closing; }

 private:
  static constexpr std::uint32_t closing = 1U << 31;
  std::atomic<std::uint32_t> state_{0};
};

}  // namespace rcufarm::harness
