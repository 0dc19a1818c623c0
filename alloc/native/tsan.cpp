#include "native/tsan.h"

#if RCUFARM_TSAN

extern "C" {
void __tsan_acquire(void* address);
void __tsan_release(void* address);
void* __tsan_get_current_fiber(void);
void* __tsan_create_fiber(unsigned flags);
void __tsan_destroy_fiber(void* fiber);
void __tsan_switch_to_fiber(void* fiber, unsigned flags);
void AnnotateIgnoreSyncBegin(const char* file, int line);
void AnnotateIgnoreSyncEnd(const char* file, int line);
void AnnotateIgnoreReadsBegin(const char* file, int line);
void AnnotateIgnoreReadsEnd(const char* file, int line);
void AnnotateIgnoreWritesBegin(const char* file, int line);
void AnnotateIgnoreWritesEnd(const char* file, int line);
}

namespace rcufarm::native::tsan {

// Relaxed: only the number is wanted; the edge is the annotation's.
void ReaderEdge::enter(const std::atomic<std::uint64_t>& question) noexcept {
  question_ = question.load(std::memory_order_relaxed);
}

// Adds to what other sections left in the slot: a release that accumulates, as all of them have to be waited for.
void ReaderEdge::leave(GracePeriodEdges& edges) noexcept {
  __tsan_release(&edges.slot_[question_ % GracePeriodEdges::slots]);
}

// The oldest question whose sections are not in the sum yet; afterwards all before `question` are.
std::uint64_t GracePeriodEdges::add_to_sum(std::uint64_t question) noexcept {
  const Unseen books;  // who drives grace periods changes, under a lock that is hidden
  const std::uint64_t first = question - summed_ > slots ? question - slots : summed_;
  summed_ = question;
  return first;
}

void GracePeriodEdges::end(std::uint64_t question) noexcept {
  constexpr unsigned no_sync = 1;  // the switch itself orders nothing
  const std::uint64_t first = add_to_sum(question);
  void* const driver = __tsan_get_current_fiber();
  __tsan_switch_to_fiber(sum_, no_sync);
  for (std::uint64_t i = first; i < question; ++i) __tsan_acquire(&slot_[i % slots]);
  __tsan_release(&waited_);
  __tsan_switch_to_fiber(driver, no_sync);
  __tsan_acquire(&waited_);
}

GracePeriodEdges::GracePeriodEdges() noexcept : sum_(__tsan_create_fiber(0)) {}
GracePeriodEdges::~GracePeriodEdges() { __tsan_destroy_fiber(sum_); }

void ForeignMemory::released() noexcept { __tsan_release(&address_); }

void ForeignMemory::allocated() noexcept { __tsan_acquire(&address_); }

Unseen::Unseen() noexcept {
  AnnotateIgnoreSyncBegin(__FILE__, __LINE__);
  AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
  AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
}

Unseen::~Unseen() {
  AnnotateIgnoreWritesEnd(__FILE__, __LINE__);
  AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
  AnnotateIgnoreSyncEnd(__FILE__, __LINE__);
}

}  // namespace rcufarm::native::tsan

#endif
