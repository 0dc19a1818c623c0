// All small programs, each once.
//
// Job: enumerate the scenarios of two CPUs, a task on each and at most one irq or nmi program, by the number of their operations, up to
// the names of CPUs, tasks and slots. Pure; equal calls give equal lists.
#pragma once

#include <vector>

#include "scenario/language.h"
#include "scenario/scenario.h"

namespace rcufarm::harness {

// Those with exactly so many operations, all of the language. Sections are not among these: what they show needs a touch, and that is three.
std::vector<scenario::Scenario> programs_with(unsigned operations, const scenario::Language& language = {});

}  // namespace rcufarm::harness
