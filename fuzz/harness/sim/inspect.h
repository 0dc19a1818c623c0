// Inspecting: a look at the allocators' lists and counts when everybody is quiet.
//
// Job: the program behind the oracles of counts and of lists that irq_work has to empty. It brings the allocators to rest in a
// few steps and reports what they count beside what the user knows. Main context, after the tasks and their nested programs.
#pragma once

#include "harness/sim/sim_user.h"
#include "machine/machine.h"
#include "scenario/scenario.h"

namespace rcufarm::harness {

// `slab_may_fail`: may the schedule still let an allocation fail?
void inspect(const scenario::Scenario& scenario, SimUser& user, sim::Machine& machine, bool slab_may_fail);

}  // namespace rcufarm::harness
