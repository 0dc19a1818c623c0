// Vector clocks.
//
// Job: the memory and arithmetic of happens-before. A clock has one entry for each *lane*: a CPU (all contexts of a CPU are
// ordered as they ran), a queue of callbacks, the workqueue. Lanes have entries from 1 on, in the order in which a run needs them;
// entry 0 is nobody's, and 0. An epoch is one lane's entry in one number; 0 is before everything, any other number of nobody's is
// before nothing. All clocks of a run live in one piece of memory that the next run uses again. The core's thread.
// (Epochs: Flanagan and Freund, "FastTrack: efficient and precise dynamic race detection", PLDI 2009.)
#pragma once

#include <cstdint>
#include <cstring>

#include "kernel/types.h"
#include "machine/engine/limits.h"
#include "machine/engine/zero_pages.h"

namespace rcufarm::sim {

using Epoch = std::uint32_t;
using ClockHandle = std::uint32_t;  // 0: none

// Lanes of the largest machine, on a kernel with so many flavours of RCU.
constexpr unsigned lanes_with(unsigned flavors) { return cpus_max * (1 + flavors) + 1; }
inline constexpr unsigned lanes_max = lanes_with(kernel::rcu_flavor_count);

inline constexpr unsigned epoch_entry_shift = 26;
constexpr Epoch epoch_of(unsigned entry, std::uint32_t clock) { return entry << epoch_entry_shift | clock; }
constexpr unsigned entry_of(Epoch epoch) { return epoch >> epoch_entry_shift; }
constexpr std::uint32_t clock_of(Epoch epoch) { return epoch & ((1U << epoch_entry_shift) - 1); }
static_assert(steps_max < (1U << epoch_entry_shift));
inline constexpr unsigned clock_entries_max = lanes_max + 1;
static_assert(clock_entries_max <= (1U << (32 - epoch_entry_shift)));
static_assert(lanes_with(3) + 1 <= (1U << (32 - epoch_entry_shift)), "an epoch has room for the lanes of SRCU");

class Clocks {
 public:
  Clocks() : words_(zero_pages<std::uint32_t>(clock_words_max)) {}

  // A run that may come to need so many lanes.
  void reset(unsigned lanes) {
    std::memset(words_.get(), 0, used_ * sizeof(std::uint32_t));
    width_ = whole_quads(lanes + 1);
    live_quads_ = 1;
    lanes_ = 0;
    used_ = 4;  // handle 0 is none
  }
  // The entry of one more lane.
  unsigned next_entry() {
    ++lanes_;
    live_quads_ = whole_quads(lanes_ + 1) / 4;
    return lanes_;
  }
  unsigned width() const { return width_; }
  bool has_room(unsigned words) const { return used_ + words <= clock_words_max; }
  // A piece of zeros, of whole quads; ask has_room first.
  ClockHandle make(unsigned words) {
    const ClockHandle handle = used_;
    used_ += words;
    return handle;
  }
  // A clock that has all of this one; ask has_room first.
  ClockHandle make_copy(const std::uint32_t* from) {
    const ClockHandle handle = make(width_);
    copy(at(handle), from);
    return handle;
  }
  std::uint32_t* at(ClockHandle handle) const { return words_.get() + handle; }
  void join(std::uint32_t* into, const std::uint32_t* from) const {
    Quad* to = quads(into);
    const Quad* with = quads(from);
    for_each_live([=](unsigned k) { to[k] = to[k] > with[k] ? to[k] : with[k]; });
  }
  void copy(std::uint32_t* into, const std::uint32_t* from) const {
    Quad* to = quads(into);
    const Quad* with = quads(from);
    for_each_live([=](unsigned k) { to[k] = with[k]; });
  }

 private:
  // Four entries at once. Signed, which entries have room for (epochs) and which the base line of x86-64 compares at once.
  using Quad [[gnu::vector_size(16), gnu::may_alias]] = std::int32_t;
  static Quad* quads(std::uint32_t* words) { return reinterpret_cast<Quad*>(words); }
  static const Quad* quads(const std::uint32_t* words) { return reinterpret_cast<const Quad*>(words); }

  ZeroPages<std::uint32_t> words_;  // zeros from used_ on
  static constexpr unsigned whole_quads(unsigned entries) { return (entries + 3U) & ~3U; }
  // Most programs of few CPUs have one: no loop is begun for that.
  template <class Visitor>
  [[gnu::always_inline]] void for_each_live(Visitor visit) const {
    visit(0);
    for (unsigned k = 1; k < live_quads_; ++k) [[unlikely]] visit(k);
  }

  unsigned width_ = 4;       // of a clock's memory
  unsigned live_quads_ = 1;  // what of it is in use, at least one: the rest of all clocks is 0
  unsigned lanes_ = 0;
  std::uint32_t used_ = 4;
};

constexpr bool is_before(Epoch epoch, const std::uint32_t* clock) { return clock_of(epoch) <= clock[entry_of(epoch)]; }

}  // namespace rcufarm::sim
