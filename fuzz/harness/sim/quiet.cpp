#include "harness/sim/quiet.h"

#include "kernel/kernel.h"

namespace rcufarm::harness {

namespace {

void add_sizes(Probes& probes, unsigned cache, const std::vector<scenario::Operation>& ops) {
  for (const scenario::Operation& op : ops) {
    if (op.kind == scenario::OpKind::alloc && op.cache == cache) probes.add(cache, op.size);
  }
}

}  // namespace

void Probes::add(unsigned cache, std::uint16_t size) {
  for (const Probe& known : *this) {
    if (known.cache == cache && known.size == size) return;
  }
  if (of_this_cache == probed_sizes_max) {
    complete = false;
    return;
  }
  ++of_this_cache;
  list[count++] = {cache, size};
}

Probes probes_for(const scenario::Scenario& scenario, const SimUser& user) {
  Probes probes;
  for (unsigned i = 0; i < scenario.caches.size(); ++i) {
    if (!user.is_open(i)) continue;
    probes.of_this_cache = 0;
    if (scenario.caches[i].kind != scenario::CacheKind::classes) {
      probes.add(i, 0);
      continue;
    }
    for (const scenario::Task& task : scenario.tasks) add_sizes(probes, i, task.ops);
    for (const scenario::Program& program : scenario.programs) add_sizes(probes, i, program.ops);
  }
  return probes;
}

void probe_everywhere(const scenario::Scenario& scenario, SimUser& user, sim::Machine& machine, const Probes& probes) {
  for (unsigned cpu = 0; cpu < scenario.machine.cpus; ++cpu) {
    machine.migrate(cpu);
    for (const Probe& probe : probes) user.probe(probe.cache, probe.size);
  }
  machine.migrate(0);
}

void serve_irq_work(const scenario::Scenario& scenario, sim::Machine& machine) {
  for (unsigned cpu = scenario.machine.cpus; cpu-- > 0;) {
    machine.migrate(cpu);
    const kernel::IrqGuard irq_work_runs_when_it_ends;
  }
}

void wait_for_both_flavors() {
  for (const kernel::RcuFlavor flavor : {kernel::RcuFlavor::regular, kernel::RcuFlavor::tasks_trace}) {
    kernel::synchronize_rcu(flavor);
    kernel::rcu_barrier(flavor);
  }
  // Where a tasks-trace grace period isn't a regular one, its callback has queued a regular one.
  kernel::rcu_barrier(kernel::RcuFlavor::regular);
}

}  // namespace rcufarm::harness
