// Job: see threads.h. Edges as from the prologue to tasks, and from those to join_all().
#include "machine/kernel/threads.h"

#include "machine/kernel/core.h"
#include "machine/memory/weak_edges.h"

namespace rcufarm::sim {

namespace {

struct Start {
  Function run;
  void* argument;
  ClockHandle clock;
  const Site* site;
};

void run_started(void* argument) {
  const Start start = *static_cast<Start*>(argument);
  Core& c = core();
  c.point(Op::start, false, nullptr, c.sites.number_of(*start.site));
  c.uses_part(c.started_specs[number_in_kind(c.current->id)], true);
  c.take_over(start.clock);
  start.run(start.argument);
}

}  // namespace

ContextId start_thread(Function run, void* argument, const Site& site) {
  Core& c = core();
  c.point(Op::call, false, nullptr, c.sites.number_of(site));
  const unsigned before = c.started.count();
  const unsigned number = tasks_max - 1 - before;
  if (before == threads_started_max || number < c.program->tasks.size()) c.leave_at_limit("threads_started_max");
  const ContextId id = task_context(number);
  auto* start = static_cast<Start*>(c.memory.host_memory(sizeof(Start)));
  if (start == nullptr) c.leave_at_limit("arena_bytes");
  if (c.is_weak) drain_all(c);
  *start = {run, argument, c.copy_of_clock(), &site};
  // In the prologue nobody ran beside it so far.
  if (c.learner == nullptr) c.learner = c.sharing;
  c.attend();
  c.started_specs[number] = {.run = &run_started, .argument = start};
  c.uses_part(c.started_specs[number], true);
  Lane& lane = c.lanes[c.settings.cpus - 1 - before % c.settings.cpus];
  c.set_up_context(id, lane);
  Context& thread = c.contexts[index_of(id)];
  c.started |= thread.alone;
  c.lead_thread(thread);
  c.refresh(lane);
  return id;
}

bool has_ended(ContextId thread) { return !core().ready.contains(thread) && !core().blocked.contains(thread); }

void join_thread(ContextId thread, const Site& site) {
  const auto ready = [](void* context) { return has_ended(static_cast<Context*>(context)->id); };
  Core& c = core();
  Context& joined = c.contexts[index_of(thread)];
  c.point(Op::wait, false, nullptr, c.sites.number_of(site));
  c.publish_user_clock();
  c.wait_until(ready, &joined);
  if (c.is_weak) drain_all(c);
  c.take_over(joined.clock);
}

void end_thread() { core().end_here(); }

}  // namespace rcufarm::sim
