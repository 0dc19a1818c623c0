// A small lock for the kernel's own books.
//
// Job: a lock that costs one exchange. Held for a few instructions, never in a signal handler.
#pragma once

#include <atomic>

#include "native/backoff.h"

namespace rcufarm::native {

class BookLock {
 public:
  void lock() noexcept {
    // Acquire: pairs with the release in unlock().
    while (taken_.exchange(true, std::memory_order_acquire)) {
      Backoff backoff("a lock of the kernel's books");
      while (taken_.load(std::memory_order_relaxed)) backoff.pause();
    }
  }
  void unlock() noexcept { taken_.store(false, std::memory_order_release); }

 private:
  std::atomic<bool> taken_{false};
};

}  // namespace rcufarm::native
