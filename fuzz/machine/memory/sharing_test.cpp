// Being asked only where words are shared: the same schedules, nothing out of reach, and far fewer questions.
#include "machine/memory/sharing.h"

#include <set>

#include "machine/lab.h"
#include "machine/search/random_options.h"

namespace rcufarm::sim {
namespace {

constexpr std::uint64_t runs = 4000;

// Random choices at each point, counted.
class CountedRandom final : public Strategy {
 public:
  const char* name() const override { return "counted"; }
  bool begin_run(std::uint64_t run) override {
    asked = 0;
    random_ = Random(9, run);
    return true;
  }
  Choice choose(const Situation& s) override {
    ++asked;
    return {random_member(random_, s.candidates), 0};
  }
  unsigned choose(const Options& options) override { return random_option(random_, {}, options); }

  unsigned asked = 0;

 private:
  Random random_{9, 0};
};

struct SharingTest : testing::Test {
  using Body = Lab::Body;

  Lab lab;
  Sharing sharing;
  CountedRandom random;
  SharingTest() { lab.settings.check_order = false; }

  Outcome run(std::uint64_t number) {
    lab.machine.set_sharing(&sharing);
    random.begin_run(number);
    return lab.run(random);
  }
  // All that random runs gave, and all that there is.
  std::set<std::string> met(const std::function<std::string()>& say) {
    std::set<std::string> ways;
    for (std::uint64_t i = 0; i < runs; ++i) {
      if (i % 100 == 0) sharing.begin_program();
      ways.insert(Lab::describe(run(i), say));
    }
    return ways;
  }
  std::set<std::string> all(const std::function<std::string()>& say) {
    lab.machine.set_sharing(nullptr);
    std::set<std::string> ways;
    for (const auto& [way, count] : lab.all(any_number, say)) ways.insert(way);
    return ways;
  }
};

// Two CPUs, one with an nmi; words of one task, of one CPU, and of both.
struct Mixed : SharingTest {
  Cell<Plain<int>> own[2];
  Cell<Plain<int>> of_a_cpu;
  Cell<Atomic<int>> shared;

  Mixed() {
    for (Cell<Plain<int>>& word : own) lab.cell(word);
    lab.cell(of_a_cpu).cell(shared);
    for (unsigned cpu = 0; cpu < 2; ++cpu) {
      lab.task(cpu, [this, cpu] {
        for (int i = 0; i < 10; ++i) own[cpu]->set(own[cpu]->get() + 1);
        if (cpu == 0) of_a_cpu->set(of_a_cpu->get() + 1);
        (void)shared->exchange(static_cast<int>(cpu), Order::acq_rel);
      });
    }
    lab.nmi(0, [this] { of_a_cpu->set(of_a_cpu->get() + 10); });
    lab.raise_all();
  }
};

TEST_F(Mixed, WhatItGivesReplaysWithoutIt) {
  for (std::uint64_t i = 0; i < 500; ++i) {
    if (i % 16 == 0) sharing.begin_program();
    const Outcome outcome = run(i);
    ASSERT_EQ(outcome.end, End::finished);
    const std::vector<Deviation> schedule(outcome.deviations.begin(), outcome.deviations.end());
    lab.machine.set_sharing(nullptr);
    ReplayStrategy replay(schedule);
    const Outcome again = lab.run(replay);
    ASSERT_EQ(again.digest, outcome.digest) << "run " << i;
    ASSERT_EQ(again.points, outcome.points) << "run " << i;
  }
}

TEST_F(Mixed, TheFirstRunIsAskedEverywhereAndLaterOnesWhereItMatters) {
  run(1);
  EXPECT_GT(random.asked, 40U);
  for (std::uint64_t i = 2; i < 20; ++i) {
    run(i);
    EXPECT_LT(random.asked, 20U);
  }
  sharing.begin_program();
  run(1);
  EXPECT_GT(random.asked, 40U) << "another program: nothing is known";
}

// Between the two halves of an increment only the nmi of the same CPU tells the difference: it is asked while one is to come.
TEST_F(Mixed, ALostUpdateOfAWordOfOneCpuIsMet) {
  int last = 0;
  lab.last([&] { last = of_a_cpu->get(); });
  EXPECT_EQ(met([&] { return std::to_string(last); }), (std::set<std::string>{"1", "11"}));
}

// t1 looks at the word only if it comes at the right moment: most runs do not know that it is shared.
TEST_F(SharingTest, AWordThatIsSeldomSharedIsAskedAtOnceItIs) {
  Cell<Plain<int>> data;
  Cell<Atomic<int>> door;
  lab.cell(data).cell(door);
  std::string seen;
  lab.first([&] { seen = "nothing"; });
  lab.task(0, [&] {
    for (int i = 1; i <= 3; ++i) data->set(i);
  });
  lab.task(1, [&] {
    if (door->load(Order::relaxed) == 1) seen = std::to_string(data->get());
  });
  lab.task(2 % lab.settings.cpus, [&] {
    door->store(1, Order::relaxed);
    door->store(2, Order::relaxed);
  });
  const auto say = [&] { return seen; };
  const std::set<std::string> there_is = all(say);
  EXPECT_EQ(there_is, (std::set<std::string>{"0", "1", "2", "3", "nothing"}));
  EXPECT_EQ(met(say), there_is);
}

TEST_F(SharingTest, AFreeIsAWriteToTheObject) {
  void* memory = nullptr;
  lab.first([&] {
    kernel::AllocFailure why{};
    memory = kernel::kmalloc_node(16, Gfp::nowait, kernel::Cpu{0}, nullptr, why);
  });
  lab.task(0, [&] { (void)reinterpret_cast<Atomic<int>*>(memory)->load(Order::relaxed); });
  lab.task(1, [&] { kernel::kfree(memory); });
  const auto say = [] { return std::string("finished"); };
  const std::set<std::string> there_is = all(say);
  EXPECT_EQ(there_is, (std::set<std::string>{"finished", "use-after-free"}));
  EXPECT_EQ(met(say), there_is);
}

// A loop over a word of its own ends at the limit of points, though nobody is asked in it.
TEST_F(SharingTest, TheLimitOfPointsHolds) {
  Cell<Plain<int>> own;
  lab.cell(own);
  lab.settings.points_max = 1000;
  bool ends = true;
  lab.task(0, [&] {
    while (own->get() == 0 && !ends) continue;
  });
  lab.task(1, [&] { (void)own; });
  EXPECT_EQ(run(1).end, End::finished);
  ends = false;
  const Outcome outcome = run(2);
  EXPECT_EQ(outcome.end, End::points);
  EXPECT_LE(outcome.points, lab.settings.points_max + 1);
}

}  // namespace
}  // namespace rcufarm::sim
