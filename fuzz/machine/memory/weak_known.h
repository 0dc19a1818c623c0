// What a CPU has seen of other CPUs' stores.
//
// Job: the questions that an access or a free under weak memory asks (perform_weak.h, weak_edges.cpp), and tso's store buffers. In a
// run, where Settings::model is not sc.
#pragma once

#include "machine/memory/accesses.h"

namespace rcufarm::sim {

// The current context has loaded another's store, and a third lane has before.
void note_further_reader(Accesses& c, KeptStore& store);
// The store, or somebody's load of it, is in the clock.
bool is_known_by_readers(const Accesses& c, const std::uint32_t* clock, const KeptStore& store);
[[gnu::always_inline]] inline bool is_known(const Accesses& c, const std::uint32_t* clock, const KeptStore& store) {
  if (is_before(store.epoch, clock)) return true;
  if (store.reader == 0) return false;
  return is_before(store.reader, clock) || (store.readers != 0 && is_known_by_readers(c, clock, store));
}
inline bool is_known(const Accesses& c, ClockHandle handle, const KeptStore& store) {
  return handle != 0 && is_known(c, c.clocks.at(handle), store);
}
inline LaneView& view_of(Accesses& c, const Lane& lane) { return c.weak->lanes[entry_of(lane.epoch)]; }
inline LaneView& view_of(Accesses& c) { return view_of(c, *c.current->lane); }
inline bool is_of(const KeptStore& store, const Lane& lane) { return entry_of(store.epoch) == entry_of(lane.epoch); }
// A clock that has both; either may be none. Clocks that are given out do not change, so one may be the other.
ClockHandle joined_two(Accesses& c, ClockHandle a, ClockHandle b);
inline ClockHandle joined(Accesses& c, ClockHandle a, ClockHandle b) {
  return a == 0 || b == 0 || a == b ? a | b : joined_two(c, a, b);
}
// Into a clock that nobody else has, and that may be none yet.
void gather(Accesses& c, ClockHandle& into, const std::uint32_t* clock);
// The oldest stores of the buffer reach memory, up to this one.
void leave_buffer(Accesses& c, LaneView& view, std::uint32_t last);
void drain(Accesses& c);
void drain_store(Accesses& c, const KeptStore& store);
void enter_buffer(Accesses& c, KeptStore& store);
// The lane is the current context's.
// Under tso: it waits in another CPU's store buffer.
inline bool is_hidden(const Lane& lane, const KeptStore& store) { return store.is_buffered && !is_of(store, lane); }
// Under c11: nobody has told the current context of it, nor, if it is asked for seq_cst, a fence.
[[gnu::always_inline]] inline bool is_untold(Accesses& c, const Lane& lane, const KeptStore& store,
                                             kernel::Order order) {
  if (is_known(c, lane.clock, store)) return false;
  return order != kernel::Order::seq_cst || !is_known(c, c.weak->fences, store);
}

// May a load of the current context pass this store over? `through`: what came with the pointer that led to it.
template <MemoryModel model>
[[gnu::always_inline]] inline bool load_may_miss(Accesses& c, const Lane& lane, const KeptStore& store,
                                                 kernel::Order order, ClockHandle through) {
  switch (model) {
    case MemoryModel::sc: return false;
    case MemoryModel::tso: return is_hidden(lane, store);
    case MemoryModel::c11: return is_untold(c, lane, store, order);
    case MemoryModel::kernel:
      if (is_known(c, lane.clock, store) || is_known(c, view_of(c, lane).issued, store)) return false;
      return !is_known(c, through, store);
  }
  return false;
}

// May a store of the current context, or a free, take its place before this one?
template <MemoryModel model>
[[gnu::always_inline]] inline bool store_may_precede(Accesses& c, const Lane& lane, const KeptStore& store,
                                                     kernel::Order order) {
  switch (model) {
    case MemoryModel::sc: return false;
    case MemoryModel::tso: return is_hidden(lane, store);
    case MemoryModel::c11: return is_untold(c, lane, store, order);
    case MemoryModel::kernel: return !is_known(c, lane.clock, store) && !is_known(c, view_of(c, lane).loaded, store);
  }
  return false;
}

// visit.operator()<model>() for the run's model, so that it is a constant there.
template <class Visitor>
auto under_model(const Accesses& c, Visitor visit) {
  switch (c.settings.model) {
    case MemoryModel::sc:
    case MemoryModel::tso: break;
    case MemoryModel::c11: return visit.template operator()<MemoryModel::c11>();
    case MemoryModel::kernel: return visit.template operator()<MemoryModel::kernel>();
  }
  return visit.template operator()<MemoryModel::tso>();
}

}  // namespace rcufarm::sim
