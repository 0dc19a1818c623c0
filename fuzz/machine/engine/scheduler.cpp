// The scheduler: who takes the next step.
//
// Job: keep the set of contexts that can go on, ask the strategy, and go there. The question is asked on the stack of the
// context that is at a point; the answer is a switch from fiber to fiber, or a nested program on this very stack.
#include "machine/engine/engine.h"

namespace rcufarm::sim {

namespace {

bool is_task(const Context& context) {
  return (context.kind == ContextKind::task) | (context.kind == ContextKind::main);
}

// A task whose CPU another one has, or nobody.
bool has_no_cpu(const Context& context) { return is_task(context) & (context.lane->base != &context); }

// A nested program that begins on the stack of whom it comes over.
bool comes_over(const Context& context) {
  return (context.kind == ContextKind::program) & (context.lane->top != &context);
}

bool goes_on_where_it_was(const Context& context) {
  const bool begins = comes_over(context);
  const bool waits = has_no_cpu(context);
  return !(begins | waits | !context.started);
}

void begin_nested_here(Engine& c) {
  Lane& lane = *c.current->lane;
  Context* program = lane.inject;
  lane.inject = nullptr;
  c.run_program(*program, c.entry_quiet);
}

// A program comes over who is not running, on the stack of that one; and who goes on then?
Fiber* interrupted() {
  Engine& c = *engine_of_thread;
  Context& self = *c.current;
  begin_nested_here(c);
  c.came_over(self);
  Fiber& next = c.next_fiber(self);
  if (&next == c.current_fiber) return nullptr;
  c.current_fiber = &next;
  return &next;
}

// The life of an empty CPU's stack: programs come over it, and then it asks who goes on.
void idle_entry() {
  Engine& c = *engine_of_thread;
  entered(*c.current_fiber, c.host);
  begin_nested_here(c);
  if (c.watches_steps) c.step_ends();
  c.ask();
  fail("an empty CPU was told to go on");
}

}  // namespace

thread_local constinit Engine* engine_of_thread = nullptr;

Engine::Engine() : deviations(zero_pages<Deviation>(deviations_max)) {
  make_stacks(fibers.data(), static_cast<unsigned>(fibers.size()));
  for (unsigned i = 0; i < context_count; ++i) {
    Context& context = contexts[i];
    context.id = static_cast<ContextId>(i);
    context.kind = kind_of(context.id);
    context.alone.insert(context.id);
    context.fiber = &fibers[i];
  }
  for (unsigned i = 0; i < cpus_max; ++i) idle_contexts[i].fiber = &fibers[context_count + i];
  for (unsigned i = 0; i < lanes_max; ++i) lanes[i].number = static_cast<std::uint8_t>(i);
}

Engine::~Engine() { free_stacks(fibers.data(), static_cast<unsigned>(fibers.size())); }

ContextSet Engine::can_run(const Lane& lane) const {
  if (lane.cpu == no_cpu) return ready & lane.domain;
  ContextSet can;
  if (lane.top != nullptr) {
    can = ready & lane.top->alone;
  } else if (lane.irq_depth != 0) {
    can = ready & lane.base->alone;
  } else {
    can = ready & lane.domain;
  }
  if (raised.meets(lane.domain)) [[unlikely]] {
    if (!lane.in_nmi) can |= raised & lane.nmi_programs;
    if (lane.irqs_on()) can |= raised & lane.irq_programs;
  }
  return can;
}

void Engine::refresh(Lane& lane) {
  const ContextSet now = (candidates - lane.domain) | can_run(lane);
  if (now != candidates) {
    candidates = now;
    is_changed = true;
    budget = 0;
  }
}

inline Situation Engine::situation(const ContextSet& from, const Context& anchor, bool can_go_on) const {
  Situation s;
  s.candidates = from;
  s.current = anchor.id;
  s.current_can_go_on = can_go_on;
  s.current_yields = anchor.yields;
  s.quiet_is_over = !is_changed;
  s.step = steps - unasked;
  s.pending = pending.data();
  s.anchor = anchor.anchor;
  return s;
}

inline void Engine::record(DecisionKind kind, ContextId target, std::uint32_t value, const Context& anchor) {
  if (!settings.record) return;
  if (deviation_count == deviations_max) leave_at_limit("deviations_max");
  // Field by field: a copy of a whole one would wait for the bytes that were just written.
  Deviation& deviation = deviations[deviation_count++];
  deviation.at = anchor.id;
  deviation.kind = kind;
  deviation.target = target;
  deviation.event = anchor.anchor.event();
  deviation.points = anchor.anchor.points();
  deviation.value = value;
}

// The strategy's next choice is looked up as soon as it is the next one: when it is made there is nothing to wait for.
inline void Engine::look_ahead() {
  const ChoicesAhead& ahead = strategy->ahead;
  drawn = ahead.is_empty() ? Choice() : ahead.first();
  drawn_context = ahead.is_empty() ? nullptr : &contexts[index_of(drawn.next())];
}

// Nothing has changed since the current context was chosen, and its quiet is over.
inline bool Engine::goes_on_as_drawn(const Context& self) const {
  return !(is_changed | self.yields) && drawn_context != nullptr && candidates.meets(self.alone);
}

inline ContextId Engine::decide(const ContextSet& from, const Context& anchor, bool can_go_on, std::uint32_t& quiet) {
  const Situation s = situation(from, anchor, can_go_on);
  Choice choice = drawn;
  if (goes_on_as_drawn(anchor)) {
    strategy->ahead.drop_first();
  } else {
    is_changed = false;
    choice = strategy->choose(s);
  }
  look_ahead();
  if (choice.gives_up()) [[unlikely]]
    give_up();
  const ContextId next = choice.next();
  check(from.contains(next), "a strategy chose a context that cannot run");
  if (next != default_next(s)) record(decision_for(next), next, 0, anchor);
  quiet = choice.quiet();
  return next;
}

unsigned Engine::choose(ChoiceKind kind, unsigned count) {
  if (count < 2) return 0;
  Context& self = *current;
  PlainChoices& plain = self.plain_choices;
  if (plain.anchor != self.anchor) plain = {self.anchor, {}};
  std::uint32_t& skipped = plain.count[static_cast<unsigned>(kind)];
  const unsigned option = strategy->choose(Options{kind, count, self.id, self.anchor});
  if (option == give_up_option) give_up();
  check(option < count, "a strategy chose an option that there is not");
  if (kind != ChoiceKind::allocation) ++outcome.store_choices;
  if (option == 0) {
    ++skipped;
    return 0;
  }
  // Of several choices at one anchor a deviation says which it is by those before it.
  const DecisionKind decision = decision_for(kind);
  check(skipped == 0 || has_value(decision), "a choice of two is asked for once at an anchor");
  for (; skipped != 0; --skipped) record(decision, self.id, 0, self);
  record(decision, self.id, has_value(decision) ? option : 0, self);
  return option;
}

// One switch for all, and no copy of it: the processor guesses the target of its last jump by the place that it is at. Where it is the last
// thing that a function does, and so on outwards, that jump goes to where the code under test goes on. Runs of few switches are mostly
// beginnings and ends, and so returns.
[[gnu::noinline]] void Engine::go(Fiber& to) {
  constexpr std::uint64_t few_switches = 12;
  Fiber& from = *current_fiber;
  current_fiber = &to;
  switch_fiber(from, to, outcome.switches < few_switches ? Back::by_return : Back::by_jump);
}

// It goes on there, which another one had, or nobody.
inline void Engine::take_cpu(Context& task) {
  Lane& lane = *task.lane;
  if (is_weak) [[unlikely]]
    task_switched(lane);
  lane.base = &task;
}

// Who goes on: gives its stack, on which it is current from now on. A program that comes over `self` on this stack has run before.
Fiber& Engine::next_fiber(Context& self) {
  while (true) {
    if (steps >= settings.points_max) [[unlikely]] {
      outcome.end = End::points;
      outcome.violation.second = party_here(pending[index_of(current->id)].op);
      leave();
    }
    Context& anchor = anchor_of(self);
    const bool can_go_on = candidates.meets(self.alone) && !self.yields;
    ContextSet from = candidates;
    if (self.yields) [[unlikely]] {
      from -= self.alone;
      if (from.is_empty()) from = candidates;
    }
    ContextId next_id = idle_context;
    std::uint32_t quiet = 0;
    if (from.is_empty()) [[unlikely]] {
      if (!main_ended || (!were_cut_off && !(blocked - idle_servers()).is_empty())) accuse_deadlock();
      outcome.end = End::finished;
      return host;
    }
    if (from.has_one()) {
      next_id = from.first();
      if (from == candidates) quiet = quiet_for_ever;
    } else {
      next_id = decide(from, anchor, can_go_on, quiet);
    }
    if (next_id == self.id) {
      // It may have slept, or come from another CPU, and nobody else has the CPU now.
      if (has_no_cpu(self)) [[unlikely]] {
        if (watches_steps) chosen_step_begins(self);
        take_cpu(self);
      }
      set_budget(quiet);
      return *current_fiber;
    }
    Context& next = contexts[index_of(next_id)];
    Lane& lane = *next.lane;
    ++outcome.switches;
    if (watches_steps | tracing) [[unlikely]] {
      if (watches_steps) chosen_step_begins(next);
      if (tracing) tell_switch(self, next);
    }
    // Who comes is random, and so would be a branch on what it is: one for all that is seldom.
    if (goes_on_where_it_was(next)) [[likely]] {
      current = &next;
      set_budget(quiet);
      return *next.fiber;
    }
    if (comes_over(next)) {
      Context& under = innermost_of(lane);
      if (under.fiber == current_fiber) {
        run_program(next, quiet);
        came_over(self);
        continue;
      }
      lane.inject = &next;
      entry_quiet = quiet;
      current = &under;
      if (under.started) {
        interrupt(*under.fiber, &interrupted);
      } else {
        start(under, &idle_entry);
      }
      return *under.fiber;
    }
    if (has_no_cpu(next)) take_cpu(next);
    current = &next;
    if (next.started) {
      set_budget(quiet);
    } else {
      // Whoever begins was chosen for its first operation too: nobody could tell a beginning without it.
      set_budget(std::uint64_t{quiet} + 1);
      start_context(next);
    }
    return *next.fiber;
  }
}

// A program came over this context: what is decided now is another decision.
void Engine::came_over(Context& self) {
  self.yields = false;
  anchor_of(self).anchor.next_point();
  if (watches_steps) step_ends();
}

void Engine::tell_switch(const Context& from, const Context& to) {
  Event switched = event(EventKind::context_switch);
  switched.context = to.id;
  switched.cpu = to.lane->cpu;
  switched.value = index_of(from.id);
  emit(switched);
}

[[gnu::noinline]] void Engine::point(Op op, bool writes, const void* address, SiteNumber site) {
  point_here(op, writes, address, site);
}

void Engine::watched_point() {
  Context& self = *current;
  const Pending& mine = pending[index_of(self.id)];
  if (attentive && goes_on_unasked(mine)) return;
  if (budget == 0 || mine.address == word_to_ask_at) {
    ask();
  } else {
    --budget;
  }
  if (strategy_watches && strategy->before(self.id, mine)) budget = 0;
  if (watches_steps) step_begins(self, mine.op, false);
}

// The next choice was drawn ahead, and is another context that goes on where it was: what most switches are. It is current from now on.
inline bool Engine::switches_as_drawn(const Context& self) {
  if (!goes_on_as_drawn(self) || (watches_steps | tracing) || steps >= settings.points_max || starter != nullptr)
    return false;
  Context& next = *drawn_context;
  if (&next == &self || !goes_on_where_it_was(next)) return false;
  current = &next;
  set_budget(drawn.quiet());
  record(decision_for(next.id), next.id, 0, self);
  ++outcome.switches;
  strategy->ahead.drop_first();
  look_ahead();
  return true;
}

// At its first operation a context that was led there stops. If that is to yield, it has let others go first.
void Engine::ask() {
  Context& self = *current;
  if (switches_as_drawn(self)) return go(*current->fiber);
  Fiber& to = starter != nullptr ? fiber_behind_led() : next_fiber(self);
  self.yields = false;
  if (&to != current_fiber) go(to);
}

Context& Engine::idle_of(Lane& lane) {
  if (lane.idle == nullptr) {
    lane.idle = &idle_contexts[lane.cpu];
    lane.idle->begin_run(lane);
  }
  return *lane.idle;
}

Context& Engine::innermost_of(Lane& lane) {
  if (lane.top != nullptr) return *lane.top;
  return lane.base != nullptr ? *lane.base : idle_of(lane);
}

void Engine::start(Context& context, FiberEntry entry) {
  context.started = true;
  begin(*context.fiber, entry);
}

}  // namespace rcufarm::sim
