// The books of objects: every allocation of the run, who has it, and how it got there.
//
// Job: what the oracles of object life share. Indexed by the machine's serial numbers; keeps its room from run to run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "machine/engine/events.h"
#include "oracle/sections.h"
#include "oracle/user_event.h"

namespace rcufarm::oracle {

// Where an allocation is in its life. `deferred` and free lists are the allocator's own: from outside they look alike.
enum class Holder : std::uint8_t { allocator, user, slab };

inline constexpr std::uint8_t no_cache = 0xff;

struct ObjectState {
  Holder holder = Holder::allocator;
  std::uint8_t cache = no_cache;       // that handed it out; no_cache: none has
  UserCall freed_by = UserCall::none;  // the user's last way to free it; none: it was not freed since it was handed out
  Moment freed = 0;                    // when that call began
  bool charged = false;                // to an object cgroup
  std::uint64_t bytes = 0;             // asked for
  const char* what = "";               // "slab", "percpu", "per-CPU caches", "heap"; "": a piece of one of these
  sim::Party allocated;
  sim::Party handed_out;
  sim::Party freed_at;
};

class ObjectBooks {
 public:
  void allocated(const sim::Event& e) {
    make_room_for(e.object);
    ObjectState& s = states_[e.object];
    s = ObjectState{};
    s.bytes = e.bytes;
    s.charged = e.value != 0;
    live_bytes_ += e.bytes;
    ++live_;
    s.what = e.text;
    s.allocated = {.context = e.context, .cpu = e.cpu, .op = e.op, .step = e.step, .site = e.site};
  }
  // A piece of an allocation, or of a global, that the allocator hands out for the first time.
  void know_part(const UserEvent& u) {
    make_room_for(u.object);
    states_[u.object] = ObjectState{};
    states_[u.object].bytes = u.bytes;
    parts_.push_back({u.object, u.around});
  }
  // The pieces of an allocation: visit(serial).
  template <class Visitor>
  void for_each_part(std::uint32_t around, Visitor visit) const {
    for (const Part& part : parts_) {
      if (part.around == around) visit(part.serial);
    }
  }
  // Null: no allocation of this run.
  ObjectState* find(std::uint32_t serial) { return serial != 0 && serial < count_ ? &states_[serial] : nullptr; }
  std::uint32_t last_serial() const { return count_ == 0 ? 0 : count_ - 1; }
  // What the slab has given and not got back.
  std::uint64_t live_bytes() const { return live_bytes_; }
  std::uint64_t live() const { return live_; }
  void freed(const ObjectState& object) {
    live_bytes_ -= object.bytes;
    --live_;
  }
  void reset() {
    count_ = 0;
    live_bytes_ = live_ = 0;
    parts_.clear();
  }

 private:
  struct Part {
    std::uint32_t serial;
    std::uint32_t around;
  };
  void make_room_for(std::uint32_t serial) {
    if (states_.size() <= serial) states_.resize(std::size_t{serial} * 2 + 1);
    for (; count_ < serial; ++count_) states_[count_] = ObjectState{};
    if (count_ == serial) ++count_;
  }

  std::vector<ObjectState> states_;  // of which the first count_ are this run's
  std::vector<Part> parts_;
  std::uint32_t count_ = 0;
  std::uint64_t live_bytes_ = 0;
  std::uint64_t live_ = 0;  // allocations
};

}  // namespace rcufarm::oracle
