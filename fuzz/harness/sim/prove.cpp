#include "harness/sim/prove.h"

#include <chrono>

namespace rcufarm::harness {

namespace {
// The clock is looked at once in so many runs.
constexpr std::uint64_t runs_between_looks = 16;
}  // namespace

ProveResult prove(SimRunner& runner, const scenario::Scenario& scenario, const SimConfig& config,
                  const ProveOptions& options) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point began = Clock::now();
  ProveResult result;
  ProveFigures& figures = result.figures;
  sim::DporStrategy dpor;
  double next_progress = 0;
  bool goes_on = true;
  for (std::uint64_t run = 0; goes_on && dpor.begin_run(run); ++run) {
    const SimOutcome outcome = runner.run(scenario, config, dpor);
    if (outcome.machine.end != sim::End::given_up) {
      if (outcome.machine.end == sim::End::limit) ++figures.limited;
      if (outcome.found()) {
        result.finding = runner.finding(outcome, scenario, config);
        break;
      }
    }
    if (run % runs_between_looks != 0) continue;
    figures.seconds = std::chrono::duration<double>(Clock::now() - began).count();
    goes_on = options.seconds_max == 0 || figures.seconds < options.seconds_max;
    if (!options.progress || figures.seconds < next_progress) continue;
    next_progress = figures.seconds + options.progress_seconds;
    figures.search = dpor.figures();
    figures.estimate = dpor.estimate();
    goes_on = options.progress(figures) && goes_on;
  }
  figures.search = dpor.figures();
  figures.estimate = dpor.estimate();
  figures.complete = dpor.complete() && figures.limited == 0;
  figures.seconds = std::chrono::duration<double>(Clock::now() - began).count();
  return result;
}

}  // namespace rcufarm::harness
