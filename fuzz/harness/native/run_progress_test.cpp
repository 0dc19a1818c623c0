// A run's progress: every step is seen, and people are told where everything stands.
#include "harness/native/run_progress.h"

#include <gtest/gtest.h>

#include <set>

namespace rcufarm::harness {
namespace {

TEST(RunProgress, EveryStepIsSeen) {
  RunProgress progress(2);
  std::set<std::uint64_t> seen{progress.steps()};
  for (const char* phase : {"init", "tasks", "destroy", "settled"}) {
    progress.phase = phase;
    EXPECT_TRUE(seen.insert(progress.steps()).second) << phase;
  }
  const std::uint64_t before = progress.steps();
  progress.task(1).next_op = 1;
  EXPECT_NE(progress.steps(), before);
  EXPECT_EQ(progress.steps(), progress.steps());
}

TEST(RunProgress, SaysWhereEveryTaskStands) {
  RunProgress progress(3);
  progress.phase = "tasks";
  progress.task(0).done = true;
  progress.task(1).next_op = 7;
  EXPECT_EQ(progress.where(), "phase: tasks\ntask 0: done\ntask 1: at operation 7\ntask 2: at operation 0\n");
}

TEST(RunProgress, CountsWhatRanAndWhatWasSkipped) {
  RunProgress progress(2);
  progress.task(0).next_op = 10;
  progress.task(0).skipped = 4;
  progress.task(1).next_op = 5;
  Outcome outcome;
  progress.add_to(outcome);
  EXPECT_EQ(outcome.operations, 11U);
  EXPECT_EQ(outcome.skipped, 4U);
}

}  // namespace
}  // namespace rcufarm::harness
