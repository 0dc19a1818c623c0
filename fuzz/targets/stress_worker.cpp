#include "targets/stress_worker.h"

#include <chrono>
#include <cstdio>
#include <cstring>

#include "harness/native/native_run.h"
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
    const harness::Outcome outcome = harness::run_native(scenario);
    state.runs.fetch_add(1);
    state.runs_implied.fetch_add(scenario.machine.implies_rcu_gp ? 1 : 0);
    state.operations.fetch_add(outcome.operations);
    state.objects.fetch_add(outcome.objects);
    if (!outcome.findings.empty()) {
      std::fputs(harness::describe(outcome).c_str(), stderr);
      return stress_exit_found;
    }
  }
  return 0;
}

}  // namespace rcufarm::targets
