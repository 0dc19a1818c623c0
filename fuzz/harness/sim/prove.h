// Proving: every execution of one scenario, one of each class (machine/search/strategy_dpor.h).
//
// Job: the loop, until all are run, one is wrong, or the time is up. One thread. Without a limit of time the same scenario and
// config give the same figures.
#pragma once

#include <cstdint>
#include <functional>

#include "harness/sim/sim_finding.h"
#include "harness/sim/sim_runner.h"
#include "machine/search/strategy_dpor.h"
#include "scenario/scenario.h"

namespace rcufarm::harness {

struct ProveFigures {
  sim::DporFigures search;
  std::uint64_t limited = 0;  // executions that a limit of the simulator ended: then nothing is proven
  double estimate = 0;        // executions in all, by what is left
  double seconds = 0;
  bool complete = false;  // all were run
};

struct ProveOptions {
  double seconds_max = 0;  // 0: no limit
  // Called about every progress_seconds; false: stop. May be empty.
  std::function<bool(const ProveFigures&)> progress;
  double progress_seconds = 0.5;
};

struct ProveResult {
  ProveFigures figures;
  SimFinding finding;  // kind none: nothing found
};

ProveResult prove(SimRunner& runner, const scenario::Scenario& scenario, const SimConfig& config,
                  const ProveOptions& options);

}  // namespace rcufarm::harness
