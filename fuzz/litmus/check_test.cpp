// Whole tests under each model: the verdicts, and why.
#include "litmus/check.h"

#include <gtest/gtest.h>

namespace rcufarm::litmus {
namespace {

// P0 and P1, what is to be seen, and what the test says of it.
std::string test_of(const std::string& left, const std::string& right, const std::string& condition,
                    const std::string& result) {
  return "C t\n(* Result: " + result + " *)\n{}\nP0(int *x, int *y)\n{\n" + left + "\n}\nP1(int *x, int *y)\n{\n" +
         right + "\n}\n" + condition + "\n";
}

std::string message_passing(const std::string& left, const std::string& right, const std::string& result) {
  return test_of("WRITE_ONCE(*x, 1); " + left + " WRITE_ONCE(*y, 1);",
                 "int r0 = READ_ONCE(*y); " + right + " int r1 = READ_ONCE(*x);", "exists (1:r0=1 /\\ 1:r1=0)", result);
}

const char* const load_buffering = "r0 = READ_ONCE(*x); WRITE_ONCE(*y, 1);";
const char* const load_buffering_other = "r0 = READ_ONCE(*y); WRITE_ONCE(*x, 1);";

TEST(LitmusCheck, AnswersAreComparedWithTheTestsOwn) {
  EXPECT_EQ(check(message_passing("", "", "Sometimes"), "t", nullptr).verdict, Verdict::agrees);
  EXPECT_EQ(check(message_passing("smp_wmb();", "smp_rmb();", "Never"), "t", nullptr).verdict, Verdict::agrees);
  EXPECT_EQ(check(message_passing("", "", ""), "t", nullptr).verdict, Verdict::unjudged);
  EXPECT_EQ(check(message_passing("", "", "Maybe"), "t", nullptr).verdict, Verdict::unjudged);
  const Checked wrong = check(message_passing("", "", "Never"), "t", nullptr);
  EXPECT_EQ(wrong.verdict, Verdict::disagrees);
  EXPECT_EQ(wrong.why, "Sometimes, and the test says Never");
  EXPECT_EQ(check(message_passing("smp_wmb();", "smp_rmb();", "Sometimes"), "t", nullptr).verdict, Verdict::disagrees);
}

TEST(LitmusCheck, ObservationsAreThoseOfHerd7) {
  const Checked seen = check(message_passing("", "", "Sometimes"), "t", nullptr);
  ASSERT_TRUE(seen.observation.has_value());
  EXPECT_EQ(to_text(*seen.observation),
            "Test t Allowed\nStates 4\n1:r0=0; 1:r1=0;\n1:r0=0; 1:r1=1;\n1:r0=1; 1:r1=0;\n1:r0=1; 1:r1=1;\n"
            "Ok\nWitnesses\nPositive: 1 Negative: 3\nCondition exists (1:r0=1 /\\ 1:r1=0)\n"
            "Observation t Sometimes 1 3\n");
  ASSERT_TRUE(seen.witness.has_value());
  EXPECT_TRUE(holds(seen.program->test().condition, seen.witness->state));
}

TEST(LitmusCheck, AWitnessOfForallIsWhatRefutesIt) {
  const Checked seen =
      check(test_of("WRITE_ONCE(*x, 1);", "WRITE_ONCE(*x, 2);", "forall (x=1)", "Sometimes"), "t", nullptr);
  EXPECT_EQ(seen.verdict, Verdict::agrees);
  ASSERT_TRUE(seen.witness.has_value());
  EXPECT_FALSE(holds(seen.program->test().condition, seen.witness->state));
}

TEST(LitmusCheck, LoadBufferingIsNamed) {
  const std::string text = test_of(load_buffering, load_buffering_other, "exists (0:r0=1 /\\ 1:r0=1)", "Sometimes");
  const Checked seen = check(text, "t", nullptr);
  EXPECT_EQ(seen.verdict, Verdict::stronger);
  EXPECT_TRUE(seen.needs_load_buffering);
  ASSERT_TRUE(seen.witness.has_value());
  EXPECT_TRUE(holds(seen.program->test().condition, seen.witness->state));
  EXPECT_EQ(seen.observation->word(), "Never");
}

// A value that is read may be what makes its own write happen. What is only handed round comes from nowhere.
TEST(LitmusCheck, LoadBufferingOfAValueThatCausesItself) {
  const char* const copies = "r0 = READ_ONCE(*y); WRITE_ONCE(*x, r0);";
  const auto verdict = [&](const char* left, const char* condition) {
    return check(test_of(left, copies, condition, "Sometimes"), "t", nullptr).verdict;
  };
  EXPECT_EQ(
      verdict("r0 = READ_ONCE(*x); r1 = 5; if (r0 != 5) r1 = 0; WRITE_ONCE(*y, r1);", "exists (0:r1=5 /\\ 1:r0=5)"),
      Verdict::stronger);
  EXPECT_EQ(verdict("r0 = *x; r1 = 5; *y = r0;", "exists (0:r0=5)"), Verdict::disagrees);
}

// Two plain accesses that are made together in no execution but one with load buffering.
TEST(LitmusCheck, ADataRaceMayNeedLoadBuffering) {
  const auto checked = [](const char* order) {
    const std::string left = std::string("r0 = READ_ONCE(*x); ") + order + " WRITE_ONCE(*y, 1); if (r0 == 1) r1 = *z;";
    return check("C t\n(* Result: Never DATARACE *)\n{}\nP0(int *x, int *y, int *z) {" + left +
                     "}\nP1(int *x, int *y) { r0 = READ_ONCE(*y); WRITE_ONCE(*x, r0); }\n"
                     "P2(int *z) { *z = 2; }\nexists (0:r1=7)",
                 "t", nullptr);
  };
  const Checked seen = checked("");
  EXPECT_EQ(seen.verdict, Verdict::stronger) << seen.why;
  EXPECT_TRUE(seen.needs_load_buffering);
  EXPECT_EQ(checked("smp_mb();").verdict, Verdict::disagrees);
}

TEST(LitmusCheck, AStrongerModelIsNoDisagreement) {
  const Checked seen = check(message_passing("", "", "Sometimes"), "t", &sc_model());
  EXPECT_EQ(seen.verdict, Verdict::stronger);
  EXPECT_FALSE(seen.needs_load_buffering);
  EXPECT_NE(seen.why.find("sc allows less"), std::string::npos);
  EXPECT_EQ(check(message_passing("", "", "Never"), "t", &sc_model()).verdict, Verdict::agrees);
  const std::string store_buffering =
      test_of("WRITE_ONCE(*x, 1); r0 = READ_ONCE(*y);", "WRITE_ONCE(*y, 1); r0 = READ_ONCE(*x);",
              "exists (0:r0=0 /\\ 1:r0=0)", "Sometimes");
  EXPECT_EQ(check(store_buffering, "t", &tso_model()).verdict, Verdict::agrees);
  EXPECT_EQ(check(store_buffering, "t", &sc_model()).verdict, Verdict::stronger);
}

TEST(LitmusCheck, AWeakerModelIsNoDisagreement) {
  // C11 knows no dependency that orders.
  const std::string text =
      "C t\n(* Result: Never *)\n{ y = z; }\nP0(int *x, int *y) { WRITE_ONCE(*x, 1); smp_wmb(); "
      "WRITE_ONCE(*y, x); }\nP1(int *x, int *y) { r0 = rcu_dereference(*y); r1 = READ_ONCE(*r0); }\n"
      "exists (1:r0=x /\\ 1:r1=0)";
  EXPECT_EQ(check(text, "t", nullptr).verdict, Verdict::agrees);
  EXPECT_EQ(check(text, "t", &c11_model()).verdict, Verdict::weaker);
}

TEST(LitmusCheck, DataRacesAreCompared) {
  const auto racy = [](const char* result) { return test_of("*x = 1;", "r0 = *x;", "exists (1:r0=1)", result); };
  const Checked undeclared = check(racy("Sometimes"), "t", nullptr);
  EXPECT_EQ(undeclared.verdict, Verdict::disagrees);
  EXPECT_NE(undeclared.why.find("data race"), std::string::npos);
  EXPECT_EQ(undeclared.observation->flags, std::vector<std::string_view>{"data-race"});
  EXPECT_EQ(check(racy("Sometimes DATARACE"), "t", nullptr).verdict, Verdict::agrees);
  EXPECT_EQ(check(message_passing("", "", "Sometimes DATARACE"), "t", nullptr).verdict, Verdict::disagrees);
}

TEST(LitmusCheck, DeadlocksVanish) {
  const std::string text = test_of("spin_lock(x); spin_lock(x);", "r0 = READ_ONCE(*y);", "exists (1:r0=0)", "DEADLOCK");
  const Checked seen = check(text, "t", nullptr);
  EXPECT_EQ(seen.verdict, Verdict::agrees) << seen.why;
  EXPECT_EQ(seen.observation->matching + seen.observation->others, 0U);
}

TEST(LitmusCheck, LoopsAreUnrolledALittle) {
  const std::string text =
      test_of("while (READ_ONCE(*x) == 0) { r0 = r0 + 1; }", "WRITE_ONCE(*x, 1);", "exists (0:r0=2)", "Sometimes");
  const Checked seen = check(text, "t", nullptr);
  EXPECT_EQ(seen.observation->states, (std::vector<std::string>{"0:r0=0;", "0:r0=1;", "0:r0=2;"}));
  EXPECT_TRUE(seen.observation->looped);
}

TEST(LitmusCheck, TheModelIsThatOfThePrimitives) {
  const std::string c11 =
      test_of("atomic_store_explicit(x, 1, memory_order_relaxed); atomic_store_explicit(y, 1, memory_order_release);",
              "r0 = atomic_load_explicit(y, memory_order_acquire); r1 = atomic_load_explicit(x, memory_order_relaxed);",
              "exists (1:r0=1 /\\ 1:r1=0)", "Never");
  const Checked seen = check(c11, "t", nullptr);
  EXPECT_EQ(seen.model, &c11_model());
  EXPECT_EQ(seen.verdict, Verdict::agrees);
  EXPECT_EQ(check(message_passing("", "", "Sometimes"), "t", nullptr).model, &kernel_model());
  const Checked other = check(c11, "t", &kernel_model());
  EXPECT_EQ(other.verdict, Verdict::unsupported);
  EXPECT_NE(other.why.find("--model c11"), std::string::npos);
}

TEST(LitmusCheck, WhatCannotBeJudgedIsNot) {
  EXPECT_EQ(check("nonsense", "t", nullptr).verdict, Verdict::malformed);
  const Checked construct = check(test_of("for (;;) ;", "", "exists (x=1)", "Never"), "t", nullptr);
  EXPECT_EQ(construct.verdict, Verdict::unsupported);
  EXPECT_EQ(construct.line, 6U);
  EXPECT_NE(construct.why.find("`for`"), std::string::npos);
  const Checked senseless = check(test_of("r0 = 1 / *x;", "", "exists (x=1)", "Never"), "t", nullptr);
  EXPECT_EQ(senseless.verdict, Verdict::unsupported);
  EXPECT_NE(senseless.why.find("division by 0"), std::string::npos);
  ExploreLimits few;
  few.graphs_max = 3;
  EXPECT_EQ(check(message_passing("", "", "Sometimes"), "t", nullptr, few).verdict, Verdict::too_large);
}

TEST(LitmusCheck, FiltersRemoveRunsBeforeTheyAreCounted) {
  const std::string text =
      test_of("WRITE_ONCE(*x, 1);", "r0 = READ_ONCE(*x);", "filter (1:r0=1)\nexists (1:r0=0)", "Never");
  const Checked seen = check(text, "t", nullptr);
  EXPECT_EQ(seen.verdict, Verdict::agrees);
  EXPECT_EQ(seen.observation->others, 1U);
}

}  // namespace
}  // namespace rcufarm::litmus
