// A strategy can give a run up: the run ends there, is no verdict, and is not counted as searched.
#include <utility>

#include "machine/kernel/core.h"
#include "machine/lab.h"
#include "machine/search/strategy_portfolio.h"

namespace rcufarm::sim {
namespace {

// Another strategy's choices up to question number `at` of each run that `gives_up` names.
class GivesUp final : public Strategy {
 public:
  using Runs = std::function<bool(std::uint64_t run)>;
  GivesUp(std::unique_ptr<Strategy> other, unsigned at, Runs gives_up)
      : other_(std::move(other)), at_(at), gives_up_(std::move(gives_up)) {}

  const char* name() const override { return "gives-up"; }
  bool begin_run(std::uint64_t run) override {
    asked_ = 0;
    gives_this_up_ = gives_up_(run);
    return other_->begin_run(run);
  }
  Choice choose(const Situation& s) override { return is_due() ? Choice::give_up() : other_->choose(s); }
  unsigned choose(const Options& options) override { return is_due() ? give_up_option : other_->choose(options); }
  void end_run(std::uint64_t steps, End end) override {
    ends.push_back(end);
    other_->end_run(steps, end);
  }

  Strategy& other() { return *other_; }
  std::vector<End> ends;

 private:
  bool is_due() { return gives_this_up_ && asked_++ == at_; }

  std::unique_ptr<Strategy> other_;
  unsigned at_;
  Runs gives_up_;
  unsigned asked_ = 0;
  bool gives_this_up_ = false;
};

bool every_second(std::uint64_t run) { return run % 2 == 1; }

struct GiveUp : testing::Test {
  Lab lab;
  Cell<Atomic<int>> word;

  GiveUp() {
    lab.cell(word);
    for (unsigned cpu = 0; cpu < 2; ++cpu) {
      lab.task(cpu, [this] {
        for (int i = 0; i < 2; ++i) word->store(i, Order::relaxed);
      });
    }
  }
};

TEST_F(GiveUp, EndsTheRunThereAndLeavesNothingBehind) {
  const Outcome plain = lab.once();
  GivesUp strategy(std::make_unique<ReplayStrategy>(), 1, every_second);
  for (std::uint64_t run = 0; run < 20; ++run) {
    ASSERT_TRUE(strategy.begin_run(run));
    const Outcome outcome = lab.run(strategy);
    EXPECT_EQ(outcome.end, every_second(run) ? End::given_up : End::finished);
    EXPECT_EQ(outcome.violation.kind, ViolationKind::none);
    if (every_second(run)) {
      EXPECT_LT(outcome.points, plain.points);
    } else {
      EXPECT_EQ(outcome.digest, plain.digest);
    }
    EXPECT_EQ(strategy.ends.back(), outcome.end);
  }
  EXPECT_STREQ(name_of(End::given_up), "given up");
}

TEST_F(GiveUp, AtAnyChoice) {
  Lab other;
  std::string done;
  other.task(0, [&] {
    done = "begun";
    core().choose(ChoiceKind::load, 2);
    done = "ended";
  });
  GivesUp strategy(std::make_unique<ReplayStrategy>(), 0, [](std::uint64_t) { return true; });
  strategy.begin_run(0);
  EXPECT_EQ(other.run(strategy).end, End::given_up);
  EXPECT_EQ(done, "begun");
}

TEST_F(GiveUp, IsCountedApart) {
  GivesUp strategy(std::make_unique<RandomStrategy>(1), 0, every_second);
  const Function yields = [](void*) { current_machine()->yield(); };
  const TaskSpec tasks[] = {{yields, nullptr, 0}, {yields, nullptr, 1}};
  const Explored explored = explore(lab.machine, lab.settings, Program{nullptr, nullptr, nullptr, tasks, {}}, strategy,
                                    10, [](const Outcome&) { return true; });
  EXPECT_EQ(explored.runs, 10U);
  EXPECT_EQ(explored.given_up, 5U);
}

TEST_F(GiveUp, APortfolioPassesItOn) {
  std::vector<PortfolioStrategy::Member> members;
  members.push_back(
      {std::make_unique<GivesUp>(std::make_unique<RandomStrategy>(1), 0, [](std::uint64_t) { return true; }), 1, 0, 0,
       false});
  members.push_back({std::make_unique<RandomStrategy>(2), 1, 0, 0, false});
  PortfolioStrategy portfolio(std::move(members));
  std::uint64_t given_up = 0;
  for (std::uint64_t run = 0; run < 100; ++run) {
    portfolio.begin_run(run);
    const bool is_first = &portfolio.current() == portfolio.members().data();
    EXPECT_EQ(lab.run(portfolio).end, is_first ? End::given_up : End::finished);
    given_up += is_first ? 1 : 0;
  }
  const auto& first = static_cast<const GivesUp&>(*portfolio.members()[0].strategy);
  EXPECT_EQ(first.ends, std::vector<End>(given_up, End::given_up));
  EXPECT_GT(given_up, 10U);
}

// Where one context alone can go on nobody is asked, but whoever watches steps.
TEST_F(GiveUp, BehindAStep) {
  class Counts final : public Strategy {
   public:
    const char* name() const override { return "counts"; }
    bool begin_run(std::uint64_t) override { return true; }
    Choice choose(const Situation& s) override { return {default_next(s), 0}; }
    unsigned choose(const Options&) override { return 0; }
    bool watches_steps() const override { return true; }
    void executed(const Step&) override { ++steps; }
    bool gives_up() const override { return steps == 3; }
    unsigned steps = 0;
  };
  Lab alone;
  alone.cell(word);
  alone.task(0, [this] {
    for (int i = 0; i < 5; ++i) word->store(i, Order::relaxed);
  });
  Counts counts;
  EXPECT_EQ(alone.run(counts).end, End::given_up);
  EXPECT_EQ(counts.steps, 3U);

  std::vector<PortfolioStrategy::Member> members;
  members.push_back({std::make_unique<Counts>(), 1, 0, 0, false});
  PortfolioStrategy portfolio(std::move(members));
  portfolio.begin_run(0);
  EXPECT_EQ(alone.run(portfolio).end, End::given_up);
}

// What is given up has no schedule behind it; the search goes on with the next option of a choice before.
TEST_F(GiveUp, ExhaustiveSearchDoesNotCountIt) {
  ExhaustiveStrategy all(any_number);
  std::uint64_t runs = 0;
  for (; all.begin_run(runs); ++runs) lab.run(all);
  EXPECT_EQ(all.schedules(), 6U);

  // At the first question after the one where the tasks begin.
  GivesUp strategy(std::make_unique<ExhaustiveStrategy>(any_number), 1, every_second);
  std::uint64_t begun = 0;
  for (; strategy.begin_run(begun); ++begun) lab.run(strategy);
  const auto& search = static_cast<const ExhaustiveStrategy&>(strategy.other());
  EXPECT_TRUE(search.complete());
  EXPECT_EQ(search.schedules() + search.given_up(), begun);
  EXPECT_EQ(search.given_up(), begun / 2);
  EXPECT_LT(search.schedules(), 6U);
  EXPECT_NE(search.summary().find("all of them, but for " + std::to_string(begun / 2) + " that were given up"),
            std::string::npos)
      << search.summary();
}

}  // namespace
}  // namespace rcufarm::sim
