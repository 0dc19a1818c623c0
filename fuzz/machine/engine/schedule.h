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

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "machine/engine/anchor.h"
#include "machine/engine/choice.h"
#include "machine/engine/context_id.h"

namespace rcufarm::sim {

enum class DecisionKind : std::uint8_t {
  run,          // another task goes on: `target`
  interrupt,    // an irq or nmi program comes now: `target`
  callback,     // a grace period has ended and its next callback runs: `target`
  work,         // the workqueue goes on: `target`
  fail,         // this allocation fails
  read_store,   // this load reads the store that is `value` older than the newest
  place_store,  // this store, or free, takes its place before the `value` newest ones
};
inline constexpr unsigned decision_kinds = 7;

struct Deviation {
  ContextId at = main_context;  // whose turn it was
  DecisionKind kind = DecisionKind::run;
  ContextId target = main_context;
  std::uint32_t event = 0;   // activations of `at`: begin_call and end_call of a task, starts of anything else
  std::uint32_t points = 0;  // scheduling points of `at` since that event
  // Of read_store and place_store. 0 is the plain option: it stands for a choice at this anchor that comes before another of
  // the same kind there.
  std::uint32_t value = 0;

  bool operator==(const Deviation&) const = default;
};
constexpr Anchor anchor_of(const Deviation& deviation) { return {deviation.event, deviation.points}; }

// The decision that choosing `target` amounts to, or another option of such a choice than the plain one.
namespace detail {
constexpr std::array<DecisionKind, context_count> decisions_by_context() {
  std::array<DecisionKind, context_count> decisions{};
  for (unsigned i = 0; i < context_count; ++i) {
    switch (kind_of(static_cast<ContextId>(i))) {
      case ContextKind::program: decisions[i] = DecisionKind::interrupt; break;
      case ContextKind::callback: decisions[i] = DecisionKind::callback; break;
      case ContextKind::worker: decisions[i] = DecisionKind::work; break;
      case ContextKind::task:
      case ContextKind::main:
      case ContextKind::irq_work:
      case ContextKind::idle: decisions[i] = DecisionKind::run; break;
    }
  }
  return decisions;
}
inline constexpr std::array<DecisionKind, context_count> decision_of_context = decisions_by_context();
}  // namespace detail
// A table: it is asked for at each departure, and no processor guesses by which kind the next one is.
constexpr DecisionKind decision_for(ContextId target) { return detail::decision_of_context[index_of(target)]; }
DecisionKind decision_for(ChoiceKind kind);
// The choice that a decision answers; none: who goes on.
std::optional<ChoiceKind> choice_of(DecisionKind kind);
bool has_value(DecisionKind kind);
// The option that a deviation takes, where it is not about who goes on.
inline unsigned option_of(const Deviation& deviation) { return has_value(deviation.kind) ? deviation.value : 1; }
// The first version of both forms that has the decision.
unsigned version_with(DecisionKind kind);

struct Schedule {
  std::string config;  // names the build and its settings, for people; at most config_bytes_max printable characters
  std::vector<Deviation> deviations;

  bool operator==(const Schedule&) const = default;
};
// The version that it is written in.
unsigned version_of(const Schedule& schedule);
inline constexpr std::size_t config_bytes_max = 255;

struct ScheduleError {
  std::string message;  // what is wrong, where, and what to do
};

// Versions of both forms: 1 has all decisions but place_store, 2 has that, too. A schedule is written in the first version
// that has all of its decisions, so the same schedule is the same bytes for ever; all versions are read.
inline constexpr unsigned schedule_version = 2;

// The compact form: "rcS", the version, config length and text, count, then the entries as variable-length numbers.
std::vector<std::byte> to_bytes(const Schedule& schedule);
std::variant<Schedule, ScheduleError> schedule_from_bytes(std::span<const std::byte> bytes);

// The readable form: one entry a line, `t0 4+2 run t1`; `#` starts a comment.
std::string to_text(const Schedule& schedule);
std::variant<Schedule, ScheduleError> schedule_from_text(std::string_view text);

}  // namespace rcufarm::sim
