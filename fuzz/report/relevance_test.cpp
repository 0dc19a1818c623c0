#include "report/relevance.h"

#include <gtest/gtest.h>

#include "report/test_run.h"

namespace rcufarm::report {
namespace {

constexpr Target flag{1, 0}, other_flag{1, 8};

// The index of the n-th access (from 0) to a word.
std::size_t access(const Recording& recording, Target word, unsigned n) {
  for (std::size_t i = 0; i < recording.steps.size(); ++i) {
    const Step& s = recording.steps[i];
    if (s.is_access() && s.event.object == word.serial && s.event.offset == word.offset && n-- == 0) return i;
  }
  ADD_FAILURE() << "there is no such access";
  return 0;
}

std::vector<Relation> related(const Recording& recording) {
  harness::SimFinding finding;
  finding.kind = oracle::Kind::callback_on_freed_cache;
  return relate(recording, finding, Namer(test_names, recording));
}

// CPU 1's callback stores to a word that the task on CPU 0 reads, within the task's call or after it.
Recording callback_and_reader(bool within) {
  TestRun run;
  run.caches(1).in(sim::task_context(0), 0, "reader").event(sim::EventKind::call_begin).load(flag, 0);
  if (!within) run.event(sim::EventKind::call_end);
  run.in(regular_callbacks_of_1, sim::no_cpu, "callback").event(sim::EventKind::callback_begin).store(flag, 1, 1);
  run.event(sim::EventKind::callback_end);
  run.in(sim::task_context(0), 0, "reader");
  if (!within) run.event(sim::EventKind::call_begin);
  run.load(other_flag, 0).event(sim::EventKind::call_end);
  return run.take();
}

TEST(Relevance, APairInTheMiddleOfACallMatters) {
  const Recording recording = callback_and_reader(true);
  const std::vector<Relation> relations = related(recording);
  EXPECT_EQ(relations[access(recording, flag, 0)].level, Level::must);
  EXPECT_EQ(relations[access(recording, flag, 1)].level, Level::must);
  EXPECT_EQ(relations[access(recording, flag, 0)].overtaken_by, access(recording, flag, 1));
}

TEST(Relevance, OneAfterTheOtherMattersLess) {
  const Recording recording = callback_and_reader(false);
  const std::vector<Relation> relations = related(recording);
  EXPECT_EQ(relations[access(recording, flag, 0)].level, Level::may);
  EXPECT_EQ(relations[access(recording, flag, 0)].overtaken_by, Relation::none);
}

TEST(Relevance, TheOtherFlagThatIsReadThereComesAlong) {
  const Recording recording = callback_and_reader(true);
  EXPECT_EQ(related(recording)[access(recording, other_flag, 0)].level, Level::should);
}

TEST(Relevance, AWordThatOneContextHasAloneDoesNotMatter) {
  TestRun run;
  run.caches(1).in(sim::task_context(0), 0, "f").store(flag, 1, 1).load(flag, 1, 1);
  const Recording recording = run.take();
  const std::vector<Relation> relations = related(recording);
  EXPECT_EQ(relations[access(recording, flag, 0)].level, Level::never);
  EXPECT_EQ(relations[access(recording, flag, 1)].level, Level::never);
}

TEST(Relevance, WhatMadeTheCachesDoesNotMatter) {
  TestRun run;
  run.caches(1).store(flag, 0, 1);
  run.in(sim::task_context(0), 1, "f").event(sim::EventKind::task_begin).load(flag, 0, 1);
  const Recording recording = run.take();
  EXPECT_EQ(related(recording)[access(recording, flag, 0)].level, Level::never);
}

TEST(Relevance, ADrawnLoadBringsTheStoreThatItRead) {
  TestRun run;
  run.caches(1).in(sim::task_context(1), 1, "sets").event(sim::EventKind::call_begin).store(flag, 1, 1);
  run.event(sim::EventKind::call_end);
  run.in(sim::task_context(0), 0, "reads").event(sim::EventKind::call_begin).load(flag, 1, 1);
  run.in(sim::task_context(2), 2, "clears").event(sim::EventKind::call_begin).store(flag, 0, 2);
  run.in(sim::task_context(0), 0, "reads").event(sim::EventKind::call_end);
  const Recording recording = run.take();
  const std::vector<Relation> relations = related(recording);
  const std::size_t first_store = access(recording, flag, 0);
  const std::size_t load = access(recording, flag, 1);
  EXPECT_EQ(relations[load].level, Level::must);
  EXPECT_EQ(relations[load].read_from, first_store);
  EXPECT_EQ(relations[first_store].level, Level::must);
}

TEST(Relevance, AnNmiOverATaskOfItsCpuIsInItsMiddle) {
  TestRun run;
  run.caches(1).in(sim::task_context(0), 0, "f").event(sim::EventKind::call_begin).load(flag, 0);
  run.in(sim::program_context(0), 0, "nmi").event(sim::EventKind::program_begin).store(flag, 1, 1);
  run.event(sim::EventKind::program_end);
  run.in(sim::task_context(0), 0, "f").event(sim::EventKind::call_end);
  const Recording recording = run.take();
  EXPECT_EQ(related(recording)[access(recording, flag, 0)].level, Level::must);
}

TEST(Relevance, TheEndOfAnotherAllocatorMattersLess) {
  using oracle::UserCall;
  using oracle::UserEventKind;
  TestRun run;
  // Allocator 0 got no memory: the scenario's number counts, not the order.
  run.caches(1).user(UserEventKind::cache_made, UserCall::init, 0, 1);
  run.caches(2).user(UserEventKind::cache_made, UserCall::init, 0, 2);
  run.in(sim::task_context(0), 0, "f").event(sim::EventKind::task_begin);
  run.user(UserEventKind::destroy_begins, UserCall::destroy, 0, 1);
  run.user(UserEventKind::destroy_begins, UserCall::destroy, 0, 2);
  const Recording recording = run.take();
  harness::SimFinding finding;
  finding.object = 2;
  const std::vector<Relation> relations = relate(recording, finding, Namer(test_names, recording));
  EXPECT_EQ(relations[relations.size() - 2].level, Level::detail);
  EXPECT_EQ(relations.back().level, Level::must);
}

// Two contexts claim a word one after the other, and the second queues what the first has queued.
struct ClaimedTwice {
  Recording recording;
  std::vector<Relation> relations;
};
ClaimedTwice claimed_twice(unsigned readers) {
  TestRun run;
  run.caches(1);
  for (const unsigned task : {0U, 1U}) {
    run.in(sim::task_context(task), 0, "claim").event(sim::EventKind::task_begin).event(sim::EventKind::call_begin);
    run.load(flag, 0).store(flag, 1, task + 1);
    for (unsigned i = 0; i < readers; ++i) run.load(other_flag, 0);
    run.store(other_flag, 0, task + 3).event(sim::EventKind::call_end);
  }
  run.event(sim::EventKind::violation, sim::Op::call_rcu, other_flag);
  harness::SimFinding finding;
  finding.kind = oracle::Kind::queued_twice;
  finding.parties = {run.party("queued again", sim::Op::call_rcu)};
  ClaimedTwice made{.recording = run.take(), .relations = {}};
  made.relations = relate(made.recording, finding, Namer(test_names, made.recording));
  return made;
}

TEST(Relevance, EveryReadOfTheFatalWordIsThere) {
  const ClaimedTwice c = claimed_twice(1);
  for (const unsigned n : {0U, 1U, 2U, 3U}) {
    EXPECT_EQ(c.relations[access(c.recording, other_flag, n)].level, Level::must) << n;
  }
}

TEST(Relevance, OfManyReadsOfTheFatalWordTheLastAreThere) {
  const ClaimedTwice c = claimed_twice(20);
  std::size_t drawn = 0;
  for (const Relation& r : c.relations) drawn += r.level == Level::must ? 1 : 0;
  EXPECT_EQ(drawn, 13U) << "twelve of them, and what is accused";
  EXPECT_EQ(c.relations[access(c.recording, other_flag, 41)].level, Level::must);
  EXPECT_NE(c.relations[access(c.recording, other_flag, 0)].level, Level::must);
}

// The load that let it go on stands in the function that did it, though nobody came into its middle.
TEST(Relevance, WhatAPartyAskedBeforeIsThere) {
  TestRun run;
  run.caches(1).in(sim::task_context(1), 0, "other").event(sim::EventKind::task_begin).store(flag, 0, 1);
  run.in(sim::task_context(0), 0, "queue").event(sim::EventKind::task_begin).load(other_flag, 0).load(flag, 0, 1);
  run.in(sim::task_context(0), 0, "elsewhere").load(flag, 0, 1);
  run.in(sim::task_context(0), 0, "queue").event(sim::EventKind::call_rcu, sim::Op::call_rcu, {1, 24});
  harness::SimFinding finding;
  finding.kind = oracle::Kind::queued_twice;
  finding.parties = {run.party("queued", sim::Op::call_rcu)};
  const Recording recording = run.take();
  const std::vector<Relation> relations = relate(recording, finding, Namer(test_names, recording));
  EXPECT_EQ(relations[access(recording, flag, 1)].level, Level::must);
  EXPECT_NE(relations[access(recording, flag, 2)].level, Level::must) << "in another function";
  EXPECT_EQ(relations[access(recording, other_flag, 0)].level, Level::never) << "nobody else writes that";
}

// A word of a global is shared like any other.
TEST(Relevance, AWordOfAGlobalMattersToo) {
  AllocatorNames names = test_names;
  names.global_at = [](const void*) { return std::string("depot"); };
  TestRun run;
  run.caches(1)
      .in(sim::task_context(0), 0, "reader")
      .event(sim::EventKind::call_begin)
      .global(sim::Op::atomic_load, 0, 0);
  run.in(regular_callbacks_of_1, sim::no_cpu, "callback").event(sim::EventKind::callback_begin);
  run.global(sim::Op::atomic_store, 1, 1).event(sim::EventKind::callback_end);
  run.in(sim::task_context(0), 0, "reader").event(sim::EventKind::call_end);
  const Recording recording = run.take();
  const std::vector<Relation> relations = relate(recording, {}, Namer(names, recording));
  EXPECT_EQ(relations[access(recording, {}, 0)].level, Level::must);
  EXPECT_EQ(relations[access(recording, {}, 0)].overtaken_by, access(recording, {}, 1));
  EXPECT_EQ(related(recording)[access(recording, {}, 0)].level, Level::never) << "of the harness'";
}

// A task takes the lock twice: around a load that matters, and around nothing. The callback takes it too, or does not.
std::vector<Level> lock_levels(bool is_shared, oracle::Kind kind = oracle::Kind::leak) {
  constexpr Target lock{1, 24};
  TestRun run;
  run.caches(1).in(sim::task_context(0), 0, "f").event(sim::EventKind::call_begin);
  run.event(sim::EventKind::lock, sim::Op::lock, lock)
      .load(flag, 0)
      .event(sim::EventKind::unlock, sim::Op::unlock, lock);
  run.in(regular_callbacks_of_1, sim::no_cpu, "callback").event(sim::EventKind::callback_begin);
  if (is_shared) run.event(sim::EventKind::lock, sim::Op::lock, lock);
  run.store(flag, 1, 1);
  if (is_shared) run.event(sim::EventKind::unlock, sim::Op::unlock, lock);
  run.in(sim::task_context(0), 0, "f");
  run.event(sim::EventKind::lock, sim::Op::lock, lock).event(sim::EventKind::unlock, sim::Op::unlock, lock);
  run.event(sim::EventKind::call_end);
  const Recording recording = run.take();
  harness::SimFinding finding;
  finding.kind = kind;
  const std::vector<Relation> relations = relate(recording, finding, Namer(test_names, recording));
  std::vector<Level> levels;
  for (std::size_t i = 0; i < recording.steps.size(); ++i) {
    const bool is_lock = recording.steps[i].is(sim::EventKind::lock) || recording.steps[i].is(sim::EventKind::unlock);
    if (is_lock && recording.steps[i].context() == sim::task_context(0)) levels.push_back(relations[i].level);
  }
  return levels;
}

TEST(Relevance, ALockIsThereWhereItOrdersSomething) {
  using enum Level;
  EXPECT_EQ(lock_levels(true), (std::vector<Level>{detail, detail, never, never}));
  EXPECT_EQ(lock_levels(false), (std::vector<Level>{never, never, never, never}));
  EXPECT_EQ(lock_levels(false, oracle::Kind::deadlock), (std::vector<Level>{should, should, should, should}));
}

TEST(Relevance, OfInterruptsOffAndOnInARowTheLastPairIsThere) {
  TestRun run;
  run.caches(1).in(sim::task_context(0), 0, "f").event(sim::EventKind::task_begin);
  for (unsigned i = 0; i < 3; ++i) run.event(sim::EventKind::irq_off).event(sim::EventKind::irq_on);
  run.user(oracle::UserEventKind::alloc_gave_null, oracle::UserCall::alloc);
  const Recording recording = run.take();
  harness::SimFinding finding;
  finding.kind = oracle::Kind::spurious_null;
  const std::vector<Relation> relations = relate(recording, finding, Namer(test_names, recording));
  std::vector<Level> levels;
  for (std::size_t i = 0; i < recording.steps.size(); ++i) {
    const Step& s = recording.steps[i];
    if (s.is(sim::EventKind::irq_off) || s.is(sim::EventKind::irq_on)) levels.push_back(relations[i].level);
  }
  using enum Level;
  EXPECT_EQ(levels, (std::vector<Level>{never, never, never, never, should, should}));
}

TEST(ChooseSteps, TakesWholeLevelsThatFit) {
  std::vector<Relation> relations(10);
  relations[1].level = Level::must;
  relations[3].level = Level::should;
  relations[5].level = Level::may;
  relations[7].level = Level::may;
  EXPECT_EQ(choose_steps(relations, 4, 10), (std::vector<std::size_t>{1, 3, 5, 7}));
  EXPECT_EQ(choose_steps(relations, 3, 10), (std::vector<std::size_t>{1, 3}));
  EXPECT_EQ(choose_steps(relations, 0, 10), (std::vector<std::size_t>{1}));
}

TEST(ChooseSteps, OfWhatShouldBeThereTheLastFillTheRoom) {
  std::vector<Relation> relations(10);
  relations[8].level = Level::must;
  for (const std::size_t i : {1U, 3U, 5U}) relations[i].level = Level::should;
  EXPECT_EQ(choose_steps(relations, 3, 10), (std::vector<std::size_t>{3, 5, 8}));
}

TEST(ChooseSteps, HasALimit) {
  std::vector<Relation> relations(100);
  for (Relation& r : relations) r.level = Level::must;
  const std::vector<std::size_t> chosen = choose_steps(relations, 10, 16);
  ASSERT_EQ(chosen.size(), 16U);
  EXPECT_EQ(chosen[1], 1U);
  EXPECT_EQ(chosen[2], 86U);
  EXPECT_EQ(chosen.back(), 99U);
}

}  // namespace
}  // namespace rcufarm::report
