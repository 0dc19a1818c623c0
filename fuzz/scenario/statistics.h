// Statistics of a scenario: how large it is and what is in it.
//
// Job: figures for people, for corpus tools and for tests. Counts what the lists say, not what a run did. No state.
#pragma once

#include <array>
#include <cstddef>
#include <string>

#include "scenario/scenario.h"

namespace rcufarm::scenario {

struct Statistics {
  std::array<std::size_t, op_kind_count> ops{};  // by OpKind
  std::size_t ops_total = 0;
  std::size_t nested_ops = 0;     // of them in nested programs
  std::size_t longest_task = 0;   // operations
  std::size_t deepest_block = 0;  // blocks open at once in one task
  std::size_t skipped = 0;        // operations of tasks that are skipped in every run (see blocks.h)
  std::size_t slots_used = 0;
  std::size_t slots_shared = 0;  // of them named by more than one task or program
  std::size_t bytes = 0;         // encoded
};

Statistics statistics_of(const Scenario& scenario);
// One line each, "name value"; operations that don't occur are left out.
std::string print(const Statistics& statistics);

}  // namespace rcufarm::scenario
