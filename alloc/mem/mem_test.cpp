// The allocator on the native kernel: what each public call does, good arguments and bad ones.
#include "mem/mem_alloc.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <set>
#include <vector>

#include "native/machine.h"

namespace rcufarm {
namespace {

using kernel::Cpu;
using kernel::Gfp;
using kernel::RcuFlavor;
using mem::CacheShape;
using mem::Deferral;
using mem::Error;
using mem::header_bytes;
using mem::List;
using mem::MemAlloc;
using mem::NullCause;
using mem::object_of;
using mem::size_class_index;
using mem::size_classes;
using mem::Statistics;

// A machine whose CPU 0 the test's thread owns.
class MemTest : public testing::TestWithParam<bool> {
 protected:
  static native::MachineConfig config() {
    native::MachineConfig c;
    c.cpus = 2;
    c.rcu_trace_implies_rcu_gp = GetParam();
    return c;
  }
  std::int64_t objects(const MemAlloc& ma, List list) { return ma.statistics().objects[static_cast<int>(list)]; }
  // Everything is back in the slab, and nobody had anything to report.
  void expect_settled() {
    machine_.flush_workqueue();
    EXPECT_EQ(machine_.slab().live().size(), 0U);
    EXPECT_EQ(machine_.reports().count(), 0U) << machine_.reports().print();
  }

  native::Machine machine_{config()};
  native::CpuOwner cpu_{machine_, Cpu{0}};
};
INSTANTIATE_TEST_SUITE_P(ImpliesRcuGp, MemTest, testing::Bool());

TEST_P(MemTest, ServesEverySizeFromTheSmallestClassThatHoldsIt) {
  MemAlloc ma;
  ASSERT_EQ(ma.init(0, false), Error::none);
  for (std::size_t size = 1; size <= MemAlloc::alloc_size_max; ++size) {
    void* p = ma.alloc(size);
    ASSERT_NE(p, nullptr) << size;
    const std::size_t unit = machine_.slab().requested_bytes(object_of(p));
    EXPECT_EQ(unit, size_classes[size_class_index(size + header_bytes)]);
    std::memset(p, 0xa5, size);
    ma.free(p);
  }
  ma.destroy();
  expect_settled();
}

TEST_P(MemTest, RefusesSizesThatNoClassHolds) {
  MemAlloc ma;
  ASSERT_EQ(ma.init(0, false), Error::none);
  EXPECT_EQ(ma.alloc(0), nullptr);
  EXPECT_EQ(ma.alloc(MemAlloc::alloc_size_max + 1), nullptr);
  EXPECT_EQ(ma.alloc(~std::size_t{0}), nullptr);
  EXPECT_EQ(ma.alloc(~std::size_t{0} - header_bytes + 1), nullptr);
}

TEST_P(MemTest, RefusesToInitWhatCannotBe) {
  MemAlloc ma;
  EXPECT_EQ(ma.init(-1, false), Error::invalid);
  EXPECT_EQ(ma.init(0, true), Error::invalid);
  EXPECT_EQ(ma.init(MemAlloc::unit_size_max + 1, false), Error::invalid);
  EXPECT_FALSE(ma.is_initialised());
  EXPECT_EQ(ma.init(64, false), Error::none);
  EXPECT_EQ(ma.init(64, false), Error::invalid) << "a second init would lose the first one's caches";
}

TEST_P(MemTest, SaysSoWhenItsCachesDoNotFit) {
  machine_.slab().fail_next(1);
  MemAlloc ma;
  EXPECT_EQ(ma.init(64, false), Error::no_memory);
  EXPECT_FALSE(ma.is_initialised());
}

TEST_P(MemTest, HandsOutDistinctObjectsAndRefillsForEver) {
  MemAlloc ma;
  ASSERT_EQ(ma.init(64, false), Error::none);
  std::set<void*> seen;
  for (int i = 0; i < 1000; ++i) {
    void* p = ma.cache_alloc();
    ASSERT_NE(p, nullptr);
    EXPECT_TRUE(seen.insert(p).second);
  }
  EXPECT_EQ(ma.statistics().allocs, 1000);
  EXPECT_GT(ma.statistics().refills, 0);
  for (void* p : seen) ma.cache_free(p);
  ma.destroy();
  expect_settled();
}

TEST_P(MemTest, FreeMakesAnObjectReusableAtOnce) {
  MemAlloc ma;
  ASSERT_EQ(ma.init(64, false), Error::none);
  void* p = ma.cache_alloc();
  ma.cache_free(p);
  EXPECT_EQ(ma.cache_alloc(), p);
  ma.cache_free(p);
}

TEST_P(MemTest, TrimsToBetweenTheWatermarks) {
  MemAlloc ma;
  ASSERT_EQ(ma.init(64, false), Error::none);
  std::vector<void*> all;
  for (int i = 0; i < 400; ++i) all.push_back(ma.cache_alloc());
  for (void* p : all) ma.cache_free(p);
  EXPECT_GT(ma.statistics().trims, 0);
  EXPECT_LE(objects(ma, List::free_llist), 96);
  EXPECT_GE(objects(ma, List::free_llist), 32);
  ma.destroy();
  expect_settled();
}

TEST_P(MemTest, WatermarksShrinkAsObjectsGrow) {
  EXPECT_EQ(CacheShape::of(256, 0, -1).high_watermark, 96);
  EXPECT_EQ(CacheShape::of(4096, 0, -1).low_watermark, 2);
  EXPECT_EQ(CacheShape::of(4096, 0, -1).high_watermark, 6);
  EXPECT_EQ(CacheShape::of(4096, 0, -1).batch, 3);
  EXPECT_EQ(CacheShape::of(1 << 20, 0, -1).low_watermark, 1);
  EXPECT_EQ(CacheShape::of(64, 16, -1).high_watermark, 3);
}

TEST_P(MemTest, FreeRcuWaitsForTheReadersThatAreInside) {
  MemAlloc ma;
  ASSERT_EQ(ma.init(4000, false), Error::none);
  void* p = ma.cache_alloc();
  {
    const kernel::ReadSection reader(RcuFlavor::regular);
    ma.cache_free_rcu(p);
    std::vector<void*> others;
    for (int i = 0; i < 50; ++i) {
      others.push_back(ma.cache_alloc());
      EXPECT_NE(others.back(), p);
    }
    EXPECT_TRUE(machine_.slab().is_live(object_of(p)));
    for (void* o : others) ma.cache_free(o);
  }
  ma.destroy();
  expect_settled();
}

TEST_P(MemTest, DeferredObjectsStayOutOfTheSlabUnderATasksTraceReader) {
  MemAlloc ma;
  ASSERT_EQ(ma.init(4000, false), Error::none);
  std::vector<void*> all;
  for (int i = 0; i < 20; ++i) all.push_back(ma.cache_alloc());
  {
    const kernel::ReadSection reader(RcuFlavor::tasks_trace);
    for (void* p : all) ma.cache_free(p);  // past the high watermark: some are on their way to the slab
    EXPECT_GT(ma.statistics().trims, 0);
    for (void* p : all) EXPECT_TRUE(machine_.slab().is_live(object_of(p)));
  }
  ma.destroy();
  expect_settled();
}

TEST_P(MemTest, DestroyWithCallbacksInFlightGivesEverythingBack) {
  for (const Deferral deferral : {Deferral::allowed, Deferral::never}) {
    MemAlloc ma;
    ASSERT_EQ(ma.init(512, false), Error::none);
    std::vector<void*> all;
    for (int i = 0; i < 500; ++i) all.push_back(ma.cache_alloc());
    for (std::size_t i = 0; i < all.size(); ++i) i % 2 == 0 ? ma.cache_free(all[i]) : ma.cache_free_rcu(all[i]);
    const Statistics before = ma.statistics();
    EXPECT_GT(before.callbacks_queued[0] + before.callbacks_queued[1], 0);
    ma.destroy(deferral);
    expect_settled();
  }
}

TEST_P(MemTest, DestroyWithNothingInFlightLeavesNothingToTheWorkqueue) {
  MemAlloc ma;
  ASSERT_EQ(ma.init(64, false), Error::none);
  ma.cache_free(ma.cache_alloc());
  ma.destroy();
  EXPECT_EQ(machine_.slab().live().size(), 0U);
}

TEST_P(MemTest, DestroyWaitsItselfWhenThereIsNoMemoryToDefer) {
  MemAlloc ma;
  ASSERT_EQ(ma.init(512, false), Error::none);
  ma.cache_free_rcu(ma.cache_alloc());
  machine_.slab().fail_next(1);
  ma.destroy();
  EXPECT_EQ(machine_.slab().live().size(), 0U);
}

TEST_P(MemTest, SecondDestroyAndCallsAfterItDoNothing) {
  MemAlloc ma;
  ASSERT_EQ(ma.init(64, false), Error::none);
  ma.destroy();
  ma.destroy();
  EXPECT_EQ(ma.statistics().allocs, 0);
  EXPECT_EQ(ma.cache_alloc(), nullptr);
  EXPECT_EQ(machine_.reports().count(native::ReportKind::misuse), 1U);
}

TEST_P(MemTest, NullObjectsAreIgnored) {
  MemAlloc ma;
  ASSERT_EQ(ma.init(64, false), Error::none);
  ma.free(nullptr);
  ma.free_rcu(nullptr);
  ma.cache_free(nullptr);
  ma.cache_free_rcu(nullptr);
  MemAlloc::cache_raw_free(nullptr);
  ma.destroy();
  expect_settled();
}

TEST_P(MemTest, AnotherAllocatorsObjectIsReportedAndLeftAlone) {
  MemAlloc mine;
  MemAlloc other;
  ASSERT_EQ(mine.init(64, false), Error::none);
  ASSERT_EQ(other.init(64, false), Error::none);
  void* p = other.cache_alloc();
  mine.cache_free(p);
  mine.cache_free_rcu(p);
  EXPECT_EQ(machine_.reports().count(native::ReportKind::misuse), 2U) << machine_.reports().print();
  // What it was: an object, and whose.
  EXPECT_NE(machine_.reports().print().find("live object of 72 bytes"), std::string::npos)
      << machine_.reports().print();
  EXPECT_NE(machine_.reports().print().find("of the per-CPU caches"), std::string::npos) << machine_.reports().print();
  EXPECT_EQ(mine.statistics().frees, 0);
  other.cache_free(p);
  mine.destroy();
  other.destroy();
  machine_.flush_workqueue();
  EXPECT_EQ(machine_.slab().live().size(), 0U);
}

TEST_P(MemTest, ASecondFreeIsReportedAndLeftAlone) {
  MemAlloc ma;
  ASSERT_EQ(ma.init(64, false), Error::none);
  void* p = ma.cache_alloc();
  ma.cache_free(p);
  ma.cache_free(p);
  EXPECT_EQ(machine_.reports().count(native::ReportKind::misuse), 1U);
  EXPECT_EQ(ma.statistics().frees, 1);
}

TEST_P(MemTest, TheWrongKindOfCallIsReported) {
  MemAlloc fixed;
  MemAlloc classes;
  ASSERT_EQ(fixed.init(64, false), Error::none);
  ASSERT_EQ(classes.init(0, false), Error::none);
  EXPECT_EQ(fixed.alloc(8), nullptr);
  EXPECT_EQ(classes.cache_alloc(), nullptr);
  EXPECT_EQ(classes.cache_alloc_flags(Gfp::kernel), nullptr);
  void* p = fixed.cache_alloc();
  fixed.free(p);
  fixed.free_rcu(p);
  EXPECT_EQ(machine_.reports().count(native::ReportKind::misuse), 5U) << machine_.reports().print();
  fixed.cache_free(p);
}

TEST_P(MemTest, AllocFlagsGoesToTheSlabWhenTheListIsUsedUp) {
  MemAlloc ma;
  ASSERT_EQ(ma.init(64, false), Error::none);
  std::vector<void*> all;
  {
    const kernel::IrqGuard irq_off;  // no refill meanwhile
    while (void* p = ma.cache_alloc_flags(Gfp::nowait)) all.push_back(p);
    EXPECT_EQ(all.size(), 4U) << "prefilled for a program that runs with interrupts off";
  }
  all.push_back(ma.cache_alloc());
  machine_.slab().fail_next(1000);
  while (void* p = ma.cache_alloc()) all.push_back(p);
  EXPECT_GT(ma.statistics().nulls[static_cast<int>(NullCause::slab)], 0);
  machine_.slab().fail_next(0);
  void* direct = ma.cache_alloc_flags(Gfp::kernel);
  EXPECT_NE(direct, nullptr);
  all.push_back(direct);
  for (void* p : all) ma.cache_free(p);
  ma.destroy();
  expect_settled();
}

TEST_P(MemTest, RawFreeGoesStraightToTheSlab) {
  MemAlloc ma;
  ASSERT_EQ(ma.init(64, false), Error::none);
  void* p = ma.cache_alloc();
  void* after_destroy = ma.cache_alloc();
  MemAlloc::cache_raw_free(p);
  EXPECT_FALSE(machine_.slab().is_live(object_of(p)));
  ma.destroy();
  machine_.flush_workqueue();
  EXPECT_EQ(machine_.slab().live().size(), 1U);
  MemAlloc::cache_raw_free(after_destroy);
  expect_settled();
}

TEST_P(MemTest, PerCpuObjectsHaveAnInstanceForEachCpu) {
  MemAlloc ma;
  ASSERT_EQ(ma.init(24, true), Error::none);
  std::vector<void*> all;
  for (int i = 0; i < 10; ++i) {
    void* p = ma.cache_alloc();
    ASSERT_NE(p, nullptr);
    void* instances = *static_cast<void**>(p);
    for (unsigned cpu = 0; cpu < 2; ++cpu) {
      std::memset(kernel::per_cpu_ptr(instances, static_cast<Cpu>(cpu)), static_cast<int>(cpu), 24);
    }
    all.push_back(p);
  }
  for (void* p : all) ma.cache_free_rcu(p);
  ma.destroy();
  expect_settled();
}

TEST_P(MemTest, StatisticsCountEveryObjectOnce) {
  MemAlloc ma;
  ASSERT_EQ(ma.init(200, false), Error::none);
  std::vector<void*> mine;
  for (int i = 0; i < 300; ++i) mine.push_back(ma.cache_alloc());
  for (int i = 0; i < 250; ++i) {
    i % 3 == 0 ? ma.cache_free_rcu(mine.back()) : ma.cache_free(mine.back());
    mine.pop_back();
  }
  kernel::rcu_barrier(RcuFlavor::regular);
  kernel::rcu_barrier(RcuFlavor::tasks_trace);
  kernel::rcu_barrier(RcuFlavor::regular);
  const Statistics s = ma.statistics();
  std::int64_t on_lists = 0;
  for (const std::int64_t n : s.objects) on_lists += n;
  EXPECT_EQ(s.from_slab, s.to_slab + on_lists + static_cast<std::int64_t>(mine.size()));
  EXPECT_EQ(s.allocs, 300);
  EXPECT_EQ(s.frees + s.frees_rcu, 250);
  EXPECT_EQ(s.bytes[0], s.objects[0] * 208);
  for (void* p : mine) ma.cache_free(p);
  ma.destroy();
  expect_settled();
}

}  // namespace
}  // namespace rcufarm
