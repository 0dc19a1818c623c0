// A scenario: how many CPUs, caches and tasks there are, and what each task does.
//
// Job: the model that both codecs, the generator, the mutator and every runner share. Plain values: a scenario is owned
// by whoever holds it, and any thread may read it while nobody writes. It knows no allocator and no kernel. What an
// operation means, and when it is skipped at run time, stands in README.md beside this file.
//
// A scenario is *valid* if every value is in its range (normalize.h). Codecs give valid scenarios only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "scenario/fixed_list.h"
#include "scenario/limits.h"

namespace rcufarm::scenario {

// One allocator per cache: objects of one size, per-CPU objects of one size, or the size classes.
enum class CacheKind : std::uint8_t { fixed, percpu, classes };
enum class Flavor : std::uint8_t { regular, tasks_trace };
enum class Gfp : std::uint8_t { nowait, kernel };
// What the slab makes of a size: nothing, the next kmalloc bucket, or sixteen bytes more than were asked for.
enum class SlabRounding : std::uint8_t { exact, kmalloc, sixteen_more };
// When the slab hands freed memory out again. Only a simulated slab can promise it.
enum class SlabReuse : std::uint8_t { never, lifo };
enum class CgroupUnit : std::uint8_t { none, objects, bytes };
// `wait`: destroy returns when every object is back. `defer`: it may leave the rest to a workqueue.
enum class DestroyMode : std::uint8_t { wait, defer };
enum class ProgramKind : std::uint8_t { irq, nmi };

// In the order of the byte format; operations.h says everything else about them.
enum class OpKind : std::uint8_t {
  alloc,
  free,
  free_rcu,
  alloc_flags,
  raw_free,
  touch,
  enter,
  leave,
  irq_off,
  irq_on,
  raise,
  migrate,
  fail_next,
  synchronize,
  destroy,
  yield,
  pause,
};
inline constexpr std::size_t op_kind_count = 17;

// Fields that an operation has no use for are 0.
struct Operation {
  OpKind kind = OpKind::alloc;
  std::uint8_t cache = 0;
  std::uint8_t slot = 0;
  std::uint8_t argument = 0;  // the CPU, flavour, gfp, program or count, read through the functions below
  std::uint16_t size = 0;     // bytes; of an alloc from a size-class cache

  Flavor flavor() const { return static_cast<Flavor>(argument); }
  Gfp gfp() const { return static_cast<Gfp>(argument); }
  unsigned cpu() const { return argument; }
  unsigned program() const { return argument; }
  unsigned count() const { return argument; }

  bool operator==(const Operation&) const = default;
};

// Bit n set: the slab allocation number after + n (counted from 0, since the machine was made) fails. No bit set: after is 0.
struct SlabFailures {
  std::uint16_t after = 0;
  std::uint32_t bits = 0;

  bool operator==(const SlabFailures&) const = default;
};

// `amount` is in objects, or in multiples of limits.cgroup_bytes_unit bytes. 0 if there is no limit.
struct CgroupLimit {
  CgroupUnit unit = CgroupUnit::none;
  std::uint16_t amount = 0;

  bool operator==(const CgroupLimit&) const = default;
};

struct Machine {
  std::uint8_t cpus = 1;
  std::uint8_t slots = 1;
  bool implies_rcu_gp = false;  // rcu_trace_implies_rcu_gp()
  SlabRounding slab_rounding = SlabRounding::exact;
  SlabReuse slab_reuse = SlabReuse::never;
  DestroyMode destroy_mode = DestroyMode::wait;
  SlabFailures slab_failures;
  CgroupLimit cgroup;

  bool operator==(const Machine&) const = default;
};

struct Cache {
  CacheKind kind = CacheKind::fixed;
  std::uint16_t size = 0;  // bytes of one object; 0 for the size classes, which is what their init is given

  void clear() { *this = {}; }
  bool operator==(const Cache&) const = default;
};

struct Task {
  std::uint8_t cpu = 0;  // where it starts
  std::vector<Operation> ops;

  void clear() {
    cpu = 0;
    ops.clear();
  }
  bool operator==(const Task&) const = default;
};

// A nested program: what an irq or an nmi does when it comes on its CPU.
struct Program {
  ProgramKind kind = ProgramKind::irq;
  std::uint8_t cpu = 0;
  std::vector<Operation> ops;

  void clear() {
    kind = ProgramKind::irq;
    cpu = 0;
    ops.clear();
  }
  bool operator==(const Program&) const = default;
};

struct Scenario {
  Machine machine;
  FixedList<Cache, limits.caches_max> caches;               // at least one
  FixedList<Task, limits.tasks_max> tasks;                  // at least one
  FixedList<Program, limits.nested_programs_max> programs;  // may be none

  bool operator==(const Scenario&) const = default;
};

// Operations of all tasks and programs.
inline std::size_t total_ops(const Scenario& scenario) {
  std::size_t total = 0;
  for (const Task& task : scenario.tasks) total += task.ops.size();
  for (const Program& program : scenario.programs) total += program.ops.size();
  return total;
}

}  // namespace rcufarm::scenario
