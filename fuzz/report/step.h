// A step of a run, as the recorder keeps it: what happened, and which objects the numbers in it point to.
//
// Job: the value between a replay and its diagram. Plain data without a pointer that anyone follows, so that it
// outlives the run. Owned by the recording that it is in.
#pragma once

#include <cstdint>
#include <vector>

#include "machine/engine/events.h"
#include "oracle/user_event.h"

namespace rcufarm::report {

// What an address is in: an allocation of the run, or a piece of one that its owner handed out, and the bytes from its start.
// serial 0: it is in none.
struct Target {
  std::uint32_t serial = 0;
  std::uint32_t offset = 0;

  bool operator==(const Target&) const = default;
};

struct Step {
  bool is_user = false;  // else `event` holds
  sim::Event event{};
  oracle::UserEvent user{};
  Target where{};              // of event.address
  Target value{};              // of event.value
  Target other{};              // of event.other
  bool is_value_known = true;  // of a store

  sim::ContextId context() const { return is_user ? user.context : event.context; }
  std::uint8_t cpu() const { return is_user ? user.cpu : event.cpu; }
  std::uint64_t at() const { return is_user ? user.step : event.step; }
  bool is(sim::EventKind kind) const { return !is_user && event.kind == kind; }
  bool is(oracle::UserEventKind kind) const { return is_user && user.kind == kind; }
  bool is_access() const { return is(sim::EventKind::access); }
};

// An allocation, as far as names need it.
struct Allocation {
  // piece: of another allocation, handed out by an allocator that cuts its memory itself.
  enum class Kind : std::uint8_t { object, percpu, caches, piece };
  Kind kind = Kind::object;
  std::uint64_t bytes = 0;  // of caches: those of one CPU
  unsigned allocator = 0;   // of caches: the number that the scenario gives them
  const char* by = "";      // the function that allocated it
  Target around{};          // of a piece: where it lies
};

struct Recording {
  std::vector<Step> steps;
  std::vector<Allocation> allocations;  // by serial number; [0] stands for none
  unsigned allocators = 0;
  std::uint64_t forgotten = 0;  // steps at the front that there was no room for
};

}  // namespace rcufarm::report
