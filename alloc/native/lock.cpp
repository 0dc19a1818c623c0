// RawSpinLock, where it has to wait.
//
// Job: take the lock; report it in nmi, where what the nmi came over may hold it.
#include "native/port/lock.h"

#include "native/backoff.h"
#include "native/legality.h"

namespace rcufarm::kernel {
inline namespace native {

namespace host = ::rcufarm::native;

void RawSpinLock::lock() noexcept {
  host::legal(host::Operation::raw_spin_lock, "RawSpinLock");
  // Acquire: pairs with the release in unlock().
  while (taken_.exchange(true, std::memory_order_acquire)) {
    host::Backoff backoff("a RawSpinLock, taken twice by one context or never left");
    while (taken_.load(std::memory_order_relaxed)) backoff.pause();
  }
}

}  // namespace native
}  // namespace rcufarm::kernel
