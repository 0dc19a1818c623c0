// The machine that a scenario asks for, on the native kernel.
//
// Job: translate settings. Pure.
#pragma once

#include "native/machine.h"
#include "scenario/scenario.h"

namespace rcufarm::harness {

native::MachineConfig machine_config(const scenario::Scenario& scenario);

}  // namespace rcufarm::harness
