// The strongest memory model that shows a finding.
//
// Job: what was found under a weak model is looked for under the stronger ones, so that a reader knows which machine it takes. A
// search that shows nothing is no proof, so what was tried is told. One thread; deterministic.
#pragma once

#include <cstdint>
#include <vector>

#include "harness/sim/budget.h"
#include "harness/sim/sim_finding.h"
#include "harness/sim/sim_runner.h"

namespace rcufarm::harness {

// A stronger model, under which so many runs did not show it.
struct NotShown {
  sim::MemoryModel model = sim::MemoryModel::sc;
  std::uint64_t runs = 0;
};

// Looks for the finding's signature under sc, tso, kernel, as far as they are stronger than its model, and makes the first
// that shows it the finding's: its config, and the schedule that shows it. What was tried in vain is added to `not_shown`; what
// stands there of models that are not stronger any more goes. True: the finding is another one now.
// What only vector clocks accuse (oracle::is_missing_order) stays as it is: it was not acted out under any.
bool find_strongest_model(SimRunner& runner, SimFinding& finding, std::vector<NotShown>& not_shown,
                          Budget* budget = nullptr);

}  // namespace rcufarm::harness
