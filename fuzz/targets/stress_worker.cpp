#include "targets/stress_worker.h"

#include <chrono>
#include <cstring>

#include "harness/native/native_run.h"
#include "harness/native/run_figures.h"
#include "harness/record.h"
#include "scenario/bytes.h"
#include "scenario/generate.h"

namespace rcufarm::targets {

namespace {

// Short programs reach what long ones do, and more of them run; many tasks on few cores only wait. So that nothing is
// left out, one run in so many has all that a scenario may have.
constexpr std::uint64_t wide_every = 8;

scenario::Limits stress_limits() {
  scenario::Limits limits = scenario::limits;
  limits.tasks_max = 4;
  limits.cpus_max = 4;
  limits.ops_max = 512;
  return limits;
}

// Seeds by a hash of seed and run: neighbouring numbers give unrelated programs (the finaliser of splitmix64).
std::uint64_t mixed(std::uint64_t seed, std::uint64_t run) {
  std::uint64_t x = seed * 0x9e3779b97f4a7c15U + run;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31);
}

void show_input(StressState& state, const scenario::Scenario& scenario) {
  const std::vector<std::byte> bytes = scenario::encode(scenario);
  state.input_bytes.store(0);
  if (bytes.size() > sizeof(state.input)) return;
  std::memcpy(state.input, bytes.data(), bytes.size());
  state.input_bytes.store(static_cast<std::uint32_t>(bytes.size()));
}

static_assert(stress_lists == mem::list_count && stress_flavors == kernel::rcu_flavor_count &&
              stress_buckets == native::RcuStats::buckets && stress_buckets == harness::RunFigures::buckets);

// Counters go up and never down; what is no sum is the last run's.
void show_figures(StressState& state, const harness::RunFigures& figures) {
  for (unsigned i = 0; i < stress_lists; ++i) {
    state.list_objects[i].store(figures.objects[i].load());
    state.list_bytes[i].store(figures.bytes[i].load());
  }
  state.destroys.fetch_add(figures.destroys.load());
  state.destroy_ns_sum.fetch_add(figures.destroy_ns_sum.load());
  for (unsigned i = 0; i < stress_buckets; ++i) state.destroy_ns[i].fetch_add(figures.destroy_ns[i].load());
  for (unsigned flavor = 0; flavor < stress_flavors; ++flavor) {
    const native::RcuStats& run = figures.rcu[flavor];
    StressRcu& sum = state.rcu[flavor];
    sum.callbacks_queued.fetch_add(run.callbacks_queued);
    sum.callbacks_invoked.fetch_add(run.callbacks_invoked);
    sum.callbacks_pending.store(figures.pending[flavor]);
    sum.grace_period_ns_sum.fetch_add(run.grace_period_ns_sum);
    for (unsigned i = 0; i < stress_buckets; ++i) sum.grace_period_ns[i].fetch_add(run.histogram[i]);
  }
}

}  // namespace

int stress_until_found(const StressPlan& plan, StressState& state) {
  using Clock = std::chrono::steady_clock;
  const auto end =
      Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(plan.seconds));
  const scenario::Limits usual = stress_limits();
  for (std::uint64_t run = 0; Clock::now() < end; ++run) {
    const scenario::Limits& limits = run % wide_every == wide_every - 1 ? scenario::limits : usual;
    const scenario::Scenario scenario = scenario::random_scenario(mixed(plan.seed, run), limits);
    show_input(state, scenario);
    harness::RunFigures figures;
    const harness::Outcome outcome = harness::run_native(scenario, {}, &figures);
    show_figures(state, figures);
    state.runs.fetch_add(1);
    state.runs_implied.fetch_add(scenario.machine.implies_rcu_gp ? 1 : 0);
    state.operations.fetch_add(outcome.operations);
    state.objects.fetch_add(outcome.objects);
    if (!outcome.findings.empty()) {
      harness::tell(outcome.findings);
      return stress_exit_found;
    }
  }
  return 0;
}

}  // namespace rcufarm::targets
