// Around a finding: its schedule, those near it, and any other of its scenario.
//
// Job: the bounded search that asks the same program something else: harden.h and strongest.h. Deterministic; one thread.
#pragma once

#include <cstdint>
#include <functional>

#include "harness/sim/budget.h"
#include "harness/sim/sim_finding.h"
#include "harness/sim/sim_runner.h"

namespace rcufarm::harness {

// Does this run end the search?
using Accepts = std::function<bool(const SimOutcome&)>;

struct Around {
  bool accepted = false;
  std::uint64_t runs = 0;
};

// Runs the finding's scenario under `config` until a run is accepted: under the finding's own schedule, under some thousand
// near it, under some thousand of all strategies; or until the budget is over.
Around search_around(SimRunner& runner, const SimFinding& finding, const SimConfig& config, const Accepts& accepts,
                     Budget* budget = nullptr);

}  // namespace rcufarm::harness
