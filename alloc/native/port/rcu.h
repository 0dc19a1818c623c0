// RCU: read sections and grace periods of two flavours.
//
// Job: what an allocator sees of them. `regular` is liburcu's memb flavour, `tasks_trace` its bp flavour. Which
// contexts may call what: kernel/README.md. See rcu_readers.cpp, rcu_driver.h and rcu_calls.cpp.
#pragma once

#include <atomic>
#include <cstdint>

#include "kernel/types.h"
#include "native/tsan.h"

namespace rcufarm::kernel {
inline namespace native {

struct alignas(8) RcuHead {
  using Callback = void (*)(RcuHead*);

  // All three belong to the driver while the head is queued, and to nobody once the callback is entered. The mark comes
  // first: who overwrites freed memory from its beginning overwrites the mark before what is read by it.
  std::atomic<std::uint32_t> queued{0};  // the driver's head_queued, or anything else
  RcuHead* next = nullptr;
  Callback callback = nullptr;
};

class ReadSection {
 public:
  explicit ReadSection(RcuFlavor flavor) noexcept;
  ~ReadSection();
  ReadSection(const ReadSection&) = delete;
  ReadSection& operator=(const ReadSection&) = delete;

 private:
  const RcuFlavor flavor_;
  [[no_unique_address]] ::rcufarm::native::tsan::ReaderEdge edge_;
};

// Lazy: may wait for company. A head that is queued already is reported and left alone.
void call_rcu(RcuFlavor flavor, RcuHead* head, RcuHead::Callback callback) noexcept;
void call_rcu_hurry(RcuFlavor flavor, RcuHead* head, RcuHead::Callback callback) noexcept;
void synchronize_rcu(RcuFlavor flavor) noexcept;
void rcu_barrier(RcuFlavor flavor) noexcept;
bool rcu_trace_implies_rcu_gp() noexcept;
// Callbacks of either flavour that wait for a grace period to begin wait no longer. Nothing where none waits.
void rcu_request_urgent_qs() noexcept;

}  // namespace native
}  // namespace rcufarm::kernel
