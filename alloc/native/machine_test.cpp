#include "native/machine.h"

#include <memory>
#include <vector>

#include "native/test_support.h"

namespace rcufarm::native::test {
namespace {

TEST(Machine, SaysWhatIsWrongWithItsSettings) {
  EXPECT_EQ(problem_with(MachineConfig{}), "");
  EXPECT_NE(problem_with(machine_of(0)).find("1 to 64 CPUs"), std::string::npos);
  EXPECT_NE(problem_with(machine_of(65)), "");
  MachineConfig config;
  config.pacing.hurry_delay = std::chrono::microseconds(-1);
  EXPECT_NE(problem_with(config), "");
}

TEST(Machine, SettlesWhatIsQueuedBehindEachOther) {
  Machine machine;
  int done = 0;
  FunctionItem item([&] { ++done; });
  FunctionHead trace([&] { kernel::queue_work(&item); });
  FunctionHead regular([&] { kernel::call_rcu(RcuFlavor::tasks_trace, &trace, &FunctionHead::run); });
  {
    const CpuOwner me(machine);
    kernel::call_rcu(RcuFlavor::regular, &regular, &FunctionHead::run);
  }
  machine.settle();
  EXPECT_EQ(done, 1);
  EXPECT_EQ(machine.reports().count(), 0u) << machine.reports().print();
}

// Each hop is queued by the one before, just before that one's round ends.
TEST(Machine, SettlesAChainThatGoesToAndFro) {
  constexpr int hops = 12;
  for (int round = 0; round < 20; ++round) {
    int done = 0;
    std::vector<std::unique_ptr<FunctionHead>> heads;
    std::unique_ptr<FunctionItem> item;
    Machine machine;
    for (int i = 0; i < hops; ++i) {
      heads.push_back(std::make_unique<FunctionHead>([&, i] {
        ++done;
        if (i + 1 == hops) return kernel::queue_work(item.get());
        const RcuFlavor flavor = i % 2 == 0 ? RcuFlavor::tasks_trace : RcuFlavor::regular;
        kernel::call_rcu(flavor, heads[static_cast<std::size_t>(i) + 1].get(), &FunctionHead::run);
      }));
    }
    item = std::make_unique<FunctionItem>([&] { ++done; });
    {
      const CpuOwner me(machine);
      kernel::call_rcu(RcuFlavor::regular, heads[0].get(), &FunctionHead::run);
    }
    machine.settle();
    EXPECT_EQ(done, hops + 1);
    EXPECT_EQ(machine.reports().count(), 0u) << machine.reports().print();
  }
}

TEST(Machine, SettlesAtItsEnd) {
  int done = 0;
  FunctionHead head([&] { ++done; });
  {
    Machine machine;
    const CpuOwner me(machine);
    kernel::call_rcu(RcuFlavor::tasks_trace, &head, &FunctionHead::run);
  }
  EXPECT_EQ(done, 1);
}

TEST(Machine, GivesUpOnACallbackThatNeverStops) {
  FunctionHead* again = nullptr;
  FunctionHead head([&] { kernel::call_rcu(RcuFlavor::regular, again, &FunctionHead::run); });
  again = &head;
  Machine machine;
  {
    const CpuOwner me(machine);
    kernel::call_rcu(RcuFlavor::regular, &head, &FunctionHead::run);
  }
  machine.settle();
  EXPECT_EQ(machine.reports().count(ReportKind::unsettled), 1u) << machine.reports().print();
}

TEST(Machine, StartsAfresh) {
  for (int i = 0; i < 20; ++i) {
    Machine machine(machine_of(1 + static_cast<unsigned>(i) % 3));
    const CpuOwner me(machine);
    EXPECT_EQ(machine.rcu(RcuFlavor::regular).callbacks_queued, 0u);
    EXPECT_EQ(machine.slab().stats().allocations, 0u);
    EXPECT_EQ(machine.reports().count(), 0u);
    FunctionHead head([] {});
    kernel::call_rcu(RcuFlavor::regular, &head, &FunctionHead::run);
    kernel::warn_on(true, "of this machine");
    kernel::rcu_barrier(RcuFlavor::regular);
  }
}

TEST(Machine, TwoAtATimeDoNotKnowOfEachOther) {
  Machine first;
  Machine second;
  const CpuOwner me(first);
  run_on_pool([&] {
    const CpuOwner other(second);
    kernel::warn_on(true, "on the second");
    kernel::AllocFailure why{};
    void* object = kernel::kmalloc_node(8, Gfp::nowait, Cpu{0}, nullptr, why);
    EXPECT_EQ(second.slab().live().size(), 1u);
    kernel::kfree(object);
  }).join();
  EXPECT_EQ(first.warnings(), 0u);
  EXPECT_EQ(second.warnings(), 1u);
  EXPECT_EQ(first.slab().stats().allocations, 0u);
}

TEST(MachineDeathTest, NeedsSettingsThatAreRight) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(Machine(machine_of(0)), "1 to 64 CPUs, not 0");
}

TEST(MachineDeathTest, IsNeededForKernelCalls) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(kernel::kfree(nullptr), "on no machine .make a CpuOwner first.: kfree");
}

TEST(MachineDeathTest, OutlivesItsThreads) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        std::optional<Machine> machine(std::in_place);
        const CpuOwner me(*machine);
        machine.reset();
      },
      "a machine ends while a thread is on it");
}

TEST(MachineDeathTest, IsNotLeftInsideAReadSection) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        Machine machine;
        std::optional<CpuOwner> me(std::in_place, machine);
        const kernel::ReadSection section(RcuFlavor::regular);
        me.reset();
      },
      "inside a read section");
}

}  // namespace
}  // namespace rcufarm::native::test
