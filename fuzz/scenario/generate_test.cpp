// Random scenarios: legal, within limits, and of the shape that gets deep.
#include "scenario/generate.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "scenario/normalize.h"
#include "scenario/statistics.h"
#include "scenario/test_support.h"

namespace rcufarm::scenario {
namespace {

TEST(Generate, TheSameSeedGivesTheSameScenario) {
  EXPECT_EQ(random_scenario(17), random_scenario(17));
  EXPECT_FALSE(random_scenario(17) == random_scenario(18));
}

TEST(Generate, TighterLimitsHold) {
  Limits tighter;
  tighter.cpus_max = 2;
  tighter.tasks_max = 3;
  tighter.caches_max = 1;
  tighter.slots_max = 5;
  tighter.nested_programs_max = 0;
  tighter.ops_max = 40;
  for (std::uint64_t seed = 0; seed < 5000; ++seed) {
    const Scenario scenario = random_scenario(seed, tighter);
    ASSERT_TRUE(is_valid(scenario));
    ASSERT_LE(scenario.machine.cpus, 2);
    ASSERT_LE(scenario.tasks.size(), 3U);
    ASSERT_EQ(scenario.caches.size(), 1U);
    ASSERT_LE(scenario.machine.slots, 5);
    ASSERT_TRUE(scenario.programs.empty());
    ASSERT_LE(total_ops(scenario), 40U);
  }
}

TEST(Generate, WhatThereIsAtLeastHoldsAsFarAsLimitsAllow) {
  Limits tighter;
  tighter.cpus_max = 3;
  tighter.tasks_max = 3;
  tighter.nested_programs_max = 1;
  bool more = false;
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    const Scenario scenario = random_scenario(seed, tighter, {.cpus = 2, .tasks = 2, .programs = 2});
    ASSERT_TRUE(is_valid(scenario));
    ASSERT_GE(scenario.machine.cpus, 2);
    ASSERT_GE(scenario.tasks.size(), 2U);
    ASSERT_EQ(scenario.programs.size(), 1U);
    more = more || (scenario.machine.cpus == 3 && scenario.tasks.size() == 3);
  }
  EXPECT_TRUE(more) << "at least is at most";
  EXPECT_EQ(random_scenario(17, tighter, {}), random_scenario(17, tighter));
}

TEST(GenerateDeathTest, LimitsPastTheFormatsAreOurMistake) {
  Limits looser;
  looser.cpus_max = limits.cpus_max + 1;
  EXPECT_DEATH(random_scenario(1, looser), "cpus_max");
}

TEST(Generate, EveryOperationSettingAndSizeOccurs) {
  Statistics sum;
  std::array<bool, 3> kinds{};
  std::array<bool, limits.cpus_max + 1> cpus{};
  unsigned large = 0;
  unsigned shared = 0;
  unsigned deep = 0;
  constexpr unsigned count = 1000;
  for (std::uint64_t seed = 0; seed < count; ++seed) {
    const Scenario scenario = random_scenario(seed);
    const Statistics statistics = statistics_of(scenario);
    for (std::size_t i = 0; i < op_kind_count; ++i) sum.ops[i] += statistics.ops[i];
    sum.ops_total += statistics.ops_total;
    sum.skipped += statistics.skipped;
    cpus[scenario.machine.cpus] = true;
    for (const Cache& cache : scenario.caches) {
      kinds[static_cast<std::size_t>(cache.kind)] = true;
      large += cache.size >= 1000 ? 1 : 0;
    }
    shared += statistics.slots_shared > 0 ? 1 : 0;
    deep += statistics.deepest_block > 1 ? 1 : 0;
  }
  for (const OpSpec& spec : op_specs()) {
    EXPECT_GT(sum.ops[static_cast<std::size_t>(spec.kind)], count / 10) << spec.name;
  }
  EXPECT_TRUE(std::all_of(kinds.begin(), kinds.end(), [](bool seen) { return seen; }));
  EXPECT_TRUE(std::all_of(cpus.begin() + 1, cpus.end(), [](bool seen) { return seen; }));
  EXPECT_GT(large, count / 2);
  EXPECT_GT(shared, count / 2) << "objects pass between tasks";
  EXPECT_GT(deep, count / 4);
  EXPECT_LT(sum.skipped, sum.ops_total / 20) << "most of what is written can run";
}

TEST(Generate, PhasesAreBalanced) {
  Random random(8);
  for (std::uint64_t seed = 0; seed < 5000; ++seed) {
    const Scenario scenario = small_scenario(seed);
    int depth = 0;
    for (const Operation& op : random_phase(random, scenario)) {
      depth += op.kind == OpKind::enter || op.kind == OpKind::irq_off ? 1 : 0;
      depth -= op.kind == OpKind::leave || op.kind == OpKind::irq_on ? 1 : 0;
      ASSERT_GE(depth, 0);
      ASSERT_TRUE(op.kind != OpKind::raise || !scenario.programs.empty());
    }
    ASSERT_EQ(depth, 0);
  }
}

TEST(Statistics, CountWhatTheListsSay) {
  const Scenario scenario = must_parse(
      "scenario v1\nslots 4\ncache 0 size 64\n"
      "task 0 on cpu 0\nenter regular\nenter regular\nalloc c0 s1\nsynchronize regular\nleave\nleave\nleave\n"
      "task 1 on cpu 0\nfree s1\nfree s2\n"
      "program 0 irq on cpu 0\nfree s2\n");
  const Statistics statistics = statistics_of(scenario);
  EXPECT_EQ(statistics.ops_total, 10U);
  EXPECT_EQ(statistics.nested_ops, 1U);
  EXPECT_EQ(statistics.longest_task, 7U);
  EXPECT_EQ(statistics.deepest_block, 2U);
  EXPECT_EQ(statistics.skipped, 2U);
  EXPECT_EQ(statistics.slots_used, 2U);
  EXPECT_EQ(statistics.slots_shared, 2U);
  EXPECT_EQ(statistics.bytes, encode(scenario).size());
  EXPECT_EQ(print(statistics),
            "bytes 100\noperations 10\nnested 1\nlongest_task 7\ndeepest_block 2\nalways_skipped 2\nslots_used 2\n"
            "slots_shared 2\nop_alloc 1\nop_free 3\nop_enter 2\nop_leave 3\nop_synchronize 1\n");
}

}  // namespace
}  // namespace rcufarm::scenario
