// What users find in their objects, and what the allocator says of itself: changed by a mistake, it is seen; by none, nobody is accused
// (correct_test.cpp).
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "harness/sim/draw.h"
#include "harness/sim/explore.h"
#include "harness/sim/sim_allocator.h"
#include "harness/sim/sim_settings.h"
#include "machine/search/strategy_random.h"

namespace rcufarm::harness {
namespace {

using oracle::Kind;

const SimAllocator& correct() { return linked_sim_allocator(); }

// Does a search accuse it of that, and of nothing else before?
void expect(const SimAllocator& changed, Kind kind, const char* signature) {
  SimRunner runner(changed);
  ExploreOptions options;
  options.schedules_max = 20'000;
  const ExploreResult result = explore(runner, options);
  ASSERT_EQ(result.findings.size(), 1U);
  EXPECT_EQ(result.findings[0].finding.kind, kind);
  EXPECT_EQ(result.findings[0].finding.signature, signature);
  EXPECT_EQ(runner.replay(result.findings[0].finding).digest, result.findings[0].finding.digest);
}

TEST(Content, AFreeRcuThatWritesIntoTheObjectIsSeenByItsReaders) {
  SimAllocator changed = correct();
  // Of size classes, where the user's bytes are nobody else's. (A per-CPU object's hold a pointer.)
  changed.free_rcu = [](void* a, void* user) {
    if (user != nullptr) *static_cast<volatile char*>(user) = 0x6b;
    correct().free_rcu(a, user);
  };
  expect(changed, Kind::corrupted, "corrupted: content");
}

TEST(Content, AnAllocThatWritesIntoAnotherObjectIsSeenByItsUser) {
  SimAllocator changed = correct();
  static void* last = nullptr;
  changed.construct = [](void* a) {
    last = nullptr;
    correct().construct(a);
  };
  changed.cache_alloc = [](void* a) {
    void* user = correct().cache_alloc(a);
    if (last != nullptr && user != nullptr) *static_cast<volatile char*>(last) = 1;
    return last = user;
  };
  changed.cache_free = [](void* a, void* user) {
    if (user == last) last = nullptr;
    correct().cache_free(a, user);
  };
  changed.cache_free_rcu = [](void* a, void* user) {
    if (user == last) last = nullptr;
    correct().cache_free_rcu(a, user);
  };
  changed.raw_free = nullptr;
  expect(changed, Kind::corrupted, "corrupted: content");
}

TEST(Content, PerCpuInstancesThatAreTooSmallAreSeen) {
  SimAllocator changed = correct();
  changed.init = [](void* a, int size, bool percpu) {
    return correct().init(a, percpu && size > 1 ? size / 2 : size, percpu);
  };
  expect(changed, Kind::wrong_size, "wrong-size: alloc");
}

// Once it had to give nothing, it gives nothing any more.
SimAllocator that_does_not_come_back() {
  SimAllocator changed = correct();
  static bool is_over = false;
  changed.construct = [](void* a) {
    is_over = false;
    correct().construct(a);
  };
  changed.cache_alloc = [](void* a) {
    void* user = is_over ? nullptr : correct().cache_alloc(a);
    is_over = is_over || user == nullptr;
    return user;
  };
  changed.cache_alloc_flags = nullptr;
  changed.accounts = nullptr;
  return changed;
}

TEST(Recovery, AnAllocatorThatDoesNotComeBackIsSeen) {
  const SimAllocator changed = that_does_not_come_back();
  SimRunner runner(changed);
  ExploreOptions options;
  options.schedules_max = 20'000;
  options.keep_going = true;
  bool seen = false;
  for (const ExploreFinding& found : explore(runner, options).findings) {
    seen = seen || found.finding.signature == "spurious-null: alloc, recovery";
  }
  EXPECT_TRUE(seen);
}

// The cgroup's limit alone makes allocations fail, and is raised at the end.
std::set<std::string> found_with_a_cgroup_limit(const SimAllocator& allocator) {
  SimRunner runner(allocator);
  std::set<std::string> signatures;
  unsigned tried = 0;
  for (std::uint64_t seed = 1; tried < 300; ++seed) {
    DrawnScenario drawn = draw_scenario(seed);
    if (drawn.scenario.machine.cgroup.unit == scenario::CgroupUnit::none || has_slab_failures(drawn.scenario)) continue;
    ++tried;
    drawn.config.inspect = true;
    drawn.config.failures_max = 0;
    sim::RandomStrategy strategy(seed);
    strategy.begin_run(0);
    const SimOutcome outcome = runner.run(drawn.scenario, drawn.config, strategy);
    if (outcome.found()) signatures.insert(runner.finding(outcome, drawn.scenario, drawn.config).signature);
  }
  return signatures;
}

TEST(Recovery, IsExpectedOfACgroupWhoseLimitIsRaised) {
  EXPECT_EQ(found_with_a_cgroup_limit(that_does_not_come_back()).count("spurious-null: alloc, recovery"), 1U);
  EXPECT_EQ(found_with_a_cgroup_limit(correct()), std::set<std::string>{});
}

template <std::int64_t SimAccounts::*figure>
SimAllocator miscounting() {
  SimAllocator changed = correct();
  changed.accounts = [](const void* a) {
    SimAccounts said = correct().accounts(a);
    ++(said.*figure);
    return said;
  };
  return changed;
}

TEST(Counts, EachFigureIsHeldAgainstTheMachinesBooks) {
  expect(miscounting<&SimAccounts::from_slab>(), Kind::wrong_count, "wrong-count: objects from the slab");
  expect(miscounting<&SimAccounts::grace_regular>(), Kind::wrong_count, "wrong-count: regular grace periods");
  expect(miscounting<&SimAccounts::grace_tasks_trace>(), Kind::wrong_count, "wrong-count: tasks-trace grace periods");
  expect(miscounting<&SimAccounts::frees>(), Kind::wrong_count, "wrong-count: calls of free");
  expect(miscounting<&SimAccounts::nulls_nested>(), Kind::wrong_count, "wrong-count: nulls over another operation");
  expect(miscounting<&SimAccounts::nulls_of_slab>(), Kind::wrong_count, "wrong-count: nulls for the slab");
  expect(miscounting<&SimAccounts::nulls_of_cgroup>(), Kind::wrong_count, "wrong-count: nulls for the object cgroup");
}

}  // namespace
}  // namespace rcufarm::harness
