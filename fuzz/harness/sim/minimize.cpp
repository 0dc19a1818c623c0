#include "harness/sim/minimize.h"

#include "harness/sim/attempt.h"
#include "harness/sim/endless.h"
#include "harness/sim/shrink_scenario.h"
#include "harness/sim/shrink_schedule.h"

namespace rcufarm::harness {

SimFinding minimize(SimRunner& runner, const SimFinding& finding, const MinimizeOptions& options,
                    MinimizeFigures* figures) {
  Attempts attempts(runner, finding, options);
  if (!attempts.replay(Case{finding.scenario, finding.config, finding.schedule.deviations}, false)) {
    SimFinding unchanged = finding;
    unchanged.kind = oracle::Kind::none;
    return unchanged;
  }
  MinimizeFigures f;
  f.operations_before = scenario::total_ops(finding.scenario);
  f.deviations_before = attempts.size().deviations;
  f.switches_before = attempts.size().switches;

  // What is given up in order to edit the program freely has to be found again: that may not take all of the time.
  attempts.allow_points(options.points_max / 4);
  Effort effort = fails_anywhere(attempts) ? Effort::anywhere : Effort::replay_only;
  while (true) {
    if (effort == Effort::anywhere && attempts.spent()) effort = Effort::replay_only;
    if (effort != Effort::anywhere) attempts.allow_points(options.points_max);
    if (attempts.spent()) break;
    // Fewer departures first: the fewer anchors there are, the more edits of the program leave them where they belong.
    if (effort != Effort::anywhere) drop_deviations(attempts);
    bool smaller = drop_lists(attempts, effort);
    smaller = drop_operations(attempts, effort) || smaller;
    smaller = plainer_machine(attempts, effort) || smaller;
    if (effort != Effort::anywhere) smaller = drop_switches(attempts) || smaller;
    if (smaller) continue;
    if (effort == Effort::much) break;
    effort = static_cast<Effort>(static_cast<unsigned>(effort) + 1);
  }

  fewest_switches(attempts);

  const Case& best = attempts.best();
  SimFinding minimal = finding;
  minimal.scenario = best.scenario;
  minimal.config = best.config;
  minimal.schedule.deviations = best.deviations;
  minimal = runner.replay(minimal);
  // A smaller program may go round a loop that ends.
  if (!unless_it_ends(runner, minimal)) minimal = runner.replay(finding);
  f.runs = attempts.runs();
  f.points = attempts.points();
  f.operations_after = scenario::total_ops(minimal.scenario);
  f.deviations_after = minimal.schedule.deviations.size();
  f.switches_after = minimal.switches;
  f.complete = !attempts.spent();
  if (figures != nullptr) *figures = f;
  return minimal;
}

}  // namespace rcufarm::harness
