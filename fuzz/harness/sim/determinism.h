// Two runs of one input that differ.
//
// Job: a run is a function of its input, unless the code under test asks something that is in none: thread_local memory, the
// heap, a clock, an address. That is a finding of its own, with the place where two runs part. One thread.
#pragma once

#include "harness/sim/sim_finding.h"
#include "harness/sim/sim_runner.h"

namespace rcufarm::harness {

// Runs the finding's input some times and gives the finding `nondeterminism` if two runs differ, with the function where they
// part; kind none if all are equal.
SimFinding find_nondeterminism(SimRunner& runner, const SimFinding& input, unsigned runs);
inline constexpr unsigned determinism_runs = 64;

// For a finding that was there once and is not when its input runs again: what find_nondeterminism() gives, or the same kind
// without a place.
SimFinding not_seen_again(SimRunner& runner, const SimFinding& finding);

}  // namespace rcufarm::harness
