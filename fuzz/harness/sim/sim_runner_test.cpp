// One run is a function of scenario, config and schedule; the operations mean what fuzz/scenario/README.md says.
#include "harness/sim/sim_runner.h"

#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "harness/sim/draw.h"
#include "harness/sim/explore.h"
#include "harness/sim/sim_allocator.h"
#include "machine/search/strategy_random.h"
#include "machine/search/strategy_replay.h"
#include "scenario/bytes.h"
#include "scenario/text.h"

namespace rcufarm::harness {
namespace {

scenario::Scenario parsed(const char* text) {
  auto result = scenario::parse(text);
  if (const auto* error = std::get_if<scenario::ParseError>(&result)) {
    ADD_FAILURE() << error->message();
    return {};
  }
  return std::get<scenario::Scenario>(std::move(result));
}

// Counts what the user did.
struct Counter final : Watcher {
  void on_event(const sim::Event& event) override { last_step = event.step; }
  void on_user(const oracle::UserEvent& event) override { ++seen[event.kind]; }
  std::map<oracle::UserEventKind, int> seen;
  std::uint64_t last_step = 0;
};

class SimRun : public testing::Test {
 protected:
  SimOutcome plain(const char* text, Watcher* watcher = nullptr) {
    return runner.replay(parsed(text), SimConfig{}, sim::Schedule{}, watcher);
  }
  SimRunner runner{linked_sim_allocator()};
};

TEST_F(SimRun, TheEmptyInputIsALegalProgram) {
  const SimOutcome outcome = runner.replay(scenario::decode({}).scenario, SimConfig{}, sim::Schedule{});
  EXPECT_FALSE(outcome.found());
  EXPECT_EQ(outcome.machine.end, sim::End::finished);
}

TEST_F(SimRun, RunsWhatIsLegalAndSkipsWhatIsNot) {
  const SimOutcome outcome = plain(R"(scenario v1
cpus 1
slots 2
cache 0 size 64
task 0 on cpu 0
  free s0
  alloc c0 s0
  alloc c0 s0
  enter regular
    touch s0
    synchronize regular
  leave
  free_rcu s0
  free s0
  destroy c0
  alloc c0 s1
)");
  EXPECT_FALSE(outcome.found());
  EXPECT_EQ(outcome.objects, 1U);
  EXPECT_EQ(outcome.operations, 6U);
  EXPECT_EQ(outcome.skipped, 5U)
      << "free of an empty slot twice, a taken slot, synchronize in a section, after destroy";
}

TEST_F(SimRun, ARetiredObjectIsFreedAfterBothGracePeriods) {
  Counter counter;
  const SimOutcome outcome = plain(R"(scenario v1
cpus 1
slots 1
cache 0 size 64
task 0 on cpu 0
  alloc c0 s0
  raw_free s0
  raw_free s0
  synchronize regular
  synchronize tasks_trace
  raw_free s0
  raw_free s0
)",
                                   &counter);
  EXPECT_FALSE(outcome.found());
  EXPECT_EQ(outcome.skipped, 2U);
  EXPECT_EQ(counter.seen[oracle::UserEventKind::raw_free_begins], 1);
}

TEST_F(SimRun, NestedProgramsRunInIrqAndNmi) {
  const SimOutcome outcome = plain(R"(scenario v1
cpus 1
slots 4
cache 0 size 64
program 0 irq on cpu 0
  alloc c0 s1
program 1 nmi on cpu 0
  alloc c0 s2
task 0 on cpu 0
  alloc c0 s0
  raise p0
  raise p1
)");
  EXPECT_FALSE(outcome.found());
  EXPECT_EQ(outcome.objects, 3U) << "raised programs have run before destroy";
}

TEST_F(SimRun, BlocksThatAreOpenAtTheEndAreClosed) {
  const SimOutcome outcome = plain(R"(scenario v1
cpus 2
slots 1
cache 0 size 64
task 0 on cpu 0
  alloc c0 s0
  enter regular
    irq_off
      enter tasks_trace
        touch s0
task 1 on cpu 1
  destroy c0
)");
  EXPECT_FALSE(outcome.found()) << oracle::name_of(outcome.accusation.kind);
}

TEST_F(SimRun, DestroyWaitsForReferencesInOpenSections) {
  Counter counter;
  const SimOutcome outcome = plain(R"(scenario v1
cpus 2
slots 1
cache 0 size 64
task 0 on cpu 0
  alloc c0 s0
  enter regular
    touch s0
    yield
    pause 4
  leave
task 1 on cpu 1
  destroy c0
)",
                                   &counter);
  EXPECT_FALSE(outcome.found());
  EXPECT_EQ(counter.seen[oracle::UserEventKind::destroy_ended], 1);
}

TEST_F(SimRun, FailingMemoryLeavesSlotsAsTheyWere) {
  const SimOutcome outcome = plain(R"(scenario v1
cpus 1
slots 2
slab_fails after 0 pattern 11111111111111111111111111111111
cache 0 size 64
task 0 on cpu 0
  alloc c0 s0
  free s0
)");
  EXPECT_FALSE(outcome.found());
  EXPECT_EQ(outcome.objects, 0U);
}

// Equal scenario, config and schedule give equal runs, the first and the last of a process alike.
TEST_F(SimRun, TheSameInputGivesTheSameDigestFirstAndLast) {
  constexpr unsigned inputs = 60;
  std::vector<std::uint64_t> first;
  for (int round = 0; round < 2; ++round) {
    for (unsigned i = 0; i < inputs; ++i) {
      const DrawnScenario drawn = draw_scenario(i);
      sim::RandomStrategy strategy(i);
      strategy.begin_run(0);
      const SimOutcome outcome = runner.run(drawn.scenario, drawn.config, strategy);
      if (round == 0) {
        first.push_back(outcome.machine.digest);
      } else {
        EXPECT_EQ(outcome.machine.digest, first[i]) << "input " << i;
      }
    }
  }
  SimRunner other(linked_sim_allocator());
  for (unsigned i = 0; i < inputs; ++i) {
    const DrawnScenario drawn = draw_scenario(i);
    sim::RandomStrategy strategy(i);
    strategy.begin_run(0);
    EXPECT_EQ(other.run(drawn.scenario, drawn.config, strategy).machine.digest, first[i])
        << "another machine, input " << i;
  }
}

TEST_F(SimRun, WhatARandomRunRecordedReplaysIt) {
  for (unsigned i = 0; i < 200; ++i) {
    const DrawnScenario drawn = draw_scenario(i);
    sim::RandomStrategy strategy(i);
    strategy.begin_run(0);
    const SimOutcome outcome = runner.run(drawn.scenario, drawn.config, strategy);
    const std::uint64_t digest = outcome.machine.digest;
    sim::Schedule schedule;
    schedule.deviations.assign(outcome.machine.deviations.begin(), outcome.machine.deviations.end());
    EXPECT_EQ(runner.replay(drawn.scenario, drawn.config, schedule).machine.digest, digest) << "input " << i;
  }
}

// Gives each run up where somebody else could go on.
class GivesUp final : public sim::Strategy {
 public:
  const char* name() const override { return "gives-up"; }
  bool begin_run(std::uint64_t) override { return true; }
  sim::Choice choose(const sim::Situation&) override { return sim::Choice::give_up(); }
  unsigned choose(const sim::Options&) override { return 0; }
};

TEST_F(SimRun, WhatIsGivenUpIsNoVerdictAndCountedApart) {
  ExploreFigures figures;
  GivesUp gives_up;
  sim::ReplayStrategy plain;
  const DrawnScenario drawn = draw_scenario(3);
  for (unsigned i = 0; i < 3; ++i) {
    const SimOutcome outcome = runner.run(drawn.scenario, drawn.config, gives_up);
    EXPECT_EQ(outcome.machine.end, sim::End::given_up);
    EXPECT_FALSE(outcome.found()) << "objects are still out, and that is no leak";
    count_run(figures, outcome);
  }
  EXPECT_EQ(figures.schedules, 0U);
  EXPECT_EQ(figures.points, 0U);
  EXPECT_EQ(figures.given_up, 3U);
  plain.begin_run(0);
  count_run(figures, runner.run(drawn.scenario, drawn.config, plain));
  EXPECT_EQ(figures.schedules, 1U);
  EXPECT_EQ(figures.given_up, 3U);
}

TEST_F(SimRun, WatchingChangesNothing) {
  for (unsigned i = 0; i < 50; ++i) {
    const DrawnScenario drawn = draw_scenario(i);
    Counter counter;
    const std::uint64_t digest = runner.replay(drawn.scenario, drawn.config, sim::Schedule{}).machine.digest;
    EXPECT_EQ(runner.replay(drawn.scenario, drawn.config, sim::Schedule{}, &counter).machine.digest, digest);
    EXPECT_GT(counter.last_step, 0U);
  }
}

}  // namespace
}  // namespace rcufarm::harness
