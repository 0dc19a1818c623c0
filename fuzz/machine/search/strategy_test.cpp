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

#include "machine/search/run_length.h"
#include "machine/search/strategy_bytes.h"
#include "machine/search/strategy_pct.h"
#include "machine/search/strategy_portfolio.h"
#include "machine/search/strategy_pos.h"
#include "machine/search/strategy_surw.h"
#include "machine/spread.h"

namespace rcufarm::sim {
namespace {

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
