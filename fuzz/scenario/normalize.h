// normalize: fold whatever values a scenario has into its ranges.
//
// Job: the one definition of a valid scenario. The byte decoder reads raw values and normalizes; a mutator changes what
// it likes and normalizes. In-range values are left as they are, so that small changes stay small. No state.
#pragma once

#include "scenario/scenario.h"

namespace rcufarm::scenario {

// A value in min … max stands for itself, any other becomes min + value % (max - min + 1).
unsigned fold(unsigned value, unsigned min, unsigned max);
// A size in range stands for itself, any other becomes one of the good sizes.
std::uint16_t fold_unit_size(unsigned size);
std::uint16_t fold_alloc_size(unsigned size);

// Makes the scenario valid. Operations past limits.ops_max are dropped from the longest lists.
void normalize(Scenario& scenario);
bool is_valid(const Scenario& scenario);

// Drops operations from the ends of the longest lists until no more than `ops_max` are left.
void trim(Scenario& scenario, std::size_t ops_max);

}  // namespace rcufarm::scenario
