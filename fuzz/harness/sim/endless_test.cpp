// A loop of many rounds in user space is no run without an end; one that goes on is, and what comes behind such a loop is found.
#include "harness/sim/endless.h"

#include <gtest/gtest.h>

#include <string>
#include <variant>

#include "harness/sim/explore.h"
#include "harness/sim/input_runner.h"
#include "harness/sim/minimize.h"
#include "harness/sim/sim_allocator.h"
#include "harness/sim/sim_input.h"
#include "harness/sim/toy_allocator.h"
#include "kernel/kernel.h"
#include "scenario/text.h"

namespace rcufarm::harness {
namespace {

using oracle::Kind;

constexpr unsigned rounds = 90'000;  // three of them are more than a run's points
const SimAllocator& quick() {
  static const SimAllocator allocator = toy_allocator(Mistake::none);
  return allocator;
}
void go_round() {
  for (unsigned i = 0; i < rounds; ++i) kernel::cpu_relax();
}
void* slow_alloc(void* instance, std::size_t size) {
  go_round();
  return quick().alloc(instance, size);
}
void* slow_cache_alloc(void* instance) {
  go_round();
  return quick().cache_alloc(instance);
}

SimAllocator slow(Mistake mistake, const UserSpace* space) {
  SimAllocator allocator = toy_allocator(mistake);
  allocator.alloc = &slow_alloc;
  allocator.cache_alloc = &slow_cache_alloc;
  allocator.user_space = space;
  return allocator;
}

constexpr const char* program =
    "scenario v1\ncpus 1\nslots 4\ncache 0 size 64\n"
    "task 0 on cpu 0\n  alloc c0 s0\n  alloc c0 s1\n  alloc c0 s2\n  free s0\n  free s1\n  free s2\n";

ExploreResult explored(const SimAllocator& allocator) {
  const auto parsed = scenario::parse(program);
  SimRunner runner(allocator);
  ExploreOptions options;
  const auto scenario = std::get<scenario::Scenario>(parsed);
  options.scenario = &scenario;
  options.schedules_max = 4;
  options.check_order = false;
  return explore(runner, options);
}

const UserSpace space{.size_of = [](std::size_t wanted) { return wanted; }};

TEST(Endless, ALoopOfManyRoundsIsNone) {
  const ExploreResult result = explored(slow(Mistake::none, &space));
  for (const ExploreFinding& found : result.findings) ADD_FAILURE() << to_text(found.finding);
  EXPECT_EQ(result.figures.limited, 4U);
  EXPECT_EQ(result.figures.failing_schedules, 0U);
}

TEST(Endless, ALoopThatGoesOnIsOne) {
  const ExploreResult result = explored(slow(Mistake::no_end, &space));
  ASSERT_EQ(result.findings.size(), 1U);
  EXPECT_EQ(result.findings[0].finding.kind, Kind::no_end);
}

TEST(Endless, WhatComesBehindALongLoopIsFound) {
  const SimAllocator allocator = slow(Mistake::leak, &space);
  const ExploreResult result = explored(allocator);
  ASSERT_EQ(result.findings.size(), 1U);
  EXPECT_EQ(result.findings[0].finding.kind, Kind::leak);
  SimRunner runner(allocator);
  EXPECT_EQ(runner.replay(result.findings[0].finding).digest, result.findings[0].finding.digest);
}

// Seven calls reach a run's limit; only the tenth does not come back.
unsigned calls = 0;
void* tenth_goes_on(void* instance) {
  for (unsigned i = 0; i < rounds / 3; ++i) kernel::cpu_relax();
  if (++calls == 10) {
    while (calls != 0) kernel::cpu_relax();
  }
  return quick().cache_alloc(instance);
}

TEST(Endless, AMinimizedOneIsOneStill) {
  SimAllocator allocator = slow(Mistake::none, &space);
  allocator.cache_alloc = &tenth_goes_on;
  allocator.begin_run = [] { calls = 0; };
  std::string text = "scenario v1\ncpus 1\nslots 16\ncache 0 size 64\ntask 0 on cpu 0\n";
  for (unsigned i = 0; i < 12; ++i) text += "  alloc c0 s" + std::to_string(i) + "\n";
  const auto scenario = std::get<scenario::Scenario>(scenario::parse(text));
  ExploreOptions options;
  options.scenario = &scenario;
  options.schedules_max = 1;
  options.check_order = false;
  SimRunner runner(allocator);
  const ExploreResult result = explore(runner, options);
  ASSERT_EQ(result.findings.size(), 1U);
  const SimFinding minimal = minimize(runner, result.findings[0].finding, {.runs_max = 200});
  EXPECT_EQ(minimal.kind, Kind::no_end);
  EXPECT_TRUE(unless_it_ends(runner, minimal)) << to_text(minimal);
}

// In a kernel nothing goes round so often.
TEST(Endless, OfAKernelsAllocatorItIs) {
  const ExploreResult result = explored(slow(Mistake::none, nullptr));
  ASSERT_EQ(result.findings.size(), 1U);
  EXPECT_EQ(result.findings[0].finding.kind, Kind::no_end);
}

TEST(Endless, AnEnginesInputIsJudgedTheSame) {
  SimInput input;
  input.scenario = std::get<scenario::Scenario>(scenario::parse(program));
  const std::vector<std::byte> bytes = encode_input(input);
  for (const Mistake mistake : {Mistake::none, Mistake::no_end, Mistake::leak}) {
    const SimAllocator allocator = slow(mistake, &space);
    InputRunner runner(allocator);
    ASSERT_EQ(runner.run(bytes).found(), mistake != Mistake::none);
    if (mistake != Mistake::none) {
      EXPECT_EQ(runner.finding().kind, mistake == Mistake::leak ? Kind::leak : Kind::no_end);
    }
  }
}

}  // namespace
}  // namespace rcufarm::harness
