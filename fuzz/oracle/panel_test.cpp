// What the panel makes of reports and of the end of a run.
#include <gtest/gtest.h>

#include "oracle/event_script.h"
#include "oracle/signature.h"

namespace rcufarm::oracle {
namespace {

TEST(Panel, NothingHappened) { EXPECT_EQ(EventScript().conclude(sim::End::finished).kind, Kind::none); }

TEST(Panel, AWarningIsAFinding) {
  EXPECT_EQ(EventScript().reports(sim::EventKind::warn, "not empty").accused(), Kind::warning);
  EXPECT_EQ(signature_of(EventScript().reports(sim::EventKind::warn, "not empty").conclude(sim::End::finished)),
            "warning: refill, not empty");
}

TEST(Panel, AMisuseReportAccusesTheAllocator) {
  EXPECT_EQ(EventScript().reports(sim::EventKind::misuse, "not a live object").accused(), Kind::misuse_report);
}

TEST(Panel, ARunThatDoesNotEnd) {
  EXPECT_EQ(EventScript().conclude(sim::End::points).kind, Kind::no_end);
  EXPECT_EQ(signature_of(EventScript().destroys(0).conclude(sim::End::points)), "no-end: destroy");
}

TEST(Panel, ALimitOfTheSimulatorProvesNothing) {
  EXPECT_EQ(EventScript().slab_gives(1).conclude(sim::End::limit).kind, Kind::none);
}

TEST(Panel, ARunThatWasGivenUpProvesNothing) {
  EXPECT_EQ(EventScript().slab_gives(1).conclude(sim::End::given_up).kind, Kind::none);
}

TEST(Panel, ObjectCgroupReferencesBalance) {
  EXPECT_EQ(EventScript().takes_objcg(true).puts_objcg().conclude(sim::End::finished).kind, Kind::none);
  EXPECT_EQ(EventScript().takes_objcg(false).conclude(sim::End::finished).kind, Kind::none);
  EXPECT_EQ(EventScript().takes_objcg(true).conclude(sim::End::finished).kind, Kind::leak);
  EXPECT_EQ(EventScript().takes_objcg(true).puts_objcg().puts_objcg().accused(), Kind::freed_twice);
}

TEST(Panel, WhatIsHarmlessPassesIfItIsToAndNothingElseDoes) {
  Panel panel(nullptr);
  panel.reset(true);
  sim::Event e;
  e.kind = sim::EventKind::warn;
  panel.on_event(e);
  EXPECT_FALSE(panel.reached());
  e.kind = sim::EventKind::misuse;
  panel.on_event(e);
  EXPECT_TRUE(panel.reached());
}

TEST(Panel, ResetForgetsEverything) {
  Panel panel(nullptr);
  sim::Event e;
  e.kind = sim::EventKind::warn;
  panel.on_event(e);
  EXPECT_TRUE(panel.reached());
  panel.reset();
  EXPECT_FALSE(panel.reached());
  EXPECT_EQ(panel.conclude({}).kind, Kind::none);
}

TEST(Kinds, NamesGoBothWays) {
  for (unsigned i = 1; i < kind_count; ++i) {
    const auto kind = static_cast<Kind>(i);
    EXPECT_EQ(kind_named(name_of(kind)), kind);
    EXPECT_STRNE(meaning_of(kind), "");
  }
  EXPECT_EQ(kind_named("no such kind"), std::nullopt);
}

}  // namespace
}  // namespace rcufarm::oracle
