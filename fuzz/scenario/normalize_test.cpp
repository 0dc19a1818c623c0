// Folding values into range.
#include "scenario/normalize.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "scenario/operations.h"
#include "scenario/test_support.h"

namespace rcufarm::scenario {
namespace {

TEST(Normalize, ValuesInRangeStandForThemselves) {
  for (unsigned value = 1; value <= 8; ++value) EXPECT_EQ(fold(value, 1, 8), value);
  EXPECT_EQ(fold(0, 1, 8), 1U);
  EXPECT_EQ(fold(9, 1, 8), 2U);
  for (unsigned value = 0; value < 256; ++value) {
    EXPECT_GE(fold(value, 1, 3), 1U);
    EXPECT_LE(fold(value, 1, 3), 3U);
  }
}

TEST(Normalize, SizesOutOfRangeBecomeGoodOnes) {
  EXPECT_EQ(fold_unit_size(1), 1);
  EXPECT_EQ(fold_unit_size(4096), 4096);
  EXPECT_EQ(fold_alloc_size(0), 0);
  EXPECT_EQ(fold_alloc_size(4100), 4100);
  const auto units = good_unit_sizes();
  const auto allocs = good_alloc_sizes();
  for (unsigned size = 4101; size < 8192; ++size) {
    ASSERT_NE(std::find(units.begin(), units.end(), fold_unit_size(size)), units.end());
    ASSERT_NE(std::find(allocs.begin(), allocs.end(), fold_alloc_size(size)), allocs.end());
  }
  for (const auto size : units) EXPECT_EQ(fold_unit_size(size), size);
  for (const auto size : allocs) EXPECT_EQ(fold_alloc_size(size), size);
}

TEST(Normalize, IsIdempotentAndKeepsValidScenarios) {
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    Scenario scenario = small_scenario(seed);
    ASSERT_TRUE(is_valid(scenario));
    scenario.machine.cpus = static_cast<std::uint8_t>(seed);
    scenario.machine.slots = static_cast<std::uint8_t>(seed >> 1U);
    scenario.caches[0].kind = static_cast<CacheKind>(seed % 7);
    scenario.programs.resize(seed % 3);
    normalize(scenario);
    ASSERT_TRUE(is_valid(scenario)) << seed;
  }
}

TEST(Normalize, NothingIsInvalid) {
  Scenario scenario;  // without a cache and a task
  EXPECT_FALSE(is_valid(scenario));
  normalize(scenario);
  EXPECT_TRUE(is_valid(scenario));
  EXPECT_EQ(scenario, decode({}).scenario);
}

TEST(Normalize, TrimTakesFromTheLongest) {
  Scenario scenario = decode({}).scenario;
  scenario.tasks.resize(2);
  scenario.tasks[0].ops.resize(10);
  scenario.tasks[1].ops.resize(4);
  trim(scenario, 6);
  EXPECT_EQ(total_ops(scenario), 6U);
  EXPECT_EQ(scenario.tasks[0].ops.size(), 3U);
  trim(scenario, 0);
  EXPECT_EQ(total_ops(scenario), 0U);
}

}  // namespace
}  // namespace rcufarm::scenario
