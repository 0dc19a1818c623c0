// What a CPU has seen of other CPUs' stores.
//
// Job: the questions that an access or a free under weak memory asks (weak.cpp, weak_edges.cpp), and tso's store buffers. In a
// run, where Settings::model is not sc.
#pragma once

#include "machine/memory/accesses.h"

namespace rcufarm::sim {

// The store, or somebody's load of it, is in the clock.
bool is_known_by_readers(const Accesses& c, const std::uint32_t* clock, const KeptStore& store);
inline bool is_known(const Accesses& c, const std::uint32_t* clock, const KeptStore& store) {
  return is_before(store.epoch, clock) || (store.readers != 0 && is_known_by_readers(c, clock, store));
}
inline LaneView& view_of(Accesses& c) { return c.weak->lanes[entry_of(c.epoch())]; }
inline bool is_mine(const Accesses& c, const KeptStore& store) { return entry_of(store.epoch) == entry_of(c.epoch()); }
// A clock that has both; either may be none. Clocks that are given out do not change, so one may be the other.
ClockHandle joined(Accesses& c, ClockHandle a, ClockHandle b);
// The oldest stores of the buffer reach memory, up to this one.
void leave_buffer(Accesses& c, LaneView& view, std::uint32_t last);
void drain(Accesses& c);
void drain_store(Accesses& c, const KeptStore& store);
void enter_buffer(Accesses& c, KeptStore& store);
// May a load of the current context pass this store over? `through`: what came with the pointer that led to it.
bool load_may_miss(Accesses& c, const KeptStore& store, kernel::Order order, ClockHandle through);
// May a store of the current context, or a free, take its place before this one?
bool store_may_precede(Accesses& c, const KeptStore& store, kernel::Order order);

}  // namespace rcufarm::sim
