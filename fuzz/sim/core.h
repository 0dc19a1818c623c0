// The simulated machine's inside.
//
// Job: one struct with all state of a run, and the parts of the machine as groups of functions, each group in a file of its
// own. Owned by Machine; everything here runs on its thread, in a run, on some fiber's stack, unless it says otherwise.
// What leaves a run never returns: the stacks are dropped.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>

#include "sim/check.h"
#include "sim/clocks.h"
#include "sim/context.h"
#include "sim/machine.h"
#include "sim/memory.h"
#include "sim/rcu.h"
#include "sim/sharing.h"
#include "sim/sites.h"
#include "sim/store_history.h"
#include "sim/weak.h"

namespace rcufarm::sim {

struct PendingWork {
  Word* word = nullptr;
  Invocation invocation;
  SiteNumber site = 0;
  ClockHandle clock = 0;
};

// The stores that an access had to do with, by number; 0: none. As in Event.
struct StoresSeen {
  std::uint32_t read = 0;
  std::uint32_t made = 0;
  std::uint32_t missed = 0;
  std::uint32_t before = 0;
};

// The step that is going on, for strategies that watch steps.
struct Footprint {
  bool is_open = false;
  bool begins = false;  // its context has not come to its first operation
  ContextId context = idle_context;
  Op op = Op::none;
  bool is_everything = false;
  Resources resources;
  unsigned count = 0;
  std::array<Touched, touched_max> words{};
};

struct Core;
// weak.cpp: the edges that every model has in common, as the weaker ones need them. Not called under sc.
void before_handing_on(Core& c);
void after_taking_over(Core& c, ClockHandle handle);
void section_takes_over(Core& c, kernel::RcuFlavor flavor);

inline bool acquires(kernel::Order order) {
  return order == kernel::Order::acquire || order == kernel::Order::acq_rel || order == kernel::Order::seq_cst;
}
inline bool releases(kernel::Order order) {
  return order == kernel::Order::release || order == kernel::Order::acq_rel || order == kernel::Order::seq_cst;
}

struct Core {
  Core();
  ~Core();
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  // ---- the run -------------------------------------------------------------------------------------------------------
  Settings settings;
  const Program* program = nullptr;
  Strategy* strategy = nullptr;
  Observer* observer = nullptr;
  bool tracing = false;           // settings.trace, and somebody watches
  bool strategy_watches = false;  // operations or steps
  bool watches_steps = false;
  bool attentive = false;  // accesses are told to somebody: to `learner`, or as footprints
  Outcome outcome;
  bool main_ended = false;
  unsigned tasks_left = 0;
  std::uint64_t stop_code = 0;
  const char* stop_text = nullptr;
  bool in_observer = false;

  // ---- scheduler.cpp -------------------------------------------------------------------------------------------------
  Context* current = nullptr;
  Fiber* current_fiber = nullptr;
  std::uint64_t steps = 0;
  std::uint64_t budget = 0;  // points until ask()
  ContextSet ready;          // contexts that have something to do and wait for nothing
  ContextSet raised;         // programs that are to come
  ContextSet candidates;     // contexts that can go on now
  ContextSet blocked;        // contexts in block()
  ContextSet live_contexts;  // those of this run
  std::uint64_t tick = 0;    // counts what grace periods compare
  std::uint64_t digest = 0;
  std::uint32_t entry_quiet = 0;  // for the program that begins after a switch
  std::array<Context, context_count> contexts;
  std::array<Pending, context_count> pending;
  std::array<Context, cpus_max> idle_contexts;
  std::array<Lane, lanes_max> lanes;
  unsigned lane_count = 0;
  std::array<Fiber, context_count + cpus_max> fibers;
  Fiber host;
  std::unique_ptr<Deviation[]> deviations;
  std::size_t deviation_count = 0;

  // A scheduling point of the current context: others may go first. Every operation begins with one.
  void point(Op op, bool writes, const void* address, SiteNumber site) {
    Context& self = *current;
    Pending& mine = pending[index_of(self.id)];
    mine.op = op;
    mine.writes = writes;
    mine.address = address;
    self.site = site;
    ++self.points;
    ++steps;
    if (attentive && goes_on_unasked(mine)) [[unlikely]]
      return;
    if (budget != 0) [[likely]] {
      --budget;
    } else {
      ask();
    }
    if (strategy_watches) [[unlikely]] {
      strategy->before(self.id, mine);
      if (watches_steps) step_begins(self, mine.op, false);
    }
  }
  void ask();
  // The current context cannot go on until wake(); returns when it was woken and chosen.
  void block(Op op, const void* address);
  void park(Op op, const void* address);  // the first half of block(): from now on a wake() counts
  void wait_for_turn();                   // the second half
  void wait_for_next_item();
  ContextSet idle_servers() const;
  void wake(Context& context);
  void wake_waiters(Op op, const void* address);  // those that blocked with these
  // To be called when what can_run() looks at has changed.
  void refresh(Lane& lane);
  ContextSet can_run(const Lane& lane) const;
  [[noreturn]] void end_context();
  void set_budget(std::uint64_t points) { budget = std::min(points, settings.points_max - steps); }

  bool transfer(Context& self, ContextId next, std::uint32_t quiet);
  ContextId decide(const ContextSet& from, const Context& anchor, bool can_go_on, std::uint32_t& quiet);
  // A choice other than who goes on, by the current context: asks the strategy and records what it says. Below `count`.
  unsigned choose(ChoiceKind kind, unsigned count);
  void record(DecisionKind kind, ContextId target, std::uint32_t value, const Context& anchor);
  Situation situation(const ContextSet& from, const Context& anchor, bool can_go_on) const;
  void start(Context& context, FiberEntry entry);
  void start_context(Context& context);
  void lead_to_first_operation(Context& task);
  Context* starter = nullptr;  // whom a task that is led there goes back to
  // Points at which nobody is asked, since no other context can tell them apart from the next one.
  Sharing* sharing = nullptr;  // the host's
  Sharing* learner = nullptr;  // the same while it is in use: not in the prologue, where nobody else runs
  std::uint64_t unasked = 0;   // of this run's steps
  bool goes_unasked(const Pending& mine);
  bool matters_to_others(const Pending& mine) const;
  bool matters_to_others(std::size_t word, bool writes) const;
  void note_access(const void* address, bool writes) {
    if (learner != nullptr) learner->note(memory.offset_of(address) / sizeof(Word), accessor(), writes);
    if (watches_steps) touches_word(address, writes);
  }
  Sharing::Accessor accessor() const {
    return {static_cast<std::uint8_t>(index_of(current->id) + 1), static_cast<std::uint8_t>(current->lane->number)};
  }
  void go(Fiber& to);
  bool may_fail_allocation();

  // ---- steps.cpp -----------------------------------------------------------------------------------------------------
  Footprint footprint;
  bool goes_on_unasked(const Pending& mine);  // is this point no end of a step?
  // `begins`: with what is before its context's first operation.
  void step_begins(const Context& context, Op op, bool begins);
  void chosen_step_begins(const Context& next);
  void step_ends();
  // What the step uses and touches. Words only while somebody watches.
  void uses(Resources resources) { footprint.resources |= resources; }
  void touches(const void* begin, std::size_t bytes, bool writes);
  void touches_word(const void* address, bool writes);
  void touches_object(const ObjectRecord& object);
  // A section of the flavour begins or ends, or what counts as one.
  void uses_section(kernel::RcuFlavor flavor) {
    uses(Resources::section(flavor));
    if (settings.trace_implies_rcu_gp) uses(Resources::section(kernel::RcuFlavor::tasks_trace));
  }

  // ---- interrupts.cpp ------------------------------------------------------------------------------------------------
  void enter_nested(Context& context, bool nmi);
  void leave_nested(Context& context, bool nmi);
  void run_program(Context& context, std::uint32_t quiet);
  void run_irq_works(Lane& lane);
  void irq_off(SiteNumber site);
  void irq_on(SiteNumber site);
  void become_busy(Lane& lane) {
    lane.busy_since = ++tick;
    uses_section(kernel::RcuFlavor::regular);
    if (is_weak) [[unlikely]]
      section_takes_over(*this, kernel::RcuFlavor::regular);
  }
  void become_quiet(Lane& lane);
  void wake_quiescing();
  bool no_program_left() const;  // none is to come, and none is on its way
  ClockHandle programs_ended = 0;

  // ---- access.cpp ----------------------------------------------------------------------------------------------------
  Sites sites;
  Clocks clocks;
  Memory memory;
  StoreHistory stores;
  bool is_weak = false;  // a load may read another store than the newest
  std::unique_ptr<Weak> weak;
  std::uint8_t* reads_from_map = nullptr;
  std::size_t reads_from_mask = 0;
  std::uint64_t reads_from_pairs = 0;  // places of the map that went from 0 to 1

  Shadow& shadow_of(const void* address) {
    const std::size_t offset = memory.offset_of(address);
    if (offset >= arena_bytes) [[unlikely]]
      return host_shadow(address);
    Slot& slot = memory.slot_at(offset);
    if (slot.state != SlotState::live || offset % object_bytes_backed + sizeof(Word) > slot.bytes) [[unlikely]] {
      accuse_access(address);
    }
    Shadow& shadow = memory.shadow_at(offset);
    if (shadow.life != slot.life) [[unlikely]]
      begin_shadow(shadow, slot, offset);
    return shadow;
  }
  void begin_shadow(Shadow& shadow, Slot& slot, std::size_t offset);
  // Of the word that the address is in, and that is alive: what sees its upper four bytes as a place of their own.
  Shadow& upper_half_of(const void* address);
  Shadow* known_upper_half_of(const void* address) {  // null: this life has not touched it
    if (!memory.has_upper_halves()) [[likely]]
      return nullptr;
    const std::size_t offset = memory.offset_of(address);
    Shadow& shadow = memory.upper_half_at(offset);
    return shadow.life == memory.slot_at(offset).life ? &shadow : nullptr;
  }
  Shadow& host_shadow(const void* address);
  void note_read(Shadow& shadow, AccessInfo info);
  void note_shared(Shadow& shadow, Epoch epoch, AccessInfo info);
  void share_reads(Shadow& shadow, Epoch epoch, AccessInfo info);
  void check_reads(const Shadow& shadow, AccessInfo info, bool plain_only, bool atomic_writes_only);
  void on_plain_load(Shadow& shadow, AccessInfo info, const void* address);
  void on_plain_store(Shadow& shadow, AccessInfo info, const void* address);
  void on_atomic(Shadow& shadow, AccessInfo info, const void* address, bool writes);
  void on_touch(Shadow& shadow, AccessInfo info);
  void acquire(const Shadow& shadow);
  void release(Shadow& shadow);
  void release_store(Shadow& shadow);
  void read_from(const Shadow& shadow, SiteNumber site);
  void count_reads_from(SiteNumber store, SiteNumber load);
  void new_store(Shadow& shadow, Word value, SiteNumber site);
  AccessInfo here(Op op) const { return info_of(current->site, current->id, op); }
  // Does every access to these words happen before now? (A free is an access to all of an object.)
  void check_ordered_free(std::uint32_t serial);
  // Of a store of `announced_bytes` the value is not known yet: an observer finds it there when the next event comes.
  void trace(Op op, kernel::Order order, const void* address, unsigned announced_bytes, Word value, Word other,
             const StoresSeen& stores);

  std::uint32_t* clock() { return current->lane->clock; }
  Epoch epoch() { return epoch_of(current->lane->number, clock()[current->lane->number]); }
  // What is given out must not be given out again as the same: later operations of this lane are later.
  void advance() { ++clock()[current->lane->number]; }
  ClockHandle make_clock();
  ClockHandle copy_of_clock();          // and advances
  void join_into(ClockHandle& handle);  // the current clock into a handle that may be none yet; no advance
  void take_over(ClockHandle handle) {
    if (handle != 0) clocks.join(clock(), clocks.at(handle));
    if (is_weak) [[unlikely]]
      after_taking_over(*this, handle);
  }
  void mix(std::uint64_t value) { digest = (digest << 7U ^ digest >> 57U ^ value) * 0x9e3779b97f4a7c15U; }
  // What happened, without an address: who, what, which word, which store was read.
  void mix(Op op, const Shadow& shadow) {
    mix(static_cast<std::uint64_t>(op) | std::uint64_t{index_of(current->id)} << 8U |
        std::uint64_t{shadow.number} << 16U | std::uint64_t{shadow.store} << 40U);
  }

  // ---- grace_periods.cpp ---------------------------------------------------------------------------------------------
  Rcu rcu;
  void section_begins(kernel::RcuFlavor flavor);
  void section_ends(kernel::RcuFlavor flavor);
  std::uint64_t oldest_reader(kernel::RcuFlavor flavor) const;
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
  std::uint32_t slab_allocations = 0;
  std::uint32_t failures_left = 0;
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
  void wake_host_waits();  // asks each wait() again
  void join_all();
  void publish_user_clock();  // what a task has done so far is there for join_all()

  // ---- reports.cpp ---------------------------------------------------------------------------------------------------
  std::array<char, 512> text{};
  struct HostRange {
    const char* begin;
    std::size_t bytes;
  };
  std::array<HostRange, 16> host_ranges{};
  unsigned host_range_count = 0;
  bool is_shared_by_host(const void* address) const;

  Party party(AccessInfo info) const;
  Party party_here(Op op) const;
  [[noreturn]] void leave();
  [[noreturn]] void leave_at_limit(const char* name);
  [[noreturn]] void give_up();
  [[noreturn]] void accuse(ViolationKind kind, const Party& first, const Party& second, const void* address,
                           const char* text);
  [[noreturn]] void accuse_access(const void* address);
  [[noreturn]] void accuse_deadlock();
  [[noreturn]] void accuse_host();
  // Ends the run unless the condition holds: an operation in a context in which it is illegal.
  void require(bool legal, Op op, SiteNumber site, const char* why) {
    if (!legal) [[unlikely]]
      illegal(op, site, why);
  }
  void require_sleepable(Op op, SiteNumber site, const char* why);
  [[noreturn]] void illegal(Op op, SiteNumber site, const char* why);
  void check_balanced(Op op);
  // An event with what is known of here and now filled in.
  Event event(EventKind kind, Op op = Op::none) const;
  void locate(Event& event, const void* address) const;
  std::uint32_t caches_beside(const void* address) const;
  void emit(const Event& event);
  void emit_simple(EventKind kind, Op op = Op::none, kernel::RcuFlavor flavor = kernel::RcuFlavor::regular);
  bool watched() const { return observer != nullptr; }

  // ---- run.cpp -------------------------------------------------------------------------------------------------------
  Outcome run(const Settings& settings, const Program& program, Strategy& strategy);
  void set_up();
  void set_up_lane(unsigned number, std::uint8_t cpu);
  void set_up_context(ContextId id, Lane& lane);
  void set_up_cpu(unsigned cpu);
  void main_body();
  void start_tasks();
};

// The core whose run the thread is in. Initial-exec: the port's every operation reads it.
extern thread_local constinit Core* core_of_thread __attribute__((tls_model("initial-exec")));

inline Core& core() {
  check(core_of_thread != nullptr, "a kernel function was called outside of a run: call it from a program's functions");
  return *core_of_thread;
}

}  // namespace rcufarm::sim
