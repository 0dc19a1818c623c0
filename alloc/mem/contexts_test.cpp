// The allocator in irq and nmi context: what comes over an operation goes to the extra lists, and nothing is lost.
//
// An operation that is under way is one that holds `active`: the tests hold it themselves where they must be sure that
// an nmi finds it taken, and send nmis into a busy loop where chance may decide.
#include <gtest/gtest.h>

#include <vector>

#include "mem/fast_path.h"
#include "mem/mem_alloc.h"
#include "native/rcu_test_support.h"
#include "native/tsan.h"

namespace rcufarm::native::test {
namespace {

using mem::Error;
using mem::home_of;
using mem::List;
using mem::MemAlloc;
using mem::MemCache;
using mem::NullCause;
using mem::object_of;
using mem::Statistics;

// What the nmi comes over: a task's operation, or one of an irq.
enum class Over : std::uint8_t { task, irq };

void PrintTo(Over over, std::ostream* out) { *out << (over == Over::task ? "task" : "irq"); }

class MemContext : public testing::TestWithParam<Over> {
 protected:
  void SetUp() override {
    ASSERT_EQ(ma_.init(64, false), Error::none);
    void* p = ma_.cache_alloc();
    cache_ = home_of(object_of(p));
    ma_.cache_free(p);
  }

  // Runs `body` in nmi context while an operation of this CPU's cache is under way in the test's context. What the nmi
  // raised has run when this returns.
  void over_an_operation(const std::function<void()>& body) {
    const auto operation = [&] {
      const kernel::IrqGuard irq_off;
      const mem::ActiveGuard active(*cache_);
      ASSERT_TRUE(active);
      in_nmi(body);
      seen_ = ma_.statistics();
    };
    GetParam() == Over::task ? operation() : in_irq(operation);
    safe_point();
  }

  std::int64_t on(List list) { return on(list, ma_.statistics()); }
  static std::int64_t on(List list, const Statistics& s) { return s.objects[static_cast<int>(list)]; }
  static std::int64_t nulls(NullCause cause, const Statistics& s) { return s.nulls[static_cast<int>(cause)]; }

  void destroy_and_expect_settled() {
    ma_.destroy();
    machine_.flush_workqueue();
    EXPECT_EQ(machine_.slab().live().size(), 0U) << machine_.slab().print_live();
    EXPECT_EQ(machine_.reports().count(), 0U) << machine_.reports().print();
  }

  Machine machine_{config_with(false)};
  CpuOwner cpu_{machine_, Cpu{0}};
  MemAlloc ma_;
  MemCache* cache_ = nullptr;  // of the test's CPU
  Statistics seen_;            // at the end of the operation, before irq_work
};
INSTANTIATE_TEST_SUITE_P(Over, MemContext, testing::Values(Over::task, Over::irq),
                         [](const auto& info) { return testing::PrintToString(info.param); });

TEST_P(MemContext, AFreeOverAnOperationWaitsOnItsListForTheNextIrqWork) {
  void* p = ma_.cache_alloc();
  const Statistics before = ma_.statistics();
  over_an_operation([&] { ma_.cache_free(p); });
  EXPECT_EQ(on(List::free_llist_extra, seen_), 1);
  EXPECT_EQ(on(List::free_llist, seen_), on(List::free_llist, before));
  const Statistics after = ma_.statistics();
  EXPECT_EQ(on(List::free_llist_extra, after), 0);
  EXPECT_EQ(on(List::free_llist, after), on(List::free_llist, before) + 1);
  EXPECT_EQ(seen_.frees, before.frees + 1);
  EXPECT_EQ(after.frees, before.frees + 1) << "counted once, whichever lists it passes";
  destroy_and_expect_settled();
}

TEST_P(MemContext, AFreeRcuOverAnOperationWaitsOnItsListForTheNextIrqWork) {
  void* p = ma_.cache_alloc();
  const kernel::ReadSection keeps_it_waiting(RcuFlavor::regular);
  over_an_operation([&] { ma_.cache_free_rcu(p); });
  EXPECT_EQ(on(List::free_llist_extra_rcu, seen_), 1);
  EXPECT_EQ(on(List::free_by_rcu, seen_), 0);
  EXPECT_EQ(seen_.frees_rcu, 1);
  EXPECT_EQ(on(List::free_llist_extra_rcu), 0);
  EXPECT_EQ(on(List::waiting_for_gp), 1);
  EXPECT_EQ(ma_.statistics().frees_rcu, 1);
}

// While a grace period is in progress nobody is raised: the object waits for company, and comes with it.
TEST_P(MemContext, AFreeRcuOverAnOperationDuringAGracePeriodIsTakenByTheNextOne) {
  void* first = ma_.cache_alloc();
  void* second = ma_.cache_alloc();
  void* third = ma_.cache_alloc();
  Reader reader(machine_, RcuFlavor::regular);
  ma_.cache_free_rcu(first);
  over_an_operation([&] { ma_.cache_free_rcu(second); });
  EXPECT_EQ(on(List::free_llist_extra_rcu), 1);
  reader.leave();
  kernel::rcu_barrier(RcuFlavor::regular);
  ma_.cache_free_rcu(third);
  EXPECT_EQ(on(List::free_llist_extra_rcu), 0);
  EXPECT_EQ(ma_.statistics().frees_rcu, 3);
  EXPECT_EQ(ma_.statistics().callbacks_queued[static_cast<int>(RcuFlavor::regular)], 2);
  destroy_and_expect_settled();
}

TEST_P(MemContext, AnAllocOverAnOperationGivesNothingAndSaysWhy) {
  void* p = this;
  over_an_operation([&] { p = ma_.cache_alloc(); });
  EXPECT_EQ(p, nullptr);
  EXPECT_EQ(nulls(NullCause::active, seen_), 1);
  EXPECT_EQ(nulls(NullCause::empty, seen_) + nulls(NullCause::slab, seen_) + nulls(NullCause::cgroup, seen_), 0);
  destroy_and_expect_settled();
}

TEST_P(MemContext, OnlyTheCacheOfTheOperationIsTaken) {
  MemAlloc other;
  ASSERT_EQ(other.init(64, false), Error::none);
  void* p = other.cache_alloc();
  over_an_operation([&] { other.cache_free(p); });
  EXPECT_EQ(on(List::free_llist_extra, other.statistics()), 0);
  EXPECT_EQ(other.statistics().frees, 1);
  other.destroy();
  destroy_and_expect_settled();
}

// free_llist_extra_rcu: nobody was raised, so no irq_work takes it first. free_llist_extra: its irq_work has not run.
TEST_P(MemContext, DestroyTakesWhatIsOnTheExtraLists) {
  for (const bool freed_too : {false, true}) {
    MemAlloc ma;
    ASSERT_EQ(ma.init(64, false), Error::none);
    void* freed = ma.cache_alloc();
    void* freed_rcu = ma.cache_alloc();
    cache_ = home_of(object_of(freed));
    Reader reader(machine_, RcuFlavor::regular);
    ma.cache_free_rcu(ma.cache_alloc());
    over_an_operation([&] { ma.cache_free_rcu(freed_rcu); });
    reader.leave();
    EXPECT_EQ(on(List::free_llist_extra_rcu, ma.statistics()), 1);
    if (freed_too) {
      in_nmi([&] {
        const mem::ActiveGuard active(*cache_);
        ma.cache_free(freed);
      });
      EXPECT_EQ(on(List::free_llist_extra, ma.statistics()), 1);
    } else {
      ma.cache_free(freed);
    }
    ma.destroy();
  }
  destroy_and_expect_settled();
}

// An irq cannot come over an operation, which turns interrupts off: it comes behind it, and finds nothing taken.
TEST(MemIrq, ComesBehindTheOperationAndFindsTheUsualLists) {
  Machine machine(config_with(false));
  const CpuOwner me(machine);
  MemAlloc ma;
  ASSERT_EQ(ma.init(64, false), Error::none);
  void* freed = ma.cache_alloc();
  void* freed_rcu = ma.cache_alloc();
  void* allocated = nullptr;
  const kernel::ReadSection keeps_it_waiting(RcuFlavor::regular);
  FunctionWork irq([&] {
    ma.cache_free(freed);
    ma.cache_free_rcu(freed_rcu);
    allocated = ma.cache_alloc();
  });
  {
    const kernel::IrqGuard irq_off;
    const mem::ActiveGuard active(*home_of(object_of(freed)));
    kernel::irq_work_queue(&irq);
    EXPECT_EQ(ma.statistics().frees, 0);
  }
  const Statistics s = ma.statistics();
  EXPECT_EQ(allocated, freed) << "what was freed last is used first";
  EXPECT_EQ(s.frees, 1);
  EXPECT_EQ(s.frees_rcu, 1);
  EXPECT_EQ(s.objects[static_cast<int>(List::waiting_for_gp)], 1);
  EXPECT_EQ(s.nulls[static_cast<int>(NullCause::active)], 0);
  ma.cache_free(allocated);
}

// Nmis wherever the signal lands: every object is in one place at the end.
TEST(MemNmi, FromElsewhereLoseNothing) {
  constexpr int rounds = 400;
  Machine machine(config_with(true));
  MemAlloc ma;
  struct Nmi {
    MemAlloc* ma;
    std::int64_t allocs = 0;
    std::int64_t nulls = 0;
  } nmi{&ma};
  std::atomic<bool> ready{false};
  std::atomic<bool> stop{false};
  const Job sender = run_on_pool([&] {
    wait_until([&] { return ready.load(); });
    for (int i = 0; i < rounds; ++i) {
      raise_nmi(
          machine, Cpu{0},
          [](void* argument) {
            auto* n = static_cast<Nmi*>(argument);
            void* p = n->ma->cache_alloc();
            p != nullptr ? ++n->allocs : ++n->nulls;
            n->allocs % 2 == 0 ? n->ma->cache_free(p) : n->ma->cache_free_rcu(p);
          },
          &nmi);
    }
    stop = true;
  });
  std::int64_t allocs = 0;
  {
    const CpuOwner me(machine, Cpu{0});
    ASSERT_EQ(ma.init(256, false), Error::none);
    ready = true;
    while (!stop.load(std::memory_order_relaxed)) {
      void* p = ma.cache_alloc();
      allocs += p != nullptr ? 1 : 0;
      allocs % 4 == 0 ? ma.cache_free_rcu(p) : ma.cache_free(p);
      if (tsan::enabled) safe_point();  // it holds signals back
    }
    quiesce_nmis(machine);
    safe_point();
    const Statistics s = ma.statistics();
    EXPECT_EQ(nmi.allocs + nmi.nulls, rounds);
    EXPECT_EQ(s.allocs, allocs + nmi.allocs);
    EXPECT_EQ(s.frees + s.frees_rcu, s.allocs);
    EXPECT_EQ(s.objects[static_cast<int>(List::free_llist_extra)], 0);
    ma.destroy();
    machine.flush_workqueue();
  }
  EXPECT_EQ(machine.slab().live().size(), 0U) << machine.slab().print_live();
  EXPECT_EQ(machine.reports().count(), 0U) << machine.reports().print();
}

}  // namespace
}  // namespace rcufarm::native::test
