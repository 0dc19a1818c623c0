// Lives of contexts: how they begin, and how they end.
//
// Job: the first function of each stack; tasks up to their first operation; and what the end of a context changes for the others. Who goes
// on then is scheduler.cpp's.
#include <utility>

#include "machine/engine/engine.h"

namespace rcufarm::sim {

namespace {

void context_entry() {
  Engine& c = *engine_of_thread;
  entered(*c.current_fiber, c.host);
  Context& self = *c.current;
  if (self.kind == ContextKind::task) [[likely]] {
    const unsigned number = index_of(self.id);
    const bool is_started = c.started.contains(self.id);
    const TaskSpec& task = is_started ? c.started_specs[number] : c.program->tasks[number];
    self.anchor.next_event();
    c.emit_simple(EventKind::task_begin);
    if (!is_started && !c.started.is_empty()) c.task_begins();
    task.run(task.argument);
  } else {
    c.run_context(self);
  }
  c.go_for_good(c.end_context());
}

}  // namespace

void Engine::start_context(Context& context) { start(context, &context_entry); }

void Engine::lead_tasks(unsigned count) {
  tasks_led = 0;
  tasks_to_lead = count;
  starter = current;
  go(fiber_behind_led());
  // Here again: when they have ended, or at once if they did nothing.
  if (watches_steps && waits_for_tasks) step_begins(*current, pending[index_of(current->id)].op, false);
}

void Engine::lead_thread(Context& thread) {
  starter = current;
  go(led(thread));
}

Fiber& Engine::led(Context& task) {
  ready |= task.alone;
  current = &task;
  budget = 0;
  start_context(task);
  return *task.fiber;
}

// The current context is where it was led to: the next one, or who led them, or whom main chooses now, on the stack of the last one.
[[gnu::noinline]] Fiber& Engine::fiber_behind_led() {
  if (tasks_led != tasks_to_lead) return led(contexts[index_of(task_context(tasks_led++))]);
  current = std::exchange(starter, nullptr);
  if (tasks_to_lead == 0) return *current->fiber;
  tasks_to_lead = tasks_led = 0;
  for (unsigned i = 0; i < settings.cpus; ++i) refresh(lanes[i]);
  waits_for_tasks = tasks_left != 0;
  if (!waits_for_tasks) return *current->fiber;
  park(Op::wait, &tasks_left);
  tell_blocked(Op::wait, &tasks_left);
  current->anchor.next_point();
  if (watches_steps) step_ends();
  return next_fiber(*current);
}

Fiber& Engine::end_context() {
  Context& self = *current;
  check_balanced(Op::none);
  mix(index_of(self.id));
  ready -= self.alone;
  if (self.lane->base == &self) self.lane->base = nullptr;
  uses(self.lane->state);
  if (self.kind == ContextKind::main) {
    main_ended = true;
    // Nobody is left for whom a program could come.
    const bool others_end = candidates.meets(started | raised);
    raised = {};
    were_cut_off = (ready | blocked).meets(started);
    ready -= started;
    blocked -= started;
    host_waits -= started;
    if (others_end) for_each_lane([this](Lane& lane) { refresh(lane); });
  } else {
    task_ended(self);
    emit_simple(EventKind::task_end);
    if (!started.contains(self.id) && --tasks_left == 0) {
      // Main waits for that, unless it is only about to.
      Context& main = contexts[index_of(main_context)];
      if (blocked.meets(main.alone)) wake(main);
    }
  }
  refresh(*self.lane);
  wake_host_waits();
  self.anchor.next_point();
  if (watches_steps) step_ends();
  // It may have ended before its first operation.
  return starter != nullptr ? fiber_behind_led() : next_fiber(self);
}

void Engine::end_here() {
  go(end_context());
  fail("a context that has ended was told to go on");
}

}  // namespace rcufarm::sim
