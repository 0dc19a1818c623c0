// The simulated machine, as its host sees it.
//
// Job: run a program (functions for tasks and for nested irq and nmi programs) under a strategy, and say what came of it.
// A machine is made once and used for any number of runs, one at a time, on the thread that made it; a run allocates
// nothing and leaves nothing behind for the next. Code of a program reaches the machine's kernel through the port
// (alloc/kernel/kernel.h), and the host's own part of it through the member functions marked "in a run".
//
// A run that ends early (a violation, stop(), a limit) is left at once: its stacks are dropped without unwinding, so
// destructors do not run. What a program's functions own must be in the host's or the machine's memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "kernel/types.h"
#include "machine/engine/context_id.h"
#include "machine/engine/events.h"
#include "machine/engine/limits.h"
#include "machine/engine/memory_model.h"
#include "machine/engine/program.h"
#include "machine/engine/schedule.h"
#include "machine/engine/strategy.h"
#include "machine/memory/object_info.h"

namespace rcufarm::sim {

struct Core;
class Sharing;

class Machine {
 public:
  Machine();
  ~Machine();
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  // One run, of a strategy that has just said yes to begin_run(). explore.h has the loop. Valid until the next one.
  const Outcome& run(const Settings& settings, const Program& program, Strategy& strategy);

  // Gets all events of the runs to come; null: none.
  void set_observer(Observer* observer);
  // For each load, adds one to a byte chosen by (place of the store that was read, place of the load). `size` is a
  // power of two. Null: off. Counts stick at 255.
  void set_reads_from_map(std::uint8_t* map, std::size_t size);
  // In its place: puts the number of that place into a set of 64 * words (a power of two), an eighth of a map in the cache. `met` gets
  // each number that was not in the set before; room for one more than the set has. Null: off.
  void set_reads_from_set(std::uint64_t* set, std::size_t words, std::uint32_t* met);
  // Bytes of the map that were 0, or numbers that were not in the set, since it was given.
  std::uint64_t reads_from_pairs() const;

  // Runs learn which words are shared, and the strategy is asked only where that matters (sharing.h). The host says when
  // another program begins. Null: off; the strategy is asked at each point.
  void set_sharing(Sharing* sharing);

  // ---- in a run: for the functions of a program ----------------------------------------------------------------------

  ContextId context() const;       // who is running
  std::uint8_t cpu() const;        // where; no_cpu for callbacks and the workqueue
  std::uint64_t step() const;      // scheduling points passed
  std::uint64_t switches() const;  // of the running context

  // A call of the code under test begins and ends. Migration is disabled in between; a deviation is anchored at these.
  // A scheduling point each.
  void begin_call(std::uint64_t number, const Site& site = Site::here());
  void end_call(const Site& site = Site::here());
  // The task moves to another CPU. A point. Not inside a call, a nested program, or with interrupts off.
  void migrate(unsigned cpu, const Site& site = Site::here());
  // Lets others go first. A point.
  void yield(const Site& site = Site::here());
  // A user looks at, or writes, a word of an object: it must be alive, and its free must come after. A point. Two touches
  // never race with each other.
  void touch(const void* address, bool writes, const Site& site = Site::here());
  // The program comes once on its CPU, at a moment that the schedule chooses, from now on. Any context. Adds up, to
  // 255. Things done before happen-before it.
  void raise(unsigned program, const Site& site = Site::here());
  // Waits until every raised program has run and ended. Task context, interrupts on, outside calls. Everything that
  // they did happens-before the return. Those raised by others meanwhile are waited for, too.
  void quiesce_programs(const Site& site = Site::here());
  // Waits until ready(argument). It is asked again after each notify() and each end of a context. No edge: see join_all.
  // Task context, interrupts on.
  void wait(bool (*ready)(void*), void* argument, const Site& site = Site::here());
  void notify();
  // What this task has done so far is there for join_all().
  void publish();
  // For strategies that watch steps: the host looks at its books of this allocation, or changes them, so that the order in
  // which two contexts come there may show. No point, no edge.
  void uses_books_of(std::uint32_t serial);
  // From here on, everything that tasks and programs have done as users (up to their last call, section, touch, wait or publish)
  // happens-before this context, as if it had joined them. Not what irq_work, callbacks and works do after that. The
  // epilogue begins with it.
  void join_all();
  // What this context knows happens-before all that any context does from here on: a grace period that somebody waited for is a
  // full barrier on every CPU.
  void order_all();
  // The next n slab allocations of this context fail.
  void fail_next(unsigned n);
  // Ends the run with ViolationKind::host. Does not return when called in a run by a program; from an observer it
  // returns, and the run ends before anything else happens.
  void stop(std::uint64_t code, const char* text);

  // Memory for the host's own kernel objects (atomics, plain fields): zeroed, in the arena, alive to the end of the run, not
  // counted as an allocation. In the prologue, so that it is at the same place in each run. Null when it is used up.
  void* host_memory(std::size_t bytes);
  // Is the address in the page that no stack of a context may reach?
  bool is_behind_a_stack(const void* address) const;
  // Before a run, for the machine's life: these bytes of the host's own may be touched through the port, too. At most 16
  // ranges. Anything else outside the arena and the programs' stacks ends the run: End::unknown_word, or ViolationKind::out_of_bounds
  // where the process has no memory.
  void share(const void* begin, std::size_t bytes);

  // ---- in a run, or after it -----------------------------------------------------------------------------------------

  // Allocations of the run in order; [0] is serial 1.
  std::size_t object_count() const;
  ObjectInfo object(std::size_t index) const;
  // The allocation that the address is in, or serial 0. Freed ones are found until their memory is used again.
  ObjectInfo object_at(const void* address) const;
  std::size_t live_objects() const;
  // A serial number of its own for bytes that the code under test hands out of its memory. In a run.
  std::uint32_t new_part(const void* address, std::size_t bytes);
  // From there to the end of what share() was told about; 0: it is not in it.
  std::size_t room_in_shared(const void* address) const;
  std::uint64_t objcg_objects() const;  // charged at present
  std::uint64_t objcg_bytes() const;
  // In a run: from now on the object cgroup takes each charge, as when somebody raises its limit.
  void lift_objcg_limit();
  std::uint64_t objcg_references() const;  // taken by get_obj_cgroup_from_current() and not put yet
  // Allocations of the slab that it did not serve, since the run began.
  std::uint64_t allocations_refused(kernel::AllocFailure why) const;
  // Callbacks that have run since the run began.
  std::uint64_t callbacks_done(kernel::RcuFlavor flavor) const;
  // Callbacks that are queued or running.
  std::size_t callbacks_in_flight(kernel::RcuFlavor flavor) const;

 private:
  std::unique_ptr<Core> core_;
};

// The machine whose run the calling thread is in; null outside.
Machine* current_machine();

}  // namespace rcufarm::sim
