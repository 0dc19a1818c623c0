// Charges to the object cgroup of who made an allocator.
#include <gtest/gtest.h>

#include "oracle/event_script.h"
#include "oracle/signature.h"

namespace rcufarm::oracle {
namespace {

TEST(Charges, WhatIsHandedOutHasToBeCharged) {
  EXPECT_EQ(EventScript().makes_cache(true).slab_gives(1, "slab", true).alloc_gives(1).accused(), Kind::none);
  EXPECT_EQ(EventScript().makes_cache(true).slab_gives(1).alloc_gives(1).accused(), Kind::not_charged);
}

TEST(Charges, WithoutAnObjectCgroupThereIsNothingToCharge) {
  EXPECT_EQ(EventScript().makes_cache(false).slab_gives(1).alloc_gives(1).accused(), Kind::none);
}

TEST(Charges, WhatIsNotHandedOutMayBeTheAllocatorsOwn) {
  EXPECT_EQ(EventScript().makes_cache(true).slab_gives(1).accused(), Kind::none);
}

TEST(Charges, InstancesOfAPerCpuObjectCountAsWell) {
  EventScript charged;
  charged.makes_cache(true).slab_gives(1, "slab", true).slab_gives(2, "percpu", true);
  EXPECT_EQ(charged.alloc_gives_percpu(1, 2).accused(), Kind::none);
  EventScript half;
  half.makes_cache(true).slab_gives(1, "slab", true).slab_gives(2, "percpu");
  EXPECT_EQ(signature_of(half.alloc_gives_percpu(1, 2).conclude(sim::End::finished)), "not-charged: grow, percpu");
}

TEST(Charges, ResetForgetsWhoHasOne) {
  EventScript s;
  s.makes_cache(true).begins_again();
  EXPECT_EQ(s.slab_gives(1).alloc_gives(1).accused(), Kind::none);
}

}  // namespace
}  // namespace rcufarm::oracle
