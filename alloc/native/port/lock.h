// RawSpinLock: a spin lock that is held with interrupts off.
//
// Job: test, test-and-set; whoever finds it taken waits out of line. Not in nmi: the holder may be what it came over.
#pragma once

#include <atomic>

#include "native/port/context.h"

namespace rcufarm::kernel {
inline namespace native {

class RawSpinLock {
 public:
  constexpr RawSpinLock() noexcept = default;
  RawSpinLock(const RawSpinLock&) = delete;
  RawSpinLock& operator=(const RawSpinLock&) = delete;

 private:
  friend class RawSpinLockGuard;
  void lock() noexcept;
  // Release: pairs with the acquire of the next lock().
  void unlock() noexcept { taken_.store(false, std::memory_order_release); }

  std::atomic<bool> taken_{false};
};

class [[nodiscard]] RawSpinLockGuard {
 public:
  explicit RawSpinLockGuard(RawSpinLock& lock) noexcept : lock_(lock) { lock_.lock(); }
  ~RawSpinLockGuard() { lock_.unlock(); }
  RawSpinLockGuard(const RawSpinLockGuard&) = delete;
  RawSpinLockGuard& operator=(const RawSpinLockGuard&) = delete;

 private:
  IrqGuard irq_off_;  // first: interrupts go off before the lock is taken, and on after it is left
  RawSpinLock& lock_;
};

}  // namespace native
}  // namespace rcufarm::kernel
