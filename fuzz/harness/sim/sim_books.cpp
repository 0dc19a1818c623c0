#include "harness/sim/sim_books.h"

#include <new>

namespace rcufarm::harness {

using kernel::Order;

void SimBooks::begin(void* memory) {
  auto* words = static_cast<Words*>(memory);
  for (std::size_t i = 0; i < words_bytes / sizeof(Words); ++i) new (words + i) Words(0);
  slots_ = words;
  completed_words_ = words + scenario::limits.slots_max;
  records_.clear();
  shown_.fill(0);
  started_.fill(0);
  completed_.fill(0);
}

SimRecord* SimBooks::look(unsigned slot) {
  // Acquire: pairs with the release of publish(), so that the object is seen as its allocator left it.
  return decode(slots_[slot].load(Order::acquire), false);
}

SimBooks::Retire SimBooks::retire(unsigned slot, SimRecord& record) {
  // Two steps: take it, so that nobody else has it while its tickets are written, and put it back as retired.
  if (!take(slot, record)) return Retire::lost;
  for (unsigned f = 0; f < kernel::rcu_flavor_count; ++f) record.retired_before[f] = started_[f];
  return change(slot, 0, record.number | retired_bit, Order::release) ? Retire::done : Retire::displaced;
}

bool SimBooks::may_raw_free(const SimRecord& record) {
  for (unsigned f = 0; f < kernel::rcu_flavor_count; ++f) {
    if (completed_[f] <= record.retired_before[f]) return false;
  }
  // Acquire: pairs with the release in synchronize_ended(): the readers that were waited for are before this.
  for (unsigned f = 0; f < kernel::rcu_flavor_count; ++f) completed_words_[f].load(Order::acquire);
  return true;
}

void SimBooks::synchronize_ended(kernel::RcuFlavor flavor, std::uint32_t ticket) {
  const auto f = static_cast<unsigned>(flavor);
  // A read-modify-write: who synchronized before this one is not forgotten.
  completed_words_[f].exchange(ticket, Order::acq_rel);
  if (completed_[f] < ticket) completed_[f] = ticket;
}

}  // namespace rcufarm::harness
