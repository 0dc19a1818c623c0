// Weak memory in a diagram: what was late stands there in words, with the steps that it is told by.
#include <gtest/gtest.h>

#include "report/svg.h"
#include "report/test_run.h"
#include "report/text.h"

namespace rcufarm::report {
namespace {

constexpr Target word{1, 0}, ready{1, 8}, list{1, 16};
const auto writer = sim::task_context(1);
const auto reader = sim::task_context(0);

harness::SimFinding warned(const TestRun& run) {
  harness::SimFinding finding;
  finding.kind = oracle::Kind::warning;
  finding.parties = {run.party("reported", sim::Op::none)};
  return finding;
}

// A writer's two stores, the first of them to a word that was there; a reader that sees the second and not the first.
struct MessagePassing {
  Recording recording;
  harness::SimFinding finding;
};
MessagePassing message_passing() {
  TestRun run;
  run.caches(1);
  run.in(writer, 1, "publish").event(sim::EventKind::task_begin).store(word, 7, 1).store(word, 8, 2);
  run.store(ready, 1, 3);
  run.in(reader, 0, "look").event(sim::EventKind::task_begin).load(ready, 1, 3).stale_load(word, 7, 1, 2);
  run.event(sim::EventKind::warn);
  MessagePassing made{.recording = {}, .finding = warned(run)};
  made.recording = run.take();
  return made;
}

std::string drawn(const Recording& recording, const harness::SimFinding& finding) {
  return to_text(build_diagram(recording, finding, test_names, test_options()));
}

TEST(WeakMemory, AStaleLoadNamesTheStoreThatItReadsAndTheNewerOne) {
  const MessagePassing m = message_passing();
  const std::string text = drawn(m.recording, m.finding);
  EXPECT_NE(text.find(" 1  |                                           | store(c0.flag, 7)"), std::string::npos)
      << text;
  EXPECT_NE(text.find(" 2  |                                           | store(c0.flag, 8)"), std::string::npos)
      << text;
  EXPECT_NE(text.find("load_relaxed(c0.flag) -> 7   [reads step 1's store; step 2's is newer]"), std::string::npos)
      << text;
  EXPECT_NE(text.find("load(c0.other_flag) -> 1   [from 3]"), std::string::npos) << text;
  EXPECT_EQ(text.find("[before N]"), std::string::npos) << "no such note is drawn\n" << text;
  const std::string svg = to_svg(build_diagram(m.recording, m.finding, test_names, test_options()));
  EXPECT_NE(svg.find("newer]"), std::string::npos);
}

TEST(WeakMemory, AStaleLoadOfWhatWasThereAtFirstNamesTheNewerStoreAlone) {
  TestRun run;
  run.caches(1).in(writer, 1, "publish").event(sim::EventKind::task_begin).store(word, 1, 2);
  run.in(reader, 0, "look").event(sim::EventKind::task_begin).stale_load(word, 0, 1, 2).event(sim::EventKind::warn);
  const harness::SimFinding finding = warned(run);
  const std::string text = drawn(run.take(), finding);
  EXPECT_NE(text.find("load_relaxed(c0.flag) -> 0   [reads what was there before; step 1's store is newer]"),
            std::string::npos)
      << text;
}

// Its own store, and in one call: nothing else would have it drawn.
TEST(WeakMemory, TheStoresThatAStaleLoadIsToldByAreDrawnThoughOneIsItsOwn) {
  TestRun run;
  run.caches(1).in(reader, 0, "look").event(sim::EventKind::task_begin).store(list, 3, 1);
  run.in(writer, 1, "publish").event(sim::EventKind::task_begin).store(list, 4, 2);
  run.in(reader, 0, "look").stale_load(list, 3, 1, 2).event(sim::EventKind::warn);
  const harness::SimFinding finding = warned(run);
  const std::string text = drawn(run.take(), finding);
  EXPECT_NE(text.find("[reads step 1's store; step 2's is newer]"), std::string::npos) << text;
}

TEST(WeakMemory, APlacedStoreNamesTheStoreThatItComesBefore) {
  TestRun run;
  run.caches(1).in(writer, 1, "publish").event(sim::EventKind::task_begin).store(word, 2, 1);
  run.in(reader, 0, "clear").event(sim::EventKind::task_begin).placed_store(word, 0, 2, 1).event(sim::EventKind::warn);
  const harness::SimFinding finding = warned(run);
  const std::string text = drawn(run.take(), finding);
  EXPECT_NE(text.find("store_relaxed(c0.flag, 0)   [takes its place before step 1's store]"), std::string::npos)
      << text;
  EXPECT_EQ(text.find("it came too early"), std::string::npos) << text;
}

// The compiler's store gives way to the newest before its value can be looked at.
TEST(WeakMemory, APlacedStoreOfTheCompilersHasNoValue) {
  TestObjects objects;
  Recorder recorder(objects);
  std::uint64_t memory = 5;
  recorder.on_event(
      {.kind = sim::EventKind::access, .op = sim::Op::plain_store, .address = &memory, .bytes = 8, .made = 1});
  memory = 6;
  recorder.on_event({.kind = sim::EventKind::access,
                     .op = sim::Op::plain_store,
                     .address = &memory,
                     .bytes = 8,
                     .made = 2,
                     .before = 1});
  memory = 7;
  recorder.on_event({.kind = sim::EventKind::task_end});
  const Recording recording = recorder.take();
  EXPECT_EQ(recording.steps[0].event.value, 6U);
  EXPECT_TRUE(recording.steps[0].is_value_known);
  EXPECT_FALSE(recording.steps[1].is_value_known);
}

// The free is where the run ends; the store that comes behind it stands above.
TEST(WeakMemory, AFreeSaysWhoseStoreReachesMemoryBehindIt) {
  TestRun run;
  run.caches(1).object(2);
  run.in(regular_callbacks_of_1, sim::no_cpu, "the_callback").event(sim::EventKind::callback_begin);
  run.store(word, 1, 1);
  const harness::FindingParty store = run.party("accessed", sim::Op::atomic_store);
  run.in(sim::main_context, 0, "free_caches");
  run.event(sim::EventKind::violation, sim::Op::atomic_store, word);
  harness::SimFinding finding;
  finding.kind = oracle::Kind::callback_on_freed_cache;
  finding.object = 1;
  finding.parties = {run.party("freed", sim::Op::percpu_free), store};
  const std::string text = drawn(run.take(), finding);
  EXPECT_NE(text.find("free_percpu(the caches)   [step 2's store reaches memory after this]"), std::string::npos)
      << text;
  EXPECT_NE(text.find("(step 2)"), std::string::npos) << "the accused store is in the drawing\n" << text;
  EXPECT_NE(text.find("(step 3)"), std::string::npos) << "and so is the free\n" << text;
}

// The same two parties, but nothing came late: the free is only not ordered behind the access.
TEST(WeakMemory, AFreeThatNothingOrdersHasNoLateStore) {
  TestRun run;
  run.caches(1).object(2);
  run.in(reader, 1, "look").event(sim::EventKind::task_begin).load(word, 0, 0);
  const harness::FindingParty load = run.party("accessed", sim::Op::atomic_load);
  run.in(sim::main_context, 0, "free_caches");
  run.event(sim::EventKind::violation, sim::Op::atomic_load, word);
  harness::SimFinding finding;
  finding.kind = oracle::Kind::freed_without_happens_before;
  finding.object = 1;
  finding.parties = {load, run.party("freed", sim::Op::percpu_free)};
  const std::string text = drawn(run.take(), finding);
  EXPECT_NE(text.find("free_percpu(the caches)"), std::string::npos) << text;
  EXPECT_EQ(text.find("reaches memory"), std::string::npos) << text;
}

// An unminimised run may be full of late loads: then its parties must not be cut out for them.
TEST(WeakMemory, ManyLateLoadsDoNotPushOutTheParties) {
  TestRun run;
  run.caches(1).in(writer, 1, "publish").event(sim::EventKind::task_begin).store(word, 1, 1).store(word, 2, 2);
  run.in(reader, 0, "look").event(sim::EventKind::task_begin);
  for (unsigned i = 0; i < 300; ++i) run.stale_load(word, 1, 1, 2);
  run.event(sim::EventKind::warn);
  const harness::SimFinding finding = warned(run);
  const Diagram d = build_diagram(run.take(), finding, test_names, test_options());
  EXPECT_LE(d.steps_shown, DiagramOptions{}.lines_max);
  ASSERT_EQ(d.accused.size(), 1U);
  EXPECT_NE(d.accused[0].row, 0U);
}

}  // namespace
}  // namespace rcufarm::report
