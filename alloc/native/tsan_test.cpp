// Canaries for ThreadSanitizer: planted races that it has to report although both threads call the kernel in between.
// They fail if an annotation or one of the kernel's own locks orders threads that the contract does not order. And
// the opposite, where the contract does.
#include "native/tsan.h"

#include "native/test_support.h"

#if RCUFARM_TSAN

namespace rcufarm::native::test {
namespace {

// What a thread does between its plain write and telling the other, or between being told and its own plain write.
struct Canary {
  const char* name;
  void (*act)(CpuOwner& owner, unsigned thread);
};

void PrintTo(const Canary& canary, std::ostream* out) { *out << canary.name; }

Cpu own_cpu(unsigned thread, unsigned which) { return static_cast<Cpu>(thread * 2 + which); }

void allocate_and_free(CpuOwner&, unsigned) {
  kernel::AllocFailure why{};
  void* objects[8];
  for (void*& object : objects) object = kernel::kmalloc_node(64, Gfp::nowait, Cpu{0}, nullptr, why);
  for (void* object : objects) kernel::kfree(object);
}

void migrate(CpuOwner& owner, unsigned thread) {
  owner.migrate(own_cpu(thread, 1));
  owner.migrate(own_cpu(thread, 0));
}

void queue_callback(CpuOwner&, unsigned) {
  for (const RcuFlavor flavor : {RcuFlavor::regular, RcuFlavor::tasks_trace}) {
    kernel::call_rcu(flavor, new kernel::RcuHead, [](kernel::RcuHead* head) { delete head; });
    kernel::call_rcu_hurry(flavor, new kernel::RcuHead, [](kernel::RcuHead* head) { delete head; });
  }
  kernel::rcu_request_urgent_qs();
}

void read(CpuOwner&, unsigned) {
  const kernel::ReadSection regular(RcuFlavor::regular);
  const kernel::ReadSection trace(RcuFlavor::tasks_trace);
}

void interrupt(CpuOwner&, unsigned) {
  in_irq([] {});
  in_nmi([] {});
  safe_point();
}

void warn(CpuOwner&, unsigned) { kernel::warn_on(true, "canary"); }

void count_shared(CpuOwner&, unsigned) {
  static kernel::Counter counter;
  counter.add_shared(1);
}

void write_in_two_threads(const Canary& canary) {
  static int shared;
  Machine machine(machine_of(4));
  std::atomic<bool> written{false};
  {
    const Job second = run_on_pool([&] {
      CpuOwner me(machine, own_cpu(1, 0));
      wait_until([&] { return written.load(std::memory_order_relaxed); });
      canary.act(me, 1);
      shared = 2;
    });
    const Job first = run_on_pool([&] {
      CpuOwner me(machine, own_cpu(0, 0));
      shared = 1;
      canary.act(me, 0);
      written.store(true, std::memory_order_relaxed);  // no edge
    });
  }
  machine.settle();
  std::exit(shared == 2 ? 0 : 1);  // ThreadSanitizer makes it its own code if it has reported
}

class TsanCanaryDeathTest : public testing::TestWithParam<Canary> {};

INSTANTIATE_TEST_SUITE_P(Calls, TsanCanaryDeathTest,
                         testing::Values(Canary{"nothing", [](CpuOwner&, unsigned) {}},
                                         Canary{"slab", &allocate_and_free}, Canary{"migrate", &migrate},
                                         Canary{"call_rcu", &queue_callback}, Canary{"read_section", &read},
                                         Canary{"irq_and_nmi", &interrupt}, Canary{"warn_on", &warn},
                                         Canary{"counter", &count_shared}),
                         [](const auto& info) { return info.param.name; });

TEST_P(TsanCanaryDeathTest, AreNotOrderedByKernelCalls) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(write_in_two_threads(GetParam()), testing::ExitedWithCode(66), "data race");
}

void free_without_grace_period() {
  MachineConfig config = machine_of(3);
  config.rcu_trace_implies_rcu_gp = false;
  Machine machine(config);
  int* data = new int(1);
  std::atomic<bool> read{false};
  std::atomic<bool> freed{false};
  {
    const Job reader = run_on_pool([&] {
      const CpuOwner me(machine);
      {
        const kernel::ReadSection section(RcuFlavor::regular);
        EXPECT_EQ(*data, 1);
      }
      read.store(true, std::memory_order_relaxed);
      // Its thread must not become the grace period's, which would order the two.
      wait_until([&] { return freed.load(std::memory_order_relaxed); });
    });
    const CpuOwner me(machine);
    wait_until([&] { return read.load(std::memory_order_relaxed); });
    kernel::synchronize_rcu(RcuFlavor::tasks_trace);  // of the wrong flavour
    delete data;
    freed.store(true, std::memory_order_relaxed);
  }
  std::exit(0);
}

// The callback was queued before the section began, and runs after it, but nothing orders the two.
void touch_in_a_section_that_is_too_young() {
  static int shared;
  static std::atomic<bool> called;
  Machine machine(machine_of(4));
  std::atomic<bool> older_is_inside{false};
  std::atomic<bool> queued{false};
  std::atomic<bool> younger_has_left{false};
  kernel::RcuHead head;
  const auto wait_for = [](const std::atomic<bool>& flag) {
    wait_until([&] { return flag.load(std::memory_order_relaxed); });
  };
  {
    const Job older = run_on_pool([&] {
      const CpuOwner me(machine);
      const kernel::ReadSection section(RcuFlavor::regular);
      older_is_inside.store(true, std::memory_order_relaxed);
      wait_for(younger_has_left);
    });
    const Job younger = run_on_pool([&] {
      const CpuOwner me(machine);
      wait_for(queued);
      {
        const kernel::ReadSection section(RcuFlavor::regular);
        shared = 1;
      }
      younger_has_left.store(true, std::memory_order_relaxed);
      // Neither may its thread become the callback's, nor whoever waits for its end: each would order the two. And it sleeps: of a
      // thread that does much afterwards ThreadSanitizer has forgotten where it wrote, and says nothing.
      while (!called.load(std::memory_order_relaxed)) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    });
    const CpuOwner me(machine);
    wait_for(older_is_inside);
    kernel::call_rcu_hurry(RcuFlavor::regular, &head, [](kernel::RcuHead*) {
      shared = 2;
      called.store(true, std::memory_order_relaxed);
    });
    queued.store(true, std::memory_order_relaxed);
  }
  machine.settle();
  std::exit(shared == 2 ? 0 : 1);
}

TEST(TsanDeathTest, AGracePeriodDoesNotOrderSectionsThatBeganAfterIt) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(touch_in_a_section_that_is_too_young(), testing::ExitedWithCode(66), "data race");
}

TEST(TsanDeathTest, AGracePeriodOrdersItsOwnFlavorAlone) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(free_without_grace_period(), testing::ExitedWithCode(66), "data race");
}

}  // namespace
}  // namespace rcufarm::native::test

#endif
