// Vector clocks.
//
// Job: the memory and arithmetic of happens-before. A clock has one entry for each *lane*: a CPU (all contexts of a CPU are
// ordered as they ran), a queue of callbacks, the workqueue. An epoch is one lane's entry in one number; 0 is before
// everything. All clocks of a run live in one piece of memory that the next run uses again. The core's thread.
// (Epochs: Flanagan and Freund, "FastTrack: efficient and precise dynamic race detection", PLDI 2009.)
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>

#include "kernel/types.h"
#include "machine/engine/limits.h"

namespace rcufarm::sim {

using Epoch = std::uint32_t;
using ClockHandle = std::uint32_t;  // 0: none

// Lanes of the largest machine, on a kernel with so many flavours of RCU.
constexpr unsigned lanes_with(unsigned flavors) { return cpus_max * (1 + flavors) + 1; }
inline constexpr unsigned lanes_max = lanes_with(kernel::rcu_flavor_count);

inline constexpr unsigned epoch_lane_shift = 26;
constexpr Epoch epoch_of(unsigned lane, std::uint32_t clock) { return lane << epoch_lane_shift | clock; }
constexpr unsigned lane_of(Epoch epoch) { return epoch >> epoch_lane_shift; }
constexpr std::uint32_t clock_of(Epoch epoch) { return epoch & ((1U << epoch_lane_shift) - 1); }
static_assert(steps_max < (1U << epoch_lane_shift));
static_assert(lanes_max < (1U << (32 - epoch_lane_shift)));
static_assert(lanes_with(3) < (1U << (32 - epoch_lane_shift)), "an epoch has room for the lanes of SRCU");

class Clocks {
 public:
  Clocks() : words_(new std::uint32_t[clock_words_max]) {}

  void reset(unsigned lanes) {
    width_ = (lanes + 3U) & ~3U;
    used_ = 4;  // handle 0 is none
  }
  unsigned width() const { return width_; }
  bool has_room(unsigned words) const { return used_ + words <= clock_words_max; }
  // A piece of zeros; ask has_room first.
  ClockHandle make(unsigned words) {
    const ClockHandle handle = used_;
    used_ += words;
    for (Quad *quad = quads(at(handle)), *end = quad + words / 4; quad != end; ++quad) *quad = Quad{};
    return handle;
  }
  std::uint32_t* at(ClockHandle handle) const { return words_.get() + handle; }
  void join(std::uint32_t* into, const std::uint32_t* from) const {
    Quad* to = quads(into);
    const Quad* with = quads(from);
    for (unsigned i = 0; i < width_ / 4; ++i) to[i] = to[i] > with[i] ? to[i] : with[i];
  }
  void copy(std::uint32_t* into, const std::uint32_t* from) const {
    for (unsigned i = 0; i < width_ / 4; ++i) quads(into)[i] = quads(from)[i];
  }

 private:
  // Four entries at once. Signed, which entries have room for (epochs) and which the base line of x86-64 compares at once.
  using Quad [[gnu::vector_size(16), gnu::may_alias]] = std::int32_t;
  static Quad* quads(std::uint32_t* words) { return reinterpret_cast<Quad*>(words); }
  static const Quad* quads(const std::uint32_t* words) { return reinterpret_cast<const Quad*>(words); }

  std::unique_ptr<std::uint32_t[]> words_;
  unsigned width_ = 4;
  std::uint32_t used_ = 4;
};

constexpr bool is_before(Epoch epoch, const std::uint32_t* clock) { return clock_of(epoch) <= clock[lane_of(epoch)]; }

}  // namespace rcufarm::sim
