#include "harness/sim/inspect.h"

#include "harness/sim/quiet.h"

namespace rcufarm::harness {

namespace {

// Free lists that are longer are not counted object by object: it takes two calls for each.
constexpr std::int64_t counted_max = 48;

// irq_work was served everywhere and nobody did anything since: what makes the allocator raise it is not there.
void look_for_unraised(SimUser& user) {
  if (const std::int64_t unraised = user.accounts().unraised; unraised != not_told) user.report_settled(unraised, 0);
}

// No callback is in flight, so the free_rcu of a probe has raised irq_work, and what that drains is empty.
void look_for_stranded(SimUser& user) {
  if (const std::int64_t stranded = user.accounts().stranded; stranded != not_told) user.report_settled(stranded, 0);
}

void compare(SimUser& user, const char* what, std::int64_t said, std::uint64_t known) {
  if (said != not_told) user.report_count(what, said, known);
}

void bound(SimUser& user, const char* what, std::int64_t said, std::uint64_t most) {
  if (said != not_told && static_cast<std::uint64_t>(said) > most) user.report_count(what, said, most);
}

// A refill that failed may have been followed by many a null, or by none: what did not happen was no null's cause.
void check_causes_of_nulls(SimUser& user, const sim::Machine& machine) {
  const SimAccounts said = user.accounts();
  const SimUser::Tally known = user.tally();
  const auto after = [&](kernel::AllocFailure why) { return machine.allocations_refused(why) != 0 ? known.nulls : 0; };
  bound(user, "nulls over another operation", said.nulls_nested, known.nulls_nested);
  bound(user, "nulls for the slab", said.nulls_of_slab, after(kernel::AllocFailure::slab));
  bound(user, "nulls for the object cgroup", said.nulls_of_cgroup, after(kernel::AllocFailure::cgroup));
}

std::uint64_t slab_objects_of(const sim::Machine& machine) {
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < machine.object_count(); ++i) {
    count += machine.object(i).kind == sim::ObjectInfo::Kind::slab ? 1 : 0;
  }
  return count;
}

void compare_counts(SimUser& user, const sim::Machine& machine) {
  const SimAccounts said = user.accounts();
  const SimUser::Tally known = user.tally();
  compare(user, "calls of alloc", said.allocs, known.allocs);
  compare(user, "nulls of alloc", said.nulls, known.nulls);
  compare(user, "callbacks in flight", said.in_flight, 0);
  compare(user, "calls of free", said.frees, known.frees);
  compare(user, "calls of free_rcu", said.frees_rcu, known.frees_rcu);
  if (said.ready != not_told && said.pending != not_told) {
    compare(user, "objects pending", said.objects, static_cast<std::uint64_t>(said.ready + said.pending));
  }
  // A destroyed allocator's objects may still be on their way to the slab, and nobody counts them any more.
  if (user.any_destroyed()) return;
  compare(user, "objects of the allocator", said.objects, user.objects_of_allocators());
  compare(user, "regular grace periods", said.grace_regular, machine.callbacks_done(kernel::RcuFlavor::regular));
  compare(user, "tasks-trace grace periods", said.grace_tasks_trace,
          machine.callbacks_done(kernel::RcuFlavor::tasks_trace));
  if (user.all_slab_objects_are_counted())
    compare(user, "objects from the slab", said.from_slab, slab_objects_of(machine));
}

// What is on the free lists, object by object: with interrupts off nobody refills them. Where the count is another one
// afterwards, irq_work has refilled or trimmed between two CPUs, and nothing is concluded.
void count_free_lists(const scenario::Scenario& scenario, SimUser& user, sim::Machine& machine, const Probe& probe) {
  const std::int64_t before = user.ready(probe.cache, probe.size);
  if (before == not_told || before > counted_max) return;
  std::uint64_t found = 0;
  for (unsigned cpu = 0; cpu < scenario.machine.cpus; ++cpu) {
    machine.migrate(cpu);
    found += user.take_and_put_back(probe.cache, probe.size);
  }
  machine.migrate(0);
  if (user.ready(probe.cache, probe.size) == before) user.report_count("objects ready", before, found);
}

// Calls after which memory that is there again must be seen, each with a turn of irq_work before the next.
constexpr unsigned recovery_calls_max = 4;

// Whatever failed before, slab or object cgroup: on every CPU something is to be had again, in a bounded number of calls.
void look_for_recovery(const scenario::Scenario& scenario, SimUser& user, sim::Machine& machine, const Probes& probes) {
  if (!user.memory_is_back()) return;
  machine.lift_objcg_limit();
  for (unsigned cpu = 0; cpu < scenario.machine.cpus; ++cpu) {
    for (const Probe& probe : probes) {
      bool gave = false;
      for (unsigned calls = 0; calls < recovery_calls_max && !gave; ++calls) {
        machine.migrate(cpu);
        gave = user.can_alloc(probe.cache, probe.size);
        if (!gave) serve_irq_work(scenario, machine);
      }
      if (!gave) user.report_not_recovered(probe.cache);
    }
  }
  machine.migrate(0);
}

}  // namespace

void inspect(const scenario::Scenario& scenario, SimUser& user, sim::Machine& machine, bool slab_may_fail) {
  const Probes probes = probes_for(scenario, user);
  if (probes.count == 0) return;
  serve_irq_work(scenario, machine);
  look_for_unraised(user);
  wait_for_both_flavors();
  probe_everywhere(scenario, user, machine, probes);
  serve_irq_work(scenario, machine);
  if (probes.complete) look_for_stranded(user);
  if (!slab_may_fail) look_for_recovery(scenario, user, machine, probes);
  wait_for_both_flavors();
  compare_counts(user, machine);
  check_causes_of_nulls(user, machine);
  for (unsigned i = 0; i < scenario.caches.size(); ++i) user.free_nothing(i);
  for (const Probe& probe : probes) count_free_lists(scenario, user, machine, probe);
}

}  // namespace rcufarm::harness
