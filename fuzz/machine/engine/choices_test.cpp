// Choices other than who goes on: whoever searches, replays, encodes or records them goes by kind and number.
//
// No operation has more than one store to read or place to take while memory is sequentially consistent, so the programs
// here ask the machine themselves.
#include <cmath>
#include <map>
#include <utility>

#include "machine/engine/schedule.h"
#include "machine/kernel/core.h"
#include "machine/lab.h"
#include "machine/search/strategy_bytes.h"
#include "machine/search/strategy_pct.h"
#include "machine/search/strategy_portfolio.h"
#include "machine/search/strategy_pos.h"
#include "machine/search/strategy_surw.h"

namespace rcufarm::sim {
namespace {

using Answers = std::vector<unsigned>;

// The plain order, and the next answer of a list at each choice that is asked.
class Scripted final : public Strategy {
 public:
  explicit Scripted(Answers answers) : answers_(std::move(answers)) {}
  const char* name() const override { return "scripted"; }
  bool begin_run(std::uint64_t) override { return true; }
  Choice choose(const Situation& s) override { return {default_next(s), 0}; }
  unsigned choose(const Options& options) override {
    asked.push_back(options.kind);
    return answers_[asked.size() - 1];
  }

  std::vector<ChoiceKind> asked;

 private:
  Answers answers_;
};

struct ChoicesTest : testing::Test {
  Lab lab;
  Cell<Atomic<int>> word;
  Answers answers;

  ChoicesTest() {
    lab.cell(word);
    lab.first([this] { answers.clear(); });
  }
  void ask(ChoiceKind kind, unsigned count) { answers.push_back(core().choose(kind, count)); }
  void point() { (void)word->load(Order::relaxed); }
  // Two tasks, each with two choices of one kind, and one of another, in one step, and one more in the next.
  void two_tasks() {
    for (unsigned cpu = 0; cpu < 2; ++cpu) {
      lab.task(cpu, [this] {
        point();
        ask(ChoiceKind::load, 3);
        ask(ChoiceKind::place, 2);
        ask(ChoiceKind::load, 4);
        point();
        ask(ChoiceKind::place, 3);
      });
    }
  }
  Answers replay(std::span<const Deviation> deviations) {
    ReplayStrategy strategy(deviations);
    EXPECT_EQ(lab.run(strategy).end, End::finished);
    return answers;
  }
};

TEST_F(ChoicesTest, WhatTheStrategySaysIsRecorded) {
  lab.task(0, [this] {
    point();
    ask(ChoiceKind::load, 1);  // nothing to choose
    ask(ChoiceKind::load, 3);
    ask(ChoiceKind::place, 2);
    ask(ChoiceKind::load, 4);
    point();
    ask(ChoiceKind::load, 2);
  });
  Scripted strategy({0, 1, 3, 1});
  const Outcome outcome = lab.run(strategy);
  EXPECT_EQ(answers, (Answers{0, 0, 1, 3, 1}));
  EXPECT_EQ(strategy.asked, (std::vector{ChoiceKind::load, ChoiceKind::place, ChoiceKind::load, ChoiceKind::load}));
  // The second load of the first step is told from the first by an entry for that.
  const std::vector<Deviation> deviations(outcome.deviations.begin(), outcome.deviations.end());
  EXPECT_EQ(
      to_text(Schedule{"", deviations}),
      "schedule 2\nconfig \nt0 1+1 place_store 1\nt0 1+1 read_store 0\nt0 1+1 read_store 3\nt0 1+2 read_store 1\n");
  EXPECT_EQ(replay(deviations), (Answers{0, 0, 1, 3, 1}));
}

TEST_F(ChoicesTest, AllocationsAreAsked) {
  lab.settings.failures_max = 1;
  std::string got;
  lab.task(0, [&] {
    got.clear();
    for (int i = 0; i < 3; ++i) {
      kernel::AllocFailure why{};
      got += kernel::kmalloc_node(8, Gfp::nowait, kernel::Cpu{0}, nullptr, why) != nullptr ? 'y' : 'n';
    }
  });
  Scripted strategy({0, 1});
  const Outcome outcome = lab.run(strategy);
  EXPECT_EQ(got, "yny");
  EXPECT_EQ(strategy.asked, (std::vector{ChoiceKind::allocation, ChoiceKind::allocation})) << "one may fail";
  const std::vector<Deviation> deviations(outcome.deviations.begin(), outcome.deviations.end());
  EXPECT_EQ(to_text(Schedule{"", deviations}), "schedule 1\nconfig \nt0 1+2 fail\n");
  EXPECT_EQ(replay(deviations), Answers{});
  EXPECT_EQ(got, "yny");
}

TEST_F(ChoicesTest, EveryStrategyReplays) {
  two_tasks();
  const Odds often{.failures = 128, .reordered = 128};
  std::vector<std::unique_ptr<Strategy>> strategies;
  strategies.push_back(std::make_unique<RandomStrategy>(1, 0, often));
  strategies.push_back(std::make_unique<PctStrategy>(2, 3, often));
  strategies.push_back(std::make_unique<PosStrategy>(3, often));
  strategies.push_back(std::make_unique<SurwStrategy>(4, often));
  strategies.push_back(std::make_unique<PortfolioStrategy>(PortfolioStrategy::usual(5)));
  strategies.push_back(std::make_unique<ExhaustiveStrategy>(3));
  for (const auto& strategy : strategies) {
    std::map<DecisionKind, unsigned> met;
    for (std::uint64_t run = 0; run < 400 && strategy->begin_run(run); ++run) {
      const Outcome first = lab.run(*strategy);
      const Answers said = answers;
      const std::vector<Deviation> deviations(first.deviations.begin(), first.deviations.end());
      for (const Deviation& d : deviations) ++met[d.kind];
      ReplayStrategy replay(deviations);
      const Outcome again = lab.run(replay);
      ASSERT_EQ(answers, said) << strategy->name() << ", run " << run;
      ASSERT_EQ(again.digest, first.digest);
      ASSERT_EQ(replay.used(), deviations.size());
      ASSERT_TRUE(std::equal(again.deviations.begin(), again.deviations.end(), deviations.begin(), deviations.end()));
    }
    EXPECT_GT(met[DecisionKind::read_store], 20U) << strategy->name();
    EXPECT_GT(met[DecisionKind::place_store], 20U) << strategy->name();
  }
}

TEST_F(ChoicesTest, BytesReplay) {
  two_tasks();
  Random random(6, 0);
  std::map<ChoiceKind, unsigned> met;
  for (unsigned run = 0; run < 500; ++run) {
    std::vector<Departure> departures(random.below(10));
    for (Departure& d : departures) {
      d = {static_cast<DepartureKind>(random.below(departure_kinds)), static_cast<std::uint8_t>(random.below(5)),
           static_cast<std::uint16_t>(random.below(3))};
    }
    BytesStrategy bytes(departures, static_cast<std::uint8_t>(run % 3));
    bytes.begin_run(0);
    const Outcome first = lab.run(bytes);
    const Answers said = answers;
    const std::vector<Deviation> deviations(first.deviations.begin(), first.deviations.end());
    for (const Deviation& d : deviations) {
      if (choice_of(d.kind)) ++met[*choice_of(d.kind)];
    }
    ASSERT_EQ(replay(deviations), said);
  }
  EXPECT_GT(met[ChoiceKind::load], 100U);
  EXPECT_GT(met[ChoiceKind::place], 100U);
}

// Whatever is dropped or does not fit leaves a legal schedule.
TEST_F(ChoicesTest, AnyPartIsLegal) {
  two_tasks();
  RandomStrategy strategy(7, 0, Odds{.reordered = 200});
  Random random(8, 0);
  for (std::uint64_t run = 0; run < 300; ++run) {
    strategy.begin_run(run);
    const Outcome first = lab.run(strategy);
    std::vector<Deviation> deviations(first.deviations.begin(), first.deviations.end());
    while (!deviations.empty()) {
      const std::size_t at = random.below(deviations.size());
      if (random.below(2) == 0) {
        deviations.erase(deviations.begin() + static_cast<std::ptrdiff_t>(at));
      } else {
        deviations[at].value = static_cast<std::uint32_t>(random.below(8));
        if (choice_of(deviations[at].kind))
          deviations[at].kind = decision_for(static_cast<ChoiceKind>(random.below(3)));
      }
      replay(deviations);
      for (const unsigned answer : answers) ASSERT_LT(answer, 4U);
      if (random.below(8) == 0) break;
    }
  }
}

// An option other than the plain one counts as a preemption, and none is left out.
TEST_F(ChoicesTest, ExhaustiveSearchCountsThem) {
  lab.task(0, [this] {
    point();
    ask(ChoiceKind::load, 3);
    ask(ChoiceKind::place, 4);
  });
  const auto say = [this] { return both(static_cast<int>(answers[0]), static_cast<int>(answers[1])); };
  EXPECT_EQ(lab.all(0, say), (Lab::Counts{{"00", 1}}));
  EXPECT_EQ(lab.all(1, say), (Lab::Counts{{"00", 1}, {"10", 1}, {"20", 1}, {"01", 1}, {"02", 1}, {"03", 1}}));
  const Lab::Counts all = lab.all(2, say);
  EXPECT_EQ(all.size(), 12U);
  for (const auto& [way, count] : all) EXPECT_EQ(count, 1U) << way;
}

// One of eight departs, and an age of one more is half as likely.
TEST_F(ChoicesTest, RandomStrategiesTakeNearOptions) {
  lab.task(0, [this] {
    point();
    ask(ChoiceKind::load, 5);
  });
  RandomStrategy strategy(9);
  const double runs = 60'000;
  std::array<double, 5> counts{};
  for (std::uint64_t run = 0; run < 60'000; ++run) {
    strategy.begin_run(run);
    lab.run(strategy);
    ++counts[answers[0]];
  }
  const std::array<double, 5> expected = {7.0 / 8, 1.0 / 16, 1.0 / 32, 1.0 / 64, 1.0 / 64};
  for (std::size_t i = 0; i < counts.size(); ++i) {
    EXPECT_LT(std::abs(counts[i] / runs - expected[i]), 5 * std::sqrt(expected[i] / runs)) << i << ": " << counts[i];
  }
}

}  // namespace
}  // namespace rcufarm::sim
