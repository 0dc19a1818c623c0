// Raw spinlocks: deadlocks and misuse are found; what ends unbalanced is, too.
#include <utility>

#include "machine/lab.h"

namespace rcufarm::sim {
namespace {

constexpr Site tried_here{.file = "locks_test.cpp", .function = "tries", .line = 1};

struct Locks : testing::Test {
  Lab lab;
  Cell<RawSpinLock> a, b;
  Cell<Atomic<int>> x;
  Locks() { lab.cell(a).cell(b).cell(x); }
};

TEST_F(Locks, OppositeOrdersDeadlock) {
  lab.task(0, [&] {
    const RawSpinLockGuard first(*a);
    const RawSpinLockGuard second(*b);
  });
  lab.task(1, [&] {
    const RawSpinLockGuard first(*b);
    const RawSpinLockGuard second(*a);
  });
  EXPECT_EQ(lab.all(0).count("deadlock"), 0U) << "it takes a preemption";
  const Lab::Counts counts = lab.all(1);
  EXPECT_GT(counts.count("deadlock"), 0U);
  EXPECT_GT(counts.count("finished"), 0U);
}

TEST_F(Locks, DeadlockSaysWhoWaitsForWhat) {
  lab.task(0, [&] {
    const ReadSection reader(RcuFlavor::regular);
    lab.machine.wait([](void*) { return false; }, nullptr);
  });
  lab.task(1, [&] { kernel::synchronize_rcu(RcuFlavor::regular); });
  const Outcome outcome = lab.once();
  ASSERT_EQ(outcome.violation.kind, ViolationKind::deadlock);
  const std::string text = outcome.violation.text;
  EXPECT_NE(text.find("t0 waits: wait"), std::string::npos) << text;
  EXPECT_NE(text.find("t1 waits: synchronize_rcu"), std::string::npos) << text;
}

TEST_F(Locks, DeadlockIsToldInTheWordsOfUserSpace) {
  lab.settings.vocabulary = Vocabulary::user_space;
  lab.task(0, [&] {
    const RawSpinLockGuard first(*a);
    const RawSpinLockGuard second(*b);
  });
  lab.task(1, [&] {
    const RawSpinLockGuard first(*b);
    const RawSpinLockGuard second(*a);
  });
  ExhaustiveStrategy strategy(1);
  std::string text;
  while (text.empty() && strategy.begin_run(0)) {
    const Outcome outcome = lab.run(strategy);
    if (outcome.end == End::violation) text = outcome.violation.text;
  }
  EXPECT_NE(text.find("t0 waits: pthread_mutex_lock"), std::string::npos) << text;
}

TEST_F(Locks, TwiceByOneContextIsFoundAtOnce) {
  lab.task(0, [&] {
    const RawSpinLockGuard first(*a);
    const RawSpinLockGuard second(*a);
  });
  const Outcome outcome = lab.once();
  EXPECT_EQ(outcome.violation.kind, ViolationKind::double_lock);
  EXPECT_EQ(outcome.violation.first.site.line + 1, outcome.violation.second.site.line);
}

TEST_F(Locks, InAnNmiIsIllegal) {
  lab.task(0, [&] { x->store(1, Order::relaxed); });
  lab.nmi(0, [&] { const RawSpinLockGuard guard(*a); }).raise_all();
  EXPECT_EQ(lab.once().violation.kind, ViolationKind::illegal_context);
}

// Of a lock that somebody holds, whoever comes over its holder gets none, and goes on without it.
TEST_F(Locks, AnNmiMayTryOne) {
  const auto word = [&] { return reinterpret_cast<Word*>(&*a); };
  bool got = false;
  lab.task(0, [&] {
    const RawSpinLockGuard guard(*a);
    x->store(1, Order::relaxed);
  });
  lab.nmi(0,
          [&] {
            got = try_lock(word(), tried_here);
            if (got) unlock(word(), tried_here);
          })
      .raise_all();
  const Lab::Counts counts =
      lab.all(3, [&] { return got ? std::string("got it") : std::string("came over the holder"); });
  EXPECT_EQ(counts.size(), 2U) << testing::PrintToString(counts);
  EXPECT_EQ(counts.count("got it") + counts.count("came over the holder"), 2U) << testing::PrintToString(counts);
}

// Two that try: one at a time is inside.
TEST_F(Locks, TriedOnesExclude) {
  const auto word = [&] { return reinterpret_cast<Word*>(&*a); };
  bool inside = false;
  bool both = false;
  const auto body = [&] {
    if (!try_lock(word(), tried_here)) return;
    both = both || std::exchange(inside, true);
    x->store(1, Order::relaxed);
    inside = false;
    unlock(word(), tried_here);
  };
  lab.task(0, body).task(1, body);
  const Lab::Counts counts = lab.all(3);
  EXPECT_EQ(counts.size(), 1U) << testing::PrintToString(counts);
  EXPECT_EQ(counts.count("finished"), 1U) << testing::PrintToString(counts);
  EXPECT_FALSE(both);
}

// An irq may take a lock that its CPU's task takes with interrupts off: it comes after or before, never in between.
TEST_F(Locks, InterruptsOffKeepsTheIrqAway) {
  const auto body = [&] {
    const RawSpinLockGuard guard(*a);
    x->store(1, Order::relaxed);
  };
  lab.task(0, body).irq(0, body).task(1, body).raise_all();
  const Lab::Counts counts = lab.all(3);
  EXPECT_EQ(counts.size(), 1U);
  EXPECT_GT(counts.at("finished"), 100U);
}

TEST_F(Locks, WaiterCostsNoSteps) {
  std::uint64_t alone = 0;
  lab.task(0, [&] {
    const RawSpinLockGuard guard(*a);
    for (int i = 0; i < 1000; ++i) x->store(i, Order::relaxed);
  });
  alone = lab.once().points;
  lab.task(1, [&] { const RawSpinLockGuard guard(*a); });
  RandomStrategy random(3);
  random.begin_run(0);
  EXPECT_LE(lab.run(random).points, alone + 3);
}

TEST_F(Locks, EndingInsideASectionIsUnbalanced) {
  lab.task(0, [&] { new (&*x) ReadSection(RcuFlavor::regular); });  // never ended
  EXPECT_EQ(lab.once().violation.kind, ViolationKind::unbalanced);
}
TEST_F(Locks, EndingWithInterruptsOffIsUnbalanced) {
  lab.task(0, [] { ::rcufarm::sim::irq_off(Site::here()); });
  EXPECT_EQ(lab.once().violation.kind, ViolationKind::unbalanced);
}

// A call has to leave things as it found them; what was open before it is not its business.
TEST_F(Locks, CallThatLeavesInterruptsOffIsUnbalanced) {
  lab.task(0, [&] {
    const ReadSection reader(RcuFlavor::regular);
    const IrqGuard off;
    lab.machine.begin_call(1);
    lab.machine.end_call();
    lab.machine.begin_call(2);
    ::rcufarm::sim::irq_off(Site::here());
    lab.machine.end_call();
  });
  const Outcome outcome = lab.once();
  EXPECT_EQ(outcome.violation.kind, ViolationKind::unbalanced);
  EXPECT_EQ(outcome.violation.second.op, Op::call);
}

TEST_F(Locks, SleepingIsIllegalWhereItIs) {
  const std::function<void()> illegal[] = {
      [] {
        const IrqGuard off;
        kernel::synchronize_rcu(RcuFlavor::regular);
      },
      [] {
        const ReadSection reader(RcuFlavor::tasks_trace);
        kernel::synchronize_rcu(RcuFlavor::regular);
      },
      [] {
        const ReadSection reader(RcuFlavor::regular);
        kernel::rcu_barrier(RcuFlavor::tasks_trace);
      },
      [] {
        const ReadSection reader(RcuFlavor::regular);
        kernel::AllocFailure why{};
        kernel::kmalloc_node(16, Gfp::kernel, kernel::Cpu{0}, nullptr, why);
      },
  };
  for (const auto& body : illegal) {
    Lab one;
    one.task(0, body);
    EXPECT_EQ(one.once().violation.kind, ViolationKind::illegal_context);
  }
  Lab legal;
  legal.task(0, [] {
    const ReadSection reader(RcuFlavor::tasks_trace);
    kernel::AllocFailure why{};
    kernel::kfree(kernel::kmalloc_node(16, Gfp::kernel, kernel::Cpu{0}, nullptr, why));
  });
  EXPECT_EQ(legal.once().end, End::finished);
}

TEST_F(Locks, CallbacksHaveNoCpu) {
  struct Head : kernel::RcuHead {};
  Cell<Head> head;
  lab.cell(head);
  lab.task(0, [&] {
    kernel::call_rcu(RcuFlavor::regular, &*head, [](kernel::RcuHead*) { (void)kernel::smp_processor_id(); });
  });
  EXPECT_EQ(lab.once().violation.kind, ViolationKind::illegal_context);
}

}  // namespace
}  // namespace rcufarm::sim
