// Anchors follow edits, and minimising keeps what it was asked to keep.
#include "harness/sim/minimize.h"

#include <gtest/gtest.h>

#include "harness/sim/anchors.h"
#include "harness/sim/attempt.h"
#include "harness/sim/explore.h"
#include "harness/sim/shrink_scenario.h"
#include "harness/sim/toy_allocator.h"

namespace rcufarm::harness {
namespace {

using sim::Deviation;

Deviation at(sim::ContextId context, std::uint32_t event, sim::ContextId target) {
  return {.at = context, .kind = sim::decision_for(target), .target = target, .event = event, .points = 1};
}

TEST(RunSize, SwitchesSinceDestroyCountTwice) {
  const RunSize small{.switches = 6, .switches_of_destroy = 2, .deviations = 4, .points = 300};
  EXPECT_LT(small, (RunSize{.switches = 6, .switches_of_destroy = 3, .deviations = 1, .points = 1}));
  EXPECT_LT(small, (RunSize{.switches = 5, .switches_of_destroy = 4, .deviations = 1, .points = 1}));
  EXPECT_LT(small, (RunSize{.switches = 5, .switches_of_destroy = 3, .deviations = 1, .points = 1}))
      << "as many in all";
  EXPECT_LT((RunSize{.switches = 3, .switches_of_destroy = 3, .deviations = 9, .points = 900}), small);
  EXPECT_LT((RunSize{.switches = 6, .switches_of_destroy = 2, .deviations = 3, .points = 900}), small);
}

TEST(Anchors, LaterCallsMoveDownAndDroppedOnesGo) {
  // Four operations with one call each, but for the second, which has none.
  const CallCounts calls = {0, 1, 1, 2, 3};
  const auto t0 = sim::task_context(0);
  const auto t1 = sim::task_context(1);
  std::vector<Deviation> deviations = {at(t0, 2, t1), at(t0, 4, t1), at(t0, 5, t1), at(t0, 6, t1), at(t1, 6, t0)};
  drop_operations(deviations, 0, 2, 3, calls);
  ASSERT_EQ(deviations.size(), 3U) << "events 4 and 5 are the dropped call's";
  EXPECT_EQ(deviations[0].event, 2U);
  EXPECT_EQ(deviations[1].event, 4U);
  EXPECT_EQ(deviations[2].event, 6U) << "another task's";
}

TEST(Anchors, AnOperationWithoutACallMovesNothing) {
  const CallCounts calls = {0, 1, 1, 2};
  const auto t0 = sim::task_context(0);
  std::vector<Deviation> deviations = {at(t0, 2, sim::main_context), at(t0, 4, sim::main_context)};
  const std::vector<Deviation> before = deviations;
  drop_operations(deviations, 0, 1, 2, calls);
  EXPECT_EQ(deviations, before);
}

TEST(Anchors, TasksAboveADroppedOneMoveDown) {
  const auto t = [](unsigned n) { return sim::task_context(n); };
  std::vector<Deviation> deviations = {at(t(0), 2, t(1)), at(t(2), 2, t(0)), at(t(0), 3, t(2)), at(t(1), 2, t(0))};
  drop_task(deviations, 1);
  ASSERT_EQ(deviations.size(), 2U);
  EXPECT_EQ(deviations[0].at, t(1));
  EXPECT_EQ(deviations[1].target, t(1));
}

class Minimising : public testing::TestWithParam<Mistake> {};

TEST_P(Minimising, KeepsTheSignatureAndIsDeterministic) {
  SimRunner runner(toy_allocator(GetParam()));
  ExploreOptions options;
  options.seed = 3;
  options.schedules_max = 20'000;
  const ExploreResult result = explore(runner, options);
  ASSERT_FALSE(result.findings.empty());
  const SimFinding& finding = result.findings[0].finding;
  MinimizeFigures figures;
  const SimFinding minimal = minimize(runner, finding, {}, &figures);
  EXPECT_EQ(minimal.signature, finding.signature);
  EXPECT_TRUE(figures.complete);
  EXPECT_LE(figures.operations_after, 4U) << to_text(minimal);
  EXPECT_EQ(runner.replay(minimal).digest, minimal.digest);
  EXPECT_EQ(to_text(minimize(runner, finding)), to_text(minimal));
}

INSTANTIATE_TEST_SUITE_P(Toys, Minimising,
                         testing::Values(Mistake::leak, Mistake::freed_under_user, Mistake::wrong_size,
                                         Mistake::callback_on_freed_cache, Mistake::no_end, Mistake::crash));

SimFinding found_of(SimRunner& runner, std::uint64_t seed) {
  ExploreOptions options;
  options.seed = seed;
  options.schedules_max = 20'000;
  const ExploreResult result = explore(runner, options);
  EXPECT_FALSE(result.findings.empty());
  return result.findings.empty() ? SimFinding{} : result.findings[0].finding;
}

TEST(Parts, GiveTheSameFindingWithFewerOperations) {
  SimRunner runner(toy_allocator(Mistake::leak));
  const MinimizeOptions options;
  unsigned smaller = 0;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const SimFinding finding = found_of(runner, seed);
    Attempts attempts(runner, finding, options);
    ASSERT_TRUE(attempts.replay({finding.scenario, finding.config, finding.schedule.deviations}, false));
    if (!fails_in_part(attempts, 10'000'000)) continue;
    ++smaller;
    SimFinding part = finding;
    part.scenario = attempts.best().scenario;
    part.config = attempts.best().config;
    part.schedule.deviations = attempts.best().deviations;
    EXPECT_LT(scenario::total_ops(part.scenario), scenario::total_ops(finding.scenario));
    EXPECT_EQ(runner.replay(part).signature, finding.signature);
  }
  EXPECT_GE(smaller, 3U);
}

TEST(Parts, AreTriedWithinTheirLimits) {
  SimRunner runner(toy_allocator(Mistake::leak));
  const SimFinding finding = found_of(runner, 1);
  const MinimizeOptions options;
  const Case whole{finding.scenario, finding.config, finding.schedule.deviations};
  Attempts attempts(runner, finding, options);
  ASSERT_TRUE(attempts.replay(whole, false));
  EXPECT_FALSE(fails_in_part(attempts, 0));
  EXPECT_EQ(attempts.runs(), 1U);
  const MinimizeOptions spent{.runs_max = 1};
  Attempts others(runner, finding, spent);
  ASSERT_TRUE(others.replay(whole, false));
  EXPECT_FALSE(fails_in_part(others, 10'000'000));
  EXPECT_EQ(others.runs(), 1U);
}

TEST(Minimising, WhatDoesNotReplayComesBackAsItIs) {
  SimRunner runner(toy_allocator(Mistake::none));
  SimFinding finding;
  finding.kind = oracle::Kind::leak;
  finding.signature = "leak: somewhere";
  finding.scenario.caches.add().size = 64;
  finding.scenario.tasks.add();
  const SimFinding back = minimize(runner, finding);
  EXPECT_EQ(back.kind, oracle::Kind::none);
  EXPECT_EQ(back.scenario, finding.scenario);
}

TEST(Minimising, ABudgetIsKeptAndToldOf) {
  SimRunner runner(toy_allocator(Mistake::no_end));
  ExploreOptions options;
  options.schedules_max = 20'000;
  const ExploreResult result = explore(runner, options);
  ASSERT_FALSE(result.findings.empty());
  MinimizeFigures figures;
  unsigned told = 0;
  Budget stopped_by_user(3600, [&](std::uint64_t runs) {
    EXPECT_GT(runs, 0U);
    return ++told < 1;
  });
  const SimFinding small = minimize(runner, result.findings[0].finding, {.budget = &stopped_by_user}, &figures);
  EXPECT_EQ(told, 1U);
  EXPECT_LE(figures.runs, 16U);
  EXPECT_FALSE(figures.complete);
  EXPECT_EQ(small.signature, result.findings[0].finding.signature);
  Budget no_time(0, {});
  minimize(runner, result.findings[0].finding, {.budget = &no_time}, &figures);
  EXPECT_LE(figures.runs, 16U);
}

TEST(Minimising, ALimitIsKept) {
  SimRunner runner(toy_allocator(Mistake::leak));
  ExploreOptions options;
  options.schedules_max = 20'000;
  const ExploreResult result = explore(runner, options);
  ASSERT_FALSE(result.findings.empty());
  MinimizeFigures figures;
  minimize(runner, result.findings[0].finding, {.runs_max = 10}, &figures);
  EXPECT_LE(figures.runs, 10U);
  EXPECT_FALSE(figures.complete);
}

}  // namespace
}  // namespace rcufarm::harness
