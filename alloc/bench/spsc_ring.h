// A bounded ring from one thread to one other.
//
// Job: carry objects from the thread that allocates to the thread that frees, at a cost that is small beside either and
// equal for every allocator. Owned by the benchmark; `push` by one thread, `pop` by one other, and both may be called
// by either when the other thread is gone. A side that waits gives its core away after a while, so that the ring works
// on one core too.
#pragma once

#include <sched.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <new>

namespace rcufarm::bench {

template <std::size_t Capacity>
class SpscRing {
  static_assert(Capacity > 0 && (Capacity & (Capacity - 1)) == 0, "the ring's index wraps by a mask");

 public:
  void push(void* object) {
    const std::size_t at = tail_.load(std::memory_order_relaxed);  // relaxed: only this thread writes it
    // acquire: pairs with the release in pop(), so the slot has been read before it is written again.
    wait_until([&] {
      if (at - head_seen_ < Capacity) return true;
      head_seen_ = head_.load(std::memory_order_acquire);
      return at - head_seen_ < Capacity;
    });
    slots_[at & (Capacity - 1)] = object;
    tail_.store(at + 1, std::memory_order_release);  // release: pairs with the acquire in pop()
  }

  void* pop() {
    const std::size_t at = head_.load(std::memory_order_relaxed);  // relaxed: only this thread writes it
    // acquire: pairs with the release in push(), so the slot and the object behind it are seen.
    wait_until([&] {
      if (at != tail_seen_) return true;
      tail_seen_ = tail_.load(std::memory_order_acquire);
      return at != tail_seen_;
    });
    void* object = slots_[at & (Capacity - 1)];
    head_.store(at + 1, std::memory_order_release);  // release: pairs with the acquire in push()
    return object;
  }

 private:
  static constexpr unsigned spins_before_yield = 1000;
  static constexpr std::size_t cache_line_bytes = 64;

  template <class Ready>
  static void wait_until(Ready ready) {
    for (unsigned spins = 0; !ready(); ++spins) {
      if (spins >= spins_before_yield) sched_yield();
    }
  }

  // Each index with the other side's index as its writer last saw it, apart from the other pair.
  alignas(cache_line_bytes) std::atomic<std::size_t> tail_{0};
  std::size_t head_seen_ = 0;
  alignas(cache_line_bytes) std::atomic<std::size_t> head_{0};
  std::size_t tail_seen_ = 0;
  alignas(cache_line_bytes) std::array<void*, Capacity> slots_{};
};

}  // namespace rcufarm::bench
