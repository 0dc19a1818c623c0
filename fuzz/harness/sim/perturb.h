// Perturbing a schedule: others that are near it.
//
// Job: when a scenario was edited, its failing schedule may be off by a little: some departures come a few points too early,
// or are not needed any more. This draws neighbours of a list of deviations. Deterministic; no state but the generator's.
#pragma once

#include <span>
#include <vector>

#include "machine/engine/schedule.h"
#include "machine/search/random.h"

namespace rcufarm::harness {

// Writes a neighbour of `deviations` into `out`, whose storage is used again.
void perturb(std::span<const sim::Deviation> deviations, sim::Random& random, std::vector<sim::Deviation>& out);

}  // namespace rcufarm::harness
