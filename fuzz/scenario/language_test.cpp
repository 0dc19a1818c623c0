// What a target has of the language.
#include "scenario/language.h"

#include <gtest/gtest.h>

#include "scenario/normalize.h"
#include "scenario/test_support.h"

namespace rcufarm::scenario {
namespace {

// Of a pool of objects that a task or an irq takes from: no readers wait, and no size is asked for.
constexpr Language of_a_pool{.operations = {OpKind::alloc, OpKind::free, OpKind::touch, OpKind::irq_off, OpKind::irq_on,
                                            OpKind::raise, OpKind::destroy},
                             .caches = {CacheKind::fixed},
                             .programs = {ProgramKind::irq}};
constexpr Language without_interrupts{
    .operations = {OpKind::alloc, OpKind::free}, .caches = {CacheKind::classes}, .programs = {}};

const std::string settings =
    "scenario v1\ncpus 2\nslots 2\nimplies_rcu_gp no\nslab_rounding exact\nslab_reuse never\ndestroy_mode wait\n";

TEST(Language, TheWholeOneChangesNothing) {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    const Scenario drawn = small_scenario(seed);
    Scenario scenario = drawn;
    translate(scenario, Language{});
    ASSERT_EQ(scenario, drawn);
    ASSERT_EQ(first_lack(scenario, Language{}), "");
  }
}

TEST(Language, WhateverIsDrawnBecomesWhatTheTargetHas) {
  unsigned lacked = 0;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    for (const Language& language : {of_a_pool, without_interrupts}) {
      Scenario scenario = small_scenario(seed);
      lacked += first_lack(scenario, language).empty() ? 0 : 1;
      translate(scenario, language);
      ASSERT_EQ(first_lack(scenario, language), "") << seed;
      ASSERT_TRUE(is_valid(scenario)) << seed;
      const Scenario once = scenario;
      translate(scenario, language);
      ASSERT_EQ(scenario, once);
    }
  }
  EXPECT_GT(lacked, 1900U);
}

TEST(Language, WhatIsNearTakesThePlace) {
  Scenario scenario =
      must_parse(settings +
                 "cache 0 percpu size 64\ntask 0 on cpu 0\n  alloc_flags c0 s0 nowait\n  enter regular\n  raw_free s0\n"
                 "  leave\n  raise p0\n  migrate cpu 1\nprogram 0 nmi on cpu 1\n  free_rcu s0\n");
  translate(scenario, of_a_pool);
  EXPECT_EQ(scenario.caches[0].kind, CacheKind::fixed);
  EXPECT_EQ(scenario.caches[0].size, 64);
  EXPECT_EQ(scenario.programs[0].kind, ProgramKind::irq);
  EXPECT_EQ(scenario.programs[0].ops[0].kind, OpKind::free);
  ASSERT_EQ(scenario.tasks[0].ops.size(), 3U);
  EXPECT_EQ(scenario.tasks[0].ops[0].kind, OpKind::alloc);
  EXPECT_EQ(scenario.tasks[0].ops[1].kind, OpKind::free);
  EXPECT_EQ(scenario.tasks[0].ops[2].kind, OpKind::raise);
  translate(scenario, without_interrupts);
  EXPECT_TRUE(scenario.programs.empty());
  EXPECT_EQ(scenario.tasks[0].ops.size(), 2U);
}

TEST(Language, WhatATargetLacksIsNamedByItsPlace) {
  const Scenario scenario = must_parse(settings + "cache 0 size 64\ntask 0 on cpu 0\n  alloc c0 s0\n  free_rcu s0\n");
  EXPECT_EQ(first_lack(scenario, of_a_pool), "task t0, operation 2: `free_rcu`");
  EXPECT_EQ(first_lack(scenario, without_interrupts), "cache c0: `size`");
  const Scenario nmi = must_parse(settings + "cache 0 size 64\ntask 0 on cpu 0\nprogram 0 nmi on cpu 0\n  free s0\n");
  EXPECT_EQ(first_lack(nmi, of_a_pool), "program p0: `nmi`");
  EXPECT_EQ(operations_of(without_interrupts), "alloc, free");
}

}  // namespace
}  // namespace rcufarm::scenario
