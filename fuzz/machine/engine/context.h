// Contexts and lanes: what runs, and what it runs on.
//
// Job: the data of the scheduler. A *context* is a strand of execution. A *lane* is what can do one thing at a time: a CPU
// with the contexts on it, or a queue of callbacks, or the workqueue, each of which is its own. A lane has one entry in
// vector clocks. Owned by the core; plain data.
#pragma once

#include <array>
#include <cstdint>

#include "machine/engine/anchor.h"
#include "machine/engine/choice.h"
#include "machine/engine/clocks.h"
#include "machine/engine/context_set.h"
#include "machine/engine/events.h"
#include "machine/engine/fiber.h"
#include "machine/engine/sites.h"
#include "machine/engine/step.h"
#include "sim_port/hooks.h"

namespace rcufarm::sim {

struct Lane;
inline constexpr unsigned locks_held_max = 8;

// Choices at one anchor, by kind, that took the plain option and are in no deviation so far (Core::choose).
struct PlainChoices {
  Anchor anchor;
  std::array<std::uint32_t, choice_kinds> count{};
};

// What a new run begins with as zeros, in one piece.
struct ContextState {
  bool started = false;
  bool yields = false;
  bool in_call = false;
  Op waits_for = Op::none;  // of a blocked context
  SiteNumber site = 0;      // of the pending operation
  std::uint8_t raised = 0;
  std::uint8_t lock_count = 0;
  std::array<std::uint16_t, kernel::rcu_flavor_count> sections{};  // open read sections
  ClockHandle clock = 0;  // of a task: up to where join_all() takes it over; of a program: who raised it
  std::uint32_t fail_next = 0;
  Word* claimed = nullptr;  // an irq_work between claim and raise
  Anchor anchor;
  PlainChoices plain_choices;

  bool has_open() const {  // a section, or a lock
    unsigned open = lock_count;
    for (const std::uint16_t depth : sections) open |= depth;
    return open != 0;
  }
};
inline constexpr unsigned raised_max = 255;

// In whole cache lines, which makes the way from an id to its context short, too.
struct alignas(512) Context : ContextState {
  ContextId id = idle_context;
  ContextKind kind = ContextKind::idle;
  ContextSet alone;  // itself and nobody else; of an empty CPU's: nobody
  Lane* lane = nullptr;
  Fiber* fiber = nullptr;  // its own, or that of the context that it came over

  // From here on a value means something only while one of those above says so: a new run leaves it as it is.
  Context* below;                                                     // of a nested one: what it came over
  std::array<std::uint64_t, kernel::rcu_flavor_count> section_since;  // the tick at which the outermost began
  const void* wait_address;
  // The call, and what was open when it began.
  std::uint64_t call;
  std::uint32_t call_irq_depth;
  unsigned call_locks;
  std::array<std::uint16_t, kernel::rcu_flavor_count> call_sections;
  SiteNumber claim_site;
  std::uint64_t wait_tick;                          // synchronize_rcu: when it was called
  ClockHandle wait_clock;                           // what happens before the wait's end
  std::array<std::uint64_t, cpus_max> wait_counts;  // rcu_barrier: callbacks to be done, by queue
  bool (*wait_ready)(void*);
  void* wait_argument;
  std::array<const Word*, locks_held_max> locks;  // in the order of locking
  std::array<SiteNumber, locks_held_max> lock_sites;

  void begin_run(Lane& on) {
    static_cast<ContextState&>(*this) = {};
    lane = &on;
  }
};

struct RaisedWork {
  Word* word = nullptr;
  Invocation invocation;
  SiteNumber site = 0;
};

// What a new run begins with as zeros, in one piece: no more than a compiler clears without a loop.
struct LaneState {
  bool in_irq = false;
  bool in_nmi = false;
  std::uint16_t works_count = 0;
  std::uint32_t irq_depth = 0;
  std::uint64_t busy_since = 0;  // tick since which this is a regular reader without a section; 0: it is none
  ContextSet domain;             // contexts of this lane
  // A CPU's.
  Context* base = nullptr;  // the task that has it, if any
  Context* top = nullptr;   // the innermost nested context
  Context* idle = nullptr;
  Context* inject = nullptr;  // a program that begins on the fiber that is being switched to
  Word* work_running = nullptr;

  bool irqs_on() const { return irq_depth == 0 && !in_irq && !in_nmi; }
};

struct alignas(64) Lane : LaneState {
  std::uint32_t* clock = nullptr;
  std::uint32_t* own = nullptr;  // of it, this lane's entry
  Epoch epoch = 0;               // now: what its entry of its clock says
  std::uint8_t number = 0;
  std::uint8_t cpu = no_cpu;
  SiteNumber work_running_site = 0;  // means something while one is
  Resources state;                   // a CPU's: what a step uses that changes any of what it is at
  ContextSet irq_programs;
  ContextSet nmi_programs;
  Context* last_ended = nullptr;  // nested context; the anchor of what an empty CPU decides
  unsigned works_first = 0;
  std::array<RaisedWork, irq_works_max> works{};
};

}  // namespace rcufarm::sim
