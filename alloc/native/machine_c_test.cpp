#include "native/rcufarm_machine.h"

#include <cerrno>

#include "native/test_support.h"

namespace rcufarm::native::test {
namespace {

TEST(MachineInC, IsMadeUsedAndDropped) {
  rcufarm_machine* machine = rcufarm_machine_create(2, false);
  ASSERT_NE(machine, nullptr);
  EXPECT_EQ(rcufarm_thread_attach(machine, 1), 0);
  EXPECT_EQ(kernel::smp_processor_id(), Cpu{1});
  EXPECT_FALSE(kernel::rcu_trace_implies_rcu_gp());
  EXPECT_EQ(rcufarm_thread_migrate(0), 0);
  EXPECT_EQ(kernel::smp_processor_id(), Cpu{0});
  EXPECT_EQ(rcufarm_thread_migrate(2), -EINVAL);
  EXPECT_EQ(kernel::smp_processor_id(), Cpu{0});

  kernel::AllocFailure why{};
  void* object = kernel::kmalloc_node(8, Gfp::nowait, Cpu{0}, nullptr, why);
  EXPECT_EQ(rcufarm_machine_live_objects(machine), 1u);
  kernel::kfree(object);
  EXPECT_EQ(rcufarm_machine_live_objects(machine), 0u);
  kernel::warn_on(true, "one");
  EXPECT_EQ(rcufarm_machine_reports(machine), 1u);

  rcufarm_thread_detach();
  rcufarm_machine_settle(machine);
  rcufarm_machine_destroy(machine);
}

TEST(MachineInC, RefusesWhatCannotBe) {
  EXPECT_EQ(rcufarm_machine_create(0, true), nullptr);
  EXPECT_EQ(rcufarm_machine_create(65, true), nullptr);
  rcufarm_machine* machine = rcufarm_machine_create(1, true);
  EXPECT_EQ(rcufarm_thread_attach(machine, 1), -EINVAL);
  EXPECT_EQ(rcufarm_thread_attach(machine, RCUFARM_ANY_CPU), 0);
  rcufarm_thread_detach();
  rcufarm_machine_destroy(machine);
}

TEST(MachineInC, ReadSectionsNestAndHoldGracePeriodsOff) {
  for (const rcufarm_rcu_flavor flavor : {RCUFARM_RCU_REGULAR, RCUFARM_RCU_TASKS_TRACE}) {
    rcufarm_machine* machine = rcufarm_machine_create(2, false);
    std::atomic<bool> inside{false};
    std::atomic<bool> synchronized{false};
    int data = 1;
    Job reader = run_on_pool([&] {
      rcufarm_thread_attach(machine, RCUFARM_ANY_CPU);
      rcufarm_rcu_read_lock(flavor);
      rcufarm_rcu_read_lock(flavor);
      rcufarm_rcu_read_unlock(flavor);
      inside = true;
      give_others_time();
      EXPECT_FALSE(synchronized.load(std::memory_order_relaxed));
      EXPECT_EQ(data, 1);
      rcufarm_rcu_read_unlock(flavor);
      rcufarm_thread_detach();
    });
    wait_until([&] { return inside.load(); });
    rcufarm_thread_attach(machine, RCUFARM_ANY_CPU);
    rcufarm_synchronize_rcu(flavor);
    synchronized.store(true, std::memory_order_relaxed);
    data = 2;
    rcufarm_rcu_barrier(flavor);
    rcufarm_thread_detach();
    reader.join();
    rcufarm_machine_destroy(machine);
  }
}

TEST(MachineInCDeathTest, MistakesEndTheProgram) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(rcufarm_thread_detach(), "the thread is not attached");
  EXPECT_DEATH(rcufarm_thread_migrate(0), "the thread is not attached");
  EXPECT_DEATH(rcufarm_rcu_read_unlock(RCUFARM_RCU_REGULAR), "not in a read section");
}

}  // namespace
}  // namespace rcufarm::native::test
