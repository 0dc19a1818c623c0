// The engine: contexts, who goes on, choices, and what a run tells.
//
// Job: the lowest room of the machine. It knows contexts and lanes, asks the strategy, switches fibers and records decisions; it
// knows no memory and no kernel. What those do at its moments are the virtual functions. All on the machine's thread, in a
// run, on some fiber's stack. What leaves a run never returns: the stacks are dropped.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

#include "machine/engine/access_info.h"
#include "machine/engine/check.h"
#include "machine/engine/context.h"
#include "machine/engine/footprint.h"
#include "machine/engine/program.h"
#include "machine/engine/sites.h"
#include "machine/engine/strategy.h"
#include "machine/engine/zero_pages.h"

namespace rcufarm::sim {

class Sharing;

// What most runs do not have, in one word: an access looks at it once.
struct Modes {
  bool is_weak = false;  // settings.model is weaker than sc
  bool tracing = false;  // settings.trace, and somebody watches

  bool are_usual() const { return std::bit_cast<std::uint16_t>(*this) == 0; }
};

struct Engine : Modes {
  Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // ---- the run -------------------------------------------------------------------------------------------------------
  Settings settings;
  const Program* program = nullptr;
  Strategy* strategy = nullptr;
  Observer* observer = nullptr;
  EventKinds watched_kinds = 0;          // none without an observer
  bool strategy_watches = false;         // operations or steps
  const void* word_to_ask_at = nullptr;  // that of the strategy, or no word's
  bool watches_steps = false;
  bool attentive = false;      // accesses are told to somebody: to `learner`, or as footprints
  bool ignores_order = false;  // settings.check_order is off
  Outcome outcome;
  bool main_ended = false;
  unsigned tasks_left = 0;  // of the program's
  // Tasks that the code under test has started itself (threads.h), with what they run. The end of main ends them, too.
  ContextSet started;
  std::array<TaskSpec, tasks_max> started_specs;
  bool were_cut_off = false;  // some of them had more to do then
  std::uint64_t stop_code = 0;
  const char* stop_text = nullptr;
  bool in_observer = false;

  Sites sites;

  // ---- scheduler.cpp -------------------------------------------------------------------------------------------------
  Context* current = nullptr;
  Fiber* current_fiber = nullptr;
  std::uint64_t steps = 0;
  std::uint64_t budget = 0;          // points until ask()
  ContextSet ready;                  // contexts that have something to do and wait for nothing
  ContextSet raised;                 // programs that are to come
  ContextSet candidates;             // contexts that can go on now
  bool is_changed = false;           // they, since the strategy was asked
  Choice drawn;                      // the strategy's next one, if it has drawn ahead
  Context* drawn_context = nullptr;  // whom it lets go on; null: it has not
  ContextSet blocked;                // contexts in block()
  ContextSet host_waits;             // of those: in wait_until()
  ContextSet live_contexts;          // those that are set up in this run
  std::uint64_t tick = 0;            // counts what grace periods compare
  std::uint64_t digest = 0;
  std::uint32_t entry_quiet = 0;  // for the program that begins after a switch
  std::array<Context, context_count> contexts;
  std::array<Pending, context_count> pending;
  std::array<Context, cpus_max> idle_contexts;
  std::array<Lane, lanes_max> lanes;
  unsigned lane_count = 0;
  std::uint64_t live_lanes =
      0;  // by number, those that are set up: CPUs, and queues to which something came in this run
  static_assert(lanes_max <= 64);
  template <class Visitor>
  void for_each_lane(Visitor visit) {
    for (std::uint64_t left = live_lanes; left != 0; left &= left - 1) visit(lanes[std::countr_zero(left)]);
  }
  std::array<Fiber, context_count + cpus_max> fibers;
  Fiber host;
  ZeroPages<Deviation> deviations;
  std::size_t deviation_count = 0;

  // A scheduling point of the current context: others may go first. Every operation begins with one.
  void point(Op op, bool writes, const void* address, SiteNumber site);
  // The same in place, for what is done most.
  [[gnu::always_inline]] void point_here(Op op, bool writes, const void* address, SiteNumber site) {
    Context& self = *current;
    Pending& mine = pending[index_of(self.id)];
    mine.op = op;
    mine.writes = writes;
    mine.address = address;
    self.site = site;
    self.anchor.next_point();
    ++steps;
    if (attentive | strategy_watches) [[unlikely]]
      return watched_point();
    if (budget == 0) return ask();
    --budget;
  }
  // The rest of a point of which somebody is told, or at which it is looked whether anybody is asked.
  void watched_point();
  void ask();
  // To be called when what can_run() looks at has changed.
  void refresh(Lane& lane);
  ContextSet can_run(const Lane& lane) const;
  // So that it asks at the last point that is allowed, too.
  void set_budget(std::uint64_t points) {
    budget = std::min(points, steps + 1 < settings.points_max ? settings.points_max - steps - 1 : 0);
  }

  void take_cpu(Context& task);
  Context& idle_of(Lane& lane);  // what the empty CPU runs
  Context& innermost_of(
      Lane& lane);  // whom a nested context on this lane would come over: its stack is the one that is used
  Fiber& next_fiber(Context& self);
  void came_over(Context& self);
  void tell_switch(const Context& from, const Context& to);
  // Where its decisions are anchored: those of an empty CPU's at the program that ended last.
  static Context& anchor_of(Context& self) { return self.kind == ContextKind::idle ? *self.lane->last_ended : self; }
  void look_ahead();
  bool goes_on_as_drawn(const Context& self) const;
  bool switches_as_drawn(const Context& self);
  ContextId decide(const ContextSet& from, const Context& anchor, bool can_go_on, std::uint32_t& quiet);
  // A choice other than who goes on, by the current context: asks the strategy and records what it says. Below `count`.
  unsigned choose(ChoiceKind kind, unsigned count);
  void record(DecisionKind kind, ContextId target, std::uint32_t value, const Context& anchor);
  Situation situation(const ContextSet& from, const Context& anchor, bool can_go_on) const;
  void start(Context& context, FiberEntry entry);
  // Points at which nobody is asked, since no other context can tell them apart from the next one.
  Sharing* sharing = nullptr;  // the host's
  Sharing* learner = nullptr;  // the same while it is in use: not in the prologue, where nobody else runs
  std::uint64_t unasked = 0;   // of this run's steps
  void go(Fiber& to);
  // Nothing of this stack is needed again: the last that its first function does.
  void go_for_good(Fiber& to) {
    Fiber& from = *current_fiber;
    current_fiber = &to;
    drop_fiber(from, to);
  }
  void mix(std::uint64_t value) { digest = (digest << 7U ^ digest >> 57U ^ value) * 0x9e3779b97f4a7c15U; }

  // ---- lives.cpp -----------------------------------------------------------------------------------------------------
  void start_context(Context& context);
  // Tasks run up to their first operation, so that strategies know it: up to there they do nothing that others could see. The program's
  // one after the other, and then main waits for them; a thread that was started alone, and back to who started it.
  void lead_tasks(unsigned count);
  void lead_thread(Context& thread);
  Fiber& led(Context& task);
  Fiber& fiber_behind_led();
  Context* starter = nullptr;  // who leads the current context
  unsigned tasks_led = 0;
  unsigned tasks_to_lead = 0;
  bool waits_for_tasks = false;
  Fiber& end_context();          // gives the stack of who goes on
  [[noreturn]] void end_here();  // wherever its functions are

  // ---- waits.cpp -----------------------------------------------------------------------------------------------------
  // The current context cannot go on until wake(); returns when it was woken and chosen.
  void block(Op op, const void* address);
  void park(Op op, const void* address);  // the first half of block(): from now on a wake() counts
  void wait_for_turn();                   // the second half
  void tell_blocked(Op op, const void* address);
  void wait_for_next_item();
  ContextSet idle_servers() const;
  void wake(Context& context);
  void wake_waiters(Op op, const void* address);  // those that blocked with these
  // Blocks until ready(argument), which is asked again by wake_host_waits().
  void wait_until(bool (*is_ready)(void*), void* argument);
  void wake_host_waits() {
    uses(Resources::notifies());
    if (!host_waits.is_empty()) [[unlikely]]
      ask_host_waits();
  }
  void ask_host_waits();

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
  // A part of the machine's own books counts as memory.
  template <class T>
  void uses_part(const T& part, bool writes) {
    if (watches_steps) touches(&part, sizeof(T), writes);
  }

  // ---- what the rooms above do ---------------------------------------------------------------------------------------
  // The life of a context that is no task: main, a queue of callbacks, the workqueue.
  virtual void run_context(Context& self) = 0;
  // A nested program, on the current stack. `quiet`: as the strategy said.
  virtual void run_program(Context& context, std::uint32_t quiet) = 0;
  virtual void task_begins() = 0;  // of the program, beside threads that were started
  virtual void task_ended(Context& self) = 0;
  virtual void task_switched(Lane& lane) = 0;  // another task goes on there; not under sc
  virtual bool goes_unasked(const Pending& mine) = 0;
  // Fills in object and offset.
  virtual void locate(Event& event, const void* address) const = 0;
  // The object in whose guards the address lies; 0: in none's.
  virtual std::uint32_t object_beside(const void* address) const = 0;

  // ---- reports.cpp ---------------------------------------------------------------------------------------------------
  std::array<char, 512> text{};
  Party party(AccessInfo info) const;
  Party party_here(Op op) const;
  [[noreturn]] void leave();
  [[noreturn, gnu::cold]] void leave_at_limit(const char* name);
  [[noreturn, gnu::cold]] void give_up();
  [[noreturn, gnu::cold]] void accuse(ViolationKind kind, const Party& first, const Party& second, const void* address,
                                      const char* text);
  [[noreturn, gnu::cold]] void accuse_deadlock();
  [[noreturn, gnu::cold]] void accuse_host();
  // Ends the run unless the condition holds: an operation in a context in which it is illegal.
  void require(bool legal, Op op, SiteNumber site, const char* why) {
    if (!legal) [[unlikely]]
      illegal(op, site, why);
  }
  void require_sleepable(Op op, SiteNumber site, const char* why);
  [[noreturn, gnu::cold]] void illegal(Op op, SiteNumber site, const char* why);
  // The current context's life, or an item that it served, is over.
  void check_balanced(Op op) {
    const Context& self = *current;
    const bool is_nested = self.kind == ContextKind::program || self.kind == ContextKind::irq_work;
    if (self.has_open() || (!is_nested && self.lane->irq_depth != 0)) [[unlikely]]
      accuse_unbalanced(op);
  }
  [[noreturn, gnu::cold]] void accuse_unbalanced(Op op);
  // An event with what is known of here and now filled in.
  Event event(EventKind kind, Op op = Op::none) const;
  void emit(const Event& event);
  void emit_simple(EventKind kind, Op op = Op::none, kernel::RcuFlavor flavor = kernel::RcuFlavor::regular) {
    if (watched(kind)) emit_watched(kind, op, flavor);
  }
  void emit_watched(EventKind kind, Op op, kernel::RcuFlavor flavor);
  bool watched(EventKind kind) const { return (watched_kinds & kind_bit(kind)) != 0; }

 protected:
  ~Engine();
};

// Whose run the thread is in. Initial-exec: the port's every operation reads it.
extern thread_local constinit Engine* engine_of_thread __attribute__((tls_model("initial-exec")));

}  // namespace rcufarm::sim
