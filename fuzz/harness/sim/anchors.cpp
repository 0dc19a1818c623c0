#include "harness/sim/anchors.h"

namespace rcufarm::harness {

namespace {

using sim::ContextId;
using sim::ContextKind;
using sim::Deviation;

// A task's start is its first event; each call has two.
std::uint32_t begin_event(std::uint32_t call) { return 2 * call + 2; }  // `call` from 0

// A task that the allocator has started itself has a number of its own, whatever tasks the scenario has.
bool is_started(ContextId id) {
  return sim::kind_of(id) == ContextKind::task && sim::index_of(id) >= sim::tasks_max - sim::threads_started_max;
}

// Removes `gone` from a kind of context; the ones above it move down by one.
void drop_context(std::vector<Deviation>& deviations, ContextKind kind, ContextId gone) {
  const auto moved = [&](ContextId id) {
    return sim::kind_of(id) == kind && sim::index_of(id) > sim::index_of(gone) && !is_started(id)
               ? static_cast<ContextId>(sim::index_of(id) - 1)
               : id;
  };
  std::erase_if(deviations, [&](const Deviation& d) { return d.at == gone || d.target == gone; });
  for (Deviation& d : deviations) {
    d.at = moved(d.at);
    d.target = moved(d.target);
  }
}

}  // namespace

void drop_operations(std::vector<Deviation>& deviations, unsigned task, std::size_t first, std::size_t last,
                     const CallCounts& calls) {
  if (last >= calls.size()) return;  // the task did not come so far
  const std::uint32_t begin = begin_event(calls[first]);
  const std::uint32_t end = begin_event(calls[last]);
  const ContextId context = sim::task_context(task);
  std::erase_if(deviations, [&](const Deviation& d) { return d.at == context && d.event >= begin && d.event < end; });
  for (Deviation& d : deviations) {
    if (d.at == context && d.event >= end) d.event -= end - begin;
  }
}

void drop_task(std::vector<Deviation>& deviations, unsigned task) {
  drop_context(deviations, ContextKind::task, sim::task_context(task));
}

void drop_program(std::vector<Deviation>& deviations, unsigned program) {
  drop_context(deviations, ContextKind::program, sim::program_context(program));
}

}  // namespace rcufarm::harness
