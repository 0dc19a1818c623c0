#include <numeric>
#include <vector>

#include "native/rcu_test_support.h"

namespace rcufarm::native::test {
namespace {

class Rcu : public testing::TestWithParam<RcuFlavor> {
 protected:
  const RcuFlavor flavor = GetParam();
};

INSTANTIATE_TEST_SUITE_P(Flavors, Rcu, testing::Values(RcuFlavor::regular, RcuFlavor::tasks_trace),
                         [](const auto& info) {
                           return std::string(info.param == RcuFlavor::regular ? "regular" : "tasks_trace");
                         });

// `data` is plain: the reader's end happens before the callback, and the callback's end before the barrier's return.
TEST_P(Rcu, ACallbackRunsAfterOlderReadersHaveLeft) {
  Machine machine(config_with(false));
  const CpuOwner me(machine);
  int data = 1;
  std::atomic<bool> called{false};
  Reader reader(machine, flavor, [&] {
    EXPECT_FALSE(called.load(std::memory_order_relaxed));
    EXPECT_EQ(data, 1);
  });
  FunctionHead head([&] {
    called.store(true, std::memory_order_relaxed);
    data = 2;
  });
  kernel::call_rcu_hurry(flavor, &head, &FunctionHead::run);
  kernel::rcu_request_urgent_qs();
  give_others_time();
  reader.leave();
  kernel::rcu_barrier(flavor);
  EXPECT_EQ(data, 2);
}

TEST_P(Rcu, SynchronizeReturnsAfterOlderReadersHaveLeft) {
  Machine machine(config_with(false));
  int data = 1;
  std::atomic<bool> returned{false};
  Reader reader(machine, flavor, [&] {
    EXPECT_FALSE(returned.load(std::memory_order_relaxed));
    EXPECT_EQ(data, 1);
  });
  Job updater = run_on_pool([&] {
    const CpuOwner me(machine);
    kernel::synchronize_rcu(flavor);
    returned.store(true, std::memory_order_relaxed);
    data = 2;
  });
  give_others_time();
  reader.leave();
  updater.join();
  EXPECT_EQ(data, 2);
}

TEST_P(Rcu, NestedSectionsCountAsOne) {
  Machine machine(config_with(false));
  std::atomic<bool> returned{false};
  std::atomic<bool> inner_left{false};
  const Job reader = run_on_pool([&] {
    const CpuOwner me(machine);
    const kernel::ReadSection outer(flavor);
    { const kernel::ReadSection inner(flavor); }
    inner_left = true;
    give_others_time();
    EXPECT_FALSE(returned.load(std::memory_order_relaxed));
  });
  wait_until([&] { return inner_left.load(); });
  const CpuOwner me(machine);
  kernel::synchronize_rcu(flavor);
  returned.store(true, std::memory_order_relaxed);
}

// Would wait for ever.
TEST_P(Rcu, ReadersOfTheOtherFlavorAreNotWaitedFor) {
  Machine machine(config_with(false));
  Reader reader(machine, other_than(flavor));
  {
    const CpuOwner me(machine);
    kernel::synchronize_rcu(flavor);
  }
  reader.leave();
}

TEST_P(Rcu, BarrierWithNothingQueuedNeedsNoThread) {
  Machine machine;
  const CpuOwner me(machine);
  const unsigned threads = pool_threads();
  kernel::rcu_barrier(flavor);
  EXPECT_EQ(pool_threads(), threads);
  EXPECT_EQ(machine.rcu(flavor).grace_periods, 0u);
}

TEST_P(Rcu, BarrierWaitsForTheRunningCallback) {
  Machine machine;
  const CpuOwner me(machine);
  std::atomic<bool> entered{false};
  bool ended = false;
  FunctionHead head([&] {
    entered = true;
    give_others_time();
    ended = true;
  });
  kernel::call_rcu_hurry(flavor, &head, &FunctionHead::run);
  wait_until([&] { return entered.load(); });
  kernel::rcu_barrier(flavor);
  EXPECT_TRUE(ended);
}

TEST_P(Rcu, BarrierDoesNotWaitForLazyDelaysNorForWhatACallbackQueues) {
  Machine machine(config_with(false, {.lazy_delay = never, .hurry_delay = never}));
  const CpuOwner me(machine);
  int runs = 0;
  FunctionHead* again = nullptr;
  FunctionHead head([&] {
    if (++runs == 1) kernel::call_rcu(flavor, again, &FunctionHead::run);
  });
  again = &head;
  kernel::call_rcu(flavor, &head, &FunctionHead::run);
  kernel::rcu_barrier(flavor);
  EXPECT_EQ(runs, 1);
  kernel::rcu_barrier(flavor);
  EXPECT_EQ(runs, 2);
}

TEST_P(Rcu, CallbacksRunInTheOrderOfTheirQueuing) {
  Machine machine;
  const CpuOwner me(machine);
  std::vector<int> order;
  std::vector<std::unique_ptr<FunctionHead>> heads;
  for (int i = 0; i < 50; ++i) {
    heads.push_back(std::make_unique<FunctionHead>([&, i] { order.push_back(i); }));
    kernel::call_rcu(flavor, heads.back().get(), &FunctionHead::run);
  }
  kernel::rcu_barrier(flavor);
  std::vector<int> expected(50);
  std::iota(expected.begin(), expected.end(), 0);
  EXPECT_EQ(order, expected);
}

TEST_P(Rcu, ALazyCallbackWaitsForCompanyOrForUrgency) {
  Machine machine(config_with(false, {.lazy_delay = never, .hurry_delay = std::chrono::milliseconds(1)}));
  const CpuOwner me(machine);
  std::atomic<int> runs{0};
  FunctionHead lazy([&] { ++runs; });
  FunctionHead company([&] { ++runs; });
  kernel::call_rcu(flavor, &lazy, &FunctionHead::run);
  give_others_time();
  EXPECT_EQ(runs, 0);
  EXPECT_EQ(machine.rcu(flavor).callbacks_pending, 1u);
  kernel::call_rcu_hurry(flavor, &company, &FunctionHead::run);
  wait_until([&] { return runs == 2; });

  kernel::call_rcu(flavor, &lazy, &FunctionHead::run);
  give_others_time();
  EXPECT_EQ(runs, 2);
  kernel::rcu_request_urgent_qs();
  wait_until([&] { return runs == 3; });
}

TEST_P(Rcu, ALazyCallbackRunsAtTheLatestAfterItsDelay) {
  Machine machine(config_with(false, {.lazy_delay = std::chrono::milliseconds(1), .hurry_delay = never}));
  const CpuOwner me(machine);
  std::atomic<int> runs{0};
  FunctionHead lazy([&] { ++runs; });
  for (int i = 1; i <= 3; ++i) {
    kernel::call_rcu(flavor, &lazy, &FunctionHead::run);
    wait_until([&] { return runs == i; });
  }
}

TEST_P(Rcu, HurriedCallbacksStartAtOnceButNotTooOften) {
  Machine machine(config_with(false, {.lazy_delay = never, .hurry_delay = never}));
  const CpuOwner me(machine);
  std::atomic<int> runs{0};
  FunctionHead head([&] { ++runs; });
  kernel::call_rcu_hurry(flavor, &head, &FunctionHead::run);
  wait_until([&] { return runs == 1; });
  kernel::call_rcu_hurry(flavor, &head, &FunctionHead::run);
  give_others_time();
  EXPECT_EQ(runs, 1);
  kernel::rcu_request_urgent_qs();
  wait_until([&] { return runs == 2; });
}

TEST_P(Rcu, AnUrgentRequestWithNothingQueuedDoesNothing) {
  Machine machine;
  const CpuOwner me(machine);
  kernel::rcu_request_urgent_qs();
  machine.settle();
  EXPECT_EQ(machine.rcu(flavor).grace_periods, 0u);
}

TEST_P(Rcu, AHeadThatIsQueuedIsNotQueuedAgain) {
  Machine machine(config_with(false, {.lazy_delay = never, .hurry_delay = never}));
  const CpuOwner me(machine);
  int runs = 0;
  FunctionHead head([&] { ++runs; });
  kernel::call_rcu(flavor, &head, &FunctionHead::run);
  kernel::call_rcu(other_than(flavor), &head, &FunctionHead::run);
  EXPECT_EQ(machine.reports().count(ReportKind::rcu_head_requeued), 1u);
  kernel::rcu_barrier(flavor);
  kernel::rcu_barrier(other_than(flavor));
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(machine.reports().count(), 1u) << machine.reports().print();
}

// AddressSanitizer sees a head that is touched after its callback was entered.
TEST_P(Rcu, AHeadBelongsToItsCallback) {
  struct Self : kernel::RcuHead {};
  Machine machine;
  const CpuOwner me(machine);
  for (int i = 0; i < 200; ++i) {
    kernel::call_rcu_hurry(flavor, new Self, [](kernel::RcuHead* head) { delete static_cast<Self*>(head); });
  }
  kernel::rcu_barrier(flavor);
  EXPECT_EQ(machine.rcu(flavor).callbacks_invoked, 200u);
}

// What RCU is for. ThreadSanitizer and AddressSanitizer look at the readers' plain reads against the callback's delete.
TEST_P(Rcu, ReadersNeverSeeWhatACallbackFreed) {
  struct Node : kernel::RcuHead {
    int value = 0;
  };
  constexpr int updates = 300;
  Machine machine(config_with(flavor == RcuFlavor::regular));
  kernel::Atomic<Node*> published(new Node);
  std::atomic<bool> stop{false};
  std::vector<Job> readers;
  for (int i = 0; i < 2; ++i) {
    readers.push_back(run_on_pool([&] {
      CpuOwner me(machine);
      int last = 0;
      while (!stop.load(std::memory_order_relaxed)) {
        {
          const kernel::ReadSection section(flavor);
          const Node* node = published.load(kernel::Order::acquire);
          EXPECT_GE(node->value, last);
          last = node->value;
        }
        me.yield();
      }
    }));
  }
  {
    CpuOwner me(machine);
    for (int i = 1; i <= updates; ++i) {
      Node* fresh = new Node;
      fresh->value = i;
      Node* old = published.exchange(fresh, kernel::Order::acq_rel);
      kernel::call_rcu_hurry(flavor, old, [](kernel::RcuHead* head) { delete static_cast<Node*>(head); });
      if (i % 16 == 0) kernel::synchronize_rcu(flavor);
    }
    stop = true;
  }
  readers.clear();
  machine.settle();
  delete published.load(kernel::Order::acquire);
}

TEST_P(Rcu, FiguresAddUp) {
  Machine machine(config_with(false));
  const CpuOwner me(machine);
  std::vector<std::unique_ptr<FunctionHead>> heads;
  for (int i = 0; i < 20; ++i) {
    heads.push_back(std::make_unique<FunctionHead>([] {}));
    kernel::call_rcu_hurry(flavor, heads.back().get(), &FunctionHead::run);
    if (i % 5 == 0) kernel::rcu_barrier(flavor);
  }
  kernel::rcu_barrier(flavor);
  const RcuStats stats = machine.rcu(flavor);
  EXPECT_EQ(stats.callbacks_queued, 20u);
  EXPECT_EQ(stats.callbacks_invoked, 20u);
  EXPECT_EQ(stats.callbacks_pending, 0u);
  EXPECT_GT(stats.grace_periods, 0u);
  EXPECT_EQ(std::accumulate(stats.histogram.begin(), stats.histogram.end(), std::uint64_t{0}), stats.grace_periods);
  EXPECT_LE(stats.grace_period_ns_min, stats.grace_period_ns_max);
  EXPECT_GE(stats.grace_period_ns_sum, stats.grace_period_ns_max);
  EXPECT_EQ(machine.rcu(other_than(flavor)).callbacks_queued, 0u);
}

using RcuDeathTest = Rcu;
INSTANTIATE_TEST_SUITE_P(Flavors, RcuDeathTest, testing::Values(RcuFlavor::regular, RcuFlavor::tasks_trace),
                         [](const auto& info) {
                           return std::string(info.param == RcuFlavor::regular ? "regular" : "tasks_trace");
                         });

// As where a cache is freed with its callback on the way, and its memory is somebody else's by then.
TEST_P(RcuDeathTest, AQueuedHeadThatIsOverwrittenIsTheEnd) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        Machine machine(config_with(false));
        const CpuOwner me(machine);
        FunctionHead head([] {});
        {
          const kernel::ReadSection keeps_it_waiting(flavor);
          kernel::call_rcu_hurry(flavor, &head, &FunctionHead::run);
          head.queued.store(0xabababab, std::memory_order_relaxed);
        }
        kernel::rcu_barrier(flavor);
      },
      "a callback is due on freed memory");
}

TEST_P(Rcu, CallbacksOfManyThreadsAllRun) {
  constexpr int threads = 4;
  constexpr int each = 200;
  Machine machine;
  std::atomic<int> runs{0};
  std::vector<Job> jobs;
  for (int t = 0; t < threads; ++t) {
    jobs.push_back(run_on_pool([&] {
      const CpuOwner me(machine);
      std::vector<std::unique_ptr<FunctionHead>> heads;
      for (int i = 0; i < each; ++i) {
        heads.push_back(std::make_unique<FunctionHead>([&] { runs.fetch_add(1, std::memory_order_relaxed); }));
        kernel::call_rcu(flavor, heads.back().get(), &FunctionHead::run);
      }
      kernel::rcu_barrier(flavor);
    }));
  }
  jobs.clear();
  EXPECT_EQ(runs, threads * each);
}

}  // namespace
}  // namespace rcufarm::native::test
