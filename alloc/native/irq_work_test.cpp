#include <vector>

#include "native/test_support.h"

namespace rcufarm::native::test {
namespace {

TEST(IrqWork, RunsAtOnceWithInterruptsOnAndInIrqContext) {
  Machine machine(machine_of(2));
  const CpuOwner me(machine, Cpu{1});
  int runs = 0;
  FunctionWork work([&] {
    ++runs;
    EXPECT_EQ(running_now(), Running::irq);
    EXPECT_TRUE(irq_is_off());
    EXPECT_EQ(kernel::smp_processor_id(), Cpu{1});
  });
  EXPECT_TRUE(kernel::irq_work_queue(&work));
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(running_now(), Running::task);
  EXPECT_FALSE(irq_is_off());
}

TEST(IrqWork, WaitsForTheOutermostGuard) {
  Machine machine(machine_of(1));
  const CpuOwner me(machine);
  int runs = 0;
  FunctionWork work([&] { ++runs; });
  {
    const kernel::IrqGuard outer;
    {
      const kernel::IrqGuard inner;
      kernel::irq_work_queue(&work);
    }
    EXPECT_EQ(runs, 0);
  }
  EXPECT_EQ(runs, 1);
}

TEST(IrqWork, WaitsForASpinLockToBeLeft) {
  Machine machine(machine_of(1));
  const CpuOwner me(machine);
  int runs = 0;
  FunctionWork work([&] { ++runs; });
  kernel::RawSpinLock lock;
  {
    const kernel::RawSpinLockGuard held(lock);
    kernel::irq_work_queue(&work);
    EXPECT_EQ(runs, 0);
  }
  EXPECT_EQ(runs, 1);
}

TEST(IrqWork, RunsOnceIfItIsQueuedTwice) {
  Machine machine(machine_of(1));
  const CpuOwner me(machine);
  int runs = 0;
  FunctionWork work([&] { ++runs; });
  {
    const kernel::IrqGuard irq_off;
    EXPECT_TRUE(kernel::irq_work_queue(&work));
    EXPECT_FALSE(kernel::irq_work_queue(&work));
  }
  EXPECT_EQ(runs, 1);
  EXPECT_TRUE(kernel::irq_work_queue(&work));
  EXPECT_EQ(runs, 2);
}

TEST(IrqWork, CanBeQueuedAgainWhileItRuns) {
  Machine machine(machine_of(1));
  const CpuOwner me(machine);
  int runs = 0;
  FunctionWork* again = nullptr;
  FunctionWork work([&] {
    if (++runs < 3) {
      EXPECT_TRUE(kernel::irq_work_queue(again));
    }
  });
  again = &work;
  kernel::irq_work_queue(&work);
  EXPECT_EQ(runs, 3);
  kernel::irq_work_sync(&work);  // nothing is left: returns
}

TEST(IrqWork, OfSeveralItemsAllRun) {
  Machine machine(machine_of(1));
  const CpuOwner me(machine);
  int runs = 0;
  FunctionWork a([&] { runs += 1; });
  FunctionWork b([&] { runs += 10; });
  FunctionWork c([&] { runs += 100; });
  {
    const kernel::IrqGuard irq_off;
    for (FunctionWork* work : {&a, &b, &c}) kernel::irq_work_queue(work);
  }
  EXPECT_EQ(runs, 111);
}

TEST(IrqWork, RunsBeforeItsCpuIsHandedOver) {
  Machine machine(machine_of(1));
  CpuOwner me(machine, Cpu{0});
  int runs = 0;
  FunctionWork work([&] { ++runs; });
  in_nmi([&] { kernel::irq_work_queue(&work); });
  EXPECT_EQ(runs, 0);  // no safe point since
  me.release();
  EXPECT_EQ(runs, 1);
  me.acquire();
}

TEST(IrqWork, SyncRunsWhatIsPendingOnItsOwnCpu) {
  Machine machine(machine_of(1));
  const CpuOwner me(machine, Cpu{0});
  int runs = 0;
  FunctionWork work([&] { ++runs; });
  in_nmi([&] { kernel::irq_work_queue(&work); });
  kernel::irq_work_sync(&work);
  EXPECT_EQ(runs, 1);
}

TEST(IrqWork, SyncWorksWhenNobodyOwnsTheCpu) {
  Machine machine(machine_of(2));
  const CpuOwner me(machine, Cpu{0});
  int runs = 0;  // plain: the function's end happens before the return of sync
  FunctionWork work([&] { ++runs; });
  std::atomic<bool> gone{false};
  const Job other = run_on_pool([&] {
    {
      CpuOwner owner(machine, Cpu{1});
      in_nmi([&] { kernel::irq_work_queue(&work); });
    }
    gone.store(true, std::memory_order_relaxed);
  });
  wait_until([&] { return gone.load(std::memory_order_relaxed); });
  EXPECT_FALSE(machine.cpus().is_owned(Cpu{1}));
  kernel::irq_work_sync(&work);
  EXPECT_EQ(runs, 1);
}

TEST(IrqWork, SyncWaitsForTheOwnersSafePointWithoutKeepingItsOwnCpu) {
  Machine machine(machine_of(2));
  const CpuOwner me(machine, Cpu{0});
  int runs = 0;
  FunctionWork work([&] { ++runs; });
  std::atomic<bool> queued{false};
  const Job other = run_on_pool([&] {
    const CpuOwner owner(machine, Cpu{1});
    const kernel::IrqGuard irq_off;
    kernel::irq_work_queue(&work);
    queued.store(true, std::memory_order_relaxed);
    wait_until([&] { return !machine.cpus().is_owned(Cpu{0}); });  // sync has begun, and gave its CPU up
    give_others_time();
    EXPECT_EQ(runs, 0);
  });
  wait_until([&] { return queued.load(std::memory_order_relaxed); });
  kernel::irq_work_sync(&work);
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(kernel::smp_processor_id(), Cpu{0});
}

TEST(IrqWork, SyncWaitsForWhatIsRunning) {
  Machine machine(machine_of(2));
  const CpuOwner me(machine, Cpu{0});
  std::atomic<bool> entered{false};
  bool ended = false;
  FunctionWork work([&] {
    entered = true;
    wait_until([&] { return !machine.cpus().is_owned(Cpu{0}); });
    give_others_time();
    ended = true;
  });
  const Job other = run_on_pool([&] {
    const CpuOwner owner(machine, Cpu{1});
    kernel::irq_work_queue(&work);
  });
  wait_until([&] { return entered.load(); });
  kernel::irq_work_sync(&work);
  EXPECT_TRUE(ended);
}

TEST(IrqWork, SyncIsLegalInAnRcuCallback) {
  Machine machine(machine_of(1));
  const CpuOwner me(machine);
  FunctionWork work([] {});
  FunctionHead head([&] { kernel::irq_work_sync(&work); });
  kernel::call_rcu_hurry(RcuFlavor::regular, &head, &FunctionHead::run);
  kernel::rcu_barrier(RcuFlavor::regular);
  EXPECT_EQ(machine.reports().count(), 0u) << machine.reports().print();
}

// One item that all CPUs claim: it runs at least once after each claim, and what a claimer wrote before, even if its
// claim failed, is seen by a run that follows.
TEST(IrqWork, ClaimsOfManyCpusLoseNothing) {
  constexpr unsigned cpus = 3;
  constexpr int rounds = 300;
  Machine machine(machine_of(cpus));
  std::atomic<int> wanted{0};
  std::atomic<int> seen{0};
  FunctionWork work([&] {  // two CPUs may run it at once: claimed by one while it runs on the other
    const int now = wanted.load(std::memory_order_relaxed);
    int before = seen.load(std::memory_order_relaxed);
    while (before < now && !seen.compare_exchange_weak(before, now, std::memory_order_relaxed)) {
    }
  });
  std::vector<Job> jobs;
  for (unsigned cpu = 0; cpu < cpus; ++cpu) {
    jobs.push_back(run_on_pool([&, cpu] {
      const CpuOwner me(machine, static_cast<Cpu>(cpu));
      for (int i = 0; i < rounds; ++i) {
        const kernel::IrqGuard irq_off;
        wanted.fetch_add(1, std::memory_order_relaxed);
        kernel::irq_work_queue(&work);
      }
    }));
  }
  jobs.clear();
  EXPECT_EQ(seen, static_cast<int>(cpus) * rounds);
}

TEST(IrqWorkDeathTest, ThatQueuesItselfForEverIsEnded) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  Machine machine(machine_of(1));
  const CpuOwner me(machine);
  FunctionWork* again = nullptr;
  FunctionWork work([&] { kernel::irq_work_queue(again); });
  again = &work;
  EXPECT_DEATH(kernel::irq_work_queue(&work), "an irq_work queues itself for ever");
}

}  // namespace
}  // namespace rcufarm::native::test
