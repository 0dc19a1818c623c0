// A run is a function of program, settings and schedule; it leaves nothing behind, and allocates nothing.
#include <atomic>
#include <cstdlib>
#include <new>

#include "machine/lab.h"
#include "machine/search/random_options.h"
#include "machine/search/strategy_pct.h"
#include "machine/search/strategy_portfolio.h"
#include "machine/search/strategy_pos.h"
#include "machine/search/strategy_surw.h"

namespace {
std::atomic<std::uint64_t> heap_allocations{0};
}

// Every allocation of this test program is counted. Out of line, or g++ sees free() meet operator new.
[[gnu::noinline]] void* operator new(std::size_t bytes) {
  heap_allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* memory = std::malloc(bytes == 0 ? 1 : bytes)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace rcufarm::sim {
namespace {

struct Determinism : testing::Test {
  struct Head : kernel::RcuHead {};
  Lab lab;
  Cell<Atomic<int>> x, y;
  Cell<Plain<int>> data;
  Cell<RawSpinLock> lock;
  Cell<Head> head;
  Cell<kernel::LlistHead> list;
  bool races = false;

  Determinism() {
    lab.cell(x).cell(y).cell(data).cell(lock).cell(head).cell(list);
    lab.task(0, [this] {
      add();
      const ReadSection reader(RcuFlavor::regular);
      (void)y->load(Order::acquire);
      kernel::call_rcu(RcuFlavor::regular, &*head, [](kernel::RcuHead*) {});
    });
    lab.task(1, [this] {
      add();
      for (kernel::LlistNode* node = list->del_all(); node != nullptr;) {
        kernel::LlistNode* next = node->next.get();
        kernel::kfree(node);
        node = next;
      }
      if (races) data->set(2);
    });
    lab.irq(0, [this] { (void)x->exchange(1, Order::relaxed); }).raise_all();
  }
  void add() {
    {
      const RawSpinLockGuard guard(*lock);
      data->set(1);
      x->store(1, Order::relaxed);
    }
    kernel::AllocFailure why{};
    if (void* memory = kernel::kmalloc_node(32, Gfp::nowait, kernel::Cpu{0}, nullptr, why)) {
      list->add(static_cast<kernel::LlistNode*>(memory));
    }
    y->store(1, Order::release);
  }
  std::uint64_t digest_of(Strategy& strategy, std::uint64_t run) {
    EXPECT_TRUE(strategy.begin_run(run));
    return lab.run(strategy).digest;
  }
};

// A walk of this test's own, so that no change of a strategy changes what follows.
class Walk final : public Strategy {
 public:
  const char* name() const override { return "walk"; }
  bool begin_run(std::uint64_t run) override {
    random_ = Random(1, run);
    return true;
  }
  Choice choose(const Situation& s) override { return {random_member(random_, s.candidates), 0}; }
  unsigned choose(const Options& options) override { return random_option(random_, {}, options); }

 private:
  Random random_{1, 0};
};

// The machine's meaning, in a number that no compiler, build or address may change. It changes when an operation gets
// another point, and then stored schedules have changed their meaning, too.
TEST_F(Determinism, DigestIsTheSameOnEveryBuild) {
  Walk random;
  std::uint64_t all = 0;
  for (std::uint64_t run = 0; run < 1000; ++run) all = mixed(all ^ digest_of(random, run));
  EXPECT_EQ(all, 195273362282286091U);
}

TEST_F(Determinism, FirstAndLastOfAMillionRuns) {
  RandomStrategy random(2);
  RandomStrategy others(3);
  const std::uint64_t first = digest_of(random, 7);
  for (std::uint64_t run = 0; run < 1'000'000; ++run) {
    lab.settings.slab_reuse = run % 2 == 0 ? SlabReuse::never : SlabReuse::lifo;
    lab.settings.cpus = 2 + static_cast<unsigned>(run % 3);
    races = run % 8 == 0;  // some are left in the middle
    others.begin_run(run);
    lab.run(others);
  }
  lab.settings = Settings{};
  races = false;
  EXPECT_EQ(digest_of(random, 7), first);
}

TEST_F(Determinism, DroppedRunsLeaveNothingBehind) {
  const std::uint64_t before = lab.once().digest;
  races = true;
  RandomStrategy random(4);
  std::uint64_t violations = 0;
  for (std::uint64_t run = 0; run < 2000; ++run) {
    random.begin_run(run);
    violations += lab.run(random).end == End::violation ? 1 : 0;
  }
  EXPECT_GT(violations, 100U);
  races = false;
  EXPECT_EQ(lab.once().digest, before);
}

TEST_F(Determinism, EqualStrategiesDoTheSame) {
  const auto make = [](std::vector<std::unique_ptr<Strategy>>& all) {
    all.push_back(std::make_unique<RandomStrategy>(5));
    all.push_back(std::make_unique<RandomStrategy>(5, 200));
    all.push_back(std::make_unique<PctStrategy>(5, 3));
    all.push_back(std::make_unique<PosStrategy>(5));
    all.push_back(std::make_unique<SurwStrategy>(5));
    all.push_back(std::make_unique<PortfolioStrategy>(PortfolioStrategy::usual(5)));
  };
  std::vector<std::unique_ptr<Strategy>> first, second;
  make(first);
  make(second);
  for (std::size_t i = 0; i < first.size(); ++i) {
    for (std::uint64_t run = 0; run < 300; ++run) {
      ASSERT_EQ(digest_of(*first[i], run), digest_of(*second[i], run)) << first[i]->name() << ", run " << run;
    }
  }
}

TEST_F(Determinism, RunsAllocateNothing) {
  PortfolioStrategy portfolio = PortfolioStrategy::usual(6);
  std::vector<std::uint8_t> map(1024);
  lab.machine.set_reads_from_map(map.data(), map.size());
  std::uint64_t allocations = 0;
  for (std::uint64_t run = 0; run < 3000; ++run) {
    races = run % 8 == 0;
    const std::uint64_t before = heap_allocations.load();
    portfolio.begin_run(run);
    const Outcome outcome = lab.run(portfolio);
    if (run >= 100) allocations += heap_allocations.load() - before;
    ASSERT_NE(outcome.end, End::limit);
  }
  EXPECT_EQ(allocations, 0U);
  const std::uint64_t before = heap_allocations.load();
  ::operator delete(::operator new(1));
  EXPECT_EQ(heap_allocations.load(), before + 1) << "the count counts";
}

// The plain order, from a strategy that is asked as seldom as can be.
class QuietPlainOrder final : public Strategy {
 public:
  const char* name() const override { return "quiet"; }
  bool begin_run(std::uint64_t) override { return true; }
  Choice choose(const Situation& s) override { return {default_next(s), quiet_for_ever}; }
  unsigned choose(const Options&) override { return 0; }
};

// What a run is asked to watch and to model is known before its prologue does anything.
TEST(Settings, OfTheRunBeforeMeanNothing) {
  Lab lab;
  Cell<Atomic<int>> x;
  lab.cell(x);
  lab.first([&] {
    x->store(1, Order::release);
    (void)x->exchange(2, Order::relaxed);
  });
  lab.task(0, [&] { (void)x->load(Order::acquire); });
  const auto digest_of = [&](MemoryModel model) {
    lab.settings.model = model;
    return lab.once().digest;
  };
  for (const MemoryModel model : {MemoryModel::sc, MemoryModel::tso, MemoryModel::c11, MemoryModel::kernel}) {
    digest_of(model);
    const std::uint64_t again = digest_of(model);
    for (const MemoryModel before : {MemoryModel::sc, MemoryModel::c11}) {
      digest_of(before);
      EXPECT_EQ(again, digest_of(model)) << name_of(before) << " before " << name_of(model);
    }
  }
}

TEST(Quiet, HowOftenAStrategyIsAskedChangesNothing) {
  Lab lab;
  Cell<Atomic<int>> word;
  lab.cell(word);
  for (unsigned cpu = 0; cpu < 2; ++cpu) {
    lab.task(cpu, [&] {
      // To yield is the first thing that it does.
      lab.machine.yield();
      for (int i = 0; i < 3; ++i) (void)word->exchange(i, Order::acq_rel);
      lab.machine.yield();
      (void)word->load(Order::acquire);
    });
  }
  QuietPlainOrder quiet;
  EXPECT_EQ(lab.run(quiet).digest, lab.once().digest);
}

}  // namespace
}  // namespace rcufarm::sim
