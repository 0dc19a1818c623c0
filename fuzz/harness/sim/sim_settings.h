// The simulated machine that a scenario asks for.
//
// Job: translate settings. Pure.
#pragma once

#include "harness/sim/sim_config.h"
#include "machine/machine.h"
#include "scenario/scenario.h"

namespace rcufarm::harness {

// Does it plan for slab allocations to fail?
bool has_slab_failures(const scenario::Scenario& scenario);

sim::Settings sim_settings(const scenario::Scenario& scenario, const SimConfig& config);

}  // namespace rcufarm::harness
