// Accesses: memory, who may touch it, in which order, and which store a load reads.
//
// Job: the room above the engine. It keeps the arena, clocks, stores and the shadow of each word; perform.h is the one way to a
// word. Of the scheduler it uses points and choices; it knows no kernel. In a run.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "machine/engine/clocks.h"
#include "machine/engine/engine.h"
#include "machine/memory/memory.h"
#include "machine/memory/sharing.h"
#include "machine/memory/weak.h"

namespace rcufarm::sim {

// The stores that an access had to do with, by number; 0: none. As in Event.
struct StoresSeen {
  std::uint32_t read = 0;
  std::uint32_t made = 0;
  std::uint32_t missed = 0;
  std::uint32_t before = 0;
};

struct Accesses;
// weak_edges.cpp: the edges that every model has in common, as the weaker ones need them. Not called under sc.
void before_handing_on(Accesses& c);
void after_taking_over(Accesses& c, ClockHandle handle);

// A set of orders: which are in it is one shift, not three branches.
constexpr unsigned order_bit(kernel::Order order) { return 1U << static_cast<unsigned>(order); }
constexpr bool acquires(kernel::Order order) {
  using enum kernel::Order;
  return ((order_bit(acquire) | order_bit(acq_rel) | order_bit(seq_cst)) & order_bit(order)) != 0;
}
constexpr bool releases(kernel::Order order) {
  using enum kernel::Order;
  return ((order_bit(release) | order_bit(acq_rel) | order_bit(seq_cst)) & order_bit(order)) != 0;
}

// Of the word that the address is in.
inline const void* upper_half_address(const void* address) {
  const std::uintptr_t word = reinterpret_cast<std::uintptr_t>(address) & ~std::uintptr_t{sizeof(Word) - 1};
  return reinterpret_cast<const void*>(word + sizeof(Word) / 2);
}

struct Accesses : Engine {
  Clocks clocks;
  Memory memory;
  std::uint32_t stores = 0;  // of this run: the number of the newest
  std::unique_ptr<Weak> weak;
  // Nobody watches accesses, words are whole, and pairs go into a set.
  bool unwatched = false;
  bool usual = false;  // that, and memory is sc
  // To be called when `learner` or any of that has changed.
  void attend() {
    attentive = learner != nullptr || watches_steps;
    unwatched = !tracing && !attentive && !memory.has_upper_halves() && reads_from_set != nullptr;
    usual = unwatched && !is_weak;
  }
  // A set of its own where nobody wants to know: an access does not look.
  struct NoPairs {
    std::uint64_t set = 0;
    std::array<std::uint32_t, 65> met;
  } no_pairs;
  std::uint64_t* reads_from_set = &no_pairs.set;
  std::uint8_t* reads_from_map = nullptr;  // one of the two is null
  std::size_t reads_from_mask = 63;
  std::uint32_t* reads_from_met = no_pairs.met.data();  // of the set
  std::uint64_t reads_from_pairs = 0;                   // places that are new in the set or the map
  void count_no_pairs() {
    no_pairs.set = 0;
    reads_from_set = &no_pairs.set;
    reads_from_mask = 63;
    reads_from_met = no_pairs.met.data();
  }

  Shadow& shadow_of(const void* address) {
    const std::size_t offset = memory.offset_of(address);
    if (offset >= arena_bytes) [[unlikely]]
      return host_shadow(address);
    Slot& slot = memory.slot_at(offset);
    Shadow& shadow = memory.shadow_at(offset);
    if (!is_of(shadow, slot)) [[unlikely]]
      begin_shadow(shadow, slot, address);
    return shadow;
  }
  // Does not return if the word is not alive.
  void begin_shadow(Shadow& shadow, Slot& slot, const void* address);
  void back_and_begin_shadow(Shadow& shadow, Slot& slot, const void* address);  // of a page of a large block
  // Of the word that the address is in, and that is alive: what sees its upper four bytes as a place of their own.
  Shadow& upper_half_of(const void* address);
  Shadow* known_upper_half_of(const void* address) {  // null: this life has not touched it
    if (!memory.has_upper_halves()) [[likely]]
      return nullptr;
    const std::size_t offset = memory.offset_of(address);
    if (offset >= arena_bytes) [[unlikely]]
      return memory.known_host_shadow(upper_half_address(address));
    Shadow& shadow = memory.upper_half_at(offset);
    return is_of(shadow, memory.slot_at(offset)) ? &shadow : nullptr;
  }
  Shadow& host_shadow(const void* address);
  Shadow& host_shadow_of(const void* address);  // known to be the host's
  void note_read(Shadow& shadow, AccessInfo info);
  void note_unordered_read(Shadow& shadow, AccessInfo info);
  static void set_read(Shadow& shadow, Epoch epoch, AccessInfo info) {
    shadow.read = epoch;
    shadow.read_info = info;
  }
  static void set_write(Shadow& shadow, Epoch epoch, AccessInfo info) {
    shadow.write = epoch;
    shadow.write_info = info;
    shadow.read = 0;
    shadow.read_info = 0;
  }
  void note_shared(Shadow& shadow, Epoch epoch, AccessInfo info);
  // Among accesses of several lanes, of which the newest of each is kept.
  void note_in(ClockHandle accesses, Epoch epoch, AccessInfo info) {
    std::uint32_t* const entry = clocks.at(accesses) + entry_of(epoch);
    entry[0] = clock_of(epoch);
    entry[clocks.width()] = info;
  }
  void share_reads(Shadow& shadow, Epoch epoch, AccessInfo info);
  // Two lanes, neither before the other: one entry for each lane from here on, its clock and what it did. There is room for that.
  void share_as(AccessInfo shared, Shadow& shadow, Epoch now, AccessInfo info) {
    const ClockHandle handle = clocks.make(2 * clocks.width());
    note_in(handle, shadow.read, shadow.read_info);
    note_in(handle, now, info);
    shadow.read = handle;
    shadow.read_info = shared;
  }
  void check_load(const Shadow& shadow, AccessInfo info, const void* address);
  void check_store(const Shadow& shadow, AccessInfo info, const void* address);
  void check_atomic(const Shadow& shadow, AccessInfo info, const void* address, bool writes);
  bool has_ordered_write(const Shadow& shadow) { return is_before(shadow.write, clock()); }
  // And one other access, or none. Of several, the handle is an epoch that is before nothing.
  static bool has_ordered_accesses(const Shadow& shadow, const std::uint32_t* clock) {
    const bool write = is_before(shadow.write, clock);
    const bool reads = is_before(shadow.read, clock);
    return write & reads;
  }
  // Plain ones of them; of one access it is enough to know what it was.
  bool has_ordered_plain_reads(const Shadow& shadow) {
    if (is_shared(shadow.read_info)) return shadow.read_info == read_shared_atomic;
    return is_before(shadow.read, clock()) || !is_plain(op_of(shadow.read_info));
  }
  // Where order is checked: is the access ordered with those before it? Does not return if not. `lane`: the current context's, which
  // an access looks up once, since a compiler would do so again behind each call.
  void on_plain_load(const Lane& lane, Shadow& shadow, AccessInfo info, const void* address);
  void on_plain_store(const Lane& lane, Shadow& shadow, AccessInfo info, const void* address);
  void on_atomic(const Lane& lane, Shadow& shadow, AccessInfo info, const void* address, bool writes);
  // Notes an atomic access. False: a plain one may conflict with it, or there is no room; nothing is done.
  bool note_atomic(const Lane& lane, Shadow& shadow, AccessInfo info);
  // Where not all that was before is ordered before it.
  void on_unordered_plain_load(Shadow& shadow, AccessInfo info, const void* address);
  void on_unordered_atomic(Shadow& shadow, AccessInfo info, const void* address, bool writes);
  void on_touch(Shadow& shadow, AccessInfo info);
  // Words carry clocks where order is checked.
  void acquire(const Lane& lane, const Shadow& shadow) {
    const ClockHandle handle = shadow.sync();
    if (handle != 0) clocks.join(lane.clock, clocks.at(handle));
  }
  // What a store hands on. The word's old clock, if it has one, is taken again: nobody else has it. A read-modify-write `goes_on` with the
  // release sequence that it stands in; if it has acquired that, it knows all of it.
  ClockHandle release(Lane& lane, ClockHandle old, bool goes_on);
  template <bool is_usual = false>
  void read_from(const Shadow& shadow, SiteNumber site) {
    count_reads_from<is_usual>(shadow.store_site(), site);
  }
  template <bool is_usual = false>
  void count_reads_from(SiteNumber store, SiteNumber load);
  void count_in_map(std::size_t place);
  void new_store(Shadow& shadow, SiteNumber site, ClockHandle sync) { shadow.set_store(++stores, site, sync); }
  AccessInfo here(Op op) const { return info_of(current->site, current->id, op); }
  // Does every access to these words happen before now? (A free is an access to all of an object.)
  void check_ordered_free(std::uint32_t serial);
  // Of a store of `announced_bytes` the value is not known yet: an observer finds it there when the next event comes.
  void trace(Op op, kernel::Order order, const void* address, unsigned announced_bytes, Word value, Word other,
             const StoresSeen& stores);

  std::uint32_t* clock() { return current->lane->clock; }
  Epoch epoch() const { return current->lane->epoch; }
  // What is given out must not be given out again as the same: later operations of this lane are later.
  void advance() { advance(*current->lane); }
  static void advance(Lane& lane) {
    ++lane.epoch;
    ++*lane.own;
  }
  ClockHandle make_clock() {
    want_room(clocks.width());
    return clocks.make(clocks.width());
  }
  ClockHandle make_copy(const std::uint32_t* clock) {
    want_room(clocks.width());
    return clocks.make_copy(clock);
  }
  void want_room(unsigned words) {
    if (!clocks.has_room(words)) [[unlikely]]
      leave_at_limit("clock_words_max");
  }
  ClockHandle copy_of_clock();          // and advances
  void join_into(ClockHandle& handle);  // the current clock into a handle that may be none yet; no advance
  void take_over(ClockHandle handle) {
    if (handle != 0) clocks.join(clock(), clocks.at(handle));
    if (is_weak) [[unlikely]]
      after_taking_over(*this, handle);
  }
  using Engine::mix;
  // What happened, without an address: who, what, which word, which store was read.
  void mix(const Context& self, Op op, const Shadow& shadow) {
    mix(who_and_what(self.id, op) | std::uint64_t{shadow.number} << 16U | std::uint64_t{shadow.store} << 40U);
  }

  // ---- sharing.cpp ---------------------------------------------------------------------------------------------------
  bool goes_unasked(const Pending& mine) override;
  bool matters_to_others(const Pending& mine) const;
  bool matters_to_others(std::size_t word, bool writes) const;
  void note_access(const void* address, bool writes) {
    if (learner != nullptr) learner->note(Sharing::word_at(memory.offset_of(address)), accessor(), writes);
    if (watches_steps) touches_word(address, writes);
  }
  // All of it.
  void touches_object(const ObjectRecord& object) {
    touches(memory.address_of(object), object.slots * object_bytes_backed, true);
  }
  Sharing::Accessor accessor() const {
    return {static_cast<std::uint8_t>(index_of(current->id) + 1), static_cast<std::uint8_t>(current->lane->number)};
  }

  // ---- memory_reports.cpp --------------------------------------------------------------------------------------------
  struct HostRange {
    const char* begin;
    std::size_t bytes;
  };
  std::array<HostRange, 16> host_ranges{};
  unsigned host_range_count = 0;
  bool is_shared_by_host(const void* address) const;
  [[noreturn, gnu::cold]] void accuse_access(const void* address);
  [[noreturn, gnu::cold]] void leave_at_unknown_word(Op op, const void* address);
  void locate(Event& event, const void* address) const override;
  std::uint32_t object_beside(const void* address) const override;
};

[[gnu::always_inline]] inline void Accesses::on_plain_load(const Lane& lane, Shadow& shadow, AccessInfo info,
                                                           const void* address) {
  if (has_ordered_accesses(shadow, lane.clock)) [[likely]]
    return set_read(shadow, lane.epoch, info);
  on_unordered_plain_load(shadow, info, address);
}

[[gnu::always_inline]] inline void Accesses::on_plain_store(const Lane& lane, Shadow& shadow, AccessInfo info,
                                                            const void* address) {
  if (!has_ordered_accesses(shadow, lane.clock)) [[unlikely]]
    check_store(shadow, info, address);
  set_write(shadow, lane.epoch, info);
}

[[gnu::always_inline]] inline bool Accesses::note_atomic(const Lane& lane, Shadow& shadow, AccessInfo info) {
  if (has_ordered_accesses(shadow, lane.clock)) [[likely]] {
    set_read(shadow, lane.epoch, info);
    return true;
  }
  if (!is_before(shadow.write, lane.clock)) return false;
  // Most words that many use at once see nothing but atomic accesses.
  if (shadow.read_info == read_shared_atomic) {
    note_in(shadow.read, lane.epoch, info);
    return true;
  }
  // The first one of another lane: of a short run that is every second one.
  if (is_shared(shadow.read_info) || is_plain(op_of(shadow.read_info))) return false;
  if (!clocks.has_room(2 * clocks.width())) return false;
  share_as(read_shared_atomic, shadow, lane.epoch, info);
  return true;
}

[[gnu::always_inline]] inline void Accesses::on_atomic(const Lane& lane, Shadow& shadow, AccessInfo info,
                                                       const void* address, bool writes) {
  if (note_atomic(lane, shadow, info)) [[likely]]
    return;
  on_unordered_atomic(shadow, info, address, writes);
}

inline ClockHandle Accesses::release(Lane& lane, ClockHandle old, bool goes_on) {
  if (old == 0) {
    old = make_copy(lane.clock);
  } else if (goes_on) {
    clocks.join(clocks.at(old), lane.clock);
  } else {
    clocks.copy(clocks.at(old), lane.clock);
  }
  advance(lane);
  return old;
}

template <bool is_usual>
inline void Accesses::count_reads_from(SiteNumber store, SiteNumber load) {
  const std::size_t place = sites.hash_of_pair(store, load) & reads_from_mask;
  if (!is_usual && reads_from_set == nullptr) [[unlikely]]
    return count_in_map(place);
  std::uint64_t& word = reads_from_set[place / 64];
  const std::uint64_t bit = std::uint64_t{1} << place % 64;
  reads_from_met[reads_from_pairs] = static_cast<std::uint32_t>(place);
  reads_from_pairs += (word & bit) == 0 ? 1U : 0U;
  word |= bit;
}

}  // namespace rcufarm::sim
