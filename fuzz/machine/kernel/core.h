// The kernel, and with it the whole machine.
//
// Job: the room on top: RCU, interrupts, irq_work, locks, slab and works on accesses and engine, and the run itself. Owned by
// Machine. In a run, unless it says otherwise.
#pragma once

#include <array>
#include <cstdint>

#include "machine/kernel/rcu.h"
#include "machine/memory/accesses.h"

namespace rcufarm::sim {

struct PendingWork {
  Word* word = nullptr;
  Invocation invocation;
  SiteNumber site = 0;
  ClockHandle clock = 0;
};

struct Core;
// grace_periods.cpp
void section_takes_over(Core& c, kernel::RcuFlavor flavor);

struct Core final : Accesses {
  // ---- interrupts.cpp ------------------------------------------------------------------------------------------------
  // As what a nested context comes over another.
  enum class Over : std::uint8_t { thread, irq, nmi };
  void enter_nested(Context& context, Over over);
  void leave_nested(Context& context, Over over);
  void run_program(Context& context, std::uint32_t quiet) override;
  void run_irq_works(Lane& lane);
  void irq_off(SiteNumber site);
  void irq_on(SiteNumber site);
  void become_busy(Lane& lane) {
    lane.busy_since = ++tick;
    busy_lanes |= std::uint64_t{1} << lane.number;
    uses_section(kernel::RcuFlavor::regular);
    if (is_weak) [[unlikely]]
      section_takes_over(*this, kernel::RcuFlavor::regular);
  }
  void become_quiet(Lane& lane);
  std::uint64_t busy_lanes = 0;  // by number, those with busy_since
  void wake_quiescing();
  bool no_program_left() const;  // none is to come, and none is on its way
  ClockHandle programs_ended = 0;
  unsigned held = 0;  // locks, and items of irq_work between claim and raise: most frees find none

  // ---- grace_periods.cpp ---------------------------------------------------------------------------------------------
  Rcu rcu;
  // A step in which a section of the flavour begins or ends, or what counts as one.
  void uses_section(kernel::RcuFlavor flavor) {
    uses(Resources::section(flavor));
    if (settings.trace_implies_rcu_gp) uses(Resources::section(kernel::RcuFlavor::tasks_trace));
  }
  void uses_section_end(kernel::RcuFlavor flavor, std::uint64_t since);
  void section_begins(kernel::RcuFlavor flavor);
  void section_ends(kernel::RcuFlavor flavor);
  std::uint64_t oldest_reader(kernel::RcuFlavor flavor);
  void readers_left(kernel::RcuFlavor flavor);  // some reader is gone: who can run now?
  void serve_callbacks();                       // the life of a callback context
  void callback_done(kernel::RcuFlavor flavor, unsigned queue);
  void accuse_if_same_head(const Callback& queued, const Word* head);
  void note_grace_period(kernel::RcuFlavor flavor, std::uint64_t called);

  // ---- works.cpp -----------------------------------------------------------------------------------------------------
  std::array<PendingWork, works_max> works{};
  unsigned works_first = 0;
  unsigned works_count = 0;
  void serve_works();

  // ---- slab.cpp ------------------------------------------------------------------------------------------------------
  bool may_fail_allocation();
  std::uint32_t slab_allocations = 0;
  std::uint32_t failures_left = 0;
  std::array<std::uint64_t, 3> refused{};  // allocations of this run, by why
  std::uint64_t objcg_objects = 0;
  std::uint64_t objcg_bytes = 0;
  std::uint64_t objcg_references = 0;
  void* allocate(ObjectInfo::Kind kind, std::size_t bytes, unsigned count, kernel::Gfp gfp, bool charge,
                 kernel::AllocFailure& why, Op op, const Site& site);
  void release_object(void* memory, ObjectInfo::Kind kind, Op op, const Site& site);
  Resources alloc_uses;  // of this run's slab
  Resources free_uses;
  void set_up_slab();
  void check_nothing_queued_in(const ObjectRecord& object);
  ObjectInfo info_about(std::uint32_t serial) const;

  // ---- host.cpp ------------------------------------------------------------------------------------------------------
  void join_all();
  void publish_user_clock();  // what a task has done so far is there for join_all()

  // ---- run.cpp -------------------------------------------------------------------------------------------------------
  const Outcome& run(const Settings& settings, const Program& program, Strategy& strategy);
  void set_up();
  void set_up_lane(Lane& lane, std::uint8_t cpu);
  void set_up_context(ContextId id, Lane& lane);
  // An irq_work, a queue of callbacks or the workqueue: set up when something first comes to it, since most runs need few.
  Context& live(ContextId id) {
    if (!live_contexts.contains(id)) [[unlikely]]
      set_up_late(id);
    return contexts[index_of(id)];
  }
  void set_up_late(ContextId id);
  ClockHandle tasks_began = 0;  // the clock at the end of the prologue; 0: it is not over
  void main_body();
  void start_tasks();
  void run_context(Context& self) override;
  // It may share its CPU with a thread that began in the prologue, which start_tasks() leaves alone.
  void task_begins() override { take_over(tasks_began); }
  void task_ended(Context&) override { publish_user_clock(); }
  void task_switched(Lane& lane) override;
};

// Null outside of a run.
inline Core* core_of_thread() { return static_cast<Core*>(engine_of_thread); }

inline Core& core() {
  check(engine_of_thread != nullptr,
        "a kernel function was called outside of a run: call it from a program's functions");
  return static_cast<Core&>(*engine_of_thread);
}

}  // namespace rcufarm::sim
