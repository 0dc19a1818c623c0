// Exhaustive search counts what a closed formula says there is.
#include <cstdint>

#include "machine/lab.h"

namespace rcufarm::sim {
namespace {

std::uint64_t choose(std::uint64_t n, std::uint64_t k) {
  if (k > n) return 0;
  std::uint64_t result = 1;
  for (std::uint64_t i = 1; i <= k; ++i) result = result * (n - k + i) / i;
  return result;
}

// Two tasks of n and m steps in i and j blocks, in turn: i + j - 1 switches, of which one is no preemption, since the task
// that ends first ends there.
std::uint64_t with_preemptions(unsigned n, unsigned m, unsigned preemptions_max) {
  std::uint64_t count = 0;
  for (unsigned i = 1; i <= n; ++i) {
    for (unsigned j = 1; j <= m; ++j) {
      if (i + j - 2 > preemptions_max) continue;
      const std::uint64_t orders = i == j ? 2 : i == j + 1 || j == i + 1 ? 1 : 0;
      count += orders * choose(n - 1, i - 1) * choose(m - 1, j - 1);
    }
  }
  return count;
}

struct BoundedModel {
  Lab lab;
  Cell<Atomic<int>> x;
  BoundedModel() { lab.cell(x); }
  Lab::Body steps(unsigned n) {
    return [this, n] {
      for (unsigned i = 0; i < n; ++i) x->store(1, Order::relaxed);
    };
  }
  std::uint64_t schedules(unsigned preemptions) {
    ExhaustiveStrategy strategy(preemptions);
    while (strategy.begin_run(0)) EXPECT_EQ(lab.run(strategy).end, End::finished);
    return strategy.schedules();
  }
};

struct Exhaustive : testing::Test, BoundedModel {};

TEST_F(Exhaustive, TwoTasksAreABinomial) {
  for (unsigned n = 1; n <= 6; ++n) {
    for (unsigned m = n; m <= 6; ++m) {
      BoundedModel one;
      one.lab.task(0, one.steps(n)).task(1, one.steps(m));
      EXPECT_EQ(one.schedules(any_number), choose(n + m, n)) << n << " and " << m;
    }
  }
}

TEST_F(Exhaustive, ThreeTasksAreAMultinomial) {
  lab.settings.cpus = 3;
  lab.task(0, steps(2)).task(1, steps(3)).task(2, steps(4));
  EXPECT_EQ(schedules(any_number), choose(9, 2) * choose(7, 3));
}

TEST_F(Exhaustive, OneCpuIsNoDifferent) {
  lab.settings.cpus = 1;
  lab.task(0, steps(4)).task(0, steps(4));
  EXPECT_EQ(schedules(any_number), choose(8, 4));
}

TEST_F(Exhaustive, BoundsPreemptions) {
  lab.task(0, steps(5)).task(1, steps(4));
  for (unsigned preemptions = 0; preemptions <= 8; ++preemptions) {
    EXPECT_EQ(schedules(preemptions), with_preemptions(5, 4, preemptions)) << preemptions;
  }
  EXPECT_EQ(with_preemptions(5, 4, 8), choose(9, 4)) << "the formula itself";
}

// Programs: the number of orders, since several schedules give one (a program that comes when the task has ended may
// come before or after the epilogue has begun to wait for it).
struct Gaps : Exhaustive {
  std::string order;
  Gaps() {
    lab.first([this] { order.clear(); });
  }
  Lab::Body marks(unsigned n, char mark) {
    return [=, this] {
      for (unsigned i = 0; i < n; ++i) {
        x->store(1, Order::relaxed);
        order += mark;
      }
    };
  }
  std::size_t orders() {
    return lab.all(any_number, [this] { return order; }).size();
  }
};

TEST_F(Gaps, ProgramComesInEach) {
  lab.task(0, marks(5, 't')).irq(0, marks(3, 'i')).raise_all();
  EXPECT_EQ(orders(), 6U);
}

TEST_F(Gaps, NmiComesInEachOfTaskAndIrq) {
  // n task steps with an irq of m steps in one of n + 1 gaps, and an nmi in any gap of what results.
  const unsigned n = 3, m = 2;
  lab.task(0, marks(n, 't')).irq(0, marks(m, 'i')).nmi(0, marks(2, 'n')).raise_all();
  EXPECT_EQ(orders(), (n + 1) * (n + m + 1));
}

TEST_F(Gaps, ProgramOfAnotherCpuRunsBeside) {
  lab.task(0, marks(4, 't')).irq(1, marks(3, 'i')).raise_all();
  EXPECT_EQ(orders(), choose(7, 3));
}

TEST_F(Exhaustive, CountsTheSameEachTime) {
  Cell<RawSpinLock> lock;
  lab.cell(lock);
  const auto body = [&] {
    const RawSpinLockGuard guard(*lock);
    x->store(1, Order::relaxed);
  };
  lab.task(0, body).task(1, body).irq(1, body).raise_all();
  const std::uint64_t first = schedules(3);
  EXPECT_GT(first, 100U);
  EXPECT_EQ(schedules(3), first);
}

TEST_F(Exhaustive, SaysHowManyThereAre) {
  lab.task(0, steps(3)).task(1, steps(3));
  ExhaustiveStrategy strategy(2);
  const Explored some = explore(lab.machine, lab.settings, Program{}, strategy, 0, [](const Outcome&) { return true; });
  EXPECT_FALSE(some.exhausted);
  ASSERT_TRUE(strategy.begin_run(0));
  lab.run(strategy);
  EXPECT_EQ(strategy.summary(), "1 schedules with at most 2 preemptions: there are more");
  while (strategy.begin_run(0)) lab.run(strategy);
  EXPECT_EQ(strategy.summary(), "14 schedules with at most 2 preemptions: all of them");
}

}  // namespace
}  // namespace rcufarm::sim
