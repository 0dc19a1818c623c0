// Each mutation: reached, legal, and doing what its name says.
#include "scenario/mutations.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "scenario/normalize.h"
#include "scenario/operations.h"
#include "scenario/test_support.h"

namespace rcufarm::scenario {
namespace {

class EachMutation : public testing::TestWithParam<std::size_t> {
 protected:
  Mutation mutation() const { return static_cast<Mutation>(GetParam()); }
};

TEST_P(EachMutation, IsLegalAndChangesSomethingMostOfTheTime) {
  Random random(GetParam());
  unsigned changed = 0;
  constexpr unsigned count = 1000;
  for (std::uint64_t seed = 0; seed < count; ++seed) {
    const Scenario old = small_scenario(seed);
    Scenario scenario = old;
    const bool done = apply(mutation(), scenario, random);
    ASSERT_TRUE(is_valid(scenario));
    if (!done) {
      ASSERT_EQ(scenario, old) << "nothing was done";
    }
    changed += scenario == old ? 0 : 1;
  }
  EXPECT_GT(changed, count / 2) << mutation_names()[GetParam()];
}

TEST_P(EachMutation, CopesWithTheEmptyScenarioAndTheFullest) {
  Scenario full = decode(std::vector<std::byte>(encoded_bytes_max)).scenario;
  ASSERT_EQ(total_ops(full), limits.ops_max);
  while (!full.tasks.full()) full.tasks.add();
  while (!full.caches.full()) full.caches.add();
  while (!full.programs.full()) full.programs.add();
  normalize(full);
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Random random(seed);
    Scenario empty = decode({}).scenario;
    apply(mutation(), empty, random);
    ASSERT_TRUE(is_valid(empty));
    Scenario scenario = full;
    apply(mutation(), scenario, random);
    ASSERT_TRUE(is_valid(scenario));
    ASSERT_LE(total_ops(scenario), limits.ops_max);
  }
}

INSTANTIATE_TEST_SUITE_P(All, EachMutation, testing::Range(std::size_t{0}, mutation_count),
                         [](const auto& info) { return std::string(mutation_names()[info.param]); });

TEST(Mutations, AllAreDrawn) {
  Random random(1);
  std::array<unsigned, mutation_count> drawn{};
  for (int n = 0; n < 10000; ++n) ++drawn[static_cast<std::size_t>(random_mutation(random))];
  for (std::size_t i = 0; i < drawn.size(); ++i) EXPECT_GT(drawn[i], 100U) << mutation_names()[i];
}

std::vector<Operation> sorted_ops(const Scenario& scenario) {
  std::vector<Operation> ops;
  for (const Task& task : scenario.tasks) ops.insert(ops.end(), task.ops.begin(), task.ops.end());
  const auto key = [](const Operation& op) { return std::tuple(op.kind, op.cache, op.slot, op.argument, op.size); };
  std::sort(ops.begin(), ops.end(), [key](const Operation& a, const Operation& b) { return key(a) < key(b); });
  return ops;
}

// Without nested programs: what moves into one may have to change.
Scenario tasks_only(std::uint64_t seed) {
  Limits tighter;
  tighter.ops_max = 60;
  tighter.nested_programs_max = 0;
  return random_scenario(seed, tighter);
}

TEST(Mutations, SwapAndMoveLoseNothing) {
  unsigned between_tasks = 0;
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    const Scenario old = tasks_only(seed);
    for (const Mutation mutation : {Mutation::swap_ops, Mutation::move_ops}) {
      Random random(seed);
      Scenario scenario = old;
      apply(mutation, scenario, random);
      ASSERT_EQ(sorted_ops(scenario), sorted_ops(old));
      for (std::size_t i = 0; i < old.tasks.size(); ++i) {
        between_tasks += scenario.tasks[i].ops.size() != old.tasks[i].ops.size() ? 1 : 0;
      }
    }
  }
  EXPECT_GT(between_tasks, 100U);
}

TEST(Mutations, ChangeOperandChangesOneOperation) {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    const Scenario old = tasks_only(seed);
    Scenario scenario = old;
    Random random(seed);
    if (!apply(Mutation::change_operand, scenario, random)) continue;
    unsigned different = 0;
    for (std::size_t i = 0; i < old.tasks.size(); ++i) {
      ASSERT_EQ(scenario.tasks[i].ops.size(), old.tasks[i].ops.size());
      for (std::size_t n = 0; n < old.tasks[i].ops.size(); ++n) {
        if (scenario.tasks[i].ops[n] == old.tasks[i].ops[n]) continue;
        ++different;
        ASSERT_EQ(scenario.tasks[i].ops[n].kind, old.tasks[i].ops[n].kind);
      }
    }
    ASSERT_EQ(different, 1U);
  }
}

TEST(Mutations, WrapAddsABalancedPair) {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    const Scenario old = tasks_only(seed);
    Scenario scenario = old;
    Random random(seed);
    if (!apply(Mutation::wrap_in_block, scenario, random)) continue;
    ASSERT_EQ(total_ops(scenario), total_ops(old) + 2);
  }
}

TEST(Mutations, SpliceMixesBoth) {
  unsigned from_other = 0;
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    Scenario scenario = tasks_only(seed);
    for (Task& task : scenario.tasks) task.ops.assign(5, Operation{OpKind::yield, 0, 0, 0, 0});
    Scenario other = tasks_only(seed + 1000);
    for (Task& task : other.tasks) task.ops.assign(5, Operation{OpKind::irq_off, 0, 0, 0, 0});
    Random random(seed);
    splice(scenario, other, random);
    ASSERT_TRUE(is_valid(scenario));
    for (const Operation& op : sorted_ops(scenario)) {
      ASSERT_TRUE(op.kind == OpKind::yield || op.kind == OpKind::irq_off);
      from_other += op.kind == OpKind::irq_off ? 1 : 0;
    }
  }
  EXPECT_GT(from_other, 500U);
}

}  // namespace
}  // namespace rcufarm::scenario
