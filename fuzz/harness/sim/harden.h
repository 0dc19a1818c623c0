// Hardening: from a missing order to what comes of it.
//
// Job: a free or an access that nothing orders is accused in runs where nothing came of it yet. A neighbouring schedule may
// show the memory used after its free, a callback on a freed cache, a leak: the same mistake, and easier to believe. One
// thread; deterministic.
#pragma once

#include "harness/sim/sim_finding.h"
#include "harness/sim/sim_runner.h"

namespace rcufarm::harness {

// The first harder symptom that some thousand schedules of the finding's scenario show, near its own and anywhere; kind none
// if there is none, or if the finding is no missing order. What a strong enough machine never shows stays as it is, and so does everything in an AddressSanitizer build.
SimFinding harden(SimRunner& runner, const SimFinding& finding);

}  // namespace rcufarm::harness
