// Interrupts: who may come over whom, irq_work, migration.
#include "machine/lab.h"

namespace rcufarm::sim {
namespace {

struct Interrupts : testing::Test {
  Lab lab;
  Cell<Atomic<int>> x;
  std::string order;
  Interrupts() {
    lab.cell(x);
    lab.settings.cpus = 1;
    lab.first([this] { order.clear(); });
  }
  // Two steps that can be told apart, with room for others in between.
  void step(char begin, char end) {
    (void)x->load(Order::relaxed);
    order += begin;
    (void)x->load(Order::relaxed);
    order += end;
  }
  Lab::Counts orders(unsigned preemptions = any_number) {
    return lab.all(preemptions, [this] { return order; });
  }
};

bool met(const Lab::Counts& counts, const char* key) { return counts.count(key) != 0; }

TEST_F(Interrupts, ComeAtAnyPointAndRunToTheirEnd) {
  lab.task(0, [&] { step('t', 'T'); }).irq(0, [&] { step('i', 'I'); }).raise_all();
  const Lab::Counts counts = orders();
  EXPECT_TRUE(met(counts, "iItT") && met(counts, "tiIT") && met(counts, "tTiI"));
  EXPECT_EQ(counts.size(), 3U) << "a task ran in the middle of an irq of its CPU";
}

// Whoever is to wait for long: the last in a fixed order.
struct InOrder final : Strategy {
  const char* name() const override { return "in order"; }
  bool begin_run(std::uint64_t) override { return true; }
  Choice choose(const Situation& s) override {
    // A program stops in the middle for the one that raises it, so that its stack is left there, too.
    const bool stops = kind_of(s.current) == ContextKind::program && s.anchor.points() == 1;
    for (const ContextId id : s.candidates) {
      if (kind_of(id) == ContextKind::program && !stops) return {id, 0};
    }
    return {s.candidates.contains(task_context(1)) ? task_context(1) : s.candidates.first(), 0};
  }
  unsigned choose(const Options&) override { return 0; }
};

TEST_F(Interrupts, ComeOverOneThatWaitsAsOftenAsTheyLike) {
  constexpr unsigned times = 5'000;
  unsigned came = 0;
  lab.settings.cpus = 2;
  lab.task(0, [&] { step('t', 'T'); });
  lab.task(1, [&] {
    for (unsigned i = 0; i < times; ++i) {
      lab.machine.raise(0);
      lab.machine.quiesce_programs();
    }
    EXPECT_EQ(order, "") << "the task of the other CPU did not wait";
  });
  lab.irq(0, [&] {
    (void)x->load(Order::relaxed);
    (void)x->load(Order::relaxed);
    ++came;
  });
  InOrder strategy;
  const Outcome outcome = lab.run(strategy);
  EXPECT_EQ(outcome.end, End::finished);
  EXPECT_EQ(came, times);
  EXPECT_EQ(order, "tT");
}

TEST_F(Interrupts, IrqDoesNotNestInAnIrq) {
  lab.task(0, [&] { step('t', 'T'); });
  lab.irq(0, [&] { step('a', 'A'); }).irq(0, [&] { step('b', 'B'); }).raise_all();
  for (const auto& [seen, count] : orders(4)) {
    EXPECT_EQ(seen.find("ab"), std::string::npos) << seen;
    EXPECT_EQ(seen.find("ba"), std::string::npos) << seen;
  }
}

TEST_F(Interrupts, NmiNestsInAnIrqAndNotInAnNmi) {
  lab.task(0, [&] { step('t', 'T'); });
  lab.irq(0, [&] { step('i', 'I'); }).nmi(0, [&] { step('n', 'N'); }).nmi(0, [&] { step('m', 'M'); }).raise_all();
  const Lab::Counts counts = orders(4);
  bool nmi_in_irq = false;
  for (const auto& [seen, count] : counts) {
    nmi_in_irq = nmi_in_irq || seen.find("inNI") != std::string::npos;
    EXPECT_EQ(seen.find("nm"), std::string::npos) << seen;
    EXPECT_EQ(seen.find("mn"), std::string::npos) << seen;
    EXPECT_EQ(seen.find("niIN"), std::string::npos) << "an irq in an nmi: " << seen;
  }
  EXPECT_TRUE(nmi_in_irq);
}

TEST_F(Interrupts, OffKeepsIrqsAndTasksAwayAndNotNmis) {
  lab.task(0, [&] {
    const IrqGuard off;
    step('t', 'T');
  });
  lab.task(0, [&] { step('u', 'U'); });
  lab.irq(0, [&] { step('i', 'I'); }).nmi(0, [&] { step('n', 'N'); }).raise_all();
  bool nmi_inside = false;
  for (const auto& [seen, count] : orders(4)) {
    const auto from = seen.find('t');
    const std::string inside = seen.substr(from, seen.find('T') - from);
    EXPECT_EQ(inside.find_first_of("uUiI"), std::string::npos) << seen;
    nmi_inside = nmi_inside || inside.find('n') != std::string::npos;
  }
  EXPECT_TRUE(nmi_inside);
}

TEST_F(Interrupts, OtherCpusGoOnMeanwhile) {
  lab.settings.cpus = 2;
  lab.task(0, [&] {
    const IrqGuard off;
    step('t', 'T');
  });
  lab.task(1, [&] { step('u', 'U'); });
  EXPECT_TRUE(met(orders(), "tuUT"));
}

TEST_F(Interrupts, TasksOfACpuPreemptEachOther) {
  lab.task(0, [&] { step('t', 'T'); }).task(0, [&] { step('u', 'U'); });
  EXPECT_EQ(orders().size(), 6U);
}

TEST_F(Interrupts, ComeOverAnEmptyCpu) {
  lab.settings.cpus = 2;
  lab.task(0, [&] { step('t', 'T'); }).irq(1, [&] { step('i', 'I'); }).raise_all();
  EXPECT_EQ(orders().size(), 6U);
}

TEST_F(Interrupts, QuiesceWaitsForAllThatWereRaised) {
  lab.task(0, [&] {
    lab.machine.raise(0);
    lab.machine.raise(0);
    lab.machine.quiesce_programs();
    order += '.';
  });
  lab.irq(0, [&] { step('i', 'I'); });
  for (const auto& [seen, count] : orders()) EXPECT_EQ(seen, "iIiI.");
}

// ---- irq_work --------------------------------------------------------------------------------------------------------

struct Work : kernel::IrqWork {
  std::function<void()> then;
};
void run_work(kernel::IrqWork* work) { static_cast<Work*>(work)->then(); }

struct IrqWorks : Interrupts {
  Cell<Work> work;
  IrqWorks() {
    lab.cell(work);
    lab.first([this] {
      order.clear();
      work->init(&run_work);
      work->then = [this] { step('w', 'W'); };
    });
  }
};

TEST_F(IrqWorks, RunAtOnceWhereInterruptsAreOn) {
  lab.task(0, [&] {
    EXPECT_TRUE(kernel::irq_work_queue(&*work));
    step('t', 'T');
  });
  for (const auto& [seen, count] : orders()) EXPECT_EQ(seen, "wWtT");
}

TEST_F(IrqWorks, RunWhenInterruptsGoOnAgain) {
  lab.task(0, [&] {
    {
      const IrqGuard outer;
      const IrqGuard inner;
      EXPECT_TRUE(kernel::irq_work_queue(&*work));
      EXPECT_FALSE(kernel::irq_work_queue(&*work));
      step('t', 'T');
    }
    order += '.';
  });
  for (const auto& [seen, count] : orders()) EXPECT_EQ(seen, "tTwW.");
}

// PREEMPT_RT.
TEST_F(IrqWorks, InAThreadInterruptsComeOverThemAndOneComesAfterTheOther) {
  unsigned rounds = 0;
  lab.task(0, [&] {
    rounds = 0;
    kernel::irq_work_queue(&*work);
    step('t', 'T');
  });
  lab.irq(0, [&] {
    if (++rounds == 1) kernel::irq_work_queue(&*work);
    step('i', 'I');
  });
  lab.raise_all();
  EXPECT_FALSE(met(orders(), "wiIWtT")) << "in an irq no other comes";
  lab.settings.irq_work_in_thread = true;
  const Lab::Counts counts = orders();
  EXPECT_TRUE(met(counts, "wiIWwWtT")) << "queued anew from the irq, and behind the first";
  for (const auto& [seen, count] : counts) EXPECT_EQ(seen.find("ww"), std::string::npos) << seen;
}

TEST_F(IrqWorks, RunAfterTheNmiThatRaisedThem) {
  lab.task(0, [&] {
    const IrqGuard off;
    step('t', 'T');
  });
  lab.nmi(0, [&] {
    kernel::irq_work_queue(&*work);
    step('n', 'N');
  });
  lab.raise_all();
  const Lab::Counts counts = orders();
  EXPECT_TRUE(met(counts, "tnNTwW")) << "interrupts are off: after them";
  EXPECT_TRUE(met(counts, "nNwWtT") || met(counts, "tTnNwW"));
  for (const auto& [seen, count] : counts) EXPECT_EQ(seen.find("nw"), std::string::npos) << seen;
}

TEST_F(IrqWorks, CanBeQueuedAgainWhileTheyRun) {
  int rounds = 0;
  lab.task(0, [&] {
    rounds = 0;
    work->then = [&] {
      if (++rounds < 3) kernel::irq_work_queue(&*work);
    };
    kernel::irq_work_queue(&*work);
  });
  EXPECT_EQ(lab.once().end, End::finished);
  EXPECT_EQ(rounds, 3);
}

// Claiming and raising are two steps: another task of the CPU may find it claimed, and nobody runs it.
TEST_F(IrqWorks, ClaimAndRaiseAreTwoSteps) {
  lab.task(0, [&] {
    kernel::irq_work_queue(&*work);
    order += 't';
  });
  lab.task(0, [&] {
    if (!kernel::irq_work_queue(&*work)) order += 'c';
  });
  EXPECT_TRUE(met(orders(), "cwWt"));
}

TEST_F(IrqWorks, SyncWaitsAndOrders) {
  Cell<Plain<int>> data;
  lab.cell(data);
  lab.settings.cpus = 2;
  bool done = false;
  lab.first([&] {
    done = false;
    work->init(&run_work);
    work->then = [&] {
      (void)x->load(Order::relaxed);
      data->set(1);
      done = true;
    };
  });
  lab.task(0, [&] {
    kernel::irq_work_queue(&*work);
    x->store(1, Order::relaxed);
  });
  lab.task(1, [&] {
    const bool raised = x->load(Order::relaxed) == 1;
    kernel::irq_work_sync(&*work);
    if (!raised) return;
    EXPECT_TRUE(done);
    data->set(2);
  });
  EXPECT_EQ(lab.all(any_number).size(), 1U);
}

// ---- migration -------------------------------------------------------------------------------------------------------

TEST_F(Interrupts, MigratedTaskWaitsForItsNewCpu) {
  lab.settings.cpus = 2;
  lab.task(0, [&] {
    lab.machine.migrate(1);
    EXPECT_EQ(lab.machine.cpu(), 1);
    step('t', 'T');
  });
  lab.task(1, [&] {
    const IrqGuard off;
    step('u', 'U');
  });
  for (const auto& [seen, count] : orders()) {
    EXPECT_EQ(seen.find("ut"), std::string::npos) << "interrupts were off: " << seen;
  }
}

TEST_F(Interrupts, CpuIsWhereTheTaskIs) {
  lab.settings.cpus = 3;
  lab.task(2, [&] {
    EXPECT_EQ(static_cast<unsigned>(kernel::smp_processor_id()), 2U);
    lab.machine.migrate(0);
    EXPECT_EQ(static_cast<unsigned>(kernel::smp_processor_id()), 0U);
  });
  lab.irq(1, [&] { EXPECT_EQ(static_cast<unsigned>(kernel::smp_processor_id()), 1U); }).raise_all();
  EXPECT_EQ(lab.all(any_number).size(), 1U);
}

}  // namespace
}  // namespace rcufarm::sim
