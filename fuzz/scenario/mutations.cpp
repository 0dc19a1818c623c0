// Mutations: see mutations.h.
#include "scenario/mutations.h"

#include <algorithm>
#include <array>

#include "scenario/check.h"
#include "scenario/mutate_machine.h"
#include "scenario/mutate_ops.h"
#include "scenario/normalize.h"

namespace rcufarm::scenario {
namespace {

struct MutationSpec {
  Mutation mutation;
  std::string_view name;
  bool (*apply)(Scenario&, Random&);
  unsigned weight;
};

constexpr std::array<MutationSpec, mutation_count> mutation_table{{
    {Mutation::insert_op, "insert_op", insert_op, 8},
    {Mutation::insert_phase, "insert_phase", insert_phase, 6},
    {Mutation::delete_ops, "delete_ops", delete_ops, 7},
    {Mutation::duplicate_ops, "duplicate_ops", duplicate_ops, 4},
    {Mutation::swap_ops, "swap_ops", swap_ops, 4},
    {Mutation::move_ops, "move_ops", move_ops, 6},
    {Mutation::replace_op, "replace_op", replace_op, 5},
    {Mutation::change_operand, "change_operand", change_operand, 8},
    {Mutation::wrap_in_block, "wrap_in_block", wrap_in_block, 3},
    {Mutation::copy_task, "copy_task", copy_task, 2},
    {Mutation::change_tasks, "change_tasks", change_tasks, 2},
    {Mutation::change_placement, "change_placement", change_placement, 2},
    {Mutation::change_programs, "change_programs", change_programs, 2},
    {Mutation::change_caches, "change_caches", change_caches, 2},
    {Mutation::change_setting, "change_setting", change_setting, 3},
}};

constexpr bool mutation_table_is_in_order() {
  for (std::size_t i = 0; i < mutation_table.size(); ++i) {
    if (static_cast<std::size_t>(mutation_table[i].mutation) != i) return false;
  }
  return true;
}
static_assert(mutation_table_is_in_order(), "mutation_table is indexed by Mutation");

constexpr unsigned mutation_weight_total = [] {
  unsigned total = 0;
  for (const MutationSpec& spec : mutation_table) total += spec.weight;
  return total;
}();

constexpr auto names = [] {
  std::array<std::string_view, mutation_count> result{};
  for (std::size_t i = 0; i < mutation_table.size(); ++i) result[i] = mutation_table[i].name;
  return result;
}();

using Ops = std::vector<Operation>;

std::ptrdiff_t random_place(const Ops& ops, Random& random) {
  return static_cast<std::ptrdiff_t>(random.below(ops.size() + 1));
}

// Our beginning and their end.
void replace_end(Ops& ops, const Ops& other, Random& random) {
  ops.erase(ops.begin() + random_place(ops, random), ops.end());
  ops.insert(ops.end(), other.begin() + random_place(other, random), other.end());
}

// A piece of theirs in the midst of ours.
void insert_piece(Ops& ops, const Ops& other, Random& random) {
  auto begin = random_place(other, random);
  auto end = random_place(other, random);
  if (end < begin) std::swap(begin, end);
  ops.insert(ops.begin() + random_place(ops, random), other.begin() + begin, other.begin() + end);
}

void mix(Ops& ops, const Ops& other, Random& random) {
  if (random.one_in(2)) {
    replace_end(ops, other, random);
  } else {
    insert_piece(ops, other, random);
  }
}

}  // namespace

std::span<const std::string_view> mutation_names() { return names; }

Mutation random_mutation(Random& random) {
  auto share = static_cast<unsigned>(random.below(mutation_weight_total));
  for (const MutationSpec& spec : mutation_table) {
    if (share < spec.weight) return spec.mutation;
    share -= spec.weight;
  }
  check(false, "random_mutation: weights do not add up");
  return Mutation::insert_op;
}

bool apply(Mutation mutation, Scenario& scenario, Random& random) {
  check(static_cast<std::size_t>(mutation) < mutation_table.size(), "apply: no such mutation");
  const bool done = mutation_table[static_cast<std::size_t>(mutation)].apply(scenario, random);
  normalize(scenario);
  return done;
}

void splice(Scenario& scenario, const Scenario& other, Random& random) {
  if (random.one_in(4)) scenario.machine = other.machine;
  if (random.one_in(4)) scenario.caches = other.caches;
  if (random.one_in(4)) scenario.programs = other.programs;
  // One task of theirs becomes one of ours; or lists are mixed, at least one.
  if (!scenario.tasks.full() && random.one_in(4)) {
    scenario.tasks.add() = other.tasks[random.below(other.tasks.size())];
  } else {
    const std::size_t sure = random.below(scenario.tasks.size());
    for (std::size_t i = 0; i < scenario.tasks.size(); ++i) {
      if (i != sure && !random.one_in(3)) continue;
      const std::size_t from = random.one_in(2) ? i % other.tasks.size() : random.below(other.tasks.size());
      mix(scenario.tasks[i].ops, other.tasks[from].ops, random);
    }
  }
  normalize(scenario);
}

}  // namespace rcufarm::scenario
