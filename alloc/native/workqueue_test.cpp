#include <vector>

#include "native/test_support.h"

namespace rcufarm::native::test {
namespace {

TEST(Workqueue, RunsFunctionsInOrderInAThreadThatMaySleep) {
  Machine machine;
  const CpuOwner me(machine);
  std::vector<int> order;  // plain: queue happens before the function, and its end before the return of flush
  std::vector<std::unique_ptr<FunctionItem>> items;
  for (int i = 0; i < 10; ++i) {
    items.push_back(std::make_unique<FunctionItem>([&, i] {
      EXPECT_EQ(running_now(), Running::workqueue);
      if (i == 4) kernel::synchronize_rcu(RcuFlavor::regular);
      order.push_back(i);
    }));
    kernel::queue_work(items.back().get());
  }
  machine.flush_workqueue();
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
  EXPECT_EQ(machine.reports().count(), 0u) << machine.reports().print();
}

TEST(Workqueue, QueuesAnItemOnce) {
  Machine machine;
  const CpuOwner me(machine);
  std::atomic<bool> go_on{false};
  std::atomic<bool> entered{false};
  int runs = 0;
  FunctionItem blocker([&] {
    entered = true;
    wait_until([&] { return go_on.load(); });
  });
  FunctionItem item([&] { ++runs; });
  kernel::queue_work(&blocker);
  wait_until([&] { return entered.load(); });
  kernel::queue_work(&item);
  kernel::queue_work(&item);
  go_on = true;
  machine.flush_workqueue();
  EXPECT_EQ(runs, 1);
  kernel::queue_work(&item);
  machine.flush_workqueue();
  EXPECT_EQ(runs, 2);
}

// AddressSanitizer sees an item that is touched after its function was entered.
TEST(Workqueue, AnItemBelongsToItsFunction) {
  struct Self : kernel::WorkStruct {};
  Machine machine;
  const CpuOwner me(machine);
  for (int i = 0; i < 100; ++i) {
    auto* item = new Self;
    item->init([](kernel::WorkStruct* work) { delete static_cast<Self*>(work); });
    kernel::queue_work(item);
  }
  machine.flush_workqueue();
}

TEST(Workqueue, NeedsNoThreadUntilItIsUsed) {
  Machine machine;
  const unsigned threads = pool_threads();
  machine.flush_workqueue();
  EXPECT_EQ(pool_threads(), threads);
}

TEST(Workqueue, TakesItemsFromIrqContextAndFromCallbacks) {
  Machine machine;
  const CpuOwner me(machine);
  std::atomic<int> runs{0};
  FunctionItem from_irq([&] { ++runs; });
  FunctionItem from_callback([&] { ++runs; });
  in_irq([&] { kernel::queue_work(&from_irq); });
  FunctionHead head([&] { kernel::queue_work(&from_callback); });
  kernel::call_rcu_hurry(RcuFlavor::regular, &head, &FunctionHead::run);
  machine.settle();
  EXPECT_EQ(runs, 2);
}

}  // namespace
}  // namespace rcufarm::native::test
