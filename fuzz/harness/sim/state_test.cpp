// Where code under test keeps its state, and code that does not come back: what is known is given back before each run, what is
// not is told of, and nobody is accused for it.
#include <gtest/gtest.h>

#include <cstring>

#include "harness/sim/around.h"
#include "harness/sim/determinism.h"
#include "harness/sim/explore.h"
#include "harness/sim/minimize.h"
#include "harness/sim/sim_allocator.h"
#include "harness/sim/stall_guard.h"
#include "kernel/kernel.h"

namespace rcufarm::harness {
namespace {

using oracle::Kind;

// This project's allocator, with something before each of its allocs that says whether it may give anything.
using Before = bool (*)(void* instance);
template <Before before>
SimAllocator allocator_with() {
  SimAllocator changed = linked_sim_allocator();
  changed.alloc = [](void* a, std::size_t size) { return before(a) ? linked_sim_allocator().alloc(a, size) : nullptr; };
  changed.cache_alloc = [](void* a) { return before(a) ? linked_sim_allocator().cache_alloc(a) : nullptr; };
  // What it counts knows nothing of that.
  changed.accounts = nullptr;
  return changed;
}

ExploreOptions options_for(std::uint64_t schedules) {
  ExploreOptions options;
  options.schedules_max = schedules;
  options.check_order = false;
  return options;
}

// ---- in the allocator's own object -----------------------------------------------------------------------------------

struct Counters {
  kernel::Atomic<std::uint32_t> calls{0};
  kernel::Plain<std::uint32_t> made{0};
};
constexpr std::size_t counters_at = 64 * 1024;

bool count_in_the_object(void* instance) {
  auto* counters = reinterpret_cast<Counters*>(static_cast<char*>(instance) + counters_at);
  counters->calls.exchange(counters->calls.load(kernel::Order::relaxed) + 1, kernel::Order::relaxed);
  return true;
}

TEST(State, AFieldOfTheAllocatorsOwnObjectIsNoBug) {
  SimAllocator changed = allocator_with<&count_in_the_object>();
  changed.bytes = counters_at + sizeof(Counters);
  SimRunner runner(changed);
  const ExploreResult result = explore(runner, options_for(2'000));
  for (const ExploreFinding& found : result.findings) ADD_FAILURE() << to_text(found.finding);
  EXPECT_EQ(result.figures.schedules, 2'000U);
}

// ---- in statics ------------------------------------------------------------------------------------------------------

// As rcufarm_keep_statics() places those of an allocator.
[[gnu::section("under_test_bss")]] std::uint32_t calls_ever;
[[gnu::section("under_test_bss")]] kernel::Atomic<std::uint32_t> calls_shared;
[[gnu::section("under_test_data")]] std::uint32_t fails_at = 997;

bool count_in_a_static(void*) { return ++calls_ever % fails_at != 0; }
bool count_in_a_shared_static(void*) { return calls_shared.exchange(1, kernel::Order::relaxed) <= 1; }

TEST(State, WhatAnAllocatorKeepsInAStaticIsPartOfTheInput) {
  const SimAllocator changed = allocator_with<&count_in_a_static>();
  SimRunner runner(changed);
  const ExploreResult result = explore(runner, options_for(20'000));
  ASSERT_EQ(result.findings.size(), 1U);
  const SimFinding& found = result.findings[0].finding;
  // It gives nothing, and its figures know of no cause.
  EXPECT_TRUE(found.kind == Kind::spurious_null || found.kind == Kind::wrong_count) << oracle::name_of(found.kind);
  EXPECT_FALSE(found.config.statics.empty()) << "no run calls it so often";
  for (int i = 0; i < 3; ++i) EXPECT_EQ(runner.replay(found).digest, found.digest);
  // As small as it gets in a twentieth of the usual room: what is checked holds of each step on the way.
  const SimFinding small = minimize(runner, found, {.points_max = MinimizeOptions{}.points_max / 20});
  EXPECT_EQ(small.signature, found.signature);
  const auto again = sim_finding_from_text(to_text(small));
  ASSERT_TRUE(std::holds_alternative<SimFinding>(again)) << std::get<std::string>(again);
  EXPECT_EQ(runner.replay(std::get<SimFinding>(again)).digest, small.digest);
}

TEST(State, StaticsHaveTheirFirstValuesInEachRun) {
  const SimAllocator changed = allocator_with<&count_in_a_static>();
  SimRunner runner(changed);
  scenario::Scenario scenario;
  scenario.caches.add().size = 64;
  scenario.tasks.add().ops = {{.kind = scenario::OpKind::alloc}, {.kind = scenario::OpKind::free}};
  for (int i = 0; i < 3; ++i) {
    fails_at = 5;  // as a run would leave it
    EXPECT_FALSE(runner.replay(scenario, SimConfig{}, sim::Schedule{}).found());
    EXPECT_EQ(calls_ever, 1U);
    EXPECT_EQ(fails_at, 997U);
  }
}

TEST(State, AStaticMayBeShared) {
  const SimAllocator changed = allocator_with<&count_in_a_shared_static>();
  SimRunner runner(changed);
  EXPECT_TRUE(explore(runner, options_for(2'000)).findings.empty());
}

TEST(State, AnImageOfStaticsIsItsText) {
  StaticsImage image;
  image.runs = {{0, {std::byte{0x2a}}}, {300, {std::byte{0}, std::byte{0xff}}}};
  EXPECT_EQ(to_text(image), "0=2a,12c=00ff");
  StaticsImage again;
  EXPECT_TRUE(image_from_text(to_text(image), again));
  EXPECT_EQ(again, image);
  for (const char* text : {"0", "0=", "0=2", "x=2a", "0=2g", "0=2a,,1=00"})
    EXPECT_FALSE(image_from_text(text, again)) << text;
}

// ---- where nobody knows it -------------------------------------------------------------------------------------------

thread_local std::uint32_t calls_of_this_thread = 0;
bool count_in_thread_local(void*) { return ++calls_of_this_thread % 1009 != 0; }

TEST(State, RunsThatDependOnEachOtherAreAFindingWithThePlace) {
  const SimAllocator changed = allocator_with<&count_in_thread_local>();
  SimRunner runner(changed);
  const ExploreResult result = explore(runner, options_for(20'000));
  ASSERT_EQ(result.findings.size(), 1U);
  // The place is the first operation that one run has and the other has not.
  EXPECT_EQ(result.findings[0].finding.kind, Kind::nondeterminism);
  EXPECT_EQ(result.findings[0].finding.signature.rfind("nondeterminism: ", 0), 0U);
  EXPECT_FALSE(result.findings[0].finding.parties.empty());
  EXPECT_TRUE(find_nondeterminism(runner, result.findings[0].finding, determinism_runs));
}

TEST(State, WhatIsNotSeenAgainIsNondeterminism) {
  const SimAllocator changed = allocator_with<&count_in_thread_local>();
  SimRunner runner(changed);
  SimFinding once;
  once.kind = Kind::leak;
  once.signature = "leak";
  once.scenario.caches.add().size = 64;
  auto& ops = once.scenario.tasks.add().ops;
  for (int i = 0; i < 100; ++i) ops.push_back({.kind = i % 2 == 0 ? scenario::OpKind::alloc : scenario::OpKind::free});
  EXPECT_EQ(not_seen_again(runner, once).signature.rfind("nondeterminism: ", 0), 0U);
  SimRunner steady(linked_sim_allocator());
  EXPECT_EQ(not_seen_again(steady, once).signature, "nondeterminism");
  EXPECT_FALSE(find_nondeterminism(steady, once, determinism_runs));
}

thread_local kernel::Atomic<std::uint32_t> word_of_this_thread;
bool use_a_word_that_nobody_knows(void*) { return word_of_this_thread.load(kernel::Order::relaxed) == 0; }

TEST(State, AWordThatTheMachineDoesNotKnowIsAnErrorOfTheTool) {
  const SimAllocator changed = allocator_with<&use_a_word_that_nobody_knows>();
  SimRunner runner(changed);
  try {
    explore(runner, options_for(100));
    FAIL() << "nobody said anything";
  } catch (const UnknownWord& unknown) {
    EXPECT_NE(std::strstr(unknown.what(), "use_a_word_that_nobody_knows"), nullptr) << unknown.what();
  }
}

// ---- loops without shared memory -------------------------------------------------------------------------------------

[[gnu::noinline]] bool never_come_back(void*) {
  volatile int i = 0;
  while (i >= 0) i = 7;
  return true;
}

// Whoever looks ten times as often waits a tenth as long for each of them.
class Stall : public testing::Test {
 protected:
  Stall() { look_for_stalls_each(usual_look_interval_ns / 10); }
  ~Stall() override { look_for_stalls_each(usual_look_interval_ns); }
};

TEST_F(Stall, ALoopWithoutSharedMemoryIsFoundAndTheSearchEnds) {
  SimAllocator changed = allocator_with<&never_come_back>();
  // As debug information would have it: what lies in the function's first bytes is its own.
  changed.place_of = [](const void* at) {
    const auto* begin = reinterpret_cast<const char*>(&never_come_back);
    const auto offset = static_cast<const char*>(at) - begin;
    return offset > 0 && offset < 64 ? sim::Site{"alloc.cpp", "never_come_back", 7} : sim::Site{};
  };
  SimRunner runner(changed);
  ExploreOptions options = options_for(0);
  options.seconds_max = 0.3;
  options.keep_going = true;
  const ExploreResult result = explore(runner, options);
  ASSERT_FALSE(result.findings.empty());
  // Each took a twentieth of a second, of which one look of five may be the run's before.
  EXPECT_LE(result.figures.failing_schedules, 8U);
  const SimFinding& found = result.findings[0].finding;
  EXPECT_EQ(found.signature, "no-end: never_come_back");
  EXPECT_NE(found.detail.find("alloc.cpp:7"), std::string::npos) << found.detail;
  const SimFinding small = minimize(runner, found);
  EXPECT_EQ(small.signature, found.signature);
}

TEST_F(Stall, TheClockIsLookedAtAfterEach) {
  const SimAllocator changed = allocator_with<&never_come_back>();
  SimRunner runner(changed);
  const ExploreResult result = explore(runner, options_for(2));
  ASSERT_FALSE(result.findings.empty());
  const SimFinding& found = result.findings[0].finding;
  MinimizeFigures figures;
  Budget no_time(0, {});
  minimize(runner, found, {.budget = &no_time}, &figures);
  EXPECT_EQ(figures.runs, 1U);
  Budget none_either(0, {});
  const auto nothing = [](const SimOutcome&) { return false; };
  EXPECT_EQ(search_around(runner, found, found.config, nothing, &none_either).runs, 1U);
}

// As programs look for it.
TEST(UsualStall, OfOneThatRunsNoneIsNamedByItsLastOperation) {
  const SimAllocator changed = allocator_with<&never_come_back>();
  SimRunner runner(changed);
  ExploreOptions options = options_for(2);
  const ExploreResult result = explore(runner, options);
  ASSERT_FALSE(result.findings.empty());
  EXPECT_EQ(result.findings[0].finding.kind, Kind::no_end);
}

}  // namespace
}  // namespace rcufarm::harness
