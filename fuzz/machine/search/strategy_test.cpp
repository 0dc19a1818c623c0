// Strategies: do they spread as their papers say? Measured frequencies of interleavings against exact ones.
//
// Seeds are fixed, so a test gives the same figures each time. The threshold of a chi-square test is where a correct
// strategy would fail for one seed in a million; with a wrong distribution the statistic grows with the number of runs.
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>
#include <vector>

#include "machine/lab.h"
#include "machine/search/run_length.h"
#include "machine/search/strategy_bytes.h"
#include "machine/search/strategy_pct.h"
#include "machine/search/strategy_portfolio.h"
#include "machine/search/strategy_pos.h"
#include "machine/search/strategy_surw.h"

namespace rcufarm::sim {
namespace {

using Exact = std::map<std::string, double>;

// Tasks 'a', 'b', … of some steps each, on CPUs of their own. One word for all, or one for each task.
struct Model {
  Lab lab;
  Cell<Atomic<int>> words[4];
  bool own_words = false;
  std::string order;

  explicit Model(std::vector<unsigned> steps, bool own = false) : own_words(own) {
    lab.settings.cpus = 4;
    for (auto& word : words) lab.cell(word);
    lab.first([this] { order.clear(); });
    for (unsigned i = 0; i < steps.size(); ++i) {
      lab.task(i, [this, i, n = steps[i]] {
        for (unsigned k = 0; k < n; ++k) {
          words[own_words ? i : 0]->store(1, Order::relaxed);
          order += static_cast<char>('a' + i);
        }
      });
    }
  }
  std::map<std::string, std::uint64_t> measure(Strategy& strategy, std::uint64_t runs, std::uint64_t skip = 0) {
    std::map<std::string, std::uint64_t> counts;
    for (std::uint64_t run = 0; run < runs + skip; ++run) {
      EXPECT_TRUE(strategy.begin_run(run));
      EXPECT_EQ(lab.run(strategy).end, End::finished);
      if (run >= skip) ++counts[order];
    }
    return counts;
  }
};

// Each step to one of those that are left, with a probability of `share`(those that are left, steps that are left).
template <class Share>
void spread(std::vector<unsigned>& left, const std::string& so_far, double probability, Share share, Exact& exact) {
  bool any = false;
  for (unsigned i = 0; i < left.size(); ++i) {
    if (left[i] == 0) continue;
    any = true;
    const double p = share(left, i);
    --left[i];
    spread(left, so_far + static_cast<char>('a' + i), probability * p, share, exact);
    ++left[i];
  }
  if (!any) exact[so_far] = probability;
}

Exact each_task_alike(std::vector<unsigned> steps) {
  Exact exact;
  spread(
      steps, "", 1,
      [](const std::vector<unsigned>& left, unsigned) {
        return 1.0 / static_cast<double>(std::count_if(left.begin(), left.end(), [](unsigned n) { return n != 0; }));
      },
      exact);
  return exact;
}

Exact each_order_alike(std::vector<unsigned> steps) {
  Exact exact;
  spread(
      steps, "", 1,
      [](const std::vector<unsigned>& left, unsigned i) {
        unsigned total = 0;
        for (const unsigned n : left) total += n;
        return static_cast<double>(left[i]) / total;
      },
      exact);
  return exact;
}

// The point that a chi-square variable exceeds once in a million (Wilson and Hilferty's approximation; z = 4.753).
double once_in_a_million(double degrees) {
  const double t = 1 - 2 / (9 * degrees) + 4.753 * std::sqrt(2 / (9 * degrees));
  return degrees * t * t * t;
}

void expect_distribution(const std::map<std::string, std::uint64_t>& measured, const Exact& exact) {
  std::uint64_t runs = 0;
  for (const auto& [order, count] : measured) {
    EXPECT_EQ(exact.count(order), 1U) << "impossible: " << order;
    runs += count;
  }
  double chi_square = 0;
  for (const auto& [order, probability] : exact) {
    const double expected = probability * static_cast<double>(runs);
    ASSERT_GT(expected, 20) << "too few runs for a chi-square test";
    const auto found = measured.find(order);
    const double seen = found == measured.end() ? 0 : static_cast<double>(found->second);
    chi_square += (seen - expected) * (seen - expected) / expected;
  }
  EXPECT_LT(chi_square, once_in_a_million(static_cast<double>(exact.size()) - 1)) << exact.size() << " interleavings";
}

bool differs(const std::map<std::string, std::uint64_t>& measured, const Exact& exact) {
  std::uint64_t runs = 0;
  for (const auto& [order, count] : measured) runs += count;
  double chi_square = 0;
  for (const auto& [order, probability] : exact) {
    const double expected = probability * static_cast<double>(runs);
    const auto found = measured.find(order);
    const double seen = found == measured.end() ? 0 : static_cast<double>(found->second);
    chi_square += (seen - expected) * (seen - expected) / expected;
  }
  return chi_square > once_in_a_million(static_cast<double>(exact.size()) - 1);
}

// Rare and nearly sure ones. Each bin begins where about half of those before it are longer.
TEST(RunLength, IsGeometric) {
  struct Chance {
    std::uint32_t share;
    std::uint32_t of;
  };
  for (const Chance chance : {Chance{1, 8}, {1, 2}, {496, 512}, {992, 1000}}) {
    const double p = static_cast<double>(chance.share) / chance.of;
    std::vector<unsigned> begins{0};
    for (unsigned half = 1; std::pow(p, begins.back()) > 0.005; ++half) {
      begins.push_back(
          std::max(begins.back() + 1, static_cast<unsigned>(std::ceil(half * std::log(0.5) / std::log(p)))));
    }
    Exact exact;
    for (std::size_t i = 0; i < begins.size(); ++i) {
      const double behind = i + 1 < begins.size() ? std::pow(p, begins[i + 1]) : 0;
      exact[std::to_string(i)] = std::pow(p, begins[i]) - behind;
    }
    std::map<std::string, std::uint64_t> measured;
    Random random(chance.share, 0);
    const RunLength length(chance.share, chance.of);
    constexpr unsigned draws = 400'000;
    for (unsigned i = 0; i < draws; ++i) {
      const auto bin = std::upper_bound(begins.begin(), begins.end(), length.draw(random)) - begins.begin() - 1;
      ++measured[std::to_string(bin)];
    }
    expect_distribution(measured, exact);
  }
}

// What is longer than one draw can say goes on as if it began there.
TEST(RunLength, LongOnesAreNoShorter) {
  const RunLength length(992, 1000);
  Random random(7, 0);
  constexpr unsigned draws = 400'000;
  unsigned long_ones = 0;
  for (unsigned i = 0; i < draws; ++i) long_ones += length.draw(random) >= 700 ? 1 : 0;
  const double expected = draws * std::pow(0.992, 700);
  EXPECT_NEAR(long_ones, expected, 5 * std::sqrt(expected));
}

TEST(RandomWalk, GivesEachContextTheSameChance) {
  RandomStrategy random(1);
  expect_distribution(Model({3, 3}).measure(random, 40'000), each_task_alike({3, 3}));
  expect_distribution(Model({2, 2, 2}).measure(random, 100'000), each_task_alike({2, 2, 2}));
}

// The test of the test: it tells a random walk from a uniform choice of interleavings.
TEST(RandomWalk, IsNotUniformOverInterleavings) {
  RandomStrategy random(1);
  EXPECT_TRUE(differs(Model({3, 3}).measure(random, 40'000), each_order_alike({3, 3})));
}

// What should be hit once in a hundred runs is, and as often as that, for each of many seeds.
TEST(RandomWalk, HitsWhatItShould) {
  Model model({6, 1});
  double worst = 0;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    RandomStrategy random(seed);
    // The one order with 'b' last: six times against it.
    const auto counts = model.measure(random, 6400);
    const double expected = 6400.0 / 64;
    const double hits = counts.count("aaaaaab") != 0 ? static_cast<double>(counts.at("aaaaaab")) : 0;
    worst = std::max(worst, std::abs(hits - expected) / std::sqrt(expected * 63 / 64));
  }
  EXPECT_LT(worst, 5.5) << "standard deviations; of 50 seeds, one in 500,000 sets has such a one";
}

TEST(Pos, IsARandomWalkWhereEverythingConflicts) {
  PosStrategy pos(2);
  expect_distribution(Model({3, 3}).measure(pos, 40'000), each_task_alike({3, 3}));
}

// Where nothing conflicts an operation keeps its priority while others go by: a against b1, and then against b2.
TEST(Pos, KeepsPrioritiesOfIndependentOperations) {
  PosStrategy pos(3);
  expect_distribution(Model({1, 2}, true).measure(pos, 60'000),
                      Exact{{"abb", 1.0 / 2}, {"bab", 1.0 / 6}, {"bba", 1.0 / 3}});
}

TEST(Surw, IsUniformOverInterleavingsOfOneWord) {
  SurwStrategy surw(4);
  // The first run has no profile to go by.
  expect_distribution(Model({4, 2}).measure(surw, 40'000, 1), each_order_alike({4, 2}));
  SurwStrategy other(5);
  expect_distribution(Model({2, 2, 2}).measure(other, 100'000, 1), each_order_alike({2, 2, 2}));
  SurwStrategy uneven(6);
  const auto counts = Model({9, 1}).measure(uneven, 20'000, 1);
  expect_distribution(counts, each_order_alike({9, 1}));
}

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

TEST(Pct, OfDepthOneRunsTasksOneAfterTheOther) {
  PctStrategy pct(7, 1);
  expect_distribution(Model({3, 3}).measure(pct, 10'000), Exact{{"aaabbb", 0.5}, {"bbbaaa", 0.5}});
}

// The bound of the paper, for bugs that need d - 1 preemptions in given places: at least 1 / (n k^(d-1)) of the runs.
TEST(Pct, KeepsItsPromise) {
  struct Case {
    unsigned depth;
    const char* order;
  };
  for (const Case& c : {Case{2, "abbbbaaa"}, Case{2, "aaabbbba"}, Case{3, "abbbaaab"}, Case{3, "bbaabbaa"}}) {
    Model model({4, 4});
    PctStrategy pct(8, c.depth);
    const std::uint64_t runs = 60'000;
    const auto counts = model.measure(pct, runs, 100);
    const double steps = 9;  // eight, and one of the epilogue's
    const double bound = 1 / (2 * std::pow(steps, c.depth - 1));
    const double expected = bound * static_cast<double>(runs);
    const double hits = counts.count(c.order) != 0 ? static_cast<double>(counts.at(c.order)) : 0;
    EXPECT_GT(hits, expected - 5 * std::sqrt(expected)) << c.order << " at depth " << c.depth;
  }
}

TEST(Pct, NeedsDepthForPreemptions) {
  PctStrategy pct(9, 2);
  for (const auto& [order, count] : Model({4, 4}).measure(pct, 20'000)) {
    std::size_t switches = 0;
    for (std::size_t i = 1; i < order.size(); ++i) switches += order[i] != order[i - 1] ? 1 : 0;
    EXPECT_LE(switches, 2U) << order << ": one preemption, and one task's end";
  }
}

// Departures with small numbers, as short programs have a use for.
std::vector<Departure> random_departures(Random& random, std::size_t max, unsigned gap_max,
                                         unsigned kinds = departure_kinds) {
  std::vector<Departure> departures(random.below(max + 1));
  for (Departure& d : departures) {
    d.kind = static_cast<DepartureKind>(random.below(kinds));
    d.pick = static_cast<std::uint8_t>(random.below(4));
    d.gap = static_cast<std::uint16_t>(random.below(gap_max + 1));
  }
  return departures;
}

TEST(Bytes, NoneIsThePlainOrder) {
  Model model({3, 3});
  BytesStrategy none;
  EXPECT_EQ(model.measure(none, 1).begin()->first, "aaabbb");
  const std::vector<Departure> pauses(5);
  BytesStrategy zeros(pauses);
  EXPECT_EQ(model.measure(zeros, 1).begin()->first, "aaabbb");
}

TEST(Bytes, ADepartureComesWhereItsGapSays) {
  Model model({4, 4});
  // Who begins takes its first step with that: the first point at which somebody else could go on is before its second.
  const std::vector<std::pair<std::vector<Departure>, std::string>> cases = {
      {{{DepartureKind::preempt, 1, 0}}, "abbbbaaa"},
      {{{DepartureKind::preempt, 1, 2}}, "aaabbbba"},
      {{{DepartureKind::preempt, 1, 1}, {DepartureKind::preempt, 1, 2}}, "aabbbaab"},
      {{{DepartureKind::preempt, 0, 1}, {DepartureKind::preempt, 1, 0}}, "aaabbbba"},
      {{{DepartureKind::preempt, 3, 2}}, "aaabbbba"},  // there is one other
  };
  for (const auto& [departures, order] : cases) {
    BytesStrategy bytes(departures);
    EXPECT_EQ(model.measure(bytes, 1).begin()->first, order);
  }
}

TEST(Bytes, WhoComesNextIsASequenceOfItsOwn) {
  Model model({2, 2, 2});
  const std::vector<std::pair<std::vector<Departure>, std::string>> cases = {
      {{{DepartureKind::next, 1, 0}}, "bbccaa"},  // the first such place is where the tasks begin
      {{{DepartureKind::next, 1, 1}}, "aaccbb"},
      {{{DepartureKind::next, 2, 0}, {DepartureKind::next, 1, 0}}, "ccbbaa"},
  };
  for (const auto& [departures, order] : cases) {
    BytesStrategy bytes(departures);
    EXPECT_EQ(model.measure(bytes, 1).begin()->first, order);
  }
  // In whichever order the two kinds stand in the input.
  const std::vector<Departure> one = {{DepartureKind::next, 1, 0}, {DepartureKind::preempt, 1, 0}};
  const std::vector<Departure> other = {{DepartureKind::preempt, 1, 0}, {DepartureKind::next, 1, 0}};
  BytesStrategy first(one);
  BytesStrategy second(other);
  EXPECT_EQ(model.measure(first, 1), model.measure(second, 1));
}

TEST(Bytes, ReachEveryInterleaving) {
  Model model({3, 3});
  std::map<std::string, std::uint64_t> seen;
  Random random(10, 0);
  for (int i = 0; i < 20'000; ++i) {
    const std::vector<Departure> departures = random_departures(random, 8, 1, 2);
    BytesStrategy bytes(departures);
    for (const auto& [order, count] : model.measure(bytes, 1)) seen[order] += count;
  }
  EXPECT_EQ(seen.size(), 20U);
}

TEST(Bytes, AWalkBeginsBehindTheLastPreemption) {
  Model model({4, 4});
  const std::vector<Departure> departures = {{DepartureKind::preempt, 1, 2}};
  std::map<std::string, std::uint64_t> seen;
  for (unsigned walk = 1; walk < 256; ++walk) {
    BytesStrategy bytes(departures, static_cast<std::uint8_t>(walk));
    const auto orders = model.measure(bytes, 2);
    ASSERT_EQ(orders.size(), 1U) << "the same walk each time";
    EXPECT_EQ(orders.begin()->first.substr(0, 4), "aaab");
    ++seen[orders.begin()->first];
  }
  EXPECT_EQ(seen.size(), 4U) << "the last a comes before, between or behind the other b's";
}

TEST(Bytes, RecordedDeviationsReplayThem) {
  Model model({4, 4, 4});
  Random random(11, 0);
  for (int i = 0; i < 500; ++i) {
    const std::vector<Departure> departures = random_departures(random, 12, 4);
    BytesStrategy bytes(departures, static_cast<std::uint8_t>(i));
    bytes.begin_run(0);
    const Outcome first = model.lab.run(bytes);
    ReplayStrategy replay(first.deviations);
    ASSERT_EQ(model.lab.run(replay).digest, first.digest);
  }
}

TEST(Bytes, OptionsCountTheirOwnPlaces) {
  const std::vector<Departure> departures = {
      {DepartureKind::fail, 1, 1}, {DepartureKind::load, 5, 2}, {DepartureKind::place, 2, 0}};
  BytesStrategy bytes(departures);
  bytes.begin_run(0);
  const auto choose = [&bytes](ChoiceKind kind, unsigned count) {
    return bytes.choose(Options{.kind = kind, .count = count});
  };
  EXPECT_EQ(choose(ChoiceKind::allocation, 2), 0U);
  EXPECT_EQ(choose(ChoiceKind::allocation, 2), 1U);
  EXPECT_EQ(choose(ChoiceKind::allocation, 2), 0U);
  EXPECT_EQ(choose(ChoiceKind::load, 3), 0U);
  EXPECT_EQ(choose(ChoiceKind::load, 3), 0U);
  EXPECT_EQ(choose(ChoiceKind::load, 3), 1U) << "the fifth of two, begun again";
  EXPECT_EQ(choose(ChoiceKind::load, 3), 0U);
  EXPECT_EQ(choose(ChoiceKind::place, 8), 2U);
  EXPECT_EQ(choose(ChoiceKind::place, 8), 0U);
}

TEST(Bytes, ThreeBytesAreADeparture) {
  for (unsigned first = 0; first < 256; ++first) {
    const std::array<std::byte, departure_bytes> bytes = {static_cast<std::byte>(first), std::byte{0x34},
                                                          std::byte{0x12}};
    const Departure departure = departure_from(bytes);
    EXPECT_EQ(departure.gap, 0x1234U);
    std::array<std::byte, departure_bytes> back{};
    put_departure(departure, back);
    EXPECT_EQ(back, bytes);
    EXPECT_LT(departure.pick, picks_of(departure.kind));
  }
}

// An input of before there was a fifth kind: three kinds and the lower half of the fourth are what they were.
TEST(Bytes, AFifthKindLeavesTheOthersAlone) {
  for (unsigned first = 0; first < 256; ++first) {
    const std::array<std::byte, departure_bytes> bytes = {static_cast<std::byte>(first)};
    const Departure departure = departure_from(bytes);
    EXPECT_EQ(departure.kind, first < 224 ? static_cast<DepartureKind>(first / 64) : DepartureKind::place);
    EXPECT_EQ(departure.pick, first < 224 ? first % 64 : first - 224);
  }
}

TEST(Portfolio, SharesTimeByWeight) {
  std::vector<PortfolioStrategy::Member> members;
  members.push_back({std::make_unique<RandomStrategy>(1), 3, 0, 0, false});
  members.push_back({std::make_unique<PctStrategy>(1, 2), 1, 0, 0, false});
  members.push_back({std::make_unique<ExhaustiveStrategy>(0), 4, 0, 0, false});
  PortfolioStrategy portfolio(std::move(members));
  Model({5, 5}).measure(portfolio, 4000);
  const auto shares = portfolio.members();
  EXPECT_EQ(shares[2].runs, 2U) << "two schedules without a preemption";
  EXPECT_TRUE(shares[2].exhausted);
  EXPECT_NEAR(static_cast<double>(shares[0].steps) / static_cast<double>(shares[1].steps), 3, 0.05);
}

TEST(Portfolio, EndsWhenAllMembersHave) {
  std::vector<PortfolioStrategy::Member> members;
  members.push_back({std::make_unique<ExhaustiveStrategy>(1), 1, 0, 0, false});
  members.push_back({std::make_unique<ExhaustiveStrategy>(2), 1, 0, 0, false});
  PortfolioStrategy portfolio(std::move(members));
  Model model({2, 2});
  std::uint64_t runs = 0;
  for (; portfolio.begin_run(runs); ++runs) model.lab.run(portfolio);
  EXPECT_EQ(runs, 4U + 6U);
}

}  // namespace
}  // namespace rcufarm::sim
