// RCU: what grace periods allow and forbid, for both flavours; callbacks, barriers, edges.
#include "machine/lab.h"
#include "machine/search/strategy_pct.h"

namespace rcufarm::sim {
namespace {

constexpr RcuFlavor regular = RcuFlavor::regular;
constexpr RcuFlavor tasks_trace = RcuFlavor::tasks_trace;

struct Counted : kernel::RcuHead {
  std::function<void()> then;
};
void run_counted(kernel::RcuHead* head) { static_cast<Counted*>(head)->then(); }

// Reader: r0 = x, r1 = y. Updater: x = 1, a grace period, y = 1. A reader that sees y sees x, unless it is no reader.
struct GracePeriod : testing::TestWithParam<RcuFlavor> {
  Lab lab;
  Cell<Atomic<int>> x, y;
  int r0 = 0, r1 = 0;
  GracePeriod() {
    lab.cell(x).cell(y);
    lab.task(1, [this] {
      x->store(1, Order::relaxed);
      kernel::synchronize_rcu(GetParam());
      y->store(1, Order::relaxed);
    });
  }
  void look() {
    r0 = x->load(Order::relaxed);
    r1 = y->load(Order::relaxed);
  }
  // Was "x not seen, y seen" met?
  bool forbidden_is_met(unsigned preemptions = any_number) {
    const Lab::Counts counts = lab.all(preemptions, [this] { return both(r0, r1); });
    EXPECT_GT(counts.count("00") + counts.count("10") + counts.count("11"), 1U) << "the test tries nothing";
    return counts.count("01") != 0;
  }
};
INSTANTIATE_TEST_SUITE_P(Flavors, GracePeriod, testing::Values(regular, tasks_trace));

TEST_P(GracePeriod, WaitsForReaders) {
  lab.task(0, [this] {
    const ReadSection reader(GetParam());
    look();
  });
  EXPECT_FALSE(forbidden_is_met());
}
TEST_P(GracePeriod, WaitsForNestedSections) {
  lab.task(0, [this] {
    const ReadSection outer(GetParam());
    { const ReadSection inner(GetParam()); }
    look();
  });
  EXPECT_FALSE(forbidden_is_met());
}
TEST_P(GracePeriod, DoesNotWaitForOthers) {
  lab.task(0, [this] { look(); });
  EXPECT_TRUE(forbidden_is_met());
}
TEST_P(GracePeriod, DoesNotWaitForTheOtherFlavour) {
  lab.task(0, [this] {
    const ReadSection reader(GetParam() == regular ? tasks_trace : regular);
    look();
  });
  EXPECT_TRUE(forbidden_is_met());
}
TEST_P(GracePeriod, TasksTraceMayImplyRegular) {
  lab.settings.trace_implies_rcu_gp = true;
  lab.task(0, [this] {
    const ReadSection reader(regular);
    look();
  });
  EXPECT_FALSE(forbidden_is_met());
}
TEST_P(GracePeriod, InterruptsOffIsARegularReader) {
  lab.task(0, [this] {
    const IrqGuard off;
    look();
  });
  EXPECT_EQ(forbidden_is_met(), GetParam() == tasks_trace);
}
TEST_P(GracePeriod, IrqIsARegularReader) {
  lab.irq(0, [this] { look(); }).raise_all();
  EXPECT_EQ(forbidden_is_met(4), GetParam() == tasks_trace);
}
TEST_P(GracePeriod, NmiIsARegularReader) {
  lab.nmi(0, [this] { look(); }).raise_all();
  EXPECT_EQ(forbidden_is_met(4), GetParam() == tasks_trace);
}
TEST_P(GracePeriod, PreemptedReaderIsStillAReader) {
  lab.settings.cpus = 2;
  lab.task(0, [this] {
    const ReadSection reader(GetParam());
    look();
  });
  lab.task(0, [] { kernel::cpu_relax(); });
  EXPECT_FALSE(forbidden_is_met(3));
}

// ---- callbacks -------------------------------------------------------------------------------------------------------

struct Callbacks : testing::TestWithParam<RcuFlavor> {
  Lab lab;
  Cell<Counted> a, b;
  std::string order;
  Callbacks() { lab.cell(a).cell(b); }
};
INSTANTIATE_TEST_SUITE_P(Flavors, Callbacks, testing::Values(regular, tasks_trace));

TEST_P(Callbacks, RunInOrderOnOneCpu) {
  lab.task(0, [&] {
    order.clear();
    a->then = [&] { order += 'a'; };
    b->then = [&] { order += 'b'; };
    kernel::call_rcu(GetParam(), &*a, &run_counted);
    kernel::call_rcu_hurry(GetParam(), &*b, &run_counted);
  });
  for (const auto& [seen, count] : lab.all(any_number, [&] { return order; })) EXPECT_EQ(seen, "ab");
}

TEST_P(Callbacks, OfTwoCpusRunSideBySide) {
  Cell<Atomic<int>> x;
  lab.cell(x);
  lab.first([&] { order.clear(); });
  const auto queue = [&](Counted& head, char begin, char end) {
    head.then = [&, begin, end] {
      x->store(1, Order::relaxed);
      order += begin;
      x->store(2, Order::relaxed);
      order += end;
    };
    kernel::call_rcu(GetParam(), &head, &run_counted);
  };
  lab.task(0, [&] { queue(*a, 'a', 'A'); }).task(1, [&] { queue(*b, 'b', 'B'); });
  const Lab::Counts counts = lab.all(2, [&] { return order; });
  EXPECT_GT(counts.count("abAB") + counts.count("abBA"), 0U);
  EXPECT_GT(counts.count("baAB") + counts.count("baBA"), 0U);
  EXPECT_EQ(counts.count("a"), 0U) << "a callback that is queued when the program ends runs all the same";
}

TEST_P(Callbacks, DoNotRunInsideAnOlderSection) {
  Cell<Atomic<int>> ran;
  lab.cell(ran);
  lab.task(0, [&] {
    a->then = [&] { ran->store(1, Order::relaxed); };
    const ReadSection reader(GetParam());
    kernel::call_rcu(GetParam(), &*a, &run_counted);
    EXPECT_EQ(ran->load(Order::relaxed), 0);
  });
  EXPECT_EQ(lab.all(any_number).size(), 1U);
}

TEST_P(Callbacks, MayRunInsideAYoungerSection) {
  Cell<Atomic<int>> ran;
  int seen = 0;
  lab.cell(ran);
  lab.task(0, [&] {
    a->then = [&] { ran->store(1, Order::relaxed); };
    kernel::call_rcu(GetParam(), &*a, &run_counted);
    const ReadSection reader(GetParam());
    seen = ran->load(Order::relaxed);
  });
  const Lab::Counts counts = lab.all(any_number, [&] { return std::to_string(seen); });
  EXPECT_EQ(counts.size(), 2U);
}

// The callback that is running counts, too.
TEST_P(Callbacks, BarrierWaitsForWhatIsQueuedAndRunning) {
  Cell<Atomic<int>> x;
  Cell<Plain<int>> data;
  bool done = false;
  lab.cell(x).cell(data);
  lab.first([&] { done = false; });
  lab.task(0, [&] {
    a->then = [&] {
      x->store(1, Order::relaxed);
      data->set(1);
      done = true;
    };
    kernel::call_rcu(GetParam(), &*a, &run_counted);
    x->store(2, Order::relaxed);
    kernel::rcu_barrier(GetParam());
    EXPECT_TRUE(done);
    data->set(2);  // ordered, or it races
  });
  EXPECT_EQ(lab.all(any_number).size(), 1U);
}

TEST_P(Callbacks, BarrierDoesNotWaitForOneThatQueuesItselfAgain) {
  int rounds = 0;
  lab.task(0, [&] {
    rounds = 0;
    a->then = [&] {
      if (++rounds < 3) kernel::call_rcu(GetParam(), &*a, &run_counted);
    };
    kernel::call_rcu(GetParam(), &*a, &run_counted);
    kernel::rcu_barrier(GetParam());
    order = std::to_string(rounds);
  });
  const Lab::Counts counts = lab.all(2, [&] { return order + std::to_string(rounds); });
  EXPECT_EQ(counts.count("13"), 1U);
  EXPECT_EQ(counts.count("03"), 0U);
}

TEST_P(Callbacks, BarrierIsNoGracePeriod) {
  Cell<Atomic<int>> x;
  lab.cell(x);
  bool met = false;
  lab.task(0, [&] {
    const ReadSection reader(GetParam());
    x->store(1, Order::relaxed);
    x->store(2, Order::relaxed);
  });
  lab.task(1, [&] {
    kernel::rcu_barrier(GetParam());
    met = met || x->load(Order::relaxed) == 1;
  });
  lab.all(any_number);
  EXPECT_TRUE(met);
}

// ---- edges -----------------------------------------------------------------------------------------------------------

TEST_P(Callbacks, CallHappensBeforeTheCallback) {
  Cell<Plain<int>> data;
  lab.cell(data);
  lab.task(0, [&] {
    a->then = [&] { data->set(2); };
    data->set(1);
    kernel::call_rcu(GetParam(), &*a, &run_counted);
  });
  EXPECT_EQ(lab.all(any_number).count("data-race"), 0U);
}

// The end of a section that began before the call, whether it had ended by then or not.
TEST_P(Callbacks, SectionHappensBeforeTheCallback) {
  Cell<Plain<int>> data;
  Cell<Atomic<int>> inside;
  lab.cell(data).cell(inside);
  lab.task(0, [&] {
    const ReadSection reader(GetParam());
    inside->store(1, Order::relaxed);
    (void)data->get();
  });
  lab.task(1, [&] {
    a->then = [&] { data->set(2); };
    if (inside->load(Order::relaxed) == 1) kernel::call_rcu(GetParam(), &*a, &run_counted);
  });
  EXPECT_EQ(lab.all(any_number).count("data-race"), 0U);
}

TEST_P(Callbacks, WhatIsNoSectionDoesNot) {
  Cell<Plain<int>> data;
  lab.cell(data);
  lab.task(0, [&] {
    const IrqGuard off;  // holds a regular grace period up, and gives no edge
    (void)data->get();
  });
  lab.task(1, [&] {
    a->then = [&] { data->set(2); };
    kernel::call_rcu(GetParam(), &*a, &run_counted);
  });
  EXPECT_GT(lab.all(any_number).count("data-race"), 0U);
}

TEST_P(Callbacks, HeadThatIsQueuedTwiceIsAViolation) {
  lab.task(0, [&] {
    a->then = [] {};
    const ReadSection reader(GetParam());
    kernel::call_rcu(GetParam(), &*a, &run_counted);
    kernel::call_rcu(tasks_trace, &*a, &run_counted);
  });
  const Outcome outcome = lab.once();
  EXPECT_EQ(outcome.violation.kind, ViolationKind::queued_twice);
  EXPECT_EQ(outcome.violation.first.op, Op::call_rcu);
}

// A grace period ends in the end, whatever the strategy prefers: a task that waits for a callback in a loop is served.
TEST_P(Callbacks, GracePeriodsAreFair) {
  Cell<Atomic<int>> ran;
  lab.cell(ran);
  lab.settings.points_max = 100'000;
  lab.task(0, [&] {
    a->then = [&] { ran->store(1, Order::release); };
    kernel::call_rcu(GetParam(), &*a, &run_counted);
    while (ran->load(Order::acquire) == 0) kernel::cpu_relax();
  });
  EXPECT_EQ(lab.once().end, End::finished);
  for (unsigned depth = 1; depth <= 3; ++depth) {
    PctStrategy pct(7, depth);
    for (std::uint64_t run = 0; run < 200; ++run) {
      pct.begin_run(run);
      ASSERT_EQ(lab.run(pct).end, End::finished) << "depth " << depth << " run " << run;
    }
  }
}

TEST_P(Callbacks, GracePeriodIsAnEvent) {
  struct Watch final : Observer {
    std::string seen;
    void on_event(const Event& event) override {
      if (event.kind == EventKind::grace_period) seen += 'g';
      if (event.kind == EventKind::callback_begin) seen += 'c';
    }
  } watch;
  lab.machine.set_observer(&watch);
  lab.task(0, [&] {
    a->then = b->then = [] {};
    kernel::call_rcu(GetParam(), &*a, &run_counted);
    kernel::call_rcu(GetParam(), &*b, &run_counted);
  });
  lab.once();
  EXPECT_EQ(watch.seen, "gcc");
  EXPECT_EQ(lab.machine.callbacks_in_flight(GetParam()), 0U);
}

TEST_P(Callbacks, AnObserverIsSparedWhatItDoesNotWant) {
  struct Watch final : Observer {
    std::string seen;
    void on_event(const Event& event) override { seen += event.kind == EventKind::callback_begin ? 'c' : '?'; }
    EventKinds kinds() const override { return kind_bit(EventKind::callback_begin); }
  } watch;
  lab.machine.set_observer(&watch);
  lab.task(0, [&] {
    a->then = [] {};
    kernel::call_rcu(GetParam(), &*a, &run_counted);
  });
  lab.once();
  EXPECT_EQ(watch.seen, "c");
  lab.machine.set_observer(nullptr);
  lab.once();
  EXPECT_EQ(watch.seen, "c");
}

}  // namespace
}  // namespace rcufarm::sim
