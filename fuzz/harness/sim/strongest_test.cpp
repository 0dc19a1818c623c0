// Each finding is told with the strongest model that shows it, and with what was tried under stronger ones.
#include "harness/sim/strongest.h"

#include <gtest/gtest.h>

#include "harness/sim/explore.h"
#include "harness/sim/toy_allocator.h"
#include "scenario/text.h"

namespace rcufarm::harness {
namespace {

using sim::MemoryModel;

// Both CPUs allocate, and do not meet elsewhere.
constexpr const char* program = R"(scenario v1
cpus 2
slots 2
cache 0 size 100
task 0 on cpu 0
  alloc c0 s0
task 1 on cpu 1
  alloc c0 s1
)";

ExploreResult explored(SimRunner& runner, MemoryModel model) {
  auto scenario = scenario::parse(program);
  ExploreOptions options;
  options.scenario = &std::get<scenario::Scenario>(scenario);
  options.schedules_max = 4'000;
  options.model = model;
  options.check_order = model == MemoryModel::sc;
  return explore(runner, options);
}

struct Weak {
  Mistake mistake;
  MemoryModel strongest;
  std::vector<MemoryModel> stronger;
};

class StrongestModel : public testing::TestWithParam<Weak> {};

TEST_P(StrongestModel, IsFoundFromTheWeakest) {
  SimRunner runner(toy_allocator(GetParam().mistake));
  for (const MemoryModel stronger : GetParam().stronger) {
    EXPECT_TRUE(explored(runner, stronger).findings.empty()) << sim::name_of(stronger);
  }
  const ExploreResult result = explored(runner, MemoryModel::c11);
  ASSERT_EQ(result.findings.size(), 1U);
  SimFinding finding = result.findings[0].finding;
  ASSERT_EQ(finding.config.model, MemoryModel::c11);
  const std::string signature = finding.signature;

  std::vector<NotShown> not_shown;
  EXPECT_EQ(find_strongest_model(runner, finding, not_shown), GetParam().strongest != MemoryModel::c11);
  EXPECT_EQ(finding.config.model, GetParam().strongest);
  EXPECT_EQ(finding.signature, signature);
  EXPECT_EQ(runner.replay(finding).digest, finding.digest) << "the schedule is the model's own";
  ASSERT_EQ(not_shown.size(), GetParam().stronger.size());
  for (std::size_t i = 0; i < not_shown.size(); ++i) {
    EXPECT_EQ(not_shown[i].model, GetParam().stronger[i]);
    EXPECT_GT(not_shown[i].runs, 8'000U);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Toys, StrongestModel,
    testing::Values(Weak{Mistake::leak, MemoryModel::sc, {}},
                    Weak{Mistake::store_before_load, MemoryModel::tso, {MemoryModel::sc}},
                    Weak{Mistake::store_before_store, MemoryModel::kernel, {MemoryModel::sc, MemoryModel::tso}},
                    Weak{Mistake::exchange_is_taken_for_fence,
                         MemoryModel::c11,
                         {MemoryModel::sc, MemoryModel::tso, MemoryModel::kernel}}));

TEST(StrongestModel, WhatIsShownUnderAStrongerModelNeedsNoneThatIsWeaker) {
  SimRunner runner(toy_allocator(Mistake::leak));
  SimFinding finding = explored(runner, MemoryModel::c11).findings.at(0).finding;
  std::vector<NotShown> not_shown = {{MemoryModel::sc, 10}, {MemoryModel::tso, 20}};
  EXPECT_TRUE(find_strongest_model(runner, finding, not_shown));
  EXPECT_TRUE(not_shown.empty());
}

TEST(StrongestModel, RunsOfTwoSearchesAreAdded) {
  SimRunner runner(toy_allocator(Mistake::store_before_load));
  SimFinding finding = explored(runner, MemoryModel::tso).findings.at(0).finding;
  std::vector<NotShown> not_shown;
  EXPECT_FALSE(find_strongest_model(runner, finding, not_shown));
  EXPECT_FALSE(find_strongest_model(runner, finding, not_shown));
  ASSERT_EQ(not_shown.size(), 1U);
  EXPECT_GT(not_shown[0].runs, 16'000U);
}

// An accusation is no symptom: that it comes under sc as well does not say that every machine can do it.
TEST(StrongestModel, AMissingOrderKeepsTheModelThatItWasAccusedUnder) {
  SimRunner runner(toy_allocator(Mistake::data_race));
  SimFinding finding = explored(runner, MemoryModel::sc).findings.at(0).finding;
  ASSERT_EQ(finding.kind, oracle::Kind::data_race);
  finding.config.model = MemoryModel::kernel;
  std::vector<NotShown> not_shown;
  EXPECT_FALSE(find_strongest_model(runner, finding, not_shown));
  EXPECT_EQ(finding.config.model, MemoryModel::kernel);
  EXPECT_TRUE(not_shown.empty());
}

}  // namespace
}  // namespace rcufarm::harness
