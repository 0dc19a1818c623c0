// Weak memory: what a CPU has seen of each word's stores, and what that lets its accesses do.
//
// Job: the data of perform_weak.h. Each store is kept with its place in the order of its word's stores (coherence), with the clock
// that a load of it brings (its *message*), and with who has read it. A store is *known* to a lane when its maker's clock, or
// that of a load that read it, is in the lane's clock; a load may read any store that is not older than the newest known one,
// and a store may take its place before those that are not known. Real memory always has the newest store of each word.
// Owned by the core; in use where Settings::model is not sc.
//
// Under tso a store is known to all once it has left its CPU's store buffer, and to its own CPU at once. A store stays there
// until somebody has to see it: the choice of a load that finds another CPU's store in its buffer is whether it has left.
// Sources: clocks of messages and fences as in Kang, Hur, Lahav, Vafeiadis and Dreyer, "A promising semantics for relaxed-memory
// concurrency", POPL 2017, without promises; store buffers as in Sewell et al., "x86-TSO", CACM 2010.
#pragma once

#include <array>
#include <cstdint>

#include "machine/engine/access_info.h"
#include "machine/engine/clocks.h"
#include "machine/engine/context.h"
#include "machine/engine/limits.h"
#include "machine/engine/memory_model.h"
#include "machine/engine/zero_pages.h"

namespace rcufarm::sim {

struct alignas(64) KeptStore {
  std::uint64_t value = 0;
  const void* address = nullptr;
  std::uint64_t step = 0;
  std::uint32_t number = 0;
  std::uint32_t previous = 0;  // the store before it in its word's order; 0: none that is kept
  Epoch epoch = 0;             // 0: before the run, known to all
  ClockHandle message = 0;     // what a load of it brings; 0: nothing
  Epoch reader = 0;            // the first load by another lane; 0: none
  ClockHandle readers = 0;     // by lane's entry, the clock of each later lane's first load; 0: there is none
  AccessInfo made = 0;         // who stored it
  std::uint8_t bytes = 0;
  bool is_modification = false;  // of a read-modify-write: nothing comes between it and `previous`
  bool is_buffered = false;      // tso: it has not left its CPU's store buffer
};

// Of a lane, in words of its clock's width. Together with the lane's own clock: what it has seen.
struct LaneView {
  const Lane* lane = nullptr;
  ClockHandle loaded = 0;   // messages of all loads so far: what an acquire fence takes over; 0 (c11): there were none
  ClockHandle issued = 0;   // `loaded` at the last store (kernel): see perform_weak.h
  ClockHandle fenced = 0;   // the clock at the last release fence: the message of a relaxed store
  ClockHandle relaxed = 0;  // `fenced` with `loaded`, while neither has changed (kernel); 0: not made yet
  // Pointers loaded: what an access through one may not miss (kernel).
  struct Pointer {
    std::uint32_t slot = 0;
    ClockHandle message = 0;
  };
  static constexpr unsigned pointers_kept = 64;
  std::array<Pointer, pointers_kept> pointers{};
  bool has_pointers = false;
  // tso: stores in the buffer, oldest first.
  static constexpr unsigned buffer_max = 32;
  std::array<std::uint32_t, buffer_max> buffer{};
  unsigned buffered_first = 0;
  unsigned buffered = 0;
};

// A load or store that the code itself does right after it was announced, and what has to be done when it has.
struct Announced {
  void* address = nullptr;
  unsigned bytes = 0;
  std::uint32_t store = 0;  // whose value is there now; 0: a load's
  bool restores = false;    // what was lent, or took a place before others, gives way to the newest
  std::uint64_t newest = 0;
};

struct Weak {
  static constexpr std::size_t kept_max = std::size_t{1} << 15U;  // stores; older ones count as known
  static constexpr unsigned older_max = 6;                        // stores of a word that a load or store may pass over
  static constexpr unsigned announced_max = 64;

  Weak() : kept(zero_pages<KeptStore>(kept_max)) {}

  ZeroPages<KeptStore> kept;
  std::uint32_t count = 0;
  std::array<LaneView, clock_entries_max> lanes;  // by its entry in clocks
  ClockHandle fences = 0;                         // what full fences have handed on
  std::array<Announced, announced_max> announced{};
  unsigned announced_count = 0;

  // The next store, where its maker writes it.
  KeptStore& add() { return kept[++count % kept_max]; }
  // One of this run; null: it is none, or is not kept any more.
  KeptStore* find(std::uint32_t number) {
    return number != 0 && count - number < kept_max ? &kept[number % kept_max] : nullptr;
  }
};

}  // namespace rcufarm::sim
