// The names of contexts.
//
// Job: number whatever can run, and print the numbers. No state; sets of contexts are context_set.h's.
// A context is one strand of execution: a task, a nested program, the irq_work of a CPU, a queue of callbacks, the
// workqueue. Ids are fixed: task 3 is the same context in each run of a program.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "kernel/types.h"
#include "machine/engine/limits.h"

namespace rcufarm::sim {

enum class ContextId : std::uint8_t {};
enum class ContextKind : std::uint8_t { task, main, program, irq_work, callback, worker, idle };

namespace detail {
inline constexpr unsigned first_main = tasks_max;
inline constexpr unsigned first_program = first_main + 1;
inline constexpr unsigned first_irq_work = first_program + programs_max;
inline constexpr unsigned first_callback = first_irq_work + cpus_max;
constexpr unsigned first_worker_with(unsigned flavors) { return first_callback + flavors * cpus_max; }
inline constexpr unsigned first_worker = first_worker_with(kernel::rcu_flavor_count);
inline constexpr unsigned first_idle = first_worker + 1;
}  // namespace detail

// Contexts that a schedule can choose, or that can be current, on a kernel with so many flavours of RCU: all ids are below.
constexpr unsigned contexts_with(unsigned flavors) { return detail::first_worker_with(flavors) + 2; }
inline constexpr unsigned context_count = contexts_with(kernel::rcu_flavor_count);
static_assert(contexts_with(3) == 67 && contexts_with(3) <= 0xff, "eight CPUs and SRCU have room in a ContextId");

constexpr unsigned index_of(ContextId id) { return static_cast<unsigned>(id); }
constexpr ContextId task_context(unsigned task) { return static_cast<ContextId>(task); }
// Prologue and epilogue of a program; runs as a task on CPU 0 while no other task does.
inline constexpr ContextId main_context = static_cast<ContextId>(detail::first_main);
constexpr ContextId program_context(unsigned program) {
  return static_cast<ContextId>(detail::first_program + program);
}
constexpr ContextId irq_work_context(unsigned cpu) { return static_cast<ContextId>(detail::first_irq_work + cpu); }
// Callbacks of one flavour that were queued on one CPU: a queue, served in order. The queues run side by side.
constexpr ContextId callback_context(kernel::RcuFlavor flavor, unsigned cpu) {
  return static_cast<ContextId>(detail::first_callback + static_cast<unsigned>(flavor) * cpus_max + cpu);
}
inline constexpr ContextId worker_context = static_cast<ContextId>(detail::first_worker);
// What an empty CPU runs. Never chosen.
inline constexpr ContextId idle_context = static_cast<ContextId>(detail::first_idle);

constexpr ContextKind kind_of(ContextId id) {
  const unsigned i = index_of(id);
  if (i < detail::first_main) return ContextKind::task;
  if (i < detail::first_program) return ContextKind::main;
  if (i < detail::first_irq_work) return ContextKind::program;
  if (i < detail::first_callback) return ContextKind::irq_work;
  if (i < detail::first_worker) return ContextKind::callback;
  if (i < detail::first_idle) return ContextKind::worker;
  return ContextKind::idle;
}

// The task, program or CPU number within its kind.
constexpr unsigned number_in_kind(ContextId id) {
  const unsigned i = index_of(id);
  switch (kind_of(id)) {
    case ContextKind::task: return i;
    case ContextKind::program: return i - detail::first_program;
    case ContextKind::irq_work: return i - detail::first_irq_work;
    case ContextKind::callback: return (i - detail::first_callback) % cpus_max;
    case ContextKind::main:
    case ContextKind::worker:
    case ContextKind::idle: return 0;
  }
  return 0;
}

// Of a callback context.
constexpr kernel::RcuFlavor flavor_of(ContextId id) {
  return static_cast<kernel::RcuFlavor>((index_of(id) - detail::first_callback) / cpus_max);
}

// t0, main, p1, irq_work.c0, regular.c1, ttrace.c0, worker, idle
std::string name_of(ContextId id);
// The id of a name; false if there is none.
bool context_of(std::string_view name, ContextId& id);

}  // namespace rcufarm::sim
