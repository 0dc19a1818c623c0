// The life of an object: what must be accused, and the correct program beside it.
#include <gtest/gtest.h>

#include "oracle/event_script.h"
#include "oracle/signature.h"

namespace rcufarm::oracle {
namespace {

constexpr auto regular = kernel::RcuFlavor::regular;
constexpr auto tasks_trace = kernel::RcuFlavor::tasks_trace;

TEST(ObjectLife, AnObjectIsHandedOutAgainAfterItsFree) {
  EXPECT_EQ(EventScript(1).alloc_gives(1).frees(1).alloc_gives(1).accused(), Kind::none);
}

TEST(ObjectLife, HandedOutTwice) {
  EXPECT_EQ(EventScript(1).alloc_gives(1).alloc_gives(1).accused(), Kind::handed_out_twice);
}

TEST(ObjectLife, HandedOutAfterItWentToTheSlab) {
  EXPECT_EQ(EventScript(1).alloc_gives(1).frees(1).slab_takes(1).alloc_gives(1).accused(), Kind::use_after_free);
}

TEST(ObjectLife, AnAddressOfNoAllocation) { EXPECT_EQ(EventScript(1).alloc_gives(0).accused(), Kind::corrupted_list); }

TEST(ObjectLife, FreedUnderItsUser) {
  EXPECT_EQ(EventScript(1).alloc_gives(1).slab_takes(1).accused(), Kind::freed_under_user);
  EXPECT_EQ(EventScript(1).alloc_gives(1).raw_frees(1).slab_takes(1).accused(), Kind::none);
}

TEST(ObjectLife, FreedTwice) { EXPECT_EQ(EventScript(1).slab_takes(1).slab_takes(1).accused(), Kind::freed_twice); }

TEST(ObjectLife, ReusedUnderAnOlderRegularReader) {
  EXPECT_EQ(EventScript(1).alloc_gives(1).enters(1, regular).frees_rcu(1).alloc_gives(1).accused(),
            Kind::reused_under_reader);
}

TEST(ObjectLife, ReuseIsAllowedWhenOlderReadersHaveLeft) {
  EXPECT_EQ(EventScript(1).alloc_gives(1).enters(1, regular).frees_rcu(1).leaves(1, regular).alloc_gives(1).accused(),
            Kind::none);
}

TEST(ObjectLife, ReuseIsAllowedUnderAYoungerReader) {
  EXPECT_EQ(EventScript(1).alloc_gives(1).frees_rcu(1).enters(1, regular).alloc_gives(1).accused(), Kind::none);
}

TEST(ObjectLife, ReuseIsAllowedUnderATasksTraceReader) {
  EXPECT_EQ(EventScript(1).alloc_gives(1).enters(1, tasks_trace).frees_rcu(1).alloc_gives(1).accused(), Kind::none);
}

TEST(ObjectLife, ReuseAfterAPlainFreeIsAllowedUnderAnyReader) {
  EXPECT_EQ(EventScript(1).alloc_gives(1).enters(1, regular).frees(1).alloc_gives(1).accused(), Kind::none);
}

TEST(ObjectLife, AReaderWhoLeftAndCameBackIsYounger) {
  EXPECT_EQ(EventScript(1)
                .alloc_gives(1)
                .enters(1, regular)
                .frees_rcu(1)
                .leaves(1, regular)
                .enters(1, regular)
                .alloc_gives(1)
                .accused(),
            Kind::none);
}

TEST(ObjectLife, ReturnedUnderAnOlderReaderOfEitherFlavour) {
  for (const auto flavor : {regular, tasks_trace}) {
    EXPECT_EQ(EventScript(1).alloc_gives(1).enters(1, flavor).frees(1).slab_takes(1).accused(),
              Kind::returned_under_reader);
    EXPECT_EQ(EventScript(1).alloc_gives(1).enters(1, flavor).frees_rcu(1).slab_takes(1).accused(),
              Kind::returned_under_reader);
    EXPECT_EQ(EventScript(1).alloc_gives(1).enters(1, flavor).frees(1).leaves(1, flavor).slab_takes(1).accused(),
              Kind::none);
    EXPECT_EQ(EventScript(1).alloc_gives(1).frees(1).enters(1, flavor).slab_takes(1).accused(), Kind::none);
  }
}

TEST(ObjectLife, AnObjectThatNobodyHadMayGoBackAtAnyTime) {
  EXPECT_EQ(EventScript(1).enters(1, regular).slab_takes(1).accused(), Kind::none);
}

TEST(ObjectLife, AfterDestroyReadersProtectNothing) {
  EXPECT_EQ(EventScript(1).alloc_gives(1).enters(1, regular).frees(1).destroys(0).slab_takes(1).accused(), Kind::none);
  EXPECT_EQ(EventScript(1).alloc_gives(1).enters(1, regular).frees(1).destroys(1).slab_takes(1).accused(),
            Kind::returned_under_reader)
      << "another cache's destroy";
}

TEST(ObjectLife, WhoCallsRawFreeHasWaited) {
  EXPECT_EQ(EventScript(1).alloc_gives(1).enters(1, regular).raw_frees(1).slab_takes(1).accused(), Kind::none);
}

TEST(ObjectLife, LeakIsAccusedAtTheEndOnly) {
  EXPECT_EQ(EventScript(1).conclude(sim::End::finished).kind, Kind::leak);
  EXPECT_EQ(EventScript(1).conclude(sim::End::limit).kind, Kind::none);
  EXPECT_EQ(EventScript(1).slab_takes(1).conclude(sim::End::finished).kind, Kind::none);
}

TEST(ObjectLife, TheFirstAccusationStays) {
  EXPECT_EQ(EventScript(1).alloc_gives(1).alloc_gives(1).slab_takes(1).slab_takes(1).accused(), Kind::handed_out_twice);
}

TEST(ObjectLife, SignaturesNameCallsAndFunctionsOnly) {
  EXPECT_EQ(
      signature_of(
          EventScript(1).alloc_gives(1).enters(1, regular).frees_rcu(1).alloc_gives(1).conclude(sim::End::finished)),
      "reused-under-reader: free_rcu, alloc");
  EXPECT_EQ(signature_of(EventScript(1).alloc_gives(1).slab_takes(1).conclude(sim::End::finished)),
            "freed-under-user: shrink");
}

}  // namespace
}  // namespace rcufarm::oracle
