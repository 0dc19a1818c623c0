// rcu_trace_implies_rcu_gp(), set.
#include <vector>

#include "native/rcu_test_support.h"

namespace rcufarm::native::test {
namespace {

TEST(RcuImplied, ATasksTraceGracePeriodWaitsForRegularReadersToo) {
  Machine machine(config_with(true));
  {
    const CpuOwner me(machine);
    EXPECT_TRUE(kernel::rcu_trace_implies_rcu_gp());
  }
  int data = 1;
  std::atomic<bool> returned{false};
  Reader reader(machine, RcuFlavor::regular, [&] {
    EXPECT_FALSE(returned.load(std::memory_order_relaxed));
    EXPECT_EQ(data, 1);
  });
  Job updater = run_on_pool([&] {
    const CpuOwner me(machine);
    kernel::synchronize_rcu(RcuFlavor::tasks_trace);
    returned.store(true, std::memory_order_relaxed);
    data = 2;
  });
  give_others_time();
  reader.leave();
  updater.join();
}

TEST(RcuImplied, ARegularGracePeriodStillWaitsForNoTasksTraceReader) {
  Machine machine(config_with(true));
  Reader reader(machine, RcuFlavor::tasks_trace);
  {
    const CpuOwner me(machine);
    kernel::synchronize_rcu(RcuFlavor::regular);
  }
  reader.leave();
}

// Both drivers wait for the same readers: whichever frees, the readers' ends happen before. ThreadSanitizer looks.
TEST(RcuImplied, CallbacksOfBothFlavorsComeAfterRegularReaders) {
  struct Node : kernel::RcuHead {
    int value = 0;
  };
  Machine machine(config_with(true));
  kernel::Atomic<Node*> published(new Node);
  std::atomic<bool> stop{false};
  std::vector<Job> readers;
  for (int i = 0; i < 2; ++i) {
    readers.push_back(run_on_pool([&] {
      CpuOwner me(machine);
      while (!stop.load(std::memory_order_relaxed)) {
        {
          const kernel::ReadSection section(RcuFlavor::regular);
          EXPECT_GE(published.load(kernel::Order::acquire)->value, 0);
        }
        me.yield();
      }
    }));
  }
  {
    const CpuOwner me(machine);
    for (int i = 1; i <= 300; ++i) {
      Node* fresh = new Node;
      fresh->value = i;
      Node* old = published.exchange(fresh, kernel::Order::acq_rel);
      const RcuFlavor flavor = i % 2 == 0 ? RcuFlavor::regular : RcuFlavor::tasks_trace;
      kernel::call_rcu_hurry(flavor, old, [](kernel::RcuHead* head) { delete static_cast<Node*>(head); });
      if (i % 8 == 0) kernel::rcu_request_urgent_qs();
      if (i % 64 == 0) kernel::synchronize_rcu(other_than(flavor));
    }
    stop = true;
  }
  readers.clear();
  machine.settle();
  delete published.load(kernel::Order::acquire);
}

TEST(RcuImplied, IsAnsweredAsSet) {
  Machine machine(config_with(false));
  const CpuOwner me(machine);
  EXPECT_FALSE(kernel::rcu_trace_implies_rcu_gp());
}

}  // namespace
}  // namespace rcufarm::native::test
