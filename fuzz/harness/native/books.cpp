#include "harness/native/books.h"

namespace rcufarm::harness {

Books::Retire Books::retire(unsigned slot, Record& record) {
  // Two steps: take it, so that nobody else has it while its tickets are written, and put it back as retired.
  if (!take(slot, record)) return Retire::lost;
  for (unsigned f = 0; f < 2; ++f) record.retired_before[f] = started_[f].load(std::memory_order_acquire);
  std::uint32_t empty = 0;
  // Release: pairs with the acquire of retired().
  const bool back = slots_[slot].compare_exchange_strong(empty, record.number | retired_bit, std::memory_order_release,
                                                         std::memory_order_relaxed);
  return back ? Retire::done : Retire::displaced;
}

bool Books::may_raw_free(const Record& record) const {
  // Acquire: pairs with the release in synchronize_ended(): the readers that it waited for are done.
  for (unsigned f = 0; f < 2; ++f) {
    if (completed_[f].load(std::memory_order_acquire) <= record.retired_before[f]) return false;
  }
  return true;
}

void Books::synchronize_ended(unsigned flavor, std::uint32_t ticket) {
  std::uint32_t seen = completed_[flavor].load(std::memory_order_relaxed);
  while (seen < ticket && !completed_[flavor].compare_exchange_weak(seen, ticket, std::memory_order_acq_rel,
                                                                    std::memory_order_relaxed)) {
  }
}

}  // namespace rcufarm::harness
