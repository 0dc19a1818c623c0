// A schedule: how a run departed from the plain order.
//
// Job: the value that findings are made of, and its two forms. Plain data, owned by whoever holds it.
//
// The plain order runs the current context until it blocks, yields or ends, and then the next one that can run (the
// lowest id above it, then from the lowest on). A schedule lists the departures from it. Each is anchored at a context
// that was about to do something: its n-th activation event, and the points that it passed since. Any list is legal:
// what no longer fits when its turn comes (the target cannot run; the anchor was passed already) is skipped, so an
// entry can be dropped and the program can be edited.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sim/context_id.h"

namespace rcufarm::sim {

enum class DecisionKind : std::uint8_t {
  run,         // another task goes on: `target`
  interrupt,   // an irq or nmi program comes now: `target`
  callback,    // a grace period has ended and its next callback runs: `target`
  work,        // the workqueue goes on: `target`
  fail,        // this allocation fails
  read_store,  // this load reads the store that is `value` older than the newest of those that it may read
  place_store,  // this store takes its place, or this free, before the `value` newest of those that nobody has to see yet
};

struct Deviation {
  ContextId at = main_context;  // whose turn it was
  DecisionKind kind = DecisionKind::run;
  ContextId target = main_context;
  std::uint32_t event = 0;   // activations of `at`: begin_call and end_call of a task, starts of anything else
  std::uint32_t points = 0;  // scheduling points of `at` since that event
  std::uint32_t value = 0;   // of read_store

  bool operator==(const Deviation&) const = default;
};

// The decision that choosing `target` amounts to.
DecisionKind decision_for(ContextId target);

struct Schedule {
  std::string config;  // names the build and its settings, for people; at most config_bytes_max printable characters
  std::vector<Deviation> deviations;

  bool operator==(const Schedule&) const = default;
};
inline constexpr std::size_t config_bytes_max = 255;

struct ScheduleError {
  std::string message;  // what is wrong, where, and what to do
};

// The compact form. Version 1: "rcS" 1, config length and text, count, then the entries as variable-length numbers.
std::vector<std::byte> to_bytes(const Schedule& schedule);
std::variant<Schedule, ScheduleError> schedule_from_bytes(std::span<const std::byte> bytes);

// The readable form: one entry a line, `t0 4+2 run t1`; `#` starts a comment.
std::string to_text(const Schedule& schedule);
std::variant<Schedule, ScheduleError> schedule_from_text(std::string_view text);

}  // namespace rcufarm::sim
