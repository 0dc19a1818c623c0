// What the recorder resolves at once, since memory is used again.
#include "report/recorder.h"

#include <gtest/gtest.h>

#include "report/test_run.h"
#include "report/text.h"

namespace rcufarm::report {
namespace {

// Allocation 1 is a chunk from which its owner hands out pieces.
Recording pieces() {
  TestRun run;
  run.object(1, 4000).in(sim::task_context(0), 0, "f").event(sim::EventKind::task_begin);
  run.store({1, 1984}, 1, 1);                          // before it is handed out
  run.piece(2, {1, 1984}, 64).store({1, 1984}, 2, 2);  // at its begin
  run.store({1, 2040}, address_of(1, 1984), 3);        // in it, a pointer to it
  run.store({1, 2048}, address_of(1, 2048), 4);        // behind it
  run.piece(3, {1, 2016}, 64).store({1, 2040}, 0, 5);  // its second half, handed out as another
  run.store({1, 1984}, 0, 6);
  return run.take();
}

std::vector<Target> places(const Recording& recording) {
  std::vector<Target> all;
  for (const Step& s : recording.steps) {
    if (s.is_access()) all.push_back(s.where);
  }
  return all;
}

TEST(Recorder, WhatLiesInAPieceIsNamedByThePiece) {
  const Recording recording = pieces();
  EXPECT_EQ(places(recording), (std::vector<Target>{{2, 0}, {2, 0}, {2, 56}, {1, 2048}, {3, 24}, {2, 0}}));
  for (const Step& s : recording.steps) {
    if (s.is_access() && s.event.made == 3) {
      EXPECT_EQ(s.value, (Target{2, 0}));
    }
    if (s.is_access() && s.event.made == 4) {
      EXPECT_EQ(s.value, (Target{1, 2048}));
    }
  }
}

TEST(Recorder, WordsStayWhatTheyAreThoughTheirNamesChange) {
  for (const Step& s : pieces().steps) {
    if (s.is_access()) {
      EXPECT_EQ(s.event.object, 1U);
    }
  }
}

TEST(Recorder, AnObjectThatIsAnAllocationIsNoPiece) {
  TestRun run;
  run.object(1, 64).in(sim::task_context(0), 0, "f");
  run.user(oracle::UserEventKind::alloc_gave, oracle::UserCall::alloc, 1).store({1, 8}, 1, 1);
  EXPECT_EQ(places(run.take()), (std::vector<Target>{{1, 8}}));
}

TEST(Diagram, NamesAPieceInOneWay) {
  TestRun run;
  run.object(1, 4000).in(sim::task_context(0), 0, "f").event(sim::EventKind::task_begin);
  run.piece(2, {1, 1984}, 64).store({1, 1992}, address_of(1, 1984), 1);
  run.event(sim::EventKind::violation, sim::Op::atomic_load, {1, 1992});
  harness::SimFinding finding;
  finding.kind = oracle::Kind::use_after_free;
  finding.object = 1;
  finding.offset = 1992;
  finding.parties = {run.party("accessed", sim::Op::atomic_load)};
  const std::string text = to_text(build_diagram(run.take(), finding, test_names, test_options()));
  EXPECT_NE(text.find("store(obj 2+8, obj 2)"), std::string::npos) << text;
  EXPECT_NE(text.find("back in the slab (obj 2)"), std::string::npos) << text;
  EXPECT_EQ(text.find("obj 1"), std::string::npos) << text;
}

}  // namespace
}  // namespace rcufarm::report
