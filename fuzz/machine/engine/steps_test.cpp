// Footprints: what a step touches, exactly, for each kind of operation.
#include <vector>

#include "machine/kernel/core.h"
#include "machine/lab.h"
#include "machine/search/strategy_portfolio.h"

namespace rcufarm::sim {
namespace {

struct KeptStep {
  ContextId context;
  Op op;
  Resources resources;
  std::vector<Touched> words;
  bool is_everything;
};

// The plain order, and all steps of it.
class Watching final : public Strategy {
 public:
  const char* name() const override { return "watching"; }
  bool begin_run(std::uint64_t) override {
    steps.clear();
    return true;
  }
  Choice choose(const Situation& s) override { return {default_next(s), 0}; }
  unsigned choose(const Options&) override { return 0; }
  bool watches_steps() const override { return true; }
  void executed(const Step& step) override {
    steps.push_back(
        {step.context, step.op, step.resources, {step.words.begin(), step.words.end()}, step.is_everything});
  }

  std::vector<KeptStep> steps;
};

Touched reads(const void* word) { return {static_cast<const char*>(word), sizeof(Word), false}; }
Touched writes(const void* word) { return {static_cast<const char*>(word), sizeof(Word), true}; }
Touched whole(const void* object) { return {static_cast<const char*>(object), object_bytes_backed, true}; }

using Words = std::vector<Touched>;
constexpr Resources here = Resources::on_cpu(0);
constexpr Resources interrupts =
    here | Resources::of_cpu(0) | Resources::section(RcuFlavor::regular);  // off or on: a regular reader, too

struct Head : kernel::RcuHead {};
struct StoringWork : kernel::IrqWork {
  Atomic<int>* word = nullptr;
};

struct Footprints : testing::Test {
  Lab lab;
  Cell<Atomic<int>> x;
  Cell<Plain<int>> data;
  Watching watching;

  Footprints() {
    lab.cell(x).cell(data);
    lab.settings.check_order = false;
  }
  void run() {
    watching.begin_run(0);
    EXPECT_EQ(lab.run(watching).end, End::finished);
  }
  // The only step of the context that began with the operation, or one of several.
  const KeptStep& step(Op op, ContextId context = task_context(0), unsigned nth = 0) {
    static const KeptStep none{};
    for (const KeptStep& step : watching.steps) {
      if (step.op == op && step.context == context && nth-- == 0) return step;
    }
    ADD_FAILURE() << "no such step: " << name_of(op) << " of " << name_of(context);
    return none;
  }
  static void expect(const KeptStep& step, Resources resources, const Words& words) {
    EXPECT_EQ(step.resources, resources) << name_of(step.op);
    EXPECT_EQ(step.words, words) << name_of(step.op);
  }
};

TEST_F(Footprints, OfWords) {
  lab.task(0, [this] {
    (void)x->load(Order::relaxed);
    x->store(1, Order::relaxed);
    (void)x->exchange(2, Order::acq_rel);
    int expected = 7;
    (void)x->compare_exchange(expected, 8, Order::acq_rel);
    (void)data->get();
    data->set(3);
    lab.machine.touch(&*x, false);
    kernel::cpu_relax();
  });
  run();
  expect(step(Op::atomic_load), here, {reads(&*x)});
  expect(step(Op::atomic_store), here, {writes(&*x)});
  expect(step(Op::atomic_exchange), here, {writes(&*x)});
  expect(step(Op::atomic_compare_exchange), here, {reads(&*x)});
  expect(step(Op::plain_load), here, {reads(&*data)});
  expect(step(Op::plain_store), here, {writes(&*data)});
  expect(step(Op::touch), here, {reads(&*x)});
  // Who yields waits for anybody.
  for (const KeptStep& step : watching.steps) {
    EXPECT_EQ(step.is_everything, step.op == Op::touch || step.op == Op::cpu_relax) << name_of(step.op);
  }
  expect(step(Op::cpu_relax), here | Resources::of_cpu(0) | Resources::notifies(), {});
}

// Who shares a CPU has seen what the others there have: where that counts, their steps do not commute.
TEST_F(Footprints, OfACpuWhereOrderCounts) {
  lab.settings.check_order = true;
  lab.task(0, [this] { (void)x->load(Order::relaxed); });
  run();
  EXPECT_TRUE(step(Op::atomic_load).resources.has(Resources::of_cpu(0)));
}

TEST_F(Footprints, OfLists) {
  Cell<kernel::LlistHead> list;
  Cell<kernel::LlistNode> first, last;
  lab.cell(list).cell(first).cell(last);
  lab.task(0, [&] {
    list->add(&*last);
    list->add(&*first);
    (void)list->del_first();
    (void)list->empty();
    (void)list->del_all();
  });
  run();
  expect(step(Op::llist_add), here, {writes(&*last), writes(&*list)});
  expect(step(Op::llist_del_first, task_context(0), 0), here, {reads(&*list)});
  expect(step(Op::llist_del_first, task_context(0), 1), here, {reads(&*first)});
  expect(step(Op::llist_del_first, task_context(0), 2), here, {writes(&*list)});
  expect(step(Op::llist_empty), here, {reads(&*list)});
  EXPECT_EQ(step(Op::llist_del_all).words, Words{writes(&*list)});
}

TEST_F(Footprints, OfLocksAndInterrupts) {
  Cell<RawSpinLock> lock;
  lab.cell(lock);
  lab.task(0, [&] {
    const RawSpinLockGuard guard(*lock);
    x->store(1, Order::relaxed);
  });
  run();
  expect(step(Op::irq_off), interrupts, {});
  expect(step(Op::lock), here, {writes(&*lock)});
  expect(step(Op::atomic_store), here, {writes(&*x)});
  EXPECT_EQ(step(Op::unlock).words, Words{writes(&*lock)});
  EXPECT_TRUE(step(Op::unlock).resources.has(interrupts)) << "they come on again in the same step";
}

// Who has to wait for a lock has read it.
TEST_F(Footprints, OfWaiting) {
  Cell<RawSpinLock> lock;
  lab.cell(lock);
  for (unsigned cpu = 0; cpu < 2; ++cpu) {
    lab.task(cpu, [&] {
      const RawSpinLockGuard guard(*lock);
      lab.machine.yield();
    });
  }
  run();
  expect(step(Op::lock, task_context(1), 0), Resources::on_cpu(1), {reads(&*lock)});
  expect(step(Op::lock, task_context(1), 1), Resources::on_cpu(1), {writes(&*lock)});
}

TEST_F(Footprints, OfSections) {
  lab.task(0, [] {
    const ReadSection reader(RcuFlavor::regular);
    const ReadSection inner(RcuFlavor::regular);
    const ReadSection trace(RcuFlavor::tasks_trace);
  });
  run();
  const ContextId t0 = task_context(0);
  constexpr Resources reader = here | Resources::reader();
  expect(step(Op::read_lock, t0, 0), reader | Resources::section(RcuFlavor::regular), {});
  expect(step(Op::read_lock, t0, 1), here, {});
  expect(step(Op::read_lock, t0, 2), reader | Resources::section(RcuFlavor::tasks_trace), {});
  expect(step(Op::read_unlock, t0, 0), reader | Resources::section(RcuFlavor::tasks_trace), {});
  expect(step(Op::read_unlock, t0, 1), here, {});
  EXPECT_TRUE(step(Op::read_unlock, t0, 2).resources.has(Resources::section(RcuFlavor::regular)));
  lab.settings.trace_implies_rcu_gp = true;
  run();
  expect(step(Op::read_lock, t0, 0),
         reader | Resources::section(RcuFlavor::regular) | Resources::section(RcuFlavor::tasks_trace), {});
}

// The end of a section that somebody waits for, and of one that nobody does.
TEST_F(Footprints, OfAwaitedSections) {
  Cell<Head> head;
  lab.cell(head);
  lab.task(0, [&] {
    { const ReadSection reader(RcuFlavor::regular); }
    const ReadSection reader(RcuFlavor::regular);
    kernel::call_rcu(RcuFlavor::regular, &*head, [](kernel::RcuHead*) {});
    const ReadSection other(RcuFlavor::tasks_trace);
  });
  run();
  constexpr Resources awaited = Resources::awaited(RcuFlavor::regular);
  const ContextId t0 = task_context(0);
  EXPECT_FALSE(step(Op::read_unlock, t0, 0).resources.has(awaited));
  EXPECT_FALSE(step(Op::read_unlock, t0, 1).resources.has(awaited)) << "of another flavour";
  EXPECT_TRUE(step(Op::read_unlock, t0, 2).resources.has(awaited));
}

TEST_F(Footprints, OfGracePeriods) {
  Cell<Head> head;
  lab.cell(head);
  lab.task(0, [&] {
    kernel::call_rcu(RcuFlavor::regular, &*head, [](kernel::RcuHead*) {});
    kernel::rcu_barrier(RcuFlavor::regular);
    kernel::synchronize_rcu(RcuFlavor::tasks_trace);
    lab.machine.begin_call(1);
    lab.machine.end_call();
  });
  run();
  constexpr Resources regular = Resources::grace_period(RcuFlavor::regular);
  const KeptStep& call = step(Op::call_rcu);
  const KeptStep& callback = step(Op::start, callback_context(RcuFlavor::regular, 0));
  EXPECT_EQ(call.resources, here | regular);
  EXPECT_EQ(callback.resources, Resources::waited(RcuFlavor::regular));
  EXPECT_EQ(call.words.front(), writes(&*head));
  // The queue: who calls changes it, so does the callback, and a barrier looks at it.
  const auto meets = [](const KeptStep& a, const KeptStep& b) {
    return conflict({a.context, a.op, {}, a.words, false}, {b.context, b.op, {}, b.words, false});
  };
  EXPECT_TRUE(std::count(callback.words.begin(), callback.words.end(), call.words[1]) == 1);
  EXPECT_TRUE(meets(callback, step(Op::rcu_barrier)));
  expect(step(Op::synchronize_rcu), here | Resources::grace_period(RcuFlavor::tasks_trace), {});
  expect(step(Op::call), here | Resources::user(), {});
}

TEST_F(Footprints, OfTheSlab) {
  void* memory = nullptr;
  lab.task(0, [&] {
    kernel::AllocFailure why{};
    memory = kernel::kmalloc_node(32, Gfp::nowait, kernel::Cpu{0}, nullptr, why);
    kernel::kfree(memory);
    x->store(1, Order::relaxed);
  });
  run();
  expect(step(Op::slab_alloc), here | Resources::slab(), {whole(memory)});
  expect(step(Op::slab_free), here | Resources::slab() | Resources::user(), {whole(memory)});
  EXPECT_FALSE(step(Op::slab_alloc).resources.conflicts_with(step(Op::slab_free).resources));
  lab.settings.slab_reuse = SlabReuse::lifo;
  run();
  expect(step(Op::slab_alloc), here | Resources::slab_order(), {whole(memory)});
  expect(step(Op::slab_free), here | Resources::slab_order() | Resources::user(), {whole(memory)});
  EXPECT_TRUE(step(Op::slab_alloc).resources.conflicts_with(step(Op::slab_free).resources));
}

TEST_F(Footprints, OfIrqWork) {
  Cell<StoringWork> work;
  lab.cell(work);
  lab.first([&] {
    work->word = &*x;
    work->init([](kernel::IrqWork* item) { static_cast<StoringWork*>(item)->word->store(1, Order::relaxed); });
  });
  lab.task(0, [&] {
    kernel::irq_work_queue(&*work);
    kernel::irq_work_sync(&*work);
  });
  run();
  expect(step(Op::irq_work_claim), here, {writes(&*work)});
  // It begins in the step that raises it, up to its first operation.
  expect(step(Op::irq_work_raise), interrupts, {writes(&*work)});
  expect(step(Op::atomic_store, irq_work_context(0)), interrupts, {writes(&*x), writes(&*work)});
  EXPECT_EQ(step(Op::irq_work_sync).words, Words{reads(&*work)});
}

TEST_F(Footprints, OfWorks) {
  Cell<kernel::WorkStruct> work;
  lab.cell(work);
  lab.first([&] { work->init([](kernel::WorkStruct*) {}); });
  lab.task(0, [&] {
    kernel::queue_work(&*work);
    lab.machine.yield();
  });
  run();
  expect(step(Op::queue_work), here | Resources::workqueue(), {writes(&*work)});
  expect(step(Op::start, worker_context), Resources::workqueue() | Resources::notifies(), {writes(&*work)});
}

TEST_F(Footprints, OfPrograms) {
  lab.irq(1, [this] {
    x->store(1, Order::relaxed);
    x->store(2, Order::relaxed);
  });
  lab.task(0, [this] { lab.machine.raise(0); });
  run();
  EXPECT_TRUE(step(Op::call).resources.has(here | Resources::program(0)));
  // Its beginning and its first operation are one step: nobody is asked in between.
  expect(step(Op::atomic_store, program_context(0)),
         Resources::program(0) | Resources::on_cpu(1) | Resources::of_cpu(1) | Resources::section(RcuFlavor::regular),
         {writes(&*x)});
}

TEST_F(Footprints, OfMigration) {
  lab.task(0, [this] {
    lab.machine.migrate(1);
    x->store(1, Order::relaxed);
  });
  run();
  expect(step(Op::migrate), here | Resources::of_cpu(0) | Resources::of_cpu(1), {});
  EXPECT_TRUE(step(Op::atomic_store).resources.has(Resources::on_cpu(1)));
}

// Accesses where nobody is asked are of the step that they come after.
TEST_F(Footprints, WhereNobodyIsAskedAStepGoesOn) {
  Cell<Atomic<int>> own;
  lab.cell(own);
  lab.task(0, [&] {
    x->store(1, Order::relaxed);
    own->store(1, Order::relaxed);
    own->store(2, Order::relaxed);
    x->store(2, Order::relaxed);
  });
  lab.task(1, [&] { (void)x->load(Order::relaxed); });
  Sharing sharing;
  lab.machine.set_sharing(&sharing);
  run();
  const std::size_t asked_everywhere = watching.steps.size();
  run();
  lab.machine.set_sharing(nullptr);
  EXPECT_EQ(watching.steps.size() + 2, asked_everywhere);
  expect(step(Op::atomic_store), here, {writes(&*x), writes(&*own)});
}

// What ends a run in the middle has kept the others from going on, whatever that was.
TEST_F(Footprints, OfTheEndOfARun) {
  lab.task(0, [this] {
    kernel::AllocFailure why{};
    auto* word = static_cast<Plain<int>*>(kernel::kmalloc_node(8, Gfp::nowait, kernel::Cpu{0}, nullptr, why));
    kernel::kfree(word);
    x->store(1, Order::relaxed);
    (void)word->get();
  });
  watching.begin_run(0);
  EXPECT_EQ(lab.run(watching).violation.kind, ViolationKind::use_after_free);
  EXPECT_EQ(watching.steps.back().op, Op::plain_load);
  for (const KeptStep& step : watching.steps) EXPECT_EQ(step.is_everything, step.op == Op::plain_load);
}

// Who watches changes nothing.
TEST_F(Footprints, WatchingChangesNothing) {
  for (unsigned cpu = 0; cpu < 2; ++cpu) {
    lab.task(cpu, [this] {
      const ReadSection reader(RcuFlavor::regular);
      for (int i = 0; i < 3; ++i) x->store(i, Order::relaxed);
    });
  }
  watching.begin_run(0);
  EXPECT_EQ(lab.run(watching).digest, lab.once().digest);
  std::vector<PortfolioStrategy::Member> members;
  auto member = std::make_unique<Watching>();
  const Watching& inside = *member;
  members.push_back({std::move(member), 1, 0, 0, false});
  PortfolioStrategy portfolio(std::move(members));
  portfolio.begin_run(0);
  lab.run(portfolio);
  EXPECT_EQ(inside.steps.size(), watching.steps.size()) << "a portfolio passes steps on";
}

}  // namespace
}  // namespace rcufarm::sim
