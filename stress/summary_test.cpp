#include "stress/summary.h"

#include <gtest/gtest.h>

namespace rcufarm::stress {
namespace {

bool says(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

Snapshot snapshot() {
  Snapshot s;
  s.uptime_seconds = 100;
  s.cpu_seconds = 0.5;
  s.slots.push_back({0, "explore (pct)", 12, 1 << 20});
  s.slots.push_back({1, "", 0, 0});
  s.lanes.push_back(
      {.name = "explore", .seconds = 50, .stints = 3, .executions = 5000, .rate = 100, .schedules = 5000});
  s.lanes.push_back({.name = "afl_sim",
                     .seconds = 50,
                     .stints = 1,
                     .executions = 1000,
                     .rate = 20,
                     .edges = 7,
                     .edges_all = 9,
                     .restarts = 2});
  s.lanes.push_back({.name = "stress_tsan", .being_built = true, .share = 2});
  s.lanes.push_back({.name = "stress", .share = 2});
  s.lanes.push_back({.name = "explore_linux", .can_run = false, .share = 1});
  s.lanes.push_back({.name = "explore_adopted"});
  return s;
}

TEST(Summary, SaysWhatNeverRan) {
  EXPECT_TRUE(says(summary(snapshot()),
                   "never ran: stress_tsan (still being built), stress, explore_linux (what it needs is not there)\n"))
      << summary(snapshot());
  Snapshot s = snapshot();
  std::erase_if(s.lanes, [](const LaneView& lane) { return lane.stints == 0; });
  EXPECT_FALSE(says(summary(s), "never ran")) << summary(s);
}

TEST(Summary, AddsUp) {
  const std::string text = summary(snapshot());
  EXPECT_TRUE(says(text, "6,000 executions, 5,000 schedules")) << text;
  EXPECT_TRUE(says(text, "7 of 9")) << text;
  EXPECT_TRUE(says(text, "no findings\n")) << text;
  EXPECT_TRUE(says(text, "0.50 s of CPU (0.50 % of a core)")) << text;
  EXPECT_FALSE(says(text, "\nstress_tsan")) << "it has no row\n" << text;
}

TEST(Summary, NamesFindingsAndWhatWaits) {
  Snapshot s = snapshot();
  Finding f;
  f.key = "0123456789abcdef";
  f.signature = "leak: slab_alloc";
  f.count = 3;
  s.findings.push_back(f);
  s.findings_all = 1;
  s.waiting = 1;
  const std::string text = summary(s);
  EXPECT_TRUE(says(text, "1 finding; 1 input to be examined")) << text;
  EXPECT_TRUE(says(text, "0123456789ab  open             3 times  leak: slab_alloc")) << text;
}

TEST(Summary, WithoutExecutionsThereIsNoVerdict) {
  const std::string text = summary(Snapshot{});
  EXPECT_FALSE(says(text, "no findings")) << text;
  EXPECT_TRUE(says(text, "nothing was executed")) << text;
}

TEST(Summary, SaysWhatIsProven) {
  Snapshot s = snapshot();
  s.proofs.push_back({.key = "k", .program = "explore", .build = "b1", .model = "sc"});
  EXPECT_TRUE(says(summary(s), "proof of explore, build b1: nothing proven yet under sc\n"));
  s.proofs[0].sizes = {{.operations = 1, .programs = 7, .proven = 7, .executions = 1234}};
  EXPECT_TRUE(says(summary(s),
                   "proof of explore, build b1: every program with at most 1 operation: 7 programs, 1,234 "
                   "executions under sc, none fails\n"));
}

TEST(Progress, IsOneLine) {
  EXPECT_EQ(progress_line(snapshot()),
            "1 min 40 s: explore (pct); 6,000 executions, 0 findings; 1 kinds of workers are being built");
}

}  // namespace
}  // namespace rcufarm::stress
