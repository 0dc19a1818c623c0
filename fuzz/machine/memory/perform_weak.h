// One access to a word under weak memory.
//
// Job: perform() where the model is not sc: ask which store a load reads and where a store goes, keep clocks and messages. See
// weak.h for what is kept; perform.h for why it is inline. What the kernel's model demands beyond C++'s, and how it is met without
// tracking dependencies through registers (each is stronger than the model, never weaker):
// - every load is ordered before the later stores of its CPU, so a store's message has those of all loads before it;
// - a load that overtakes an earlier one may not also overtake a store between them: `issued`;
// - an access through a pointer sees what the load of the pointer brought: `pointers`;
// - stores reach all other CPUs at once (multi-copy atomicity), as on arm64.
#pragma once

#include <array>

#include "machine/memory/perform.h"
#include "machine/memory/weak.h"
#include "machine/memory/weak_edges.h"
#include "machine/memory/weak_known.h"

namespace rcufarm::sim {

// perform_weak.cpp
void note_pointer(Accesses& c, Word value, ClockHandle message);
void announce(Accesses& c, const Announced& announced);
// The slot that an object begins in, from 1; 0: no object's address.
std::uint32_t slot_behind(const Accesses& c, const void* address);

[[gnu::always_inline]] inline bool is_of(const KeptStore& store, const Access& a) {
  return store.address == a.address && store.bytes == a.bytes;
}

struct Stores {
  explicit Stores(KeptStore* first) { at[0] = first; }

  std::array<KeptStore*, Weak::older_max + 1> at;  // so many of them mean something
  unsigned count = 1;
};

// Has the newest store of the word one before it, which an access can have to do with? Of most words it has not, or everybody has
// seen it: then there is nothing to list.
[[gnu::always_inline]] inline bool has_older(const Access& a, const KeptStore* newest) {
  return newest != nullptr && newest->previous != 0 && !a.is_newest && is_of(*newest, a);
}

// The stores that a load may read, the newest first, which it may miss. A read-modify-write must be able to take the place behind
// its store.
template <MemoryModel model>
[[gnu::always_inline]] inline Stores readable(Accesses& c, const Lane& lane, const Access& a, KeptStore* newest,
                                              ClockHandle through) {
  Stores stores(newest);
  // Of a full barrier that fails nothing is one, and that it succeeds is known of the newest only.
  const bool only_failures =
      a.effect == Effect::compare_exchange && a.order == kernel::Order::seq_cst && model == MemoryModel::kernel;
  if (only_failures && newest->value == a.expected) return stores;
  KeptStore* newer = newest;
  unsigned count = 1;
  do {
    KeptStore* const older = c.weak->find(newer->previous);
    if (older == nullptr || !is_of(*older, a)) break;
    // Where a load and a store may do the same, that is known already.
    if (model == MemoryModel::kernel && modifies(a.effect) && !store_may_precede<model>(c, lane, *newer, a.order))
      break;
    const bool succeeds = modifies(a.effect) && (a.effect != Effect::compare_exchange || older->value == a.expected);
    if (!(succeeds && (newer->is_modification || only_failures))) stores.at[count++] = older;
    newer = older;
  } while (count != stores.at.size() && load_may_miss<model>(c, lane, *newer, a.order, through));
  stores.count = count;
  return stores;
}

// The stores that a store may take its place before, the newest first, which is one; [0] is none: it goes behind all.
template <MemoryModel model>
[[gnu::always_inline]] inline Stores passable(Accesses& c, const Lane& lane, const Access& a, KeptStore* newest) {
  Stores stores(nullptr);
  KeptStore* next = newest;
  unsigned count = 1;
  do {
    KeptStore* const before = c.weak->find(next->previous);
    if (before == nullptr) break;
    if (!next->is_modification) stores.at[count++] = next;
    next = before;
  } while (count != stores.at.size() && is_of(*next, a) && store_may_precede<model>(c, lane, *next, a.order));
  stores.count = count;
  // Under tso those of one buffer are passed as one.
  if (model == MemoryModel::tso && stores.count > 2) {
    stores.at[1] = stores.at[stores.count - 1];
    stores.count = 2;
  }
  return stores;
}

// ---- pointers (kernel) -----------------------------------------------------------------------------------------------

template <MemoryModel model>
ClockHandle brought_by_pointer(Accesses& c, const Lane& lane, const void* address) {
  if (model != MemoryModel::kernel) return 0;
  const std::uint32_t slot = slot_behind(c, address);
  const LaneView::Pointer& entry = view_of(c, lane).pointers[slot % LaneView::pointers_kept];
  return slot != 0 && entry.slot == slot ? entry.message : 0;
}

// ---- edges -----------------------------------------------------------------------------------------------------------

// The current context has read the store.
template <MemoryModel model>
[[gnu::always_inline]] inline void take_message(Accesses& c, const Lane& lane, const Access& a, KeptStore& store,
                                                Word value, ClockHandle through) {
  if (!is_of(store, lane) && store.epoch != 0) {
    if (store.reader == 0) {
      store.reader = lane.epoch;
    } else if (entry_of(store.reader) != entry_of(lane.epoch)) {
      note_further_reader(c, store);
    }
  }
  if (model == MemoryModel::tso) return drain_store(c, store);
  constexpr bool is_kernel = model == MemoryModel::kernel;
  if (store.message != 0) {
    const std::uint32_t* message = c.clocks.at(store.message);
    if (acquires(a.order)) c.clocks.join(lane.clock, message);
    if (is_kernel || !acquires(a.order)) {
      LaneView& view = view_of(c, lane);
      gather(c, view.loaded, message);
      view.relaxed = 0;
    }
  }
  if (is_kernel && a.bytes == sizeof(Word)) note_pointer(c, value, joined(c, store.message, through));
}

// What a load of the current context's store brings. `brought`: what the read-modify-write that stores has read brought, with
// which a release sequence goes on; what acquired it has it in its clock.
template <MemoryModel model>
[[gnu::always_inline]] inline ClockHandle message_for(Accesses& c, Lane& lane, kernel::Order order,
                                                      ClockHandle brought) {
  if (model == MemoryModel::tso) return 0;
  constexpr bool is_kernel = model == MemoryModel::kernel;
  LaneView& view = view_of(c, lane);
  if (releases(order)) {
    const ClockHandle message = c.make_copy(lane.clock);
    if (brought != 0 && !acquires(order)) c.clocks.join(c.clocks.at(message), c.clocks.at(brought));
    if (is_kernel) c.clocks.join(c.clocks.at(message), c.clocks.at(view.loaded));
    c.advance(lane);
    return message;
  }
  if (!is_kernel) return joined(c, view.fenced, brought);
  if (view.relaxed == 0) {
    view.relaxed = c.make_copy(c.clocks.at(view.loaded));
    if (view.fenced != 0) c.clocks.join(c.clocks.at(view.relaxed), c.clocks.at(view.fenced));
  }
  return joined(c, view.relaxed, brought);
}

// The word's first store of this life follows what was there before: known to all.
[[gnu::always_inline]] inline void first_store(Weak& weak, const Access& a, Shadow& shadow, Word value) {
  KeptStore& first = weak.add();
  first = {.value = value, .address = a.address, .number = weak.count, .bytes = static_cast<std::uint8_t>(a.bytes)};
  shadow.store = weak.count;
}

template <bool is_unwatched>
[[gnu::always_inline]] inline void read_from_pair(Accesses& c, const KeptStore* store, SiteNumber site) {
  c.count_reads_from<is_unwatched>(store != nullptr ? site_of(store->made) : SiteNumber{0}, site);
}

// `before`: the store that it takes its place before; null: it goes behind all.
[[gnu::always_inline]] inline KeptStore& make_store(Accesses& c, const Context& self, const Lane& lane, const Access& a,
                                                    Shadow& shadow, KeptStore* before, Word value,
                                                    ClockHandle message) {
  Weak& weak = *c.weak;
  KeptStore& store = weak.add();
  std::uint32_t& link = before == nullptr ? shadow.store : before->previous;
  store = {.value = value,
           .address = a.address,
           .step = c.steps,
           .number = weak.count,
           .previous = link,
           .epoch = lane.epoch,
           .message = message,
           .made = info_of(self.site, self.id, a.op),
           .bytes = static_cast<std::uint8_t>(a.bytes),
           .is_modification = modifies(a.effect)};
  link = weak.count;
  return store;
}

// `is_unwatched`: as the machine says of itself; of a whole word.
template <MemoryModel model, bool is_unwatched = false>
[[gnu::always_inline]] inline Performed perform_under(Accesses& c, const Access& a) {
  const Context& self = *c.current;
  Lane& lane = *self.lane;
  Weak& weak = *c.weak;
  if (!a.goes_on) settle_announced(c);
  const bool modifies = sim::modifies(a.effect);
  const bool reads = sim::reads(a.effect);
  Shadow* const live = is_unwatched ? live_place(c, a.address) : nullptr;
  Shadow& shadow = live != nullptr ? *live : place_of(c, a.address, a.bytes);
  const Word newest_value = value_at(a.address, a.bytes);
  const bool may_succeed = a.effect != Effect::compare_exchange || newest_value == a.expected;
  const bool is_full = may_succeed && a.order == kernel::Order::seq_cst && model == MemoryModel::kernel;
  if (is_full) fence(c, Fence::full);
  if (model == MemoryModel::tso && (modifies || a.order == kernel::Order::seq_cst) && a.effect != Effect::load)
    drain(c);

  // What the code itself loads or stores is put right behind it. Of a long range not all of it can be: that is at the word's newest.
  const bool is_put_right = !a.goes_on || weak.announced_count < Weak::announced_max;
  // Which store it reads.
  KeptStore* const newest = weak.find(shadow.store);
  const ClockHandle through = brought_by_pointer<model>(c, lane, a.address);
  KeptStore* from = newest;
  unsigned older = 0;
  if (reads && is_put_right && has_older(a, newest) && load_may_miss<model>(c, lane, *newest, a.order, through)) {
    const Stores stores = readable<model>(c, lane, a, newest, through);
    if (stores.count > 1) older = c.choose(ChoiceKind::load, stores.count);
    if (older != 0) from = stores.at[older];
  }
  const Word old = older == 0 ? newest_value : from->value;
  const bool writes = a.effect == Effect::compare_exchange ? old == a.expected : !reads || modifies;
  const bool stores = writes && a.effect != Effect::mark;
  const Op noted = a.effect == Effect::compare_exchange && !writes ? Op::atomic_load : a.noted;
  const AccessInfo info = info_of(self.site, self.id, noted);
  check_races<is_unwatched>(c, lane, a.address, a.is_plain, shadow, info, writes);
  Shadow* const upper = !is_unwatched && a.bytes == sizeof(Word) ? c.known_upper_half_of(a.address) : nullptr;
  if (upper != nullptr) [[unlikely]]
    check_races(c, lane, a.address, a.is_plain, *upper, info, writes);
  // Where it goes. A read-modify-write goes right behind what it read.
  KeptStore* before = nullptr;
  unsigned passed = 0;
  if (stores && modifies && older != 0) {
    before = newest;
    while (before->previous != from->number) before = weak.find(before->previous);
  } else if (stores && !modifies && is_put_right && has_older(a, newest) &&
             store_may_precede<model>(c, lane, *newest, a.order)) {
    const Stores places = passable<model>(c, lane, a, newest);
    if (places.count > 1) passed = c.choose(ChoiceKind::place, places.count);
    before = places.at[passed];
  }
  c.mix(self, a.op, shadow);
  if (older != 0 || passed != 0) c.mix(std::uint64_t{older} << 8U | passed);
  if (reads) read_from_pair<is_unwatched>(c, from, a.site);
  const std::uint32_t read = reads && from != nullptr ? from->number : 0;
  const ClockHandle brought = modifies && from != nullptr ? from->message : 0;
  if (reads && from != nullptr) take_message<model>(c, lane, a, *from, old, through);

  std::uint32_t made = 0;
  Word value = old;
  if (stores) {
    value = a.effect == Effect::add ? old + a.operand : a.operand;
    if (newest == nullptr) first_store(weak, a, shadow, newest_value);
    if (model == MemoryModel::tso) {
      // It leaves the buffer at once where it comes before another CPU's; that one's leaves it first where it comes after.
      if (before != nullptr) drain(c);
      if (before == nullptr && newest != nullptr && !is_of(*newest, lane)) drain_store(c, *newest);
    }
    // A release sequence goes on through a read-modify-write.
    const kernel::Order order = a.is_plain ? kernel::Order::relaxed : a.order;
    const ClockHandle message = message_for<model>(c, lane, order, a.is_plain ? 0 : brought);
    KeptStore& store = make_store(c, self, lane, a, shadow, before, value, message);
    made = weak.count;
    if (upper != nullptr) [[unlikely]]
      upper->store = made;
    if (model == MemoryModel::tso && before == nullptr && !modifies && a.order != kernel::Order::seq_cst)
      enter_buffer(c, store);
    if (model == MemoryModel::kernel) {
      const LaneView& view = view_of(c, lane);
      c.clocks.join(c.clocks.at(view.issued), c.clocks.at(view.loaded));
    }
    // seq_cst: loads and fences of its order that come later see it.
    if (a.order == kernel::Order::seq_cst && !is_full) hand_on_to_fences(c);
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
  if (!is_unwatched && c.tracing) [[unlikely]]
    trace(c, a, value, old,
          {.read = read,
           .made = made,
           .missed = older != 0 ? newest->number : 0,
           .before = before != nullptr ? before->number : 0});
  return {old, stores};
}

}  // namespace rcufarm::sim
