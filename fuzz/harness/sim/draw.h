// What to run next: a random scenario for the simulator, with its config.
//
// Job: short programs of every kind, mixed by general use of an allocator and never by a known defect. No state; the same
// seed gives the same.
#pragma once

#include <cstdint>

#include "harness/sim/sim_config.h"
#include "scenario/limits.h"
#include "scenario/scenario.h"

namespace rcufarm::harness {

struct DrawnScenario {
  scenario::Scenario scenario;
  SimConfig config;
};

// The widest limits of scenarios for the simulator: short, so that schedules matter more than programs.
scenario::Limits sim_scenario_limits();

DrawnScenario draw_scenario(std::uint64_t seed);

// A well-mixed number from two: seeds are hashed, never counted.
std::uint64_t mix_seed(std::uint64_t a, std::uint64_t b);

}  // namespace rcufarm::harness
