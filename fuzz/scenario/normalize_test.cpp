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

// Whatever an operation says: what it uses is in range, what it does not use is 0, and what was so already stays.
TEST(Normalize, EachFieldOfEachOperation) {
  Scenario scenario = decode({}).scenario;
  scenario.machine.cpus = 3;
  scenario.machine.slots = 5;
  scenario.caches.resize(2);
  scenario.caches[0] = {.kind = CacheKind::fixed, .size = 64};
  scenario.caches[1] = {.kind = CacheKind::classes};
  for (const std::size_t programs : {0, 1}) {
    scenario.programs.resize(programs);
    for (unsigned bits = 0; bits < 1U << 15U; ++bits) {
      Operation op;
      const unsigned kind = bits & 31U;
      constexpr unsigned bytes[] = {0, 1, 2, 4, 16, 17, 255, 200};
      op.kind = static_cast<OpKind>(kind == 31 ? 255 : kind);
      op.cache = static_cast<std::uint8_t>(bytes[bits >> 5U & 7U]);
      op.slot = static_cast<std::uint8_t>(bytes[bits >> 8U & 7U]);
      op.argument = static_cast<std::uint8_t>(bytes[bits >> 11U & 7U]);
      op.size = bits >> 14U == 0 ? 0 : 64;
      std::vector<Operation>& ops = programs == 1 && bits % 3 == 0 ? scenario.programs[0].ops : scenario.tasks[0].ops;
      scenario.tasks[0].ops.clear();
      for (Program& program : scenario.programs) program.ops.clear();
      ops = {op};
      normalize(scenario);
      const Operation clean = ops.at(0);
      const OpSpec& spec = spec_of(clean.kind);
      ASSERT_TRUE(&ops == &scenario.tasks[0].ops || spec.nested) << spec.name;
      ASSERT_TRUE(programs == 1 || clean.kind != OpKind::raise);
      Operation of_used;
      of_used.kind = clean.kind;
      bool was_valid = clean.kind == op.kind;
      for (const Operand operand : spec.used()) {
        const bool counts = operand != Operand::size || clean.cache == 1;
        const Range range = range_of(operand, scenario);
        const unsigned value = operand_value(clean, operand);
        ASSERT_TRUE(value >= range.min && value <= range.max) << spec.name;
        if (counts) set_operand(of_used, operand, value);
        const unsigned was = operand_value(op, operand);
        was_valid = was_valid && was >= range.min && was <= range.max;
      }
      ASSERT_EQ(clean, of_used) << spec.name << ": what it does not use is not 0";
      if (!was_valid) continue;
      for (const Operand operand : spec.used()) {
        if (operand == Operand::size && clean.cache == 0) continue;
        ASSERT_EQ(operand_value(clean, operand), operand_value(op, operand)) << spec.name;
      }
    }
  }
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
