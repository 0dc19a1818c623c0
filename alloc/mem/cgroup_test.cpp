// An allocator in an object cgroup: what is charged, what the limit does, and that all of it is given back. And the other
// reasons for which alloc gives nothing.
#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include "mem/mem_alloc.h"
#include "native/rcu_test_support.h"

namespace rcufarm::native::test {
namespace {

using mem::Error;
using mem::MemAlloc;
using mem::NullCause;
using mem::Statistics;

MachineConfig in_cgroup_of(std::size_t limit_bytes) {
  MachineConfig c = config_with(true);
  c.slab.cgroup = true;
  c.slab.cgroup_limit_bytes = limit_bytes;
  c.slab.rounding = Rounding::sixteen_more;
  return c;
}

std::int64_t nulls(const MemAlloc& ma, NullCause cause) { return ma.statistics().nulls[static_cast<int>(cause)]; }

std::int64_t nulls(const MemAlloc& ma) {
  const Statistics s = ma.statistics();
  return std::accumulate(std::begin(s.nulls), std::end(s.nulls), std::int64_t{0});
}

// All that an allocator has of the slab but its own caches: each byte charged, and no other.
void expect_charged_as_live(Machine& machine) {
  std::size_t bytes = 0;
  for (const LiveObject& object : machine.slab().live()) {
    EXPECT_EQ(object.charged, object.kind != ObjectKind::per_cpu_area);
    if (object.charged) bytes += object.rounded_bytes;
  }
  EXPECT_EQ(machine.slab().cgroup()->charged_bytes(), bytes);
}

void expect_all_given_back(Machine& machine) {
  machine.flush_workqueue();
  EXPECT_EQ(machine.slab().live().size(), 0U) << machine.slab().print_live();
  EXPECT_EQ(machine.slab().cgroup()->charged_bytes(), 0U);
  EXPECT_EQ(machine.slab().cgroup()->references(), 0);
  EXPECT_EQ(machine.reports().count(), 0U) << machine.reports().print();
}

// percpu or not.
class MemCgroup : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(Kinds, MemCgroup, testing::Bool(),
                         [](const auto& info) { return std::string(info.param ? "percpu" : "fixed"); });

TEST_P(MemCgroup, IsChargedForObjectsAndInstancesUntilTheEnd) {
  Machine machine(in_cgroup_of(0));
  const CpuOwner me(machine);
  MemAlloc ma;
  ASSERT_EQ(ma.init(64, GetParam()), Error::none);
  EXPECT_EQ(machine.slab().cgroup()->references(), 1);
  std::vector<void*> all;
  for (int i = 0; i < 100; ++i) all.push_back(ma.cache_alloc());
  all.push_back(ma.cache_alloc_flags(Gfp::kernel));
  const std::size_t per_object = GetParam() ? 16 + 4 * 64 : 64 + mem::header_bytes;
  EXPECT_GE(machine.slab().cgroup()->charged_bytes(), all.size() * per_object);
  expect_charged_as_live(machine);
  for (std::size_t i = 0; i < all.size(); ++i) i % 2 == 0 ? ma.cache_free(all[i]) : ma.cache_free_rcu(all[i]);
  ma.destroy();
  expect_all_given_back(machine);
}

// Every limit up to some objects: each step of an allocation meets it once, between an object and its instances too.
TEST_P(MemCgroup, AtItsLimitAllocGivesNothingAndSaysWhy) {
  for (std::size_t limit = 16; limit <= 3200; limit += 16) {
    Machine machine(in_cgroup_of(limit));
    const CpuOwner me(machine);
    MemAlloc ma;
    ASSERT_EQ(ma.init(64, GetParam()), Error::none) << "the prefill may fall short";
    std::vector<void*> all;
    while (void* p = ma.cache_alloc()) all.push_back(p);
    EXPECT_EQ(nulls(ma, NullCause::cgroup), 1) << limit;
    EXPECT_EQ(nulls(ma), 1) << limit;
    EXPECT_EQ(ma.cache_alloc_flags(Gfp::kernel), nullptr) << "the slab says the same";
    EXPECT_EQ(nulls(ma, NullCause::cgroup), 2) << limit;
    EXPECT_EQ(nulls(ma), 2) << limit;
    EXPECT_LE(machine.slab().cgroup()->charged_bytes(), limit);
    expect_charged_as_live(machine);
    if (!all.empty()) {
      ma.cache_free(all.back());
      EXPECT_EQ(ma.cache_alloc(), all.back()) << "what was freed is there again";
    }
    for (void* p : all) ma.cache_free(p);
    ma.destroy();
    expect_all_given_back(machine);
  }
}

TEST(MemNulls, EmptyWhenNoRefillCouldRunYet) {
  Machine machine(config_with(true));
  const CpuOwner me(machine);
  MemAlloc ma;
  ASSERT_EQ(ma.init(64, false), Error::none);
  std::vector<void*> all;
  {
    const kernel::IrqGuard irq_off;
    while (void* p = ma.cache_alloc()) all.push_back(p);
  }
  EXPECT_EQ(all.size(), 4U) << "the prefill";
  EXPECT_EQ(nulls(ma, NullCause::empty), 1);
  EXPECT_EQ(nulls(ma), 1);
  all.push_back(ma.cache_alloc());
  EXPECT_NE(all.back(), nullptr) << "refilled since";
  for (void* p : all) ma.cache_free(p);
}

TEST(MemNulls, SlabWhenTheLastRefillFailedInIt) {
  Machine machine(config_with(true));
  const CpuOwner me(machine);
  MemAlloc ma;
  ASSERT_EQ(ma.init(64, false), Error::none);
  machine.slab().fail_next(1'000'000);
  std::vector<void*> all;
  while (void* p = ma.cache_alloc()) all.push_back(p);
  EXPECT_EQ(nulls(ma, NullCause::slab), 1);
  EXPECT_EQ(nulls(ma), 1);
  machine.slab().fail_next(0);
  EXPECT_EQ(ma.cache_alloc(), nullptr) << "it raises the refill that helps the next one";
  all.push_back(ma.cache_alloc());
  EXPECT_NE(all.back(), nullptr);
  for (void* p : all) ma.cache_free(p);
}

}  // namespace
}  // namespace rcufarm::native::test
