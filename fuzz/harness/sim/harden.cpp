#include "harness/sim/harden.h"

#include "harness/sim/perturb.h"
#include "harness/sim/strategies.h"
#include "sim/strategy_replay.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define RCUFARM_ADDRESS_SANITIZER 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define RCUFARM_ADDRESS_SANITIZER 1
#endif

namespace rcufarm::harness {

namespace {

// What comes of a missing order reads freed memory past the port's types, too (a cache's constants), and AddressSanitizer would
// end the program there.
#ifdef RCUFARM_ADDRESS_SANITIZER
constexpr bool can_go_on = false;
#else
constexpr bool can_go_on = true;
#endif

constexpr unsigned runs_near = 4000;
constexpr unsigned runs_anywhere = 4000;
constexpr std::uint64_t harden_seed = 0x4a2d;

bool is_missing_order(oracle::Kind kind) {
  return kind == oracle::Kind::freed_without_happens_before || kind == oracle::Kind::data_race;
}

}  // namespace

SimFinding harden(SimRunner& runner, const SimFinding& finding) {
  if (!can_go_on || !is_missing_order(finding.kind)) return {};
  SimConfig config = finding.config;
  config.check_order = false;
  const auto shows = [&](sim::Strategy& strategy, SimFinding& harder) {
    const SimOutcome outcome = runner.run(finding.scenario, config, strategy);
    if (outcome.found()) harder = runner.finding(outcome, finding.scenario, config);
    return outcome.found();
  };

  SimFinding harder;
  sim::Random random(harden_seed, finding.schedule.deviations.size());
  std::vector<sim::Deviation> neighbour;
  sim::ReplayStrategy replay;
  for (unsigned i = 0; i < runs_near; ++i) {
    perturb(finding.schedule.deviations, random, neighbour);
    replay.follow(neighbour);
    replay.begin_run(0);
    if (shows(replay, harder)) return harder;
  }
  Strategies strategies(StrategyKind::portfolio, harden_seed);
  for (unsigned i = 0; i < runs_anywhere; i += batch_runs) {
    sim::Strategy& strategy = strategies.next();
    for (unsigned run = 0; run < batch_runs; ++run) {
      if (strategy.begin_run(strategies.first_run() + run) && shows(strategy, harder)) return harder;
    }
    strategies.done(1);
  }
  return {};
}

}  // namespace rcufarm::harness
