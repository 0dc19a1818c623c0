// Is a run without an end one, or has it a loop of many rounds?
//
// Job: a program of user space may go round a list ten thousand times and then stop. What reached its limit of points gets many more of
// them before it is accused. Owns nothing; one thread; deterministic.
#pragma once

#include "harness/sim/sim_finding.h"
#include "harness/sim/sim_runner.h"

namespace rcufarm::harness {

// The finding, if it is none of a limit of points or goes on where it has more. Kind none: it came to its end, or to another limit of the
// simulator. What it shows on its way
// there is another finding.
SimFinding unless_it_ends(SimRunner& runner, SimFinding finding);

}  // namespace rcufarm::harness
