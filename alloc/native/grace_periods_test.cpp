// Readers that answer grace periods, so that the library need not be asked, and what is no answer.
#include <vector>

#include "native/rcu_test_support.h"

namespace rcufarm::native::test {
namespace {

// Lazy enough for readers to have time.
constexpr RcuPacing patient{.lazy_delay = std::chrono::milliseconds(1), .hurry_delay = std::chrono::milliseconds(1)};

class GracePeriodAnswers : public testing::TestWithParam<RcuFlavor> {
 protected:
  const RcuFlavor flavor = GetParam();
};

INSTANTIATE_TEST_SUITE_P(Flavors, GracePeriodAnswers, testing::Values(RcuFlavor::regular, RcuFlavor::tasks_trace),
                         [](const auto& info) {
                           return std::string(info.param == RcuFlavor::regular ? "regular" : "tasks_trace");
                         });

void wait_for_an_answered_one(Machine& machine, RcuFlavor flavor) {
  for (const std::uint64_t before = machine.rcu(flavor).answered; machine.rcu(flavor).answered == before;) {
    std::atomic<bool> called{false};
    FunctionHead head([&] { called.store(true, std::memory_order_relaxed); });
    kernel::call_rcu_hurry(flavor, &head, &FunctionHead::run);
    {
      const WaitWithoutCpu waiting;
      wait_until([&] { return called.load(std::memory_order_relaxed); });
    }
    kernel::rcu_barrier(flavor);  // so that the callback has ended
  }
}

// What one thread does all the time while another one defers.
struct Busy {
  Busy(Machine& machine, std::function<void()> body)
      : job(run_on_pool([this, &machine, body = std::move(body)] {
          const CpuOwner me(machine);
          while (!stop.load(std::memory_order_relaxed)) body();
        })) {}
  ~Busy() { stop.store(true, std::memory_order_relaxed); }
  std::atomic<bool> stop{false};
  Job job;  // ends first
};

TEST_P(GracePeriodAnswers, ComeAtTheEndOfSections) {
  Machine machine(config_with(false, patient));
  const CpuOwner me(machine);
  const Busy reader(machine, [this] { const kernel::ReadSection section(flavor); });
  wait_for_an_answered_one(machine, flavor);
}

TEST_P(GracePeriodAnswers, ComeFromIrqWork) {
  Machine machine(config_with(false, patient));
  const CpuOwner me(machine);
  const Busy worker(machine, [] { in_irq([] {}); });
  wait_for_an_answered_one(machine, flavor);
}

TEST_P(GracePeriodAnswers, ComeFromSafePoints) {
  Machine machine(config_with(false, patient));
  const CpuOwner me(machine);
  const Busy worker(machine, [] { safe_point(); });
  wait_for_an_answered_one(machine, flavor);
}

TEST_P(GracePeriodAnswers, AreNotNeededFromWhoWaits) {
  Machine machine(config_with(true, patient));
  const CpuOwner me(machine);
  std::atomic<bool> end{false};
  const Job waits = run_on_pool([&] {
    const CpuOwner owner(machine);
    const WaitWithoutCpu waiting;
    wait_until([&] { return end.load(std::memory_order_relaxed); });
  });
  wait_for_an_answered_one(machine, flavor);
  end.store(true, std::memory_order_relaxed);
}

// The body runs inside a section, and the grace period that begins meanwhile must not end before `leave`.
void expect_to_be_waited_for(RcuFlavor flavor, const std::function<void(Machine&)>& before,
                             const std::function<void(CpuOwner&)>& inside) {
  Machine machine(config_with(false, patient));
  int data = 1;
  std::atomic<bool> is_inside{false};
  std::atomic<bool> returned{false};
  const Job reader = run_on_pool([&] {
    before(machine);
    CpuOwner me(machine);
    const kernel::ReadSection section(flavor);
    is_inside.store(true, std::memory_order_relaxed);
    for (int i = 0; i < 4; ++i) {
      give_others_time();
      inside(me);
    }
    EXPECT_FALSE(returned.load(std::memory_order_relaxed));
    EXPECT_EQ(data, 1);
  });
  wait_until([&] { return is_inside.load(std::memory_order_relaxed); });
  const CpuOwner me(machine);
  FunctionHead head([&] { data = 2; });
  kernel::call_rcu_hurry(flavor, &head, &FunctionHead::run);
  kernel::rcu_barrier(flavor);
  returned.store(true, std::memory_order_relaxed);
}

void nothing_before(Machine&) {}

TEST_P(GracePeriodAnswers, AreNotGivenFromInsideASection) {
  expect_to_be_waited_for(flavor, &nothing_before, [this](CpuOwner&) {
    in_irq([] {});
    safe_point();
    const kernel::ReadSection nested(flavor);
  });
}

TEST_P(GracePeriodAnswers, OfAnNmiOverASectionAreNone) {
  expect_to_be_waited_for(flavor, &nothing_before,
                          [this](CpuOwner&) { in_nmi([this] { const kernel::ReadSection nested(flavor); }); });
}

TEST_P(GracePeriodAnswers, AreNotTakenForGrantedFromWhoWaitsInsideASection) {
  expect_to_be_waited_for(flavor, &nothing_before, [](CpuOwner& me) {
    const WaitWithoutCpu waiting;
    EXPECT_FALSE(me.has_cpu());
    give_others_time();
  });
}

// Numbers are a machine's own: many grace periods on another one are no answer here.
TEST_P(GracePeriodAnswers, ToAnotherMachineDoNotCount) {
  const auto answer_elsewhere = [this](Machine&) {
    Machine other(config_with(false));
    const CpuOwner me(other);
    for (int i = 0; i < 10; ++i) {
      kernel::synchronize_rcu(flavor);
      const kernel::ReadSection answers_at_its_end(flavor);
    }
  };
  expect_to_be_waited_for(flavor, answer_elsewhere, [](CpuOwner&) {});
}

TEST_P(GracePeriodAnswers, AreNeededAgainFromWhoReadsWhileItWaits) {
  Machine machine(config_with(false, patient));
  std::atomic<bool> is_inside{false};
  std::atomic<bool> returned{false};
  const Job reader = run_on_pool([&] {
    const CpuOwner owner(machine);
    const WaitWithoutCpu waiting;
    const kernel::ReadSection section(flavor);
    is_inside.store(true, std::memory_order_relaxed);
    give_others_time();
    EXPECT_FALSE(returned.load(std::memory_order_relaxed));
  });
  wait_until([&] { return is_inside.load(std::memory_order_relaxed); });
  const CpuOwner me(machine);
  kernel::synchronize_rcu(flavor);
  returned.store(true, std::memory_order_relaxed);
}

}  // namespace
}  // namespace rcufarm::native::test
