#include "harness/sim/settle.h"

#include <array>
#include <bit>

#include "kernel/kernel.h"
#include "oracle/settling.h"

namespace rcufarm::harness {

namespace {

constexpr unsigned rounds = oracle::growing_rounds_max + 4;
// Rounds after which an object is back: irq_work starts the regular grace period, its callback or the next irq_work the
// tasks-trace one, and its callback gives it to the slab.
constexpr unsigned rounds_to_come_back = 3;
constexpr unsigned sizes_max = 4;  // of one size-class cache; where there are more, pending objects are not counted

// Of objects that go one way: between waits for grace periods, and before it is asked whether they pile up.
constexpr std::uint64_t passed_between_waits = 16;
constexpr std::uint64_t flow_objects_min = 32;

struct Probe {
  unsigned cache;
  std::uint16_t size;
};

struct Probes {
  std::array<Probe, sizes_max * scenario::limits.caches_max> list{};
  unsigned count = 0;
  unsigned of_this_cache = 0;
  bool complete = true;

  void add(unsigned cache, std::uint16_t size) {
    for (unsigned i = 0; i < count; ++i) {
      if (list[i].cache == cache && list[i].size == size) return;
    }
    if (of_this_cache == sizes_max) {
      complete = false;
      return;
    }
    ++of_this_cache;
    list[count++] = {cache, size};
  }
};

void add_sizes(Probes& probes, unsigned cache, const std::vector<scenario::Operation>& ops) {
  for (const scenario::Operation& op : ops) {
    if (op.kind == scenario::OpKind::alloc && op.cache == cache) probes.add(cache, op.size);
  }
}

// One of each size of each open cache that the scenario uses.
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

void wait_for_both_flavors() {
  for (const kernel::RcuFlavor flavor : {kernel::RcuFlavor::regular, kernel::RcuFlavor::tasks_trace}) {
    kernel::synchronize_rcu(flavor);
    kernel::rcu_barrier(flavor);
  }
  // Where a tasks-trace grace period isn't a regular one, its callback has queued a regular one.
  kernel::rcu_barrier(kernel::RcuFlavor::regular);
}

// Each CPU serves its irq_work for every size in use, and grace periods pass.
void run_rounds(const scenario::Scenario& scenario, SimUser& user, sim::Machine& machine, const Probes& probes) {
  for (unsigned round = 0; round < rounds; ++round) {
    for (unsigned cpu = 0; cpu < scenario.machine.cpus; ++cpu) {
      machine.migrate(cpu);
      for (unsigned i = 0; i < probes.count; ++i) user.probe(probes.list[i].cache, probes.list[i].size);
    }
    wait_for_both_flavors();
    user.report_settle_round();
  }
  machine.migrate(0);
}

// Objects of one size go from the first CPU to the last, until it shows that they do not pile up.
void run_flow(const scenario::Scenario& scenario, SimUser& user, sim::Machine& machine, const Probe& probe) {
  std::uint64_t live_before = 0;
  for (std::uint64_t passed = 1; passed <= oracle::flow_objects_max; ++passed) {
    user.pass(probe.cache, probe.size, 0, scenario.machine.cpus - 1U);
    if (passed % passed_between_waits == 0) wait_for_both_flavors();
    if (!std::has_single_bit(passed)) continue;
    user.report_flow(passed);
    const std::uint64_t live = machine.live_objects();
    if (passed >= flow_objects_min && oracle::is_steady(passed, live_before, live)) break;
    live_before = live;
  }
  machine.migrate(0);
}

}  // namespace

void settle(const scenario::Scenario& scenario, SimUser& user, sim::Machine& machine) {
  const Probes probes = probes_for(scenario, user);
  if (probes.count == 0) return;
  run_rounds(scenario, user, machine, probes);
  if (probes.complete && user.pending() >= 0) {
    user.report_settled(user.pending(), std::int64_t{rounds_to_come_back} * probes.count * scenario.machine.cpus);
  }
  if (probes.complete && user.stranded() >= 0) user.report_settled(user.stranded(), 0);
  if (scenario.machine.cpus > 1) run_flow(scenario, user, machine, probes.list[0]);
}

}  // namespace rcufarm::harness
