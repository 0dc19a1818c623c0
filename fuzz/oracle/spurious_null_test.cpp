// Nulls with a reason, and without one.
#include <gtest/gtest.h>

#include "oracle/event_script.h"

namespace rcufarm::oracle {
namespace {

// A cache that has served a request.
struct Served : EventScript {
  Served() : EventScript(1) { alloc_gives(1).frees(1); }
};

TEST(SpuriousNull, WithoutAReason) { EXPECT_EQ(Served().alloc_gives_null().accused(), Kind::spurious_null); }

TEST(SpuriousNull, InterruptsWereOff) {
  EXPECT_EQ(Served().alloc_gives_null({.interrupts_on = false}).accused(), Kind::none);
}

TEST(SpuriousNull, SomebodyAllocatedWithInterruptsOff) {
  EXPECT_EQ(Served().alloc_gives(1, {.interrupts_on = false}).frees(1).alloc_gives_null().accused(), Kind::none);
}

TEST(SpuriousNull, OfAnotherCacheOnly) {
  EXPECT_EQ(Served().alloc_gives_null({.cache = 1}).accused(), Kind::none) << "it may have begun empty";
  EXPECT_EQ(Served().slab_gives(2).alloc_gives(2, {.cache = 1, .interrupts_on = false}).alloc_gives_null().accused(),
            Kind::spurious_null)
      << "what happens to another cache is no reason";
}

TEST(SpuriousNull, TheSlabFailed) {
  EXPECT_EQ(Served().slab_gives_nothing(sim::irq_work_context(0)).alloc_gives_null().accused(), Kind::none);
  EXPECT_EQ(Served().slab_gives_nothing(sim::main_context).alloc_gives_null().accused(), Kind::none);
}

TEST(SpuriousNull, ASizeThatCannotBeHad) {
  EXPECT_EQ(Served().alloc_gives_null({.bytes = 5000, .can_be_had = false}).accused(), Kind::none);
  EXPECT_EQ(Served().alloc_gives_null({.bytes = 1}).accused(), Kind::spurious_null);
}

TEST(SpuriousNull, ACacheThatBeginsEmptyIsAskedTwice) {
  EXPECT_EQ(EventScript().alloc_gives_null().accused(), Kind::none);
  EXPECT_EQ(EventScript().alloc_gives_null({.bytes = 16}).alloc_gives_null({.bytes = 32}).accused(), Kind::none)
      << "another size may be another list";
  EXPECT_EQ(EventScript().alloc_gives_null().alloc_gives_null().accused(), Kind::spurious_null);
}

TEST(SpuriousNull, InitHasToMakeACacheWhereThereIsMemory) {
  EXPECT_EQ(EventScript().gets_no_cache(true).accused(), Kind::spurious_null);
  EXPECT_EQ(EventScript().gets_no_cache(false).accused(), Kind::none);
  EXPECT_EQ(EventScript().slab_gives_nothing(sim::main_context).gets_no_cache(true).accused(), Kind::none);
}

}  // namespace
}  // namespace rcufarm::oracle
