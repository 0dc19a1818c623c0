// Random scenarios, and the pieces that they are made of.
//
// Job: programs for plain stress that get deep into an allocator: lists run over and run dry, objects are freed on other
// CPUs than they were allocated on, readers hold what others free. No state; the same seed gives the same scenario. What
// is drawn follows the table of operations and general use, never a known defect.
#pragma once

#include <cstdint>
#include <vector>

#include "scenario/operations.h"
#include "scenario/random.h"
#include "scenario/scenario.h"

namespace rcufarm::scenario {

// What a scenario has at least, as far as `tighter` allows.
struct Least {
  unsigned cpus = 1;
  unsigned tasks = 1;
  unsigned programs = 0;
};

// A valid scenario. `tighter` bounds CPUs, tasks, caches, slots, nested programs and operations below the format's
// limits; its other fields are not looked at.
Scenario random_scenario(std::uint64_t seed, const Limits& tighter = limits, const Least& least = {});

// One operation, drawn by weight, with operands in range.
Operation random_op(Random& random, const Scenario& scenario, bool nested);
unsigned random_operand(Random& random, Operand operand, const Scenario& scenario);

// Some operations of a task that belong together, blocks balanced; raises only if there is a program.
std::vector<Operation> random_phase(Random& random, const Scenario& scenario);
// The same, behind what there is.
void append_phase(Random& random, const Scenario& scenario, std::vector<Operation>& ops);

Cache random_cache(Random& random);
Program random_program(Random& random, const Scenario& scenario);

}  // namespace rcufarm::scenario
