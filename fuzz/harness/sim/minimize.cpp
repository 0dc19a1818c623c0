#include "harness/sim/minimize.h"

#include <limits>

#include "harness/sim/attempt.h"
#include "harness/sim/endless.h"
#include "harness/sim/shrink_scenario.h"
#include "harness/sim/shrink_schedule.h"

namespace rcufarm::harness {

namespace {

// Of the search for another schedule that fails, for each operation of the program: the more there are, the more there is to gain.
constexpr std::uint64_t points_for_operation = 250'000;

std::size_t operations_of(const Attempts& attempts) { return scenario::total_ops(attempts.best().scenario); }

// A round of edits. True: it became smaller.
bool edit(Attempts& attempts, Effort effort) {
  bool smaller = drop_lists(attempts, effort);
  smaller = drop_operations(attempts, effort) || smaller;
  return plainer_machine(attempts, effort) || smaller;
}

// Gives the schedule up for any other that fails, of the program or of a part of it, if one is found, and edits the program freely. What
// is given up has to be found again with each edit: that may not take more than a quarter of the time. False: no smaller, and all is as
// before.
bool edit_anywhere(Attempts& attempts, const MinimizeOptions& options) {
  const Case before = attempts.best();
  const std::size_t operations = operations_of(attempts);
  attempts.allow_points(attempts.points() + options.points_max / 4);
  const std::uint64_t points = operations * points_for_operation;
  const bool found = fails_anywhere(attempts, points / 2) || fails_in_part(attempts, points / 2);
  while (found && !attempts.spent() && edit(attempts, Effort::anywhere)) continue;
  attempts.allow_points(options.points_max);
  if (operations_of(attempts) < operations) return true;
  if (found) attempts.replay(before, false);
  return false;
}

void shrink(Attempts& attempts, const MinimizeOptions& options) {
  edit_anywhere(attempts, options);
  Effort effort = Effort::replay_only;
  std::size_t searched_with = std::numeric_limits<std::size_t>::max();
  while (!attempts.spent()) {
    // Fewer departures first: the fewer anchors there are, the more edits of the program leave them where they belong.
    drop_deviations(attempts);
    if (edit(attempts, effort)) continue;
    // Where each edit moves what the schedule departs at, a schedule keeps operations that the finding does not need. The program is
    // shorter than it was, so that another one that fails is found sooner.
    const std::size_t operations = operations_of(attempts);
    if (operations < searched_with) {
      searched_with = operations;
      if (edit_anywhere(attempts, options)) continue;
    }
    if (drop_switches(attempts)) continue;
    if (effort == Effort::much) return;
    effort = static_cast<Effort>(static_cast<unsigned>(effort) + 1);
  }
}

}  // namespace

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

  shrink(attempts, options);
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
