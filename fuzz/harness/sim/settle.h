// Settling: a quiet user who lets grace periods pass and looks whether deferred objects come back.
//
// Job: the program behind the oracle of settling. On each CPU, for each size in use, it allocates and frees one object and
// defers another, so that irq_work is served, waits for both flavours, and repeats. After some rounds no more can be
// pending than what it deferred itself in the last ones; and if each round ended with more objects out than the one before, it
// goes on until that has stopped, or is a finding. Then objects go one way, from one CPU to another, and may not
// pile up there. Main context, after the tasks and their nested programs.
#pragma once

#include "harness/sim/sim_user.h"
#include "machine/machine.h"
#include "scenario/scenario.h"

namespace rcufarm::harness {

void settle(const scenario::Scenario& scenario, SimUser& user, sim::Machine& machine);

}  // namespace rcufarm::harness
