// Violations: each kind becomes one finding, with the first that was seen and how many there were.
#include "harness/native/violations.h"

#include <gtest/gtest.h>

namespace rcufarm::harness {
namespace {

TEST(Violations, NoneAreNoFinding) {
  std::vector<Finding> findings;
  Violations().append_to(findings);
  EXPECT_TRUE(findings.empty());
}

TEST(Violations, OfEachKindTheFirstIsToldAndTheRestCounted) {
  Violations violations;
  violations.add(oracle::Kind::corrupted, "bytes are wrong", 7);
  violations.add(oracle::Kind::corrupted, "bytes are wrong elsewhere", 8);
  violations.add(oracle::Kind::handed_out_twice, "twice", 3);
  std::vector<Finding> findings;
  violations.append_to(findings);
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_EQ(findings[0].kind, oracle::Kind::handed_out_twice);
  EXPECT_EQ(findings[0].signature, "handed-out-twice: twice");
  EXPECT_EQ(findings[1].kind, oracle::Kind::corrupted);
  EXPECT_EQ(findings[1].signature, "corrupted: bytes are wrong");
  EXPECT_EQ(findings[1].detail, "bytes are wrong (object 7, seen 2 times)");
}

TEST(Violations, EveryKindHasItsPlace) {
  Violations violations;
  for (unsigned i = 0; i < oracle::kind_count; ++i) violations.add(static_cast<oracle::Kind>(i), "it", i);
  std::vector<Finding> findings;
  violations.append_to(findings);
  ASSERT_EQ(findings.size(), oracle::kind_count);
  for (unsigned i = 0; i < oracle::kind_count; ++i) EXPECT_EQ(findings[i].kind, static_cast<oracle::Kind>(i));
}

}  // namespace
}  // namespace rcufarm::harness
