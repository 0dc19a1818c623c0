// Each mutation does what its name says, and leaves the places of other departures alone.
#include "harness/sim/mutate_departures.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "harness/sim/sim_input.h"

namespace rcufarm::harness {
namespace {

using scenario::Random;
using sim::Departure;
using sim::DepartureKind;

constexpr unsigned seeds = 3000;

Departures some(Random& random, std::size_t count) {
  Departures departures(count);
  for (Departure& d : departures) {
    d.kind = static_cast<DepartureKind>(random.below(sim::departure_kinds));
    d.pick = static_cast<std::uint8_t>(random.between(1, 3));
    d.gap = static_cast<std::uint16_t>(random.below(50));
  }
  return departures;
}

// Where a departure comes, counted in places of its kind, and what is picked there.
struct Place {
  DepartureKind kind;
  std::uint64_t at;
  std::uint8_t pick;
  auto operator<=>(const Place&) const = default;
};

std::vector<Place> places_of(const Departures& departures) {
  std::map<DepartureKind, std::uint64_t> passed;
  std::vector<Place> places;
  for (const Departure& d : departures) {
    std::uint64_t& at = passed[d.kind];
    at += d.gap;
    places.push_back({d.kind, at, d.pick});
    ++at;
  }
  std::sort(places.begin(), places.end());
  return places;
}

// Places of `a` that are not in `b`.
std::size_t missing(const Departures& a, const Departures& b) {
  std::vector<Place> rest;
  const std::vector<Place> in_a = places_of(a);
  const std::vector<Place> in_b = places_of(b);
  std::set_difference(in_a.begin(), in_a.end(), in_b.begin(), in_b.end(), std::back_inserter(rest));
  return rest.size();
}

class Steps : public testing::Test {
 protected:
  // Calls check(before, after) for each seed at which the mutation says that it did something.
  template <class Check>
  void each(DepartureMutation mutation, Check check) {
    unsigned did = 0;
    for (unsigned seed = 0; seed < seeds; ++seed) {
      Random random(seed);
      const Departures before = some(random, random.below(12));
      Departures after = before;
      if (!apply(mutation, after, random)) {
        EXPECT_EQ(after, before);
        continue;
      }
      ++did;
      check(before, after);
    }
    EXPECT_GT(did, seeds / 4);
  }
};

TEST_F(Steps, AddPutsOneMoreAndMovesFew) {
  std::size_t moved = 0;
  std::map<DepartureKind, unsigned> added;
  each(DepartureMutation::add, [&](const Departures& before, const Departures& after) {
    EXPECT_EQ(after.size(), before.size() + 1);
    for (unsigned i = 0; i < sim::departure_kinds; ++i) {
      const auto kind = static_cast<DepartureKind>(i);
      const auto of_kind = [kind](const Departures& all) {
        return std::count_if(all.begin(), all.end(), [kind](const Departure& d) { return d.kind == kind; });
      };
      added[kind] += static_cast<unsigned>(of_kind(after) - of_kind(before));
    }
    moved += missing(before, after);
  });
  EXPECT_LT(moved, seeds / 4) << "only where there was no gap for it";
  EXPECT_GT(added[DepartureKind::preempt], added[DepartureKind::next]);
  EXPECT_GT(added[DepartureKind::next], added[DepartureKind::fail]);
  EXPECT_GT(added[DepartureKind::fail], 0U);
  EXPECT_EQ(added[DepartureKind::load] + added[DepartureKind::place], 0U) << "they cannot change a run";
}

TEST_F(Steps, UnderAWeakModelLoadsAndPlacesAreAddedToo) {
  std::map<DepartureKind, unsigned> added;
  for (unsigned seed = 0; seed < seeds; ++seed) {
    Random random(seed);
    Departures departures;
    ASSERT_TRUE(apply(DepartureMutation::add, departures, random, true));
    ++added[departures.at(0).kind];
  }
  for (unsigned i = 0; i < sim::departure_kinds; ++i) EXPECT_GT(added[static_cast<DepartureKind>(i)], 0U) << i;
  EXPECT_GT(added[DepartureKind::load], added[DepartureKind::place]);
}

TEST_F(Steps, DropTakesOneAwayAndMovesNone) {
  each(DepartureMutation::drop, [](const Departures& before, const Departures& after) {
    EXPECT_EQ(after.size() + 1, before.size());
    EXPECT_EQ(missing(after, before), 0U);
  });
}

TEST_F(Steps, MoveMovesOne) {
  each(DepartureMutation::move, [](const Departures& before, const Departures& after) {
    EXPECT_EQ(after.size(), before.size());
    EXPECT_LE(missing(before, after), 1U);
    EXPECT_LE(missing(after, before), 1U);
  });
}

TEST_F(Steps, TurnKeepsThePlace) {
  each(DepartureMutation::turn, [](const Departures& before, const Departures& after) {
    ASSERT_EQ(after.size(), before.size());
    std::size_t turned = 0;
    for (std::size_t i = 0; i < after.size(); ++i) {
      EXPECT_EQ(after[i].kind, before[i].kind);
      EXPECT_EQ(after[i].gap, before[i].gap);
      turned += after[i].pick != before[i].pick ? 1 : 0;
    }
    EXPECT_EQ(turned, 1U);
  });
}

TEST_F(Steps, StormPutsManyInARow) {
  each(DepartureMutation::storm, [](const Departures& before, const Departures& after) {
    ASSERT_GE(after.size(), before.size() + 2);
    // Those that were there are, in their order.
    const std::size_t added = after.size() - before.size();
    bool kept = false;
    for (std::size_t at = 0; at <= before.size() && !kept; ++at) {
      Departures rest = after;
      const auto from = rest.begin() + static_cast<std::ptrdiff_t>(at);
      rest.erase(from, from + static_cast<std::ptrdiff_t>(added));
      kept = rest == before;
    }
    EXPECT_TRUE(kept);
  });
}

TEST_F(Steps, CutAndRepeatKeepTheBeginning) {
  each(DepartureMutation::cut, [](const Departures& before, const Departures& after) {
    ASSERT_LT(after.size(), before.size());
    EXPECT_TRUE(std::equal(after.begin(), after.end(), before.begin()));
  });
  each(DepartureMutation::repeat, [](const Departures& before, const Departures& after) {
    ASSERT_GT(after.size(), before.size());
    EXPECT_TRUE(std::equal(before.begin(), before.end(), after.begin()));
  });
}

TEST(MutateDepartures, NoneGrowsPastTheLimit) {
  Random random(1);
  Departures departures = some(random, departures_max);
  for (unsigned n = 0; n < 5000; ++n) {
    apply(random_departure_mutation(random), departures, random);
    ASSERT_LE(departures.size(), departures_max);
  }
  const Departures other = some(random, departures_max);
  for (unsigned n = 0; n < 200; ++n) {
    splice_departures(departures, other, random);
    ASSERT_LE(departures.size(), departures_max);
  }
}

TEST(MutateDepartures, DrawsAll) {
  Random random(2);
  std::map<DepartureMutation, unsigned> drawn;
  for (unsigned n = 0; n < 5000; ++n) ++drawn[random_departure_mutation(random)];
  EXPECT_EQ(drawn.size(), departure_mutation_count);
}

}  // namespace
}  // namespace rcufarm::harness
