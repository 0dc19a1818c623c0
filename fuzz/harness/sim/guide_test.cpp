// The guide: rare pairs bring scenarios back, changed and no longer.
#include "harness/sim/guide.h"

#include <gtest/gtest.h>

#include "scenario/normalize.h"

namespace rcufarm::harness {
namespace {

constexpr unsigned often = 400;

std::size_t ops_of(const scenario::Scenario& scenario) {
  std::size_t ops = 0;
  for (const scenario::Task& task : scenario.tasks) ops += task.ops.size();
  return ops;
}

bool run(Guide& guide, const DrawnScenario& drawn, const std::vector<std::uint32_t>& places, std::uint64_t points = 100,
         bool may_be_kept = true) {
  std::uint64_t pairs = 0;
  for (const std::uint32_t place : places) {
    std::uint64_t& word = guide.met().set[place / 64];
    const std::uint64_t bit = std::uint64_t{1} << place % 64;
    EXPECT_EQ(word & bit, 0U);
    word |= bit;
    guide.met().numbers[pairs++] = place;
  }
  return guide.run_ends(drawn, points, pairs, may_be_kept);
}

// Many runs that reach place 1 alone.
void run_plainly(Guide& guide) {
  const DrawnScenario plain = draw_scenario(1);
  for (unsigned i = 0; i < often; ++i) run(guide, plain, {1});
}

unsigned drawn_of(Guide& guide, std::uint64_t turns) {
  unsigned drawn = 0;
  DrawnScenario scenario;
  for (std::uint64_t seed = 0; seed < turns; ++seed) drawn += guide.draw(seed, scenario) ? 1 : 0;
  return drawn;
}

// A scenario of more than `least` operations.
DrawnScenario long_one(std::size_t least) {
  for (std::uint64_t seed = 1;; ++seed) {
    DrawnScenario drawn = draw_scenario(seed);
    if (ops_of(drawn.scenario) > least) return drawn;
  }
}

TEST(GuideTest, APairIsNewsOnce) {
  Guide guide;
  const DrawnScenario drawn = draw_scenario(1);
  EXPECT_TRUE(run(guide, drawn, {3, 9}));
  EXPECT_FALSE(run(guide, drawn, {3, 9}));
  EXPECT_TRUE(run(guide, drawn, {9, reads_from_places - 1}));
  EXPECT_EQ(guide.known().size(), 3U);
}

TEST(GuideTest, WhatEachRunReachesBringsNothingBack) {
  Guide guide;
  run_plainly(guide);
  EXPECT_EQ(drawn_of(guide, 100), 0U);
}

TEST(GuideTest, ARarePairBringsItsShortestScenarioBackInHalfOfTheTurns) {
  Guide guide;
  run_plainly(guide);
  DrawnScenario dear = draw_scenario(2);
  DrawnScenario cheap = draw_scenario(3);
  dear.config.failures_max = 41;
  cheap.config.failures_max = 42;
  run(guide, dear, {1, 7}, 1000);
  run(guide, cheap, {1, 7}, 10);
  run(guide, dear, {1, 7}, 900);
  EXPECT_NEAR(drawn_of(guide, 1000), 500, 100);
  DrawnScenario drawn;
  std::uint64_t seed = 0;
  while (!guide.draw(seed, drawn)) ++seed;
  EXPECT_EQ(drawn.config.failures_max, 42U);
}

TEST(GuideTest, ChangesAreValidAndNoLonger) {
  Guide guide;
  run_plainly(guide);
  const DrawnScenario kept = long_one(20);
  run(guide, kept, {5});
  DrawnScenario drawn;
  unsigned changed = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    if (!guide.draw(seed, drawn)) continue;
    EXPECT_TRUE(scenario::is_valid(drawn.scenario));
    EXPECT_LE(ops_of(drawn.scenario), ops_of(kept.scenario));
    changed += drawn.scenario == kept.scenario ? 0 : 1;
  }
  EXPECT_GT(changed, 100U);
}

TEST(GuideTest, WhatFoundSomethingIsNotChanged) {
  Guide guide;
  run_plainly(guide);
  run(guide, draw_scenario(2), {5}, 10, false);
  EXPECT_EQ(drawn_of(guide, 100), 0U);
}

TEST(GuideTest, TheSameRunsGiveTheSameScenarios) {
  Guide one;
  Guide other;
  DrawnScenario a;
  DrawnScenario b;
  for (Guide* guide : {&one, &other}) {
    run_plainly(*guide);
    run(*guide, draw_scenario(4), {5});
    run(*guide, draw_scenario(5), {6});
  }
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    ASSERT_EQ(one.draw(seed, a), other.draw(seed, b));
    ASSERT_TRUE(a.scenario == b.scenario);
  }
}

}  // namespace
}  // namespace rcufarm::harness
