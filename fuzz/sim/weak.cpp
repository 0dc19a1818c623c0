// Accesses under weak memory.
//
// Job: perform() where the model is not sc: ask which store a load reads and where a store goes, keep clocks and messages. See
// weak.h for what is kept. What the kernel's model demands beyond C++'s, and how it is met without tracking dependencies
// through registers (each is stronger than the model, never weaker):
// - every load is ordered before the later stores of its CPU, so a store's message has those of all loads before it;
// - a load that overtakes an earlier one may not also overtake a store between them: `issued`;
// - an access through a pointer sees what the load of the pointer brought: `pointers`;
// - stores reach all other CPUs at once (multi-copy atomicity), as on arm64.
#include "sim/weak.h"

#include <algorithm>

#include "sim/perform.h"
#include "sim/weak_edges.h"

namespace rcufarm::sim {

using kernel::Order;

namespace {

// ---- clocks ----------------------------------------------------------------------------------------------------------

bool is_known(const Core& c, const std::uint32_t* clock, const KeptStore& store) {
  if (is_before(store.epoch, clock)) return true;
  if (store.readers == 0) return false;
  const std::uint32_t* readers = c.clocks.at(store.readers);
  for (unsigned lane = 0; lane < c.clocks.width(); ++lane) {
    if (readers[lane] != 0 && readers[lane] <= clock[lane]) return true;
  }
  return false;
}

LaneView& view_of(Core& c) { return c.weak->lanes[c.current->lane->number]; }

bool is_mine(const Core& c, const KeptStore& store) { return lane_of(store.epoch) == c.current->lane->number; }

ClockHandle copy_of(Core& c, const std::uint32_t* clock) {
  const ClockHandle handle = c.make_clock();
  c.clocks.copy(c.clocks.at(handle), clock);
  return handle;
}

// A clock that has both; either may be none. Clocks that are given out do not change, so one may be the other.
ClockHandle joined(Core& c, ClockHandle a, ClockHandle b) {
  if (a == 0 || b == 0 || a == b) return a | b;
  const ClockHandle both = copy_of(c, c.clocks.at(a));
  c.clocks.join(c.clocks.at(both), c.clocks.at(b));
  return both;
}

// ---- tso -------------------------------------------------------------------------------------------------------------

// The oldest stores of the buffer reach memory, up to this one.
void leave_buffer(Core& c, LaneView& view, std::uint32_t last) {
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

void drain(Core& c) { leave_buffer(c, view_of(c), 0); }

void drain_store(Core& c, const KeptStore& store) {
  if (store.is_buffered) leave_buffer(c, c.weak->lanes[lane_of(store.epoch)], store.number);
}

void enter_buffer(Core& c, KeptStore& store) {
  LaneView& view = view_of(c);
  if (view.buffered == LaneView::buffer_max) leave_buffer(c, view, view.buffer[view.buffered_first]);
  view.buffer[(view.buffered_first + view.buffered) % LaneView::buffer_max] = store.number;
  ++view.buffered;
  store.is_buffered = true;
  c.uses(Resources::buffers());
}

// ---- what is known ---------------------------------------------------------------------------------------------------

// May a load of the current context pass this store over? `through`: what came with the pointer that led to it.
bool load_may_miss(Core& c, const KeptStore& store, Order order, ClockHandle through) {
  switch (c.settings.model) {
    case MemoryModel::sc: return false;
    case MemoryModel::tso: return store.is_buffered && !is_mine(c, store);
    case MemoryModel::c11:
      if (is_known(c, c.clock(), store)) return false;
      return order != Order::seq_cst || c.weak->fences == 0 || !is_known(c, c.clocks.at(c.weak->fences), store);
    case MemoryModel::kernel:
      if (is_known(c, c.clock(), store) || is_known(c, view_of(c).issued, store)) return false;
      return through == 0 || !is_known(c, c.clocks.at(through), store);
  }
  return false;
}

// May a store of the current context, or a free, take its place before this one?
bool store_may_precede(Core& c, const KeptStore& store, Order order) {
  switch (c.settings.model) {
    case MemoryModel::sc: return false;
    case MemoryModel::tso: return store.is_buffered && !is_mine(c, store);
    case MemoryModel::c11:
      if (is_known(c, c.clock(), store)) return false;
      return order != Order::seq_cst || c.weak->fences == 0 || !is_known(c, c.clocks.at(c.weak->fences), store);
    case MemoryModel::kernel: return !is_known(c, c.clock(), store) && !is_known(c, view_of(c).loaded, store);
  }
  return false;
}

bool is_of(const KeptStore& store, const Access& a) { return store.address == a.address && store.bytes == a.bytes; }

struct Stores {
  std::array<KeptStore*, Weak::older_max + 1> at{};
  unsigned count = 0;
};

// The stores that a load may read, the newest first. A read-modify-write must be able to take the place behind its store.
Stores readable(Core& c, const Access& a, KeptStore* newest, bool modifies, ClockHandle through) {
  Stores stores;
  if (newest == nullptr) return stores;
  stores.at[stores.count++] = newest;
  if (a.is_newest || !is_of(*newest, a)) return stores;
  // Of a full barrier that fails nothing is one, and that it succeeds is known of the newest only.
  const bool only_failures =
      a.effect == Effect::compare_exchange && a.order == Order::seq_cst && c.settings.model == MemoryModel::kernel;
  if (only_failures && newest->value == a.expected) return stores;
  for (KeptStore* newer = newest; stores.count <= Weak::older_max;) {
    KeptStore* older = c.weak->find(newer->previous);
    if (older == nullptr || !is_of(*older, a) || !load_may_miss(c, *newer, a.order, through)) break;
    if (modifies && !store_may_precede(c, *newer, a.order)) break;
    const bool succeeds = modifies && (a.effect != Effect::compare_exchange || older->value == a.expected);
    if (!(succeeds && (newer->is_modification || only_failures))) stores.at[stores.count++] = older;
    newer = older;
    if (stores.count == stores.at.size()) break;
  }
  return stores;
}

// The stores that a store may take its place before, the newest first; [0] is none: it goes behind all.
Stores passable(Core& c, const Access& a, KeptStore* newest) {
  Stores stores;
  stores.at[stores.count++] = nullptr;
  if (a.is_newest || newest == nullptr) return stores;
  for (KeptStore* next = newest; stores.count <= Weak::older_max;) {
    KeptStore* before = c.weak->find(next->previous);
    if (before == nullptr || !is_of(*next, a) || !store_may_precede(c, *next, a.order)) break;
    if (!next->is_modification) stores.at[stores.count++] = next;
    next = before;
    if (stores.count == stores.at.size()) break;
  }
  // Under tso those of one buffer are passed as one.
  if (c.settings.model == MemoryModel::tso && stores.count > 2) {
    stores.at[1] = stores.at[stores.count - 1];
    stores.count = 2;
  }
  return stores;
}

// ---- pointers (kernel) -----------------------------------------------------------------------------------------------

// The slot that an object begins in, from 1; 0: no object's address.
std::uint32_t slot_behind(const Core& c, const void* address) {
  const std::size_t offset = c.memory.offset_of(address);
  if (offset >= arena_bytes) return 0;
  const Slot& slot = c.memory.slot_at(offset);
  return slot.object == 0 ? 0 : c.memory.object(slot.object).slot + 1;
}

ClockHandle brought_by_pointer(Core& c, const void* address) {
  if (c.settings.model != MemoryModel::kernel) return 0;
  const std::uint32_t slot = slot_behind(c, address);
  const LaneView::Pointer& entry = view_of(c).pointers[slot % LaneView::pointers_kept];
  return slot != 0 && entry.slot == slot ? entry.message : 0;
}

void note_pointer(Core& c, Word value, ClockHandle message) {
  if (message == 0) return;
  const std::uint32_t slot = slot_behind(c, reinterpret_cast<const void*>(value));
  if (slot == 0) return;
  LaneView::Pointer& entry = view_of(c).pointers[slot % LaneView::pointers_kept];
  if (entry.slot != slot) {
    // What is forgotten is ordered for all, so that no dependency is lost.
    if (entry.slot != 0) c.clocks.join(c.clock(), c.clocks.at(entry.message));
    entry = {slot, 0};
  }
  entry.message = joined(c, entry.message, message);
}

// ---- edges -----------------------------------------------------------------------------------------------------------

// The current context has read the store.
void take_message(Core& c, const Access& a, KeptStore& store, Word value, ClockHandle through) {
  LaneView& view = view_of(c);
  if (!is_mine(c, store) && store.epoch != 0) {
    if (store.readers == 0) store.readers = c.make_clock();
    std::uint32_t& first = c.clocks.at(store.readers)[c.current->lane->number];
    if (first == 0) first = c.clock()[c.current->lane->number];
  }
  if (c.settings.model == MemoryModel::tso) return drain_store(c, store);
  const bool kernel = c.settings.model == MemoryModel::kernel;
  if (store.message != 0) {
    const std::uint32_t* message = c.clocks.at(store.message);
    if (acquires(a.order)) c.clocks.join(c.clock(), message);
    if (kernel || !acquires(a.order)) {
      c.clocks.join(view.loaded, message);
      view.relaxed = 0;
    }
  }
  if (kernel && a.bytes == sizeof(Word)) note_pointer(c, value, joined(c, store.message, through));
}

// What a load of the current context's store brings.
ClockHandle message_for(Core& c, Order order) {
  LaneView& view = view_of(c);
  if (c.settings.model == MemoryModel::tso) return 0;
  const bool kernel = c.settings.model == MemoryModel::kernel;
  if (releases(order)) {
    const ClockHandle message = copy_of(c, c.clock());
    if (kernel) c.clocks.join(c.clocks.at(message), view.loaded);
    c.advance();
    return message;
  }
  if (!kernel) return view.fenced;
  if (view.relaxed == 0) {
    view.relaxed = copy_of(c, view.loaded);
    if (view.fenced != 0) c.clocks.join(c.clocks.at(view.relaxed), c.clocks.at(view.fenced));
  }
  return view.relaxed;
}

// The word's first store of this life follows what was there before: known to all.
KeptStore& first_store(Core& c, const Access& a, Shadow& shadow, Word value) {
  KeptStore& first = c.weak->add();
  first.value = value;
  first.address = a.address;
  first.bytes = static_cast<std::uint8_t>(a.bytes);
  shadow.store = first.number;
  return first;
}

void announce(Core& c, const Announced& announced) {
  check(c.weak->announced_count < Weak::announced_max, "a range of more words than announced_max");
  c.weak->announced[c.weak->announced_count++] = announced;
}

void read_from_pair(Core& c, const KeptStore* store, SiteNumber site) {
  c.count_reads_from(store != nullptr ? store->site : SiteNumber{0}, site);
}

// `before`: the store that it takes its place before; null: it goes behind all.
KeptStore& make_store(Core& c, const Access& a, Shadow& shadow, KeptStore* before, Word value, ClockHandle message) {
  KeptStore& store = c.weak->add();
  store.value = value;
  store.address = a.address;
  store.bytes = static_cast<std::uint8_t>(a.bytes);
  store.step = c.steps;
  store.epoch = c.epoch();
  store.message = message;
  store.site = a.site;
  store.context = c.current->id;
  store.op = a.op;
  if (before == nullptr) {
    store.previous = shadow.store;
    shadow.store = store.number;
  } else {
    store.previous = before->previous;
    before->previous = store.number;
  }
  return store;
}

}  // namespace

// ---- entries ---------------------------------------------------------------------------------------------------------

void settle_announced(Core& c) {
  Weak& weak = *c.weak;
  for (unsigned i = 0; i < weak.announced_count; ++i) {
    const Announced& done = weak.announced[i];
    if (KeptStore* store = weak.find(done.store); store != nullptr) store->value = value_at(done.address, done.bytes);
    if (done.restores) put_value(done.address, done.bytes, done.newest);
  }
  weak.announced_count = 0;
}

Performed perform_weak(Core& c, const Access& a) {
  settle_announced(c);
  const MemoryModel model = c.settings.model;
  const bool modifies = sim::modifies(a.effect);
  const bool reads = sim::reads(a.effect);
  Shadow& shadow = place_of(c, a.address, a.bytes);
  const Word newest_value = value_at(a.address, a.bytes);
  const bool may_succeed = a.effect != Effect::compare_exchange || newest_value == a.expected;
  const bool is_full = may_succeed && a.order == Order::seq_cst && model == MemoryModel::kernel;
  if (is_full) fence(c, Fence::full);
  if (model == MemoryModel::tso && (modifies || a.order == Order::seq_cst) && a.effect != Effect::load) drain(c);

  // Which store it reads.
  KeptStore* const newest = c.weak->find(shadow.store);
  const ClockHandle through = brought_by_pointer(c, a.address);
  KeptStore* from = newest;
  unsigned older = 0;
  if (reads) {
    const Stores stores = readable(c, a, newest, modifies, through);
    if (stores.count > 1) older = c.choose(ChoiceKind::load, stores.count);
    if (older != 0) from = stores.at[older];
  }
  const Word old = older == 0 ? newest_value : from->value;
  const bool writes = a.effect == Effect::compare_exchange ? old == a.expected : !reads || modifies;
  const bool stores = writes && a.effect != Effect::mark;
  const AccessInfo info = c.here(a.effect == Effect::compare_exchange && !writes ? Op::atomic_load : a.noted);
  check_races(c, a, shadow, info, writes);
  Shadow* const upper = a.bytes == sizeof(Word) ? c.known_upper_half_of(a.address) : nullptr;
  if (upper != nullptr) [[unlikely]]
    check_races(c, a, *upper, info, writes);
  // Where it goes. A read-modify-write goes right behind what it read.
  KeptStore* before = nullptr;
  unsigned passed = 0;
  if (stores && modifies && older != 0) {
    before = newest;
    while (before->previous != from->number) before = c.weak->find(before->previous);
  } else if (stores && !modifies) {
    const Stores places = passable(c, a, newest);
    if (places.count > 1) passed = c.choose(ChoiceKind::place, places.count);
    before = places.at[passed];
  }
  c.mix(a.op, shadow);
  if (older != 0 || passed != 0) c.mix(std::uint64_t{older} << 8U | passed);
  if (reads) read_from_pair(c, from, a.site);
  const std::uint32_t read = reads && from != nullptr ? from->number : 0;
  const ClockHandle brought = modifies && from != nullptr ? from->message : 0;
  if (reads && from != nullptr) take_message(c, a, *from, old, through);

  std::uint32_t made = 0;
  Word value = old;
  if (stores) {
    value = a.effect == Effect::add ? old + a.operand : a.operand;
    if (newest == nullptr) first_store(c, a, shadow, newest_value);
    if (model == MemoryModel::tso) {
      // It leaves the buffer at once where it comes before another CPU's; that one's leaves it first where it comes after.
      if (before != nullptr) drain(c);
      if (before == nullptr && newest != nullptr && !is_mine(c, *newest)) drain_store(c, *newest);
    }
    // A release sequence goes on through a read-modify-write.
    const Order order = a.is_plain ? Order::relaxed : a.order;
    KeptStore& store =
        make_store(c, a, shadow, before, value, joined(c, message_for(c, order), a.is_plain ? 0 : brought));
    store.is_modification = modifies;
    made = store.number;
    if (upper != nullptr) [[unlikely]]
      upper->store = made;
    if (model == MemoryModel::tso && before == nullptr && !modifies && a.order != Order::seq_cst)
      enter_buffer(c, store);
    if (model == MemoryModel::kernel) c.clocks.join(view_of(c).issued, view_of(c).loaded);
    // seq_cst: loads and fences of its order that come later see it.
    if (a.order == Order::seq_cst && !is_full) hand_on_to_fences(c);
    if (a.effect == Effect::announced_store) {
      announce(c, {const_cast<void*>(a.address), a.bytes, made, before != nullptr, newest_value});
    } else if (before == nullptr) {
      put_value(const_cast<void*>(a.address), a.bytes, value);
    }
  }
  if (a.effect == Effect::announced_load && older != 0) {
    announce(c, {const_cast<void*>(a.address), a.bytes, 0, true, newest_value});
    put_value(const_cast<void*>(a.address), a.bytes, old);
  }
  if (is_full) fence(c, Fence::full);
  if (c.tracing) [[unlikely]]
    trace(c, a, value, old,
          {.read = read,
           .made = made,
           .missed = older != 0 ? newest->number : 0,
           .before = before != nullptr ? before->number : 0});
  return {old, stores};
}

void fence(Core& c, Fence kind) {
  const MemoryModel model = c.settings.model;
  if (model == MemoryModel::sc) return;
  settle_announced(c);
  if (model == MemoryModel::tso) {
    if (kind == Fence::full) drain(c);
    return;
  }
  LaneView& view = view_of(c);
  if (kind == Fence::full || kind == Fence::read || kind == Fence::acquire) c.clocks.join(c.clock(), view.loaded);
  if (kind == Fence::full) hand_on_to_fences(c, true);
  if (kind == Fence::full || kind == Fence::write || kind == Fence::release) {
    view.fenced = copy_of(c, c.clock());
    view.relaxed = 0;
    c.advance();
  }
}

void hand_on_to_fences(Core& c, bool takes_over) {
  c.uses(Resources::fences());
  ClockHandle& fences = c.weak->fences;
  if (fences == 0) fences = c.make_clock();
  if (takes_over) c.clocks.join(c.clock(), c.clocks.at(fences));
  c.clocks.join(c.clocks.at(fences), c.clock());
  c.advance();
}

void before_handing_on(Core& c) {
  switch (c.settings.model) {
    case MemoryModel::sc:
    case MemoryModel::c11: return;
    case MemoryModel::tso: return drain(c);
    case MemoryModel::kernel: c.clocks.join(c.clock(), view_of(c).loaded);
  }
}

void after_taking_over(Core& c, ClockHandle handle) {
  if (c.settings.model != MemoryModel::kernel || handle == 0) return;
  LaneView& view = view_of(c);
  view.fenced = joined(c, view.fenced, handle);
  view.relaxed = 0;
}

// In the kernel a lock that follows an unlock on its CPU orders all but stores before loads.
void lock_orders(Core& c) {
  if (c.settings.model != MemoryModel::kernel) return;
  fence(c, Fence::read);
  fence(c, Fence::write);
}

// Another task goes on on the CPU: in between the kernel has been at work, and that is a full barrier.
void switch_task(Core& c, Lane& lane) {
  Weak& weak = *c.weak;
  if (c.settings.model == MemoryModel::tso) leave_buffer(c, weak.lanes[lane.number], 0);
  if (c.settings.model == MemoryModel::kernel) c.clocks.join(lane.clock, weak.lanes[lane.number].loaded);
}

void join_loaded(Core& c, std::uint32_t* clock) {
  if (c.settings.model == MemoryModel::kernel) c.clocks.join(clock, view_of(c).loaded);
}

void drain_all(Core& c) {
  if (c.settings.model != MemoryModel::tso) return;
  c.uses(Resources::fences());
  for (unsigned i = 0; i < c.lane_count; ++i) leave_buffer(c, c.weak->lanes[i], 0);
}

// The free is a store to all of the object. One that takes its place before another's store is a use after free.
void check_free_comes_last(Core& c, const ObjectRecord& object, Op op) {
  settle_announced(c);
  const KeptStore* late = nullptr;
  for (std::uint32_t i = 0; i < object.slots; ++i) {
    const std::size_t base = (object.slot + i) * object_bytes_backed;
    for (unsigned left = c.memory.slot_at(base).touched; left != 0; left &= left - 1) {
      const std::size_t offset = base + static_cast<unsigned>(__builtin_ctz(left)) * sizeof(Word);
      const KeptStore* store = c.weak->find(c.memory.shadow_at(offset).store);
      if (store == nullptr || !store_may_precede(c, *store, Order::relaxed)) continue;
      if (late == nullptr || store->number > late->number) late = store;
    }
  }
  if (late == nullptr) return;
  if (c.choose(ChoiceKind::place, 2) == 0) {
    // It has come by now, and everybody knows.
    return drain_store(c, *late);
  }
  Party second = c.party(info_of(late->site, late->context, late->op));
  second.step = late->step;
  c.accuse(ViolationKind::use_after_free, c.party_here(op), second, late->address,
           "the store reaches memory after the free");
}

void begin_weak(Core& c) {
  Weak& weak = *c.weak;
  weak.count = 0;
  weak.fences = 0;
  weak.announced_count = 0;
  for (unsigned i = 0; i < c.lane_count; ++i) {
    LaneView& view = weak.lanes[i];
    view.loaded = c.clocks.at(c.make_clock());
    view.issued = c.clocks.at(c.make_clock());
    view.fenced = view.relaxed = 0;
    view.pointers.fill({});
    view.buffered = view.buffered_first = 0;
  }
}

}  // namespace rcufarm::sim
