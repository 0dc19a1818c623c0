// Violations: each kind becomes one finding, with the first that was seen and how many there were.
#include "harness/native/violations.h"

#include <gtest/gtest.h>

#include <cstring>
#include <set>

namespace rcufarm::harness {
namespace {

TEST(Violations, NoneAreNoFinding) {
  std::vector<Finding> findings;
  Violations().append_to(findings);
  EXPECT_TRUE(findings.empty());
}

TEST(Violations, OfEachKindTheFirstIsToldAndTheRestCounted) {
  Violations violations;
  violations.add(FindingKind::corrupted, "bytes are wrong", 7);
  violations.add(FindingKind::corrupted, "bytes are wrong elsewhere", 8);
  violations.add(FindingKind::handed_out_twice, "twice", 3);
  std::vector<Finding> findings;
  violations.append_to(findings);
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_EQ(findings[0].kind, FindingKind::handed_out_twice);
  EXPECT_EQ(findings[0].signature, "handed-out-twice: twice");
  EXPECT_EQ(findings[1].kind, FindingKind::corrupted);
  EXPECT_EQ(findings[1].signature, "corrupted: bytes are wrong");
  EXPECT_EQ(findings[1].detail, "bytes are wrong (object 7, seen 2 times)");
}

TEST(Violations, EveryKindHasItsPlaceAndItsName) {
  Violations violations;
  std::set<std::string> names;
  constexpr auto last = static_cast<unsigned>(FindingKind::no_progress);
  for (unsigned i = 0; i <= last; ++i) violations.add(static_cast<FindingKind>(i), "it", i);
  std::vector<Finding> findings;
  violations.append_to(findings);
  ASSERT_EQ(findings.size(), last + 1U);
  for (unsigned i = 0; i <= last; ++i) {
    EXPECT_EQ(findings[i].kind, static_cast<FindingKind>(i));
    EXPECT_TRUE(names.insert(name_of(findings[i].kind)).second) << name_of(findings[i].kind);
  }
}

}  // namespace
}  // namespace rcufarm::harness
