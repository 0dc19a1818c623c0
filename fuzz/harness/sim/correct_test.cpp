// The correct allocator: no finding, whatever the strategy.
#include <gtest/gtest.h>

#include "harness/sim/explore.h"
#include "harness/sim/prove.h"
#include "harness/sim/sim_allocator.h"

namespace rcufarm::harness {
namespace {

class Correct : public testing::TestWithParam<StrategyKind> {};

TEST_P(Correct, IsNotAccused) {
  SimRunner runner(linked_sim_allocator());
  ExploreOptions options;
  options.strategy = GetParam();
  options.schedules_max = 20'000;
  const ExploreResult result = explore(runner, options);
  for (const ExploreFinding& found : result.findings) ADD_FAILURE() << to_text(found.finding);
  EXPECT_EQ(result.figures.schedules, 20'000U);
  EXPECT_EQ(result.figures.limited, 0U) << "a limit of the simulator ends runs early";
  EXPECT_GT(result.figures.reads_from_pairs, 100U) << "programs that do next to nothing test next to nothing";
}

INSTANTIATE_TEST_SUITE_P(Strategies, Correct,
                         testing::Values(StrategyKind::portfolio, StrategyKind::random_walk, StrategyKind::pct,
                                         StrategyKind::partial_order, StrategyKind::surw),
                         [](const auto& info) { return std::string(name_of(info.param)); });

TEST(Explore, TheSameOptionsGiveTheSameFigures) {
  SimRunner runner(linked_sim_allocator());
  ExploreOptions options;
  options.seed = 5;
  options.schedules_max = 2'000;
  const ExploreResult first = explore(runner, options);
  const ExploreResult second = explore(runner, options);
  EXPECT_EQ(first.figures.points, second.figures.points);
  EXPECT_EQ(first.figures.switches, second.figures.switches);
  EXPECT_EQ(first.figures.operations, second.figures.operations);
  EXPECT_EQ(first.figures.reads_from_pairs, second.figures.reads_from_pairs);
  options.seed = 6;
  EXPECT_NE(explore(runner, options).figures.points, first.figures.points);
}

TEST(Explore, AScenarioHasAsManySchedulesAsAreWanted) {
  SimRunner runner(linked_sim_allocator());
  ExploreOptions options;
  options.schedules_max = 480;
  for (const unsigned each : {1U, 16U, 40U}) {
    options.schedules_per_scenario = each;
    const ExploreResult result = explore(runner, options);
    EXPECT_EQ(result.figures.schedules, 480U);
    EXPECT_EQ(result.figures.scenarios, 480U / each);
  }
}

TEST(Explore, AScenarioHasOneScheduleUnlessItsRunsNeedEachOther) {
  SimRunner runner(linked_sim_allocator());
  ExploreOptions options;
  options.schedules_max = 64;
  EXPECT_EQ(explore(runner, options).figures.scenarios, 64U);
  options.asks_where_shared = true;
  EXPECT_EQ(explore(runner, options).figures.scenarios, 64U / batch_runs);
}

// Whoever is alone meets nobody: in most scenarios several can, and in some nobody does.
TEST(Draw, MostScenariosHaveSomebodyToMeet) {
  constexpr unsigned count = 2000;
  unsigned cpus = 0, tasks = 0, programs = 0, alone = 0;
  for (std::uint64_t seed = 0; seed < count; ++seed) {
    const scenario::Scenario scenario = draw_scenario(seed).scenario;
    if (scenario.machine.cpus > 1) ++cpus;
    if (scenario.tasks.size() > 1) ++tasks;
    if (!scenario.programs.empty()) ++programs;
    if (scenario.machine.cpus == 1 && scenario.tasks.size() == 1 && scenario.programs.empty()) ++alone;
  }
  for (const unsigned several : {cpus, tasks, programs}) {
    EXPECT_GT(several, count * 3 / 4);
    EXPECT_LT(several, count);
  }
  EXPECT_GT(alone, 0U);
}

TEST(Draw, SomeScenariosAreLargeAndTheyAreCounted) {
  unsigned large = 0;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    const scenario::Scenario scenario = draw_scenario(seed).scenario;
    if (scenario.machine.cpus == 8 && scenario.tasks.size() == 8) ++large;
  }
  EXPECT_GT(large, 5U);
  EXPECT_LT(large, 60U);
  SimRunner runner(linked_sim_allocator());
  ExploreOptions options;
  options.schedules_max = 1'000;
  const ExploreResult result = explore(runner, options);
  EXPECT_TRUE(result.findings.empty());
  EXPECT_GT(result.figures.large_scenarios, 0U);
}

TEST(Explore, AskedWhereWordsAreSharedItFindsNothingEither) {
  SimRunner runner(linked_sim_allocator());
  ExploreOptions options;
  options.schedules_max = 20'000;
  options.asks_where_shared = true;
  const ExploreResult first = explore(runner, options);
  for (const ExploreFinding& found : first.findings) ADD_FAILURE() << to_text(found.finding);
  EXPECT_EQ(explore(runner, options).figures.switches, first.figures.switches);
  options.asks_where_shared = false;
  EXPECT_NE(explore(runner, options).figures.switches, first.figures.switches);
}

TEST(Explore, WhatTheMemoryModelGaveIsCounted) {
  SimRunner runner(linked_sim_allocator());
  ExploreOptions options;
  options.schedules_max = 200;
  options.model = sim::MemoryModel::sc;
  const ExploreFigures sc = explore(runner, options).figures;
  EXPECT_EQ(sc.weak_schedules, 0U);
  EXPECT_EQ(sc.store_choices, 0U);
  options.model = sim::MemoryModel::c11;
  const ExploreFigures c11 = explore(runner, options).figures;
  EXPECT_EQ(c11.weak_schedules, 200U);
  EXPECT_GT(c11.store_choices, 0U);
}

TEST(Explore, ExhaustiveSearchCompletesItsBound) {
  SimRunner runner(linked_sim_allocator());
  scenario::Scenario scenario;
  scenario.caches.add().size = 2000;
  scenario.tasks.add().ops = {{.kind = scenario::OpKind::alloc}, {.kind = scenario::OpKind::free_rcu}};
  ExploreOptions options;
  options.scenario = &scenario;
  options.strategy = StrategyKind::exhaustive;
  options.preemptions_max = 1;
  options.schedules_max = 200'000;
  const ExploreResult first = explore(runner, options);
  EXPECT_TRUE(first.findings.empty());
  EXPECT_EQ(first.figures.completed_preemptions, 1);
  EXPECT_EQ(explore(runner, options).figures.schedules, first.figures.schedules);
}

// One execution of each class is far fewer than all schedules of one preemption, and all that there are.
TEST(Explore, DporRunsEachClassOnce) {
  SimRunner runner(linked_sim_allocator());
  scenario::Scenario scenario;
  scenario.caches.add().size = 2000;
  scenario.tasks.add().ops = {{.kind = scenario::OpKind::alloc}, {.kind = scenario::OpKind::free_rcu}};
  ExploreOptions options;
  options.scenario = &scenario;
  options.strategy = StrategyKind::dpor;
  const ExploreResult given = explore(runner, options);
  EXPECT_TRUE(given.findings.empty());
  EXPECT_EQ(given.figures.proven_scenarios, 1U);
  EXPECT_EQ(given.figures.schedules, prove(runner, scenario, options.config, {}).figures.search.executions);

  options.scenario = nullptr;
  options.schedules_max = 4000;
  const ExploreResult drawn = explore(runner, options);
  EXPECT_TRUE(drawn.findings.empty());
  EXPECT_GT(drawn.figures.scenarios, 1U);
  EXPECT_EQ(drawn.figures.schedules, 4000U);
}

TEST(Explore, ProgressCanStopIt) {
  SimRunner runner(linked_sim_allocator());
  ExploreOptions options;
  options.progress_seconds = 0;
  unsigned calls = 0;
  options.progress = [&](const ExploreFigures&) { return ++calls < 3; };
  explore(runner, options);
  EXPECT_EQ(calls, 3U);
}

}  // namespace
}  // namespace rcufarm::harness
