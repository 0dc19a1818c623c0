// The kernel's file on the machine: it runs, it replays, its findings name its lines and fields, and nothing is found where
// order is left alone. Compiled once for each tree.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "harness/sim/draw.h"
#include "harness/sim/explore.h"
#include "harness/sim/sim_allocator.h"
#include "harness/sim/sim_runner.h"
#include "machine/search/strategy_random.h"
#include "oracle/kind.h"
#include "report/names.h"

namespace rcufarm::harness {
namespace {

ExploreResult explore_some(std::uint64_t schedules, bool check_order, bool keep_going = false) {
  SimRunner runner(linked_sim_allocator());
  ExploreOptions options;
  options.schedules_max = schedules;
  options.check_order = check_order;
  options.keep_going = keep_going;
  options.asks_where_shared = linked_sim_allocator().announced;
  return explore(runner, options);
}

#ifdef RCUFARM_LINUX_6_1

// It raises its irq_work after it has turned interrupts on. Nothing else is found.
TEST(Linux, ASpuriousNullAndNothingElseUnderSequentialConsistency) {
  const ExploreResult result = explore_some(30'000, false, true);
  ASSERT_EQ(result.findings.size(), 1U) << to_text(result.findings.back().finding);
  const SimFinding& finding = result.findings[0].finding;
  EXPECT_EQ(finding.kind, oracle::Kind::spurious_null);
  // Wherever it was asked: the schedule alone says it all.
  SimRunner runner(linked_sim_allocator());
  EXPECT_EQ(runner.replay(finding).digest, finding.digest);
}

#else

TEST(Linux, NothingIsFoundUnderSequentialConsistency) {
  const ExploreResult result = explore_some(30'000, false);
  for (const ExploreFinding& found : result.findings) ADD_FAILURE() << to_text(found.finding);
  EXPECT_EQ(result.figures.schedules, 30'000U);
  EXPECT_EQ(result.figures.limited, 0U);
  EXPECT_GT(result.figures.operations, 100'000U);
}

#endif

TEST(Linux, EqualRunsHaveEqualDigests) {
  SimRunner runner(linked_sim_allocator());
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const DrawnScenario drawn = draw_scenario(seed);
    SimConfig config = drawn.config;
    config.check_order = false;
    sim::RandomStrategy random(seed);
    ASSERT_TRUE(random.begin_run(0));
    const SimOutcome outcome = runner.run(drawn.scenario, config, random);
    const std::uint64_t digest = outcome.machine.digest;
    sim::Schedule schedule;
    schedule.deviations.assign(outcome.machine.deviations.begin(), outcome.machine.deviations.end());
    EXPECT_EQ(runner.replay(drawn.scenario, config, schedule).machine.digest, digest) << "seed " << seed;
  }
}

TEST(Linux, FieldsHaveTheirNames) {
  const report::AllocatorNames& names = report::linked_allocator_names();
  EXPECT_GT(names.cache_bytes, 100U);
  for (const char* wanted :
       {"free_llist", "active", "refill_work", "free_cnt", "waiting_for_gp", "call_rcu_in_progress"}) {
    const auto found = std::find_if(names.fields.begin(), names.fields.end(),
                                    [&](const report::FieldName& field) { return field.name == std::string(wanted); });
    ASSERT_NE(found, names.fields.end()) << wanted;
    EXPECT_GT(found->bytes, 0U) << wanted;
  }
}

// The flags that destroy reads are set and read without an edge: whatever tree it is, something is accused.
TEST(Linux, AnAccusationNamesTheFilesLines) {
  const ExploreResult result = explore_some(30'000, true, true);
  SimRunner runner(linked_sim_allocator());
  // A null for no reason is between the user and alloc: nobody in the file.
  unsigned orders = 0;
  for (const ExploreFinding& found : result.findings) {
    const SimFinding again = runner.replay(found.finding);
    ASSERT_EQ(again.signature, found.finding.signature);
    EXPECT_EQ(again.digest, found.finding.digest);
    if (oracle::gravity_of(again.kind) != oracle::Gravity::order) continue;
    ++orders;
    const bool is_placed = std::any_of(again.parties.begin(), again.parties.end(), [](const FindingParty& party) {
      return party.file.ends_with("kernel/bpf/memalloc.c") && party.line > 0;
    });
    EXPECT_TRUE(is_placed) << to_text(again);
  }
  EXPECT_GT(orders, 0U);
}

}  // namespace
}  // namespace rcufarm::harness
