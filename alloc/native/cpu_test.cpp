#include <array>
#include <vector>

#include "native/test_support.h"

namespace rcufarm::native::test {
namespace {

TEST(CpuOwnership, IsOfTheCpuThatWasAskedFor) {
  Machine machine(machine_of(3));
  const CpuOwner me(machine, Cpu{1});
  EXPECT_EQ(me.cpu(), Cpu{1});
  EXPECT_EQ(kernel::smp_processor_id(), Cpu{1});
  EXPECT_EQ(kernel::nr_cpus(), 3u);
  auto per_cpu = kernel::PerCpu<int>::create(Gfp::kernel);
  EXPECT_EQ(&per_cpu.this_cpu(), &per_cpu.on(Cpu{1}));
  per_cpu.destroy();
}

TEST(CpuOwnership, MovesWithMigrate) {
  Machine machine(machine_of(2));
  CpuOwner me(machine, Cpu{0});
  me.migrate(Cpu{1});
  EXPECT_EQ(kernel::smp_processor_id(), Cpu{1});
  EXPECT_FALSE(machine.cpus().is_owned(Cpu{0}));
  EXPECT_TRUE(machine.cpus().is_owned(Cpu{1}));
}

TEST(CpuOwnership, EndsWithTheOwner) {
  Machine machine(machine_of(1));
  { const CpuOwner me(machine); }
  EXPECT_FALSE(machine.cpus().is_owned(Cpu{0}));
  EXPECT_EQ(this_context, nullptr);
}

TEST(CpuOwnership, WhileReleasedAnotherThreadCanHaveTheCpu) {
  Machine machine(machine_of(1));
  CpuOwner me(machine, Cpu{0});
  me.release();
  run_on_pool([&] {
    const CpuOwner other(machine, Cpu{0});
    EXPECT_EQ(kernel::smp_processor_id(), Cpu{0});
  }).join();
  me.acquire();
  EXPECT_EQ(me.cpu(), Cpu{0});
}

TEST(CpuOwnership, WhoIsNotBoundTakesAnotherCpuWhenItsOwnIsGone) {
  Machine machine(machine_of(2));
  CpuOwner me(machine);
  const Cpu before = me.cpu();
  me.release();
  std::atomic<bool> taken{false};
  std::atomic<bool> leave{false};
  const Job other = run_on_pool([&] {
    const CpuOwner owner(machine, before);
    taken = true;
    wait_until([&] { return leave.load(); });
  });
  wait_until([&] { return taken.load(); });
  me.acquire();
  EXPECT_NE(me.cpu(), before);
  leave = true;
}

TEST(CpuOwnership, WhoIsNotBoundGetsItsOldCpuBackWhenItIsFree) {
  Machine machine(machine_of(3));
  CpuOwner me(machine);
  std::atomic<bool> has_cpu{false};
  std::atomic<bool> leave{false};
  const Job other = run_on_pool([&] {
    CpuOwner owner(machine);
    const Cpu before = owner.cpu();
    EXPECT_NE(before, me.cpu());
    has_cpu = true;
    wait_until([&] { return leave.load(); });
    owner.yield();  // CPU 0 is free by now, and would be the first one to be found
    EXPECT_EQ(owner.cpu(), before);
  });
  wait_until([&] { return has_cpu.load(); });
  me.release();
  leave = true;
}

TEST(CpuOwnership, GoesToWhoWaitsLongest) {
  Machine machine(machine_of(1));
  std::vector<int> order;  // written by owners of the only CPU: the hand-over keeps them apart
  std::vector<Job> jobs;
  {
    const CpuOwner me(machine, Cpu{0});
    for (int i = 0; i < 4; ++i) {
      jobs.push_back(run_on_pool([&, i] {
        const CpuOwner owner = i % 2 == 0 ? CpuOwner(machine) : CpuOwner(machine, Cpu{0});
        order.push_back(i);
      }));
      wait_until([&] { return machine.cpus().waiting() == static_cast<std::size_t>(i) + 1; });
    }
  }
  jobs.clear();
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3}));
}

// What successive owners of a CPU write without atomics has to be ordered by the hand-over alone; ThreadSanitizer
// looks.
TEST(CpuOwnership, IsExclusiveWithMoreThreadsThanCpus) {
  constexpr unsigned cpus = 3;
  constexpr unsigned threads = 7;
  constexpr unsigned rounds = 150;
  Machine machine(machine_of(cpus));
  std::array<std::uint64_t, cpus> turns{};
  std::array<std::atomic<int>, cpus> inside{};
  std::vector<Job> jobs;
  for (unsigned thread = 0; thread < threads; ++thread) {
    jobs.push_back(run_on_pool([&, thread] {
      CpuOwner me(machine);
      for (unsigned i = 0; i < rounds; ++i) {
        const auto cpu = static_cast<unsigned>(kernel::smp_processor_id());
        EXPECT_EQ(inside[cpu].exchange(1, std::memory_order_relaxed), 0);
        ++turns[cpu];
        inside[cpu].store(0, std::memory_order_relaxed);
        if (i % 3 == 0) me.yield();
        if (i % 3 == 1) me.migrate(static_cast<Cpu>((thread + i) % cpus));
      }
    }));
  }
  jobs.clear();
  EXPECT_EQ(turns[0] + turns[1] + turns[2], threads * rounds);
}

TEST(CpuOwnership, IsGivenUpWhileJoiningAJob) {
  Machine machine(machine_of(1));
  const CpuOwner me(machine, Cpu{0});
  // Would wait for ever if the joining thread kept the only CPU.
  run_on_pool([&] { const CpuOwner other(machine, Cpu{0}); }).join();
  EXPECT_EQ(kernel::smp_processor_id(), Cpu{0});
}

TEST(CpuOwnershipDeathTest, IsNeededForWhatIsPerCpu) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  Machine machine(machine_of(1));
  CpuOwner me(machine);
  auto per_cpu = kernel::PerCpu<int>::create(Gfp::kernel);
  me.release();
  EXPECT_DEATH(static_cast<void>(kernel::smp_processor_id()), "illegal context, no CPU to run on: smp_processor_id");
  EXPECT_DEATH(per_cpu.this_cpu() = 1, "illegal context, no CPU to run on: PerCpu::this_cpu");
  FunctionWork work([] {});
  EXPECT_DEATH(kernel::irq_work_queue(&work), "illegal context, no CPU to run on: irq_work_queue");
  me.acquire();
  per_cpu.destroy();
}

TEST(CpuOwnershipDeathTest, IsNotGivenUpWithInterruptsOff) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  Machine machine(machine_of(2));
  CpuOwner me(machine, Cpu{0});
  const kernel::IrqGuard irq_off;
  EXPECT_DEATH(me.migrate(Cpu{1}), "given up with interrupts off");
}

TEST(CpuOwnershipDeathTest, IsOfACpuThatExists) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  Machine machine(machine_of(2));
  EXPECT_DEATH(CpuOwner(machine, Cpu{2}), "no such CPU");
}

}  // namespace
}  // namespace rcufarm::native::test
