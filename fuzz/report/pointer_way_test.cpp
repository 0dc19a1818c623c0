// Where a bad pointer came from: the steps that a diagram shows of it.
#include "report/pointer_way.h"

#include <gtest/gtest.h>

#include "report/test_run.h"
#include "report/text.h"

namespace rcufarm::report {
namespace {

constexpr Target the_flag{1, 0}, the_list{1, 16};
const auto filler = sim::task_context(1);
const auto follower = sim::task_context(0);

harness::SimFinding null_finding(const TestRun& run) {
  harness::SimFinding finding;
  finding.kind = oracle::Kind::corrupted_list;
  finding.reason = sim::null_pointer_text;
  finding.violation = sim::ViolationKind::out_of_bounds;
  finding.parties = {run.party("accessed", sim::Op::atomic_load)};
  return finding;
}

struct Made {
  Recording recording;
  harness::SimFinding finding;
};

// Task 1 takes the list away, in a call of its own that has long ended; task 0 reads it, and a the_flag, and follows what it read.
Made taken_away() {
  TestRun run;
  run.caches(1).object(2);
  run.in(filler, 1, "fill").event(sim::EventKind::task_begin).event(sim::EventKind::call_begin);
  run.store(the_list, address_of(2), 1).store(the_flag, 1, 2).store(the_flag, 0, 3).event(sim::EventKind::call_end);
  run.in(filler, 1, "take").event(sim::EventKind::call_begin).store(the_list, 0, 4).event(sim::EventKind::call_end);
  run.in(follower, 0, "use").event(sim::EventKind::task_begin).event(sim::EventKind::call_begin).load(the_list, 0, 4);
  run.in(follower, 0, "look").load(the_flag, 0, 3).in(follower, 0, "use").at_null(sim::Op::atomic_load, 24);
  Made made{.recording = {}, .finding = null_finding(run)};
  made.recording = run.take();
  return made;
}

std::string drawn(const Made& made, std::size_t lines_wanted = 36) {
  DiagramOptions options = test_options();
  options.lines_wanted = lines_wanted;
  return to_text(build_diagram(made.recording, made.finding, test_names, options));
}

// Room for nothing but what must be there.
TEST(PointerWay, ANullIsDrawnWithItsReadAndTheStoreThatLeftIt) {
  const std::string text = drawn(taken_away(), 0);
  EXPECT_NE(text.find("| store(c0.list, 0)"), std::string::npos) << text;
  EXPECT_NE(text.find("| load(c0.list) -> 0   [from 2]"), std::string::npos) << text;
  EXPECT_NE(text.find("| load(NULL+24)   [step 3's null]"), std::string::npos) << text;
}

TEST(PointerWay, AFlagThatIsOffIsNoNull) { EXPECT_EQ(drawn(taken_away(), 0).find("c0.flag"), std::string::npos); }

// The line that follows it reads a word that has never held a pointer in this run.
TEST(PointerWay, WhatTheLineItselfReadIsNearest) {
  TestRun run;
  run.caches(1).object(2).in(filler, 1, "fill").event(sim::EventKind::task_begin).store(the_list, address_of(2), 1);
  run.store(the_list, 0, 2);
  run.in(follower, 0, "use").event(sim::EventKind::task_begin).load({1, 32}, 0);
  run.in(follower, 0, "other").load(the_list, 0, 2).in(follower, 0, "use").at_null(sim::Op::atomic_load, 0);
  const harness::SimFinding finding = null_finding(run);
  const std::string text = to_text(build_diagram(run.take(), finding, test_names, test_options()));
  EXPECT_NE(text.find("load(c0+32) -> 0   [nothing was stored there before]"), std::string::npos) << text;
}

// A copy is followed to what it copied; a constant is the end of the way.
TEST(PointerWay, GoesBackThroughCopies) {
  const Target tail{1, 32}, waiting{1, 40};
  TestRun run;
  run.caches(1).object(2);
  run.in(filler, 1, "move")
      .event(sim::EventKind::task_begin)
      .store(tail, address_of(2), 1)
      .store(waiting, address_of(2), 2);
  run.load(the_list, 0).store(tail, 0, 3);
  run.load(tail, 0, 3).store(waiting, 0, 4);
  run.in(follower, 0, "use").event(sim::EventKind::task_begin).load(waiting, 0, 4).at_null(sim::Op::atomic_load, 0);
  const harness::SimFinding finding = null_finding(run);
  const Recording recording = run.take();
  const Activations activations(recording.steps);
  const std::vector<PointerStage> way = way_of_pointer(recording, finding, activations, Namer(test_names, recording));
  ASSERT_EQ(way.size(), 2U);
  EXPECT_EQ(recording.steps[way[0].store].where, waiting);
  EXPECT_EQ(recording.steps[way[1].read].where, tail);
  EXPECT_EQ(recording.steps[way[1].store].event.made, 3U);
}

TEST(PointerWay, OfAWrongPointerIsByItsValue) {
  TestRun run;
  run.caches(1).object(2).object(3);
  run.in(filler, 1, "fill").event(sim::EventKind::task_begin).store(the_list, address_of(3), 1).store(the_flag, 1, 2);
  run.in(follower, 0, "use").event(sim::EventKind::task_begin).load(the_list, address_of(3), 1).load(the_flag, 1, 2);
  run.event(sim::EventKind::violation, sim::Op::atomic_load, {3, 8});
  harness::SimFinding finding = null_finding(run);
  finding.reason = "past the end of the object";
  finding.address = address_of(3, 8);
  const Recording recording = run.take();
  const std::string text = to_text(build_diagram(recording, finding, test_names, test_options()));
  EXPECT_NE(text.find("load(c0.list) -> obj 3   [from"), std::string::npos) << text;
  EXPECT_NE(text.find("'s pointer]"), std::string::npos) << text;
}

TEST(PointerWay, OfAnotherKindThereIsNone) {
  Made made = taken_away();
  made.finding.kind = oracle::Kind::data_race;
  const Activations activations(made.recording.steps);
  EXPECT_TRUE(way_of_pointer(made.recording, made.finding, activations, Namer(test_names, made.recording)).empty());
}

}  // namespace
}  // namespace rcufarm::report
