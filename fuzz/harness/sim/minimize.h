// Minimising: the smallest scenario and the fewest context switches that still give a finding's signature.
//
// Job: first the scenario (operations, tasks, programs, caches, CPUs, settings), then the schedule's deviations.
// Deterministic without a budget: the same finding gives the same result. One thread.
#pragma once

#include <cstdint>

#include "harness/sim/budget.h"
#include "harness/sim/sim_finding.h"
#include "harness/sim/sim_runner.h"

namespace rcufarm::harness {

struct MinimizeOptions {
  std::uint64_t runs_max = 1'000'000;      // the most that it may run
  std::uint64_t points_max = 400'000'000;  // scheduling points, likewise: about 20 seconds
  Budget* budget = nullptr;                // of the wall clock; null: none, and the result is the same each time
};

struct MinimizeFigures {
  std::uint64_t runs = 0;
  std::uint64_t points = 0;
  std::size_t operations_before = 0;
  std::size_t operations_after = 0;
  std::size_t deviations_before = 0;
  std::size_t deviations_after = 0;
  std::uint64_t switches_before = 0;
  std::uint64_t switches_after = 0;
  bool complete = false;  // no single step makes it smaller; else a limit was reached
};

// The finding must replay; otherwise it comes back as it is, with kind none.
SimFinding minimize(SimRunner& runner, const SimFinding& finding, const MinimizeOptions& options = {},
                    MinimizeFigures* figures = nullptr);

}  // namespace rcufarm::harness
