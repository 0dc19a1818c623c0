// Run after run.
//
// Job: the loop around Machine::run, for tests and tools.
#pragma once

#include <cstdint>

#include "machine/machine.h"

namespace rcufarm::sim {

struct Explored {
  std::uint64_t runs = 0;
  std::uint64_t given_up = 0;  // of these
  std::uint64_t points = 0;
  bool exhausted = false;  // the strategy had nothing left to try
};

// Runs the program until `runs_max` runs are over, the strategy has nothing left, or on_run(outcome) says false.
template <class OnRun>
Explored explore(Machine& machine, const Settings& settings, const Program& program, Strategy& strategy,
                 std::uint64_t runs_max, OnRun on_run) {
  Explored explored;
  while (explored.runs < runs_max) {
    if (!strategy.begin_run(explored.runs)) {
      explored.exhausted = true;
      break;
    }
    const Outcome& outcome = machine.run(settings, program, strategy);
    ++explored.runs;
    if (outcome.end == End::given_up) ++explored.given_up;
    explored.points += outcome.points;
    if (!on_run(outcome)) break;
  }
  return explored;
}

}  // namespace rcufarm::sim
