// The one list of kinds: names round-trip, are all different, and stay what stored findings, dashboards and digests have.
#include "oracle/kind.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace rcufarm::oracle {
namespace {

TEST(Kind, NamesRoundTrip) {
  std::set<std::string> names;
  for (const Kind kind : all_kinds) {
    EXPECT_EQ(kind_named(name_of(kind)), kind) << name_of(kind);
    EXPECT_TRUE(names.insert(name_of(kind)).second) << name_of(kind);
    EXPECT_STRNE(meaning_of(kind), "") << name_of(kind);
  }
  EXPECT_FALSE(kind_named("none"));
  EXPECT_FALSE(kind_named("leaks"));
  EXPECT_FALSE(kind_named(""));
}

TEST(Kind, TheGravestStandsFirst) {
  EXPECT_EQ(gravity_of(Kind::use_after_free), Gravity::corruption);
  EXPECT_LT(Gravity::corruption, gravity_of(Kind::leak));
  EXPECT_LT(gravity_of(Kind::leak), gravity_of(Kind::spurious_null));
  EXPECT_LT(gravity_of(Kind::spurious_null), gravity_of(Kind::data_race));
  for (const Kind kind : all_kinds) {
    EXPECT_STRNE(name_of(gravity_of(kind)), "") << name_of(kind);
    EXPECT_EQ(is_missing_order(kind), gravity_of(kind) == Gravity::order) << name_of(kind);
    EXPECT_TRUE(!is_harmless(kind) || gravity_of(kind) == Gravity::rest) << name_of(kind);
  }
}

TEST(Kind, NumbersAndNamesOfEveryPartStay) {
  EXPECT_EQ(kind_named("leak"), static_cast<Kind>(1));
  EXPECT_EQ(kind_named("freed-without-happens-before"), static_cast<Kind>(20));
  EXPECT_EQ(kind_named("no-end"), static_cast<Kind>(29));
  for (const char* name : {"corrupted", "slab-misuse", "kernel-misuse", "no-progress", "asan", "tsan", "ubsan", "hang",
                           "nondeterminism"}) {
    EXPECT_TRUE(kind_named(name)) << name;
  }
}

}  // namespace
}  // namespace rcufarm::oracle
