// Random walks, POS and SURW draw for many points at once: do they spread as if they were asked at each point?
#include <array>
#include <initializer_list>
#include <utility>

#include "machine/search/random_options.h"
#include "machine/search/strategy_pos.h"
#include "machine/search/strategy_random.h"
#include "machine/search/strategy_surw.h"
#include "machine/spread.h"

namespace rcufarm::sim {
namespace {

class RandomByTheBook final : public Strategy {
 public:
  RandomByTheBook(std::uint64_t seed, unsigned stay) : seed_(seed), stay_(stay), random_(seed, 0) {}
  const char* name() const override { return "random, by the book"; }
  bool begin_run(std::uint64_t run) override {
    random_ = Random(seed_, run);
    return true;
  }
  Choice choose(const Situation& s) override {
    if (s.current_can_go_on && random_.below(256) < stay_) return {s.current, 0};
    return {random_member(random_, s.candidates), 0};
  }
  unsigned choose(const Options&) override { return 0; }

 private:
  std::uint64_t seed_;
  unsigned stay_;
  Random random_;
};

// POS and SURW as their papers say it, asked at each point: what the two draw for many points at once has to spread alike.
class PosByTheBook final : public Strategy {
 public:
  explicit PosByTheBook(std::uint64_t seed) : seed_(seed), random_(seed, 0) {}
  const char* name() const override { return "pos, by the book"; }
  bool begin_run(std::uint64_t run) override {
    random_ = Random(seed_, run);
    priority_.fill(0);
    done_.clear();
    return true;
  }
  Choice choose(const Situation& s) override {
    ContextId best = s.candidates.first();
    for (const ContextId context : s.candidates) {
      const Pending& pending = s.pending[index_of(context)];
      std::uint64_t& priority = priority_[index_of(context)];
      for (const Pending& done : done_) {
        if (done.address == pending.address && (done.writes || pending.writes)) priority = 0;
      }
      if (priority == 0) priority = random_.next() | 1U;
      if (priority > priority_[index_of(best)]) best = context;
    }
    done_.clear();
    return {best, 0};
  }
  unsigned choose(const Options&) override { return 0; }
  bool watches_operations() const override { return true; }
  bool before(ContextId id, const Pending& operation) override {
    priority_[index_of(id)] = 0;
    if (operation.address != nullptr) done_.push_back(operation);
    return false;
  }

 private:
  std::uint64_t seed_;
  Random random_;
  std::array<std::uint64_t, context_count> priority_{};
  std::vector<Pending> done_;
};

// With the word and the counts given.
class SurwByTheBook final : public Strategy {
 public:
  using Counts = std::map<ContextId, unsigned>;
  SurwByTheBook(std::uint64_t seed, const Cell<Atomic<int>>& word, Counts counts)
      : seed_(seed), random_(seed, 0), cell_(word), counts_(std::move(counts)) {}
  const char* name() const override { return "surw, by the book"; }
  bool begin_run(std::uint64_t run) override {
    random_ = Random(seed_, run);
    left_ = counts_;
    intended_ = idle_context;
    return true;
  }
  Choice choose(const Situation& s) override {
    if (intended_ == idle_context) {
      std::uint64_t total = 0;
      for (const auto& [context, left] : left_) total += left;
      std::uint64_t at = total == 0 ? 0 : random_.below(total);
      for (const auto& [context, left] : left_) {
        if (at < left && intended_ == idle_context) intended_ = context;
        at -= left;
      }
    }
    ContextSet free;
    for (const ContextId context : s.candidates) {
      if (context == intended_ || s.pending[index_of(context)].address != &*cell_) free.insert(context);
    }
    return {random_member(random_, free.is_empty() ? s.candidates : free), 0};
  }
  unsigned choose(const Options&) override { return 0; }
  bool watches_operations() const override { return true; }
  bool before(ContextId id, const Pending& operation) override {
    if (operation.address != &*cell_) return false;
    if (left_[id] != 0) --left_[id];
    intended_ = idle_context;
    return false;
  }

 private:
  std::uint64_t seed_;
  Random random_;
  const Cell<Atomic<int>>& cell_;
  Counts counts_;
  Counts left_;
  ContextId intended_ = idle_context;
};

// Do both come from one distribution? Orders that are too rare for the test are taken together.
void expect_alike(const std::map<std::string, std::uint64_t>& one, const std::map<std::string, std::uint64_t>& other) {
  std::map<std::string, std::pair<double, double>> both;
  double ones = 0;
  double others = 0;
  for (const auto& [order, count] : one)
    both[order].first = static_cast<double>(count), ones += static_cast<double>(count);
  for (const auto& [order, count] : other)
    both[order].second = static_cast<double>(count), others += static_cast<double>(count);
  double chi_square = 0;
  double degrees = -1;
  const double more = std::sqrt(ones / others);
  const auto add = [&](double a, double b) {
    if (a + b == 0) return;
    chi_square += (a / more - b * more) * (a / more - b * more) / (a + b);
    ++degrees;
  };
  double rare_a = 0;
  double rare_b = 0;
  for (const auto& [order, counts] : both) {
    if (counts.first + counts.second >= 40) {
      add(counts.first, counts.second);
    } else {
      rare_a += counts.first;
      rare_b += counts.second;
    }
  }
  add(rare_a, rare_b);
  ASSERT_GT(degrees, 30);
  EXPECT_LT(chi_square, once_in_a_million(degrees)) << degrees << " degrees of freedom";
}

// Words of one's own and words of all, a load, an interrupt, and callbacks that come and go.
struct MixedModel : Model {
  MixedModel() : Model({}) {
    lab.task(0, [this] {
      step('a', 0);
      step('a', 1);
      step('a', 2);
      step('a', 0);
    });
    lab.task(1, [this] {
      step('b', 0);
      step('b', 3);
      static_cast<void>(words[1]->load(Order::relaxed));
      order += 'b';
    });
    lab.irq(1, [this] { step('i', 0); }).raise_all();
  }
  void step(char who, unsigned word) {
    words[word]->store(1, Order::relaxed);
    order += who;
  }
};

struct RandomWalks : testing::TestWithParam<unsigned> {};

TEST_P(RandomWalks, SpreadsAsIfItWereAskedAtEachPoint) {
  RandomStrategy random(9, GetParam());
  RandomByTheBook book(10, GetParam());
  expect_alike(MixedModel().measure(random, 60'000), MixedModel().measure(book, 60'000));
}
INSTANTIATE_TEST_SUITE_P(Stays, RandomWalks, testing::Values(0U, 100U));

// Lets each one of those that can go on do a step, in turns. Says five answers at once, and writes down the questions.
struct SaysAhead final : Strategy {
  std::string asked;
  const char* name() const override { return "says ahead"; }
  bool begin_run(std::uint64_t) override { return true; }
  Choice choose(const Situation& s) override {
    for (const ContextId id : s.candidates) asked += static_cast<char>('a' + number_in_kind(id));
    asked += ' ';
    ahead.clear();
    ContextId next = s.candidates.first();
    for (unsigned i = 0; i < 4; ++i) ahead.add({next = s.candidates.next_after(next), 0});
    return {s.candidates.first(), 0};
  }
  unsigned choose(const Options&) override { return 0; }
};

TEST(ChoicesAhead, AreTakenUntilSomethingChanges) {
  Model model({});
  bool is_open = false;
  const auto steps = [&model](char who, unsigned count) {
    for (unsigned i = 0; i < count; ++i) {
      model.words[0]->store(1, Order::relaxed);
      model.order += who;
    }
  };
  model.lab.task(0, [&] {
    steps('a', 2);
    is_open = true;
    model.lab.machine.notify();
    steps('a', 3);
  });
  model.lab.task(1, [&] { steps('b', 5); });
  model.lab.task(2, [&] {
    model.lab.machine.wait([](void* open) { return *static_cast<bool*>(open); }, &is_open);
    steps('c', 1);
  });
  SaysAhead strategy;
  EXPECT_EQ(model.lab.run(strategy).end, End::finished);
  // The last one goes to sleep when its turn comes, and is woken by the first one's second step. Five answers end the third question.
  EXPECT_EQ(strategy.asked, "abc ab abc abc bc ");
  EXPECT_EQ(model.order, "abaabababcb");
}

TEST(Pos, SpreadsAsIfItWereAskedAtEachPoint) {
  PosStrategy pos(4);
  PosByTheBook book(5);
  const auto spread = MixedModel().measure(pos, 60'000);
  expect_alike(spread, MixedModel().measure(book, 60'000));
  RandomStrategy random(6);
  const auto other = MixedModel().measure(random, 60'000);
  std::map<std::string, double> exact;
  for (const auto& [order, count] : spread) exact[order] = static_cast<double>(count) / 60'000;
  EXPECT_TRUE(differs(other, exact)) << "the test would not see another strategy";
}

TEST(Surw, SpreadsAsIfItWereAskedAtEachPoint) {
  // One word that several touch, so that this is the one that is drawn; the counts of its profile are exact.
  struct OneShared : Model {
    OneShared() : Model({}) {
      lab.task(0, [this] { steps('a', {1, 0, 1, 0, 1}); });
      lab.task(1, [this] { steps('b', {0, 2, 2, 0}); });
      lab.task(2, [this] { steps('c', {3, 0}); });
    }
    void steps(char who, std::initializer_list<unsigned> of) {
      for (const unsigned word : of) {
        words[word]->store(1, Order::relaxed);
        order += who;
      }
    }
  };
  SurwStrategy surw(7);
  OneShared one;
  std::map<std::string, std::uint64_t> spread;
  for (std::uint64_t run = 0; run < 64'000; ++run) {
    ASSERT_TRUE(surw.begin_run(run));
    one.lab.run(surw);
    if (run % SurwStrategy::profile_every != 0) ++spread[one.order];
  }
  OneShared other;
  SurwByTheBook book(8, other.words[0], {{task_context(0), 2}, {task_context(1), 2}, {task_context(2), 1}});
  expect_alike(spread, other.measure(book, 60'000));
}

}  // namespace
}  // namespace rcufarm::sim
