// Job: see weak_known.h. weak.h has the data.
#include "machine/memory/weak_known.h"

namespace rcufarm::sim {

using kernel::Order;

// ---- clocks ----------------------------------------------------------------------------------------------------------

void note_further_reader(Accesses& c, KeptStore& store) {
  if (store.readers == 0) store.readers = c.make_clock();
  std::uint32_t& first = c.clocks.at(store.readers)[entry_of(c.epoch())];
  if (first == 0) first = clock_of(c.epoch());
}

bool is_known_by_readers(const Accesses& c, const std::uint32_t* clock, const KeptStore& store) {
  const std::uint32_t* readers = c.clocks.at(store.readers);
  for (unsigned lane = 0; lane < c.clocks.width(); ++lane) {
    if (readers[lane] != 0 && readers[lane] <= clock[lane]) return true;
  }
  return false;
}

void gather(Accesses& c, ClockHandle& into, const std::uint32_t* clock) {
  if (into == 0) {
    into = c.make_copy(clock);
  } else {
    c.clocks.join(c.clocks.at(into), clock);
  }
}

ClockHandle joined_two(Accesses& c, ClockHandle a, ClockHandle b) {
  const ClockHandle both = c.make_copy(c.clocks.at(a));
  c.clocks.join(c.clocks.at(both), c.clocks.at(b));
  return both;
}

// ---- tso -------------------------------------------------------------------------------------------------------------

// A buffer changes. It is its lane's: each step there may find it empty or not, and so does who drains them all.
static void uses_buffer(Accesses& c, const LaneView& view) {
  const Lane& lane = *view.lane;
  c.uses(lane.state | Resources::buffers());
  if (lane.cpu == no_cpu && &lane != c.current->lane) c.footprint.is_everything = true;
}

// The oldest stores of the buffer reach memory, up to this one.
void leave_buffer(Accesses& c, LaneView& view, std::uint32_t last) {
  if (view.buffered != 0) uses_buffer(c, view);
  while (view.buffered != 0) {
    const std::uint32_t number = view.buffer[view.buffered_first];
    view.buffered_first = (view.buffered_first + 1) % LaneView::buffer_max;
    --view.buffered;
    if (KeptStore* store = c.weak->find(number); store != nullptr) {
      store->is_buffered = false;
      if (c.watches_steps) c.touches_word(store->address, true);
    }
    if (number == last) return;
  }
}

void drain(Accesses& c) { leave_buffer(c, view_of(c), 0); }

void drain_store(Accesses& c, const KeptStore& store) {
  if (store.is_buffered) leave_buffer(c, c.weak->lanes[entry_of(store.epoch)], store.number);
}

void enter_buffer(Accesses& c, KeptStore& store) {
  LaneView& view = view_of(c);
  if (view.buffered == LaneView::buffer_max) leave_buffer(c, view, view.buffer[view.buffered_first]);
  view.buffer[(view.buffered_first + view.buffered) % LaneView::buffer_max] = store.number;
  ++view.buffered;
  store.is_buffered = true;
  uses_buffer(c, view);
}

}  // namespace rcufarm::sim
