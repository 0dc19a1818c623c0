// A quiet user: what has to come back, and what may not grow.
#include <gtest/gtest.h>

#include "oracle/event_script.h"
#include "oracle/settling.h"

namespace rcufarm::oracle {
namespace {

TEST(Settling, PendingObjectsHaveToComeBack) {
  EXPECT_EQ(EventScript().settles(5, 4).accused(), Kind::pending_does_not_fall);
  EXPECT_EQ(EventScript().settles(4, 4).accused(), Kind::none);
}

TEST(Settling, MuchThatWaitsIsHurried) {
  EXPECT_EQ(EventScript().piles_up(100, 100, false).accused(), Kind::pending_does_not_fall);
  EXPECT_EQ(EventScript().piles_up(100, 100, true).accused(), Kind::none);
  EXPECT_EQ(EventScript().piles_up(99, 100, false).accused(), Kind::none);
  EXPECT_EQ(EventScript().piles_up(100, 100, true).piles_up(100, 100, false).accused(), Kind::pending_does_not_fall);
}

TEST(Settling, MemoryThatGrowsRoundForRound) {
  EventScript s;
  for (std::uint32_t object = 1; object <= growing_rounds_max; ++object) s.slab_gives(object).ends_a_round();
  EXPECT_EQ(s.accused(), Kind::none);
  EXPECT_EQ(s.slab_gives(growing_rounds_max + 1).ends_a_round().accused(), Kind::memory_grows);
}

TEST(Settling, AFreeListThatIsFilledIsFullAtSomeTime) {
  EventScript s;
  std::uint32_t object = 0;
  for (unsigned round = 0; round < 4 * growing_rounds_max; ++round) {
    if (round % growing_rounds_max != 0) s.slab_gives(++object);
    s.ends_a_round();
  }
  EXPECT_EQ(s.accused(), Kind::none);
}

TEST(Settling, WhereMemoryIsShortNothingIsProved) {
  EventScript s;
  for (std::uint32_t object = 1; object <= 2 * growing_rounds_max; ++object) {
    s.slab_gives(object).ends_a_round();
    if (object % growing_rounds_max == 0) s.slab_gives_nothing(sim::irq_work_context(0));
  }
  EXPECT_EQ(s.accused(), Kind::none);
}

// So many objects go one way, of which every n-th stays.
Kind accused_of_flow(unsigned stays_one_in) {
  EventScript s;
  for (std::uint32_t object = 1; object <= flow_objects_max; ++object) {
    s.slab_gives(object);
    if (object % stays_one_in != 0) s.slab_takes(object);
    if ((object & (object - 1)) == 0) s.passes(object);
  }
  return s.accused();
}

TEST(Settling, WhatIsFreedElsewhereMayNotPileUp) {
  EXPECT_EQ(accused_of_flow(1), Kind::memory_grows);
  EXPECT_EQ(accused_of_flow(16), Kind::none);
}

TEST(Settling, WhatComesAndGoesDoesNotGrow) {
  EventScript s;
  for (std::uint32_t object = 1; object <= 2 * growing_rounds_max; ++object)
    s.slab_gives(object).slab_takes(object).ends_a_round();
  EXPECT_EQ(s.accused(), Kind::none);
}

}  // namespace
}  // namespace rcufarm::oracle
