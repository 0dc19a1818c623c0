#include <vector>

#include "native/test_support.h"
#include "native/tsan.h"

namespace rcufarm::native::test {
namespace {

// ThreadSanitizer holds signals back until a safe point or a system call that it knows.
void loop_of_an_owner() {
  if (tsan::enabled) safe_point();
  kernel::cpu_relax();
}

struct Seen {
  std::atomic<int> times{0};
  Cpu cpu{99};
  Running running = Running::task;
  bool irq_off = false;
};

void look_around(void* argument) {
  auto* seen = static_cast<Seen*>(argument);
  seen->cpu = kernel::smp_processor_id();
  seen->running = running_now();
  seen->irq_off = irq_is_off();
  seen->times.fetch_add(1, std::memory_order_relaxed);
}

void count(void* argument) { static_cast<std::atomic<int>*>(argument)->fetch_add(1, std::memory_order_relaxed); }

TEST(Nmi, ComesOverTheOwnerOfItsCpu) {
  Machine machine(machine_of(2));
  std::atomic<bool> ready{false};
  std::atomic<bool> leave{false};
  const Job owner = run_on_pool([&] {
    const CpuOwner me(machine, Cpu{1});
    ready = true;
    // No kernel call and no system call: only a signal can get in here.
    while (!leave.load(std::memory_order_relaxed)) loop_of_an_owner();
    EXPECT_EQ(running_now(), Running::task);
    EXPECT_FALSE(irq_is_off());
  });
  wait_until([&] { return ready.load(); });
  Seen seen;
  EXPECT_EQ(raise_nmi(machine, Cpu{1}, &look_around, &seen), NmiResult::delivered);
  EXPECT_EQ(seen.times, 1);
  EXPECT_EQ(seen.cpu, Cpu{1});
  EXPECT_EQ(seen.running, Running::nmi);
  EXPECT_TRUE(seen.irq_off);
  leave = true;
}

TEST(Nmi, ComesOverInterruptsOffAndOverAnIrq) {
  Machine machine(machine_of(1));
  const CpuOwner me(machine);
  std::atomic<int> times{0};
  {
    const kernel::IrqGuard irq_off;
    EXPECT_EQ(raise_nmi(machine, Cpu{0}, &count, &times), NmiResult::delivered);
    EXPECT_TRUE(irq_is_off());
  }
  in_irq([&] {
    EXPECT_EQ(raise_nmi(machine, Cpu{0}, &count, &times), NmiResult::delivered);
    EXPECT_EQ(running_now(), Running::irq);
  });
  EXPECT_EQ(times, 2);
}

TEST(Nmi, LeavesItsIrqWorkToTheNextSafePoint) {
  Machine machine(machine_of(1));
  const CpuOwner me(machine);
  int runs = 0;
  FunctionWork work([&] {
    ++runs;
    EXPECT_EQ(running_now(), Running::irq);
  });
  in_nmi([&] {
    { const kernel::IrqGuard irq_off; }
    EXPECT_TRUE(kernel::irq_work_queue(&work));
    EXPECT_EQ(runs, 0);
  });
  EXPECT_EQ(runs, 0);
  safe_point();
  EXPECT_EQ(runs, 1);

  in_nmi([&] { kernel::irq_work_queue(&work); });
  { const kernel::IrqGuard irq_off; }
  EXPECT_EQ(runs, 2);
}

TEST(Nmi, IsDroppedWhereNobodyOwnsTheCpu) {
  Machine machine(machine_of(2));
  const CpuOwner me(machine, Cpu{0});
  std::atomic<int> times{0};
  EXPECT_EQ(raise_nmi(machine, Cpu{1}, &count, &times), NmiResult::no_owner);
  EXPECT_EQ(raise_nmi_nowait(machine, Cpu{1}, &count, &times), NmiResult::no_owner);
  EXPECT_EQ(times, 0);
}

TEST(Nmi, DoesNotNest) {
  Machine machine(machine_of(2));
  const CpuOwner me(machine, Cpu{0});
  std::atomic<int> times{0};
  in_nmi([&] {
    EXPECT_EQ(raise_nmi(machine, Cpu{0}, &count, &times), NmiResult::busy);
    EXPECT_EQ(raise_nmi_nowait(machine, Cpu{1}, &count, &times), NmiResult::busy);
  });
  EXPECT_EQ(times, 0);
}

TEST(Nmi, ThatWasSentHasRunAfterQuiesce) {
  Machine machine(machine_of(1));
  const CpuOwner me(machine);
  std::atomic<int> times{0};
  int sent = 0;
  for (int i = 0; i < 100; ++i) sent += raise_nmi_nowait(machine, Cpu{0}, &count, &times) == NmiResult::sent ? 1 : 0;
  quiesce_nmis(machine);
  EXPECT_EQ(times, sent);
  EXPECT_GT(sent, 0);
}

TEST(Nmi, ReadSectionsWorkInIt) {
  Machine machine(machine_of(1));
  const CpuOwner me(machine);
  const kernel::ReadSection outer(RcuFlavor::regular);
  in_nmi([] {
    const kernel::ReadSection regular(RcuFlavor::regular);
    const kernel::ReadSection trace(RcuFlavor::tasks_trace);
  });
  EXPECT_EQ(machine.reports().count(), 0u) << machine.reports().print();
}

// Senders that do not care who owns what, owners that come and go: what was accepted runs exactly once, on its CPU.
TEST(Nmi, IsNeitherLostNorDoubledWhileCpusChangeHands) {
  constexpr unsigned cpus = 2;
  constexpr int each = 100;
  Machine machine(machine_of(cpus));
  std::atomic<int> ran{0};
  std::atomic<int> accepted{0};
  std::atomic<bool> stop{false};
  std::vector<Job> owners;
  for (unsigned thread = 0; thread < 3; ++thread) {
    owners.push_back(run_on_pool([&, thread] {
      CpuOwner me(machine);
      for (unsigned i = thread; !stop.load(std::memory_order_relaxed); ++i) {
        safe_point();
        { const kernel::IrqGuard irq_off; }
        if (i % 4 == 0) me.migrate(static_cast<Cpu>(i / 4 % cpus));
      }
    }));
  }
  std::vector<Job> senders;
  for (unsigned sender = 0; sender < 2; ++sender) {
    senders.push_back(run_on_pool([&, sender] {
      unsigned tries = sender;
      int mine = 0;
      wait_until([&] {
        const Cpu cpu{++tries % cpus};
        const NmiResult result =
            tries % 4 < 2 ? raise_nmi(machine, cpu, &count, &ran) : raise_nmi_nowait(machine, cpu, &count, &ran);
        if (result == NmiResult::delivered || result == NmiResult::sent) ++mine;
        return mine == each;
      });
      accepted += mine;
    }));
  }
  senders.clear();
  quiesce_nmis(machine);
  stop = true;
  owners.clear();
  EXPECT_EQ(accepted, 2 * each);
  EXPECT_EQ(ran, accepted);
}

}  // namespace
}  // namespace rcufarm::native::test
