// One native run: a scenario on real threads.
//
// Job: make a machine, run every task on a thread of its own, settle the books and say what was wrong. Nothing of a run
// survives it. Called from one thread at a time, which is on no machine.
#pragma once

#include <chrono>

#include "harness/finding.h"
#include "scenario/scenario.h"

namespace rcufarm::harness {

struct RunFigures;

struct NativeLimits {
  // A run that makes no progress for so long is a finding: prints where every task stands and ends the process. Half of
  // what the fuzz engines allow an input, so that it is this that speaks, and not their time-out.
  std::chrono::seconds no_progress_max{10};
  // Off: liburcu alone says when a grace period is over (RcuPacing).
  bool asks_readers = true;
};

// `figures`: where the run's figures go, if they are wanted.
Outcome run_native(const scenario::Scenario& scenario, const NativeLimits& limits = {}, RunFigures* figures = nullptr);

}  // namespace rcufarm::harness
