// A program for the machine, the settings of its runs, and what a run comes to.
//
// Job: plain values that a host fills in and reads; no state. Settings say what machine it is, a Program what runs on it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "kernel/types.h"
#include "machine/engine/events.h"
#include "machine/engine/memory_model.h"
#include "machine/engine/schedule.h"

namespace rcufarm::sim {

using Function = void (*)(void* argument);

struct TaskSpec {
  Function run = nullptr;
  void* argument = nullptr;
  unsigned cpu = 0;
};

struct ProgramSpec {
  Function run = nullptr;
  void* argument = nullptr;
  unsigned cpu = 0;
  kernel::Context kind = kernel::Context::irq;  // irq or nmi
};

// Prologue, tasks, epilogue, in this order; tasks see all that the prologue did, and the epilogue what join_all() gives. Callbacks and works that are left
// when the epilogue returns run before the run ends. Prologue and epilogue may be null; they run in task context on CPU 0.
struct Program {
  Function prologue = nullptr;
  Function epilogue = nullptr;
  void* argument = nullptr;  // of prologue and epilogue
  std::span<const TaskSpec> tasks;
  std::span<const ProgramSpec> programs;
};

enum class SlabRounding : std::uint8_t { exact, kmalloc, sixteen_more };
enum class SlabReuse : std::uint8_t { never, lifo };

struct Settings {
  unsigned cpus = 2;
  bool trace_implies_rcu_gp = false;
  bool irq_work_in_thread = false;  // PREEMPT_RT: interrupts are on in it, and it is no regular reader
  SlabRounding slab_rounding = SlabRounding::exact;
  SlabReuse slab_reuse = SlabReuse::never;
  // Does slab allocation number `nth` (from 0) of the run fail? Null: no. Called at the allocation; no scheduling point.
  bool (*slab_fails)(void* host, std::uint32_t nth) = nullptr;
  void* slab_fails_host = nullptr;
  std::uint32_t failures_max = 0;  // allocations that the strategy may fail on top
  bool has_objcg = false;          // does get_obj_cgroup_from_current() give one?
  // Are data races and unordered frees accused? Without, a search goes on to what can come of them.
  bool check_order = true;
  MemoryModel model = MemoryModel::sc;
  Vocabulary vocabulary = Vocabulary::kernel;  // of what is told in words
  bool trace = false;                          // give traced events to the observer as well
  bool record = true;                          // keep the deviations of the run
  std::uint64_t objcg_objects_max = 0;         // 0: no limit
  std::uint64_t objcg_bytes_max = 0;           // 0: no limit
  std::uint64_t points_max = 200'000;          // the run's limit of scheduling points, at most steps_max
};

struct Outcome {
  End end = End::finished;
  Violation violation;
  const char* limit = "";
  std::uint64_t points = 0;
  std::uint64_t unasked = 0;   // of these: where the strategy is not asked (Machine::set_sharing)
  std::uint64_t switches = 0;  // of the running context
  std::uint64_t store_choices =
      0;                     // loads that had several stores to read, stores and frees that could go before others
  std::uint64_t digest = 0;  // equal on every compiler and build: no address is in it
  std::span<const Deviation> deviations;  // valid until the next run; empty without Settings::record
};

}  // namespace rcufarm::sim
