#include "litmus/relation.h"

#include <gtest/gtest.h>

#include <random>

namespace rcufarm::litmus {
namespace {

Relation pairs(unsigned size, std::initializer_list<std::pair<EventId, EventId>> list) {
  Relation r(size);
  for (const auto& [from, to] : list) r.add(from, to);
  return r;
}

EventSet events(unsigned size, std::initializer_list<EventId> list) {
  EventSet set(size);
  for (const EventId e : list) set.add(e);
  return set;
}

TEST(Relation, SetOperations) {
  const Relation a = pairs(4, {{0, 1}, {1, 2}}), b = pairs(4, {{1, 2}, {2, 3}});
  EXPECT_EQ(a | b, pairs(4, {{0, 1}, {1, 2}, {2, 3}}));
  EXPECT_EQ(a & b, pairs(4, {{1, 2}}));
  EXPECT_EQ(a - b, pairs(4, {{0, 1}}));
  EXPECT_FALSE(a.empty());
  EXPECT_TRUE((a - a).empty());
  EXPECT_EQ((a | b).count(), 3U);
}

TEST(Relation, CompositionAndRestriction) {
  const Relation a = pairs(4, {{0, 1}, {0, 2}, {3, 3}}), b = pairs(4, {{1, 3}, {2, 0}});
  EXPECT_EQ(a >> b, pairs(4, {{0, 3}, {0, 0}}));
  EXPECT_EQ(events(4, {0}) >> a, pairs(4, {{0, 1}, {0, 2}}));
  EXPECT_EQ(a >> events(4, {2, 3}), pairs(4, {{0, 2}, {3, 3}}));
  EXPECT_EQ(inverse(a), pairs(4, {{1, 0}, {2, 0}, {3, 3}}));
  EXPECT_EQ(domain(a), events(4, {0, 3}));
  EXPECT_EQ(range(a), events(4, {1, 2, 3}));
  EXPECT_EQ(cross(events(4, {0, 1}), events(4, {3})), pairs(4, {{0, 3}, {1, 3}}));
  EXPECT_EQ(identity(events(4, {1, 3})), pairs(4, {{1, 1}, {3, 3}}));
  EXPECT_EQ(a.after(0), events(4, {1, 2}));
}

TEST(Relation, Closures) {
  const Relation path = pairs(4, {{0, 1}, {1, 2}, {2, 3}});
  EXPECT_EQ(plus(path), pairs(4, {{0, 1}, {0, 2}, {0, 3}, {1, 2}, {1, 3}, {2, 3}}));
  EXPECT_EQ(star(path), plus(path) | identity(EventSet::all(4)));
  EXPECT_EQ(maybe(path), path | identity(EventSet::all(4)));
  EXPECT_TRUE(acyclic(path));
  EXPECT_TRUE(irreflexive(path));
  const Relation ring = path | pairs(4, {{3, 1}});
  EXPECT_FALSE(acyclic(ring));
  EXPECT_TRUE(irreflexive(ring));
  EXPECT_FALSE(irreflexive(plus(ring)));
  EXPECT_FALSE(acyclic(pairs(4, {{2, 2}})));
}

// Rows of one word, of several, and at the edges between words.
TEST(Relation, EachSizeAgreesWithPairsOneByOne) {
  std::mt19937 random(7);
  for (const unsigned size : {1U, 5U, 63U, 64U, 65U, 128U, 200U, 256U}) {
    Relation a(size), b(size);
    EventSet set(size);
    for (unsigned i = 0; i < size * 2; ++i) {
      a.add(random() % size, random() % size);
      b.add(random() % size, random() % size);
      if (i % 3 == 0) set.add(random() % size);
    }
    const Relation both = a >> b, closed = plus(a), left = set >> a, right = a >> set;
    for (EventId x = 0; x < size; ++x)
      for (EventId y = 0; y < size; ++y) {
        bool through = false, further = a.has(x, y);
        for (EventId z = 0; z < size; ++z) {
          through = through || (a.has(x, z) && b.has(z, y));
          further = further || (a.has(x, z) && closed.has(z, y));
        }
        ASSERT_EQ(both.has(x, y), through) << size;
        ASSERT_EQ(closed.has(x, y), further) << size;
        ASSERT_EQ(left.has(x, y), set.has(x) && a.has(x, y));
        ASSERT_EQ(right.has(x, y), set.has(y) && a.has(x, y));
      }
    ASSERT_EQ(acyclic(a), irreflexive(closed));
    ASSERT_EQ(~~set, set);
    ASSERT_TRUE((~set & set).empty());
  }
}

}  // namespace
}  // namespace rcufarm::litmus
