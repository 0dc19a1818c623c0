// A diagram of a missing order says which pair of a store and a load orders nothing, and why.
#include "report/missing_order.h"

#include <gtest/gtest.h>

#include "report/svg.h"
#include "report/test_run.h"
#include "report/text.h"

namespace rcufarm::report {
namespace {

using kernel::Order;

constexpr Target body{1, 0}, announced{1, 8};

// One side writes and announces it; the other looks at the announcement and writes, too. `is_read`: by its store.
std::string race(Order store, Order load, bool is_read = true, std::size_t lines_max = test_options().lines_max) {
  TestRun run;
  run.caches(1).in(sim::task_context(1), 1, "first").event(sim::EventKind::task_begin);
  run.access(sim::Op::plain_store, body, 1, Order::relaxed, 0, 1);
  const harness::FindingParty first = run.party("accessed", sim::Op::plain_store);
  run.access(sim::Op::atomic_store, announced, 1, store, 0, 2);
  run.in(sim::task_context(0), 0, "second").event(sim::EventKind::task_begin);
  run.access(sim::Op::atomic_load, announced, is_read ? 1 : 0, load, is_read ? 2 : 0, 0);
  run.event(sim::EventKind::violation, sim::Op::plain_store, body);
  harness::SimFinding finding;
  finding.kind = oracle::Kind::data_race;
  finding.object = 1;
  finding.parties = {first, run.party("accessed", sim::Op::plain_store)};
  DiagramOptions options = test_options();
  options.lines_max = lines_max;
  const Diagram d = build_diagram(run.take(), finding, test_names, options);
  const std::string svg = to_svg(d);
  for (const std::string& said : d.explanations) EXPECT_NE(svg.find(said.substr(0, 30)), std::string::npos) << said;
  return to_text(d);
}

TEST(MissingOrder, SaysThatTheLoadIsNoAcquire) {
  const std::string text = race(Order::release, Order::relaxed);
  EXPECT_NE(text.find("store_release(c0.other_flag, 1)"), std::string::npos) << text;
  EXPECT_NE(text.find("load_relaxed(c0.other_flag) -> 1   [from 2]"), std::string::npos) << text;
  EXPECT_NE(text.find("[nothing orders step 1 before this]"), std::string::npos) << text;
  EXPECT_NE(text.find("Step 3 reads step 2's store, but is no acquire."), std::string::npos) << text;
}

TEST(MissingOrder, SaysThatTheStoreIsNoRelease) {
  const std::string text = race(Order::relaxed, Order::acquire);
  EXPECT_NE(text.find("load_acquire(c0.other_flag)"), std::string::npos) << text;
  EXPECT_NE(text.find("Step 3 reads step 2's store, but that is no release."), std::string::npos) << text;
}

TEST(MissingOrder, SaysThatBothAreWeak) {
  EXPECT_NE(race(Order::relaxed, Order::relaxed).find("but that is no release, and this no acquire."),
            std::string::npos);
}

TEST(MissingOrder, SaysThatNothingWasRead) {
  const std::string text = race(Order::release, Order::acquire, false);
  EXPECT_NE(text.find("before step 4 its side reads nothing"), std::string::npos) << text;
}

TEST(MissingOrder, NamesNoStepThatIsNotDrawn) {
  for (const bool is_read : {true, false}) {
    const std::string text = race(Order::release, Order::relaxed, is_read, 2);
    EXPECT_EQ(text.find("tep 0"), std::string::npos) << text;
    EXPECT_EQ(text.find("reads step"), std::string::npos) << text;
  }
}

// Any other diagram says no more of an order than that it is relaxed.
TEST(MissingOrder, OrdersAreToldWhereTheyAreWhatIsWrong) {
  TestRun run;
  run.caches(1).in(sim::task_context(1), 1, "f").event(sim::EventKind::task_begin);
  run.access(sim::Op::atomic_exchange, body, 1, Order::acq_rel, 0, 1);
  harness::SimFinding finding;
  finding.kind = oracle::Kind::warning;
  finding.parties = {run.party("reported", sim::Op::atomic_exchange)};
  const Diagram d = build_diagram(run.take(), finding, test_names, test_options());
  EXPECT_NE(to_text(d).find("xchg(c0.flag, 1)"), std::string::npos) << to_text(d);
  EXPECT_TRUE(d.explanations.empty());
}

}  // namespace
}  // namespace rcufarm::report
