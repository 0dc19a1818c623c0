// Job: see weak_edges.h.
#include "machine/memory/weak_edges.h"

#include "machine/memory/perform.h"
#include "machine/memory/weak_known.h"

namespace rcufarm::sim {

using kernel::Order;

void settle_all_announced(Accesses& c) {
  Weak& weak = *c.weak;
  for (unsigned i = 0; i < weak.announced_count; ++i) {
    const Announced& done = weak.announced[i];
    if (KeptStore* store = weak.find(done.store); store != nullptr) store->value = value_at(done.address, done.bytes);
    if (done.restores) put_value(done.address, done.bytes, done.newest);
  }
  weak.announced_count = 0;
}

void fence(Accesses& c, Fence kind) {
  const MemoryModel model = c.settings.model;
  if (model == MemoryModel::sc) return;
  settle_announced(c);
  if (model == MemoryModel::tso) {
    if (kind == Fence::full) drain(c);
    return;
  }
  LaneView& view = view_of(c);
  if (kind == Fence::full || kind == Fence::read || kind == Fence::acquire) {
    if (view.loaded != 0) c.clocks.join(c.clock(), c.clocks.at(view.loaded));
  }
  if (kind == Fence::full) hand_on_to_fences(c, true);
  if (kind == Fence::full || kind == Fence::write || kind == Fence::release) {
    view.fenced = c.make_copy(c.clock());
    view.relaxed = 0;
    c.advance();
  }
}

void hand_on_to_fences(Accesses& c, bool takes_over) {
  c.uses(Resources::fences());
  ClockHandle& fences = c.weak->fences;
  if (takes_over && fences != 0) c.clocks.join(c.clock(), c.clocks.at(fences));
  gather(c, fences, c.clock());
  c.advance();
}

void before_handing_on(Accesses& c) {
  switch (c.settings.model) {
    case MemoryModel::sc:
    case MemoryModel::c11: return;
    case MemoryModel::tso: return drain(c);
    case MemoryModel::kernel: c.clocks.join(c.clock(), c.clocks.at(view_of(c).loaded));
  }
}

void after_taking_over(Accesses& c, ClockHandle handle) {
  if (c.settings.model != MemoryModel::kernel || handle == 0) return;
  LaneView& view = view_of(c);
  view.fenced = joined(c, view.fenced, handle);
  view.relaxed = 0;
}

// In the kernel a lock that follows an unlock on its CPU orders all but stores before loads.
void lock_orders(Accesses& c) {
  if (c.settings.model != MemoryModel::kernel) return;
  fence(c, Fence::read);
  fence(c, Fence::write);
}

// Another task goes on on the CPU: in between the kernel has been at work, and that is a full barrier.
void switch_task(Accesses& c, Lane& lane) {
  Weak& weak = *c.weak;
  if (c.settings.model == MemoryModel::tso) leave_buffer(c, weak.lanes[entry_of(lane.epoch)], 0);
  if (c.settings.model == MemoryModel::kernel) {
    c.clocks.join(lane.clock, c.clocks.at(weak.lanes[entry_of(lane.epoch)].loaded));
  }
}

void join_loaded(Accesses& c, std::uint32_t* clock) {
  if (c.settings.model == MemoryModel::kernel) c.clocks.join(clock, c.clocks.at(view_of(c).loaded));
}

void drain_all(Accesses& c) {
  if (c.settings.model != MemoryModel::tso) return;
  c.uses(Resources::fences());
  c.for_each_lane([&c](const Lane& lane) { leave_buffer(c, c.weak->lanes[entry_of(lane.epoch)], 0); });
}

static bool may_be_late(Accesses& c, const KeptStore& store) {
  return under_model(
      c, [&]<MemoryModel model>() { return store_may_precede<model>(c, *c.current->lane, store, Order::relaxed); });
}

// The free is a store to all of the object. One that takes its place before another's store is a use after free.
void check_free_comes_last(Accesses& c, const ObjectRecord& object, Op op) {
  settle_announced(c);
  const KeptStore* late = nullptr;
  const std::uint32_t serial = c.memory.slot_at(object.slot * object_bytes_backed).object;
  c.memory.for_each_slot(serial, [&](std::size_t base) {
    for (unsigned left = c.memory.slot_at(base).touched; left != 0; left &= left - 1) {
      const std::size_t offset = base + static_cast<unsigned>(__builtin_ctz(left)) * sizeof(Word);
      const KeptStore* store = c.weak->find(c.memory.shadow_at(offset).store);
      if (store == nullptr || !may_be_late(c, *store)) continue;
      if (late == nullptr || store->number > late->number) late = store;
    }
  });
  if (late == nullptr) return;
  if (c.choose(ChoiceKind::place, 2) == 0) {
    // It has come by now, and everybody knows.
    return drain_store(c, *late);
  }
  Party second = c.party(late->made);
  second.step = late->step;
  c.accuse(ViolationKind::use_after_free, c.party_here(op), second, late->address,
           "the store reaches memory after the free");
}

void begin_weak(Accesses& c) {
  Weak& weak = *c.weak;
  weak.count = 0;
  weak.fences = 0;
  weak.announced_count = 0;
}

void begin_weak(Accesses& c, const Lane& lane) {
  LaneView& view = c.weak->lanes[entry_of(lane.epoch)];
  view.lane = &lane;
  view.loaded = view.issued = view.fenced = view.relaxed = 0;
  if (c.settings.model == MemoryModel::kernel) {
    view.loaded = c.make_clock();
    view.issued = c.make_clock();
  }
  if (view.has_pointers) view.pointers.fill({});
  view.has_pointers = false;
  view.buffered = view.buffered_first = 0;
}

}  // namespace rcufarm::sim
