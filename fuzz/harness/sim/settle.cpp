#include "harness/sim/settle.h"

#include <bit>

#include "harness/sim/quiet.h"
#include "oracle/settling.h"

namespace rcufarm::harness {

namespace {

// Rounds after which an object is back: irq_work starts the regular grace period, its callback or the next irq_work the
// tasks-trace one, and its callback gives it to the slab.
constexpr unsigned rounds_to_come_back = 3;
// Where so many objects are tried in each round, growth is not followed up: the run would become too long.
constexpr unsigned followed_up_max = 16;

// Of objects that go one way: between waits for grace periods, and before it is asked whether they pile up.
constexpr std::uint64_t passed_between_waits = 16;
constexpr std::uint64_t flow_objects_min = 32;

// Each CPU serves its irq_work for every size in use, and grace periods pass.
void run_rounds(const scenario::Scenario& scenario, SimUser& user, sim::Machine& machine, const Probes& probes) {
  const bool follow_up = probes.count * scenario.machine.cpus <= followed_up_max;
  bool grew = true;
  for (unsigned round = 0; round <= rounds_to_come_back || (grew && follow_up); ++round) {
    const std::uint64_t live_before = machine.live_objects();
    probe_everywhere(scenario, user, machine, probes);
    wait_for_both_flavors();
    user.report_settle_round();
    grew = grew && machine.live_objects() > live_before;
  }
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
  const std::int64_t pending = user.accounts().pending;
  if (probes.complete && pending != not_told) {
    user.report_settled(pending, std::int64_t{rounds_to_come_back} * probes.count * scenario.machine.cpus);
  }
  if (scenario.machine.cpus > 1) run_flow(scenario, user, machine, probes.list[0]);
}

}  // namespace rcufarm::harness
