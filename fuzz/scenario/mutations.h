// Mutations: small changes of a scenario that keep it valid.
//
// Job: the steps that the mutator takes, on decoded scenarios. Each is one entry of a table with a name, so that a test can
// ask whether all are reached and statistics can count them. No state; what changes is the caller's.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "scenario/random.h"
#include "scenario/scenario.h"

namespace rcufarm::scenario {

enum class Mutation : std::uint8_t {
  insert_op,
  insert_phase,
  delete_ops,
  duplicate_ops,
  swap_ops,
  move_ops,
  replace_op,
  change_operand,
  wrap_in_block,
  copy_task,
  change_tasks,
  change_placement,
  change_programs,
  change_caches,
  change_setting,
};
inline constexpr std::size_t mutation_count = 15;

std::span<const std::string_view> mutation_names();  // indexed by Mutation

// Draws one by weight: operations are changed more often than the machine.
Mutation random_mutation(Random& random);

// Does it, and leaves the scenario valid. False: there was nothing to do it on. (True may still give an equal scenario,
// say when equal operations are swapped.) The scenario may grow up to limits.ops_max.
bool apply(Mutation mutation, Scenario& scenario, Random& random);

// Crossover: parts of `other`'s lists are put into the scenario, or replace its ends; its machine may come along.
void splice(Scenario& scenario, const Scenario& other, Random& random);

}  // namespace rcufarm::scenario
