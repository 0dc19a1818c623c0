// One access to a word: the only place where a word of the machine is read or written.
//
// Job: what every access has in common, in one order: is its memory alive, is it ordered with the others (races), which store
// does it read, which does it make, what does it take over and hand on (clocks), what do digest, feedback and observers see.
// Who calls it has passed the scheduling point that precedes the access. Inline, so that what a caller's access is not is not
// there: its kind, plainness, order and size are constants nearly everywhere.
#pragma once

#include <cstring>

#include "machine/memory/accesses.h"

namespace rcufarm::sim {

enum class Effect : std::uint8_t {
  load,
  store,             // operand: the value
  exchange,          // operand: the new value
  add,               // operand: what is added
  compare_exchange,  // operand: the new value, if the old one is `expected`; else it is a load
  announced_store,   // the code itself stores right after: what, is not known yet
  announced_load,    // the same of a load
  mark,              // the machine holds the word: what it contains stays
};

struct Access {
  Op op;     // names it in the digest
  Op noted;  // names it to races: what a later access that conflicts is told
  Op shown;  // names it to observers; none: its caller tells them more than that
  Effect effect = Effect::load;
  kernel::Order order = kernel::Order::relaxed;
  bool is_plain = false;
  const void* address = nullptr;
  unsigned bytes = sizeof(Word);  // 1, 2, 4 or 8, at its natural alignment
  SiteNumber site = 0;
  Word operand = 0;
  Word expected = 0;
  // It reads the newest store and goes behind it under every memory model: a word of the machine's own, or one that the
  // caller has looked at.
  bool is_newest = false;
  // A further piece of the announced access before it: the code has done none of them yet.
  bool goes_on = false;
};

struct Performed {
  Word value = 0;  // what was there before, read or not
  bool wrote = false;
};

// As an unsigned number of that width; signed ones are the caller's cast.
inline Word value_at(const void* address, unsigned bytes) {
  if (bytes == sizeof(Word)) return *static_cast<const Word*>(address);
  Word value = 0;
  std::memcpy(&value, address, bytes);
  return value;
}

inline void put_value(void* address, unsigned bytes, Word value) {
  if (bytes == sizeof(Word)) {
    *static_cast<Word*>(address) = value;
  } else {
    std::memcpy(address, &value, bytes);
  }
}

inline const void* word_around(const void* address) {
  return reinterpret_cast<const void*>(reinterpret_cast<std::uintptr_t>(address) & ~std::uintptr_t{sizeof(Word) - 1});
}

// The place that the address is in. Its memory is alive, or this does not return.
inline Shadow& place_of(Accesses& c, const void* address, unsigned bytes) {
  if (bytes == sizeof(Word)) return c.shadow_of(address);
  Shadow& low = c.shadow_of(word_around(address));
  return reinterpret_cast<std::uintptr_t>(address) % sizeof(Word) < sizeof(Word) / 2 ? low : c.upper_half_of(address);
}

// Of a whole word of the arena. Null: it is none, or nobody knows yet that it is alive; place_of() tells.
[[gnu::always_inline]] inline Shadow* live_place(Accesses& c, const void* address) {
  const std::size_t offset = c.memory.offset_of(address);
  if (offset >= arena_bytes) [[unlikely]]
    return nullptr;
  Shadow& shadow = c.memory.shadow_at(offset);
  Slot& slot = c.memory.slot_at(offset);
  return is_of(shadow, slot) || c.memory.begin_shadow(shadow, slot, offset) ? &shadow : nullptr;
}

// Is it ordered with those before it? Does not return if not.
template <bool is_unwatched = false>
[[gnu::always_inline]] inline void check_races(Accesses& c, const Lane& lane, const void* address, bool is_plain,
                                               Shadow& shadow, AccessInfo info, bool writes) {
  if (!is_unwatched && c.attentive) [[unlikely]]
    c.note_access(address, writes);
  if (c.ignores_order) return;
  if (!is_plain) {
    c.on_atomic(lane, shadow, info, address, writes);
  } else if (writes) {
    c.on_plain_store(lane, shadow, info, address);
  } else {
    c.on_plain_load(lane, shadow, info, address);
  }
}

constexpr bool modifies(Effect effect) {
  return effect == Effect::exchange || effect == Effect::add || effect == Effect::compare_exchange;
}
constexpr bool reads(Effect effect) {
  return effect == Effect::load || effect == Effect::announced_load || modifies(effect);
}

// What is seldom. They take a copy: of an access whose address is given away a compiler has to read each field again, wherever
// a call has come in between, and knows none of those that are constants.
// perform.cpp. `value`: read, or written; `old`: what was there before.
void trace(Accesses& c, Access a, Word value, Word old, StoresSeen stores);
// The same access to the upper half of its word, where that is a place of its own.
void check_upper_half(Accesses& c, const void* address, bool is_plain, bool acquires, Shadow& upper, AccessInfo info,
                      bool writes);
// perform_weak.cpp
Performed perform_weak(Accesses& c, const Access& a);

inline bool does_write(const Access& a, Word old) {
  return a.effect == Effect::compare_exchange ? old == a.expected : !reads(a.effect) || modifies(a.effect);
}
inline AccessInfo info_of(const Context& self, const Access& a, bool writes) {
  return info_of(self.site, self.id, a.effect == Effect::compare_exchange && !writes ? Op::atomic_load : a.noted);
}

// Under sc, of an access that is ordered with those before it, or need not be. `is_usual`: as usual_place() has found it.
template <bool is_traced, bool is_usual>
[[gnu::always_inline]] inline Performed perform_ordered(Accesses& c, const Context& self, Lane& lane, const Access& a,
                                                        Shadow& shadow, Shadow* upper, Word old) {
  const bool reads = sim::reads(a.effect);
  const bool writes = does_write(a, old);
  const bool stores = writes && a.effect != Effect::mark;
  if (reads && acquires(a.order)) c.acquire(lane, shadow);
  c.mix(self, a.op, shadow);
  if (reads) c.read_from<is_usual>(shadow, a.site);
  const std::uint32_t read = reads ? shadow.store : 0;
  Word value = old;
  if (stores) {
    value = a.effect == Effect::add ? old + a.operand : a.operand;
    // Of a store that releases nothing: nothing. Of a read-modify-write: it goes on with the release sequence.
    ClockHandle sync = reads && !a.is_plain ? shadow.sync() : 0;
    if (releases(a.order) && !c.ignores_order) {
      sync = c.release(lane, reads ? sync : shadow.sync(), reads && !acquires(a.order));
    }
    c.new_store(shadow, a.site, sync);
    if (upper != nullptr) [[unlikely]] {
      upper->take_store(shadow);
    }
    if (a.effect != Effect::announced_store) put_value(const_cast<void*>(a.address), a.bytes, value);
  }
  if (is_traced) trace(c, a, value, old, {.read = read, .made = stores ? shadow.store : 0});
  return {old, stores};
}

// Under sc.
template <bool is_traced>
[[gnu::always_inline]] inline Performed perform_under_sc(Accesses& c, const Access& a) {
  const Context& self = *c.current;
  Lane& lane = *self.lane;
  Shadow& shadow = place_of(c, a.address, a.bytes);
  const Word old = value_at(a.address, a.bytes);
  const bool writes = does_write(a, old);
  const AccessInfo info = info_of(self, a, writes);
  check_races(c, lane, a.address, a.is_plain, shadow, info, writes);
  Shadow* const upper = a.bytes == sizeof(Word) ? c.known_upper_half_of(a.address) : nullptr;
  if (upper != nullptr) [[unlikely]] {
    check_upper_half(c, a.address, a.is_plain, reads(a.effect) && acquires(a.order), *upper, info, writes);
  }
  return perform_ordered<is_traced, false>(c, self, lane, a, shadow, upper, old);
}
// perform.cpp
Performed perform_unusual(Accesses& c, Access a);

[[gnu::always_inline]] inline Performed perform(Accesses& c, const Access& a) {
  if (!c.are_usual()) [[unlikely]]
    return perform_unusual(c, a);
  return perform_under_sc<false>(c, a);
}

// What nearly all accesses are: nobody watches, and what was before is ordered. Such a one makes no call, and its function keeps nothing on
// the stack. All is looked at before anything is done. Null, or false: it is another, and nothing is done.
[[gnu::always_inline]] inline Shadow* usual_place(Accesses& c, const void* address) {
  return c.usual ? live_place(c, address) : nullptr;
}
// Notes an access to it that is no plain store. False: what was before is not ordered.
[[gnu::always_inline]] inline bool note_usual(Accesses& c, const Lane& lane, Shadow& shadow, AccessInfo info,
                                              bool is_plain) {
  if (c.ignores_order) return true;
  if (!is_plain) return c.note_atomic(lane, shadow, info);
  if (!c.has_ordered_accesses(shadow, lane.clock)) return false;
  c.set_read(shadow, lane.epoch, info);
  return true;
}

// Of a whole word.
[[gnu::always_inline]] inline bool perform_usual(Accesses& c, const Access& a, Performed& done) {
  Shadow* const shadow = usual_place(c, a.address);
  if (shadow == nullptr) return false;
  const Context& self = *c.current;
  Lane& lane = *self.lane;
  const Word old = value_at(a.address, a.bytes);
  const bool writes = does_write(a, old);
  const AccessInfo info = info_of(self, a, writes);
  if (!a.is_plain || !writes) {
    if (!note_usual(c, lane, *shadow, info, a.is_plain)) return false;
  } else if (!c.ignores_order) {
    if (!c.has_ordered_accesses(*shadow, lane.clock)) return false;
    c.set_write(*shadow, lane.epoch, info);
  }
  done = perform_ordered<false, true>(c, self, lane, a, *shadow, nullptr, old);
  return true;
}

// perform.cpp
Performed perform_another(Accesses& c, Access a);

// An access of the machine's own functions, which are called from many places.
[[gnu::always_inline]] inline Performed perform_whole_word(Accesses& c, const Access& a) {
  Performed done;
  if (perform_usual(c, a, done)) [[likely]]
    return done;
  return perform_another(c, a);
}

// An access to a word that the machine itself uses: a lock, an item of irq_work or of the workqueue, an rcu_head. perform.cpp has a
// copy for each effect that these have.
template <Effect effect>
Performed perform_own(Accesses& c, Op op, kernel::Order order, Word* word, SiteNumber site, Word operand = 0);

}  // namespace rcufarm::sim
