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

inline bool is_of(const KeptStore& store, const Access& a) {
  return store.address == a.address && store.bytes == a.bytes;
}

struct Stores {
  explicit Stores(KeptStore* first) { at[0] = first; }

  std::array<KeptStore*, Weak::older_max + 1> at;  // so many of them mean something
  unsigned count = 1;
};

// Has the newest store of the word one before it, which an access can have to do with? Of most words it has not, or everybody has
// seen it: then there is nothing to list.
inline bool has_older(const Access& a, const KeptStore* newest) {
  return newest != nullptr && newest->previous != 0 && !a.is_newest && is_of(*newest, a);
}

// The stores that a load may read, the newest first. A read-modify-write must be able to take the place behind its store.
template <MemoryModel model>
Stores readable(Accesses& c, const Access& a, KeptStore* newest, bool modifies, ClockHandle through) {
  Stores stores(newest);
  // Of a full barrier that fails nothing is one, and that it succeeds is known of the newest only.
  const bool only_failures =
      a.effect == Effect::compare_exchange && a.order == kernel::Order::seq_cst && model == MemoryModel::kernel;
  if (only_failures && newest->value == a.expected) return stores;
  for (KeptStore* newer = newest; stores.count <= Weak::older_max;) {
    KeptStore* older = c.weak->find(newer->previous);
    if (older == nullptr || !is_of(*older, a) || !load_may_miss<model>(c, *newer, a.order, through)) break;
    if (modifies && !store_may_precede<model>(c, *newer, a.order)) break;
    const bool succeeds = modifies && (a.effect != Effect::compare_exchange || older->value == a.expected);
    if (!(succeeds && (newer->is_modification || only_failures))) stores.at[stores.count++] = older;
    newer = older;
    if (stores.count == stores.at.size()) break;
  }
  return stores;
}

// The stores that a store may take its place before, the newest first; [0] is none: it goes behind all.
template <MemoryModel model>
Stores passable(Accesses& c, const Access& a, KeptStore* newest) {
  Stores stores(nullptr);
  for (KeptStore* next = newest; stores.count <= Weak::older_max;) {
    KeptStore* before = c.weak->find(next->previous);
    if (before == nullptr || !is_of(*next, a) || !store_may_precede<model>(c, *next, a.order)) break;
    if (!next->is_modification) stores.at[stores.count++] = next;
    next = before;
    if (stores.count == stores.at.size()) break;
  }
  // Under tso those of one buffer are passed as one.
  if (model == MemoryModel::tso && stores.count > 2) {
    stores.at[1] = stores.at[stores.count - 1];
    stores.count = 2;
  }
  return stores;
}

// ---- pointers (kernel) -----------------------------------------------------------------------------------------------

template <MemoryModel model>
ClockHandle brought_by_pointer(Accesses& c, const void* address) {
  if (model != MemoryModel::kernel) return 0;
  const std::uint32_t slot = slot_behind(c, address);
  const LaneView::Pointer& entry = view_of(c).pointers[slot % LaneView::pointers_kept];
  return slot != 0 && entry.slot == slot ? entry.message : 0;
}

// ---- edges -----------------------------------------------------------------------------------------------------------

// The current context has read the store.
template <MemoryModel model>
void take_message(Accesses& c, const Access& a, KeptStore& store, Word value, ClockHandle through) {
  if (!is_mine(c, store) && store.epoch != 0) note_reader(c, store);
  if (model == MemoryModel::tso) return drain_store(c, store);
  constexpr bool is_kernel = model == MemoryModel::kernel;
  if (store.message != 0) {
    const std::uint32_t* message = c.clocks.at(store.message);
    if (acquires(a.order)) c.clocks.join(c.clock(), message);
    if (is_kernel || !acquires(a.order)) {
      LaneView& view = view_of(c);
      gather(c, view.loaded, message);
      view.relaxed = 0;
    }
  }
  if (is_kernel && a.bytes == sizeof(Word)) note_pointer(c, value, joined(c, store.message, through));
}

// What a load of the current context's store brings. `brought`: what the read-modify-write that stores has read brought, with
// which a release sequence goes on; what acquired it has it in its clock.
template <MemoryModel model>
ClockHandle message_for(Accesses& c, kernel::Order order, ClockHandle brought) {
  if (model == MemoryModel::tso) return 0;
  constexpr bool is_kernel = model == MemoryModel::kernel;
  LaneView& view = view_of(c);
  if (releases(order)) {
    const ClockHandle message = c.make_copy(c.clock());
    if (brought != 0 && !acquires(order)) c.clocks.join(c.clocks.at(message), c.clocks.at(brought));
    if (is_kernel) c.clocks.join(c.clocks.at(message), c.clocks.at(view.loaded));
    c.advance();
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
inline void first_store(Accesses& c, const Access& a, Shadow& shadow, Word value) {
  KeptStore& first = c.weak->add();
  first = {.value = value, .address = a.address, .number = c.weak->count, .bytes = static_cast<std::uint8_t>(a.bytes)};
  shadow.store = first.number;
}

inline void read_from_pair(Accesses& c, const KeptStore* store, SiteNumber site) {
  c.count_reads_from(store != nullptr ? site_of(store->made) : SiteNumber{0}, site);
}

// `before`: the store that it takes its place before; null: it goes behind all.
inline KeptStore& make_store(Accesses& c, const Access& a, Shadow& shadow, KeptStore* before, Word value,
                             ClockHandle message) {
  KeptStore& store = c.weak->add();
  const std::uint32_t number = c.weak->count;
  std::uint32_t& link = before == nullptr ? shadow.store : before->previous;
  store = {.value = value,
           .address = a.address,
           .step = c.steps,
           .number = number,
           .previous = link,
           .epoch = c.epoch(),
           .message = message,
           .made = info_of(a.site, c.current->id, a.op),
           .bytes = static_cast<std::uint8_t>(a.bytes),
           .is_modification = modifies(a.effect)};
  link = number;
  return store;
}

template <MemoryModel model>
[[gnu::always_inline]] inline Performed perform_under(Accesses& c, const Access& a, Effect effect) {
  if (!a.goes_on) settle_announced(c);
  const bool modifies = sim::modifies(effect);
  const bool reads = sim::reads(effect);
  Shadow& shadow = place_of(c, a.address, a.bytes);
  const Word newest_value = value_at(a.address, a.bytes);
  const bool may_succeed = effect != Effect::compare_exchange || newest_value == a.expected;
  const bool is_full = may_succeed && a.order == kernel::Order::seq_cst && model == MemoryModel::kernel;
  if (is_full) fence(c, Fence::full);
  if (model == MemoryModel::tso && (modifies || a.order == kernel::Order::seq_cst) && effect != Effect::load) drain(c);

  // What the code itself loads or stores is put right behind it. Of a long range not all of it can be: that is at the word's newest.
  const bool is_put_right = c.weak->announced_count < Weak::announced_max;
  // Which store it reads.
  KeptStore* const newest = c.weak->find(shadow.store);
  const ClockHandle through = brought_by_pointer<model>(c, a.address);
  KeptStore* from = newest;
  unsigned older = 0;
  if (reads && is_put_right && has_older(a, newest) && load_may_miss<model>(c, *newest, a.order, through)) {
    const Stores stores = readable<model>(c, a, newest, modifies, through);
    if (stores.count > 1) older = c.choose(ChoiceKind::load, stores.count);
    if (older != 0) from = stores.at[older];
  }
  const Word old = older == 0 ? newest_value : from->value;
  const bool writes = effect == Effect::compare_exchange ? old == a.expected : !reads || modifies;
  const bool stores = writes && effect != Effect::mark;
  const AccessInfo info = c.here(effect == Effect::compare_exchange && !writes ? Op::atomic_load : a.noted);
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
  } else if (stores && !modifies && is_put_right && has_older(a, newest) &&
             store_may_precede<model>(c, *newest, a.order)) {
    const Stores places = passable<model>(c, a, newest);
    if (places.count > 1) passed = c.choose(ChoiceKind::place, places.count);
    before = places.at[passed];
  }
  c.mix(a.op, shadow);
  if (older != 0 || passed != 0) c.mix(std::uint64_t{older} << 8U | passed);
  if (reads) read_from_pair(c, from, a.site);
  const std::uint32_t read = reads && from != nullptr ? from->number : 0;
  const ClockHandle brought = modifies && from != nullptr ? from->message : 0;
  if (reads && from != nullptr) take_message<model>(c, a, *from, old, through);

  std::uint32_t made = 0;
  Word value = old;
  if (stores) {
    value = effect == Effect::add ? old + a.operand : a.operand;
    if (newest == nullptr) first_store(c, a, shadow, newest_value);
    if (model == MemoryModel::tso) {
      // It leaves the buffer at once where it comes before another CPU's; that one's leaves it first where it comes after.
      if (before != nullptr) drain(c);
      if (before == nullptr && newest != nullptr && !is_mine(c, *newest)) drain_store(c, *newest);
    }
    // A release sequence goes on through a read-modify-write.
    const kernel::Order order = a.is_plain ? kernel::Order::relaxed : a.order;
    const ClockHandle message = message_for<model>(c, order, a.is_plain ? 0 : brought);
    KeptStore& store = make_store(c, a, shadow, before, value, message);
    made = store.number;
    if (upper != nullptr) [[unlikely]]
      upper->store = made;
    if (model == MemoryModel::tso && before == nullptr && !modifies && a.order != kernel::Order::seq_cst)
      enter_buffer(c, store);
    if (model == MemoryModel::kernel) {
      const LaneView& view = view_of(c);
      c.clocks.join(c.clocks.at(view.issued), c.clocks.at(view.loaded));
    }
    // seq_cst: loads and fences of its order that come later see it.
    if (a.order == kernel::Order::seq_cst && !is_full) hand_on_to_fences(c);
    if (effect == Effect::announced_store) {
      announce(c, {const_cast<void*>(a.address), a.bytes, made, before != nullptr, newest_value});
    } else if (before == nullptr) {
      put_value(const_cast<void*>(a.address), a.bytes, value);
    }
  }
  if (effect == Effect::announced_load && older != 0) {
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

}  // namespace rcufarm::sim
