#include "harness/sim/around.h"

#include "harness/sim/near.h"
#include "harness/sim/strategies.h"

namespace rcufarm::harness {

namespace {

constexpr unsigned runs_near = 4000;
constexpr unsigned runs_anywhere = 4000;
constexpr std::uint64_t around_seed = 0x4a2d;

}  // namespace

Around search_around(SimRunner& runner, const SimFinding& finding, const SimConfig& config, const Accepts& accepts,
                     Budget* budget) {
  Around around;
  // True: it ends here.
  const auto run = [&](sim::Strategy& strategy) {
    ++around.runs;
    const SimOutcome outcome = runner.run(finding.scenario, config, strategy);
    around.accepted = accepts(outcome);
    return around.accepted || (budget != nullptr && budget->over_after_a_run(outcome.is_long()));
  };

  NearStrategy near(finding.schedule.deviations, around_seed);
  for (unsigned i = 0; i <= runs_near; ++i) {
    if (near.begin_run(i) && run(near)) return around;
  }
  Strategies strategies(StrategyKind::portfolio, around_seed);
  for (unsigned i = 0; i < runs_anywhere; i += batch_runs) {
    sim::Strategy& strategy = strategies.next();
    for (unsigned n = 0; n < batch_runs; ++n) {
      if (strategy.begin_run(strategies.first_run() + n) && run(strategy)) return around;
    }
    strategies.done(1);
  }
  return around;
}

}  // namespace rcufarm::harness
