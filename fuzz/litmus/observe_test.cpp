// The lines that scripts read, character by character as herd7 7.57 prints them.
#include "litmus/observe.h"

#include <gtest/gtest.h>

#include "litmus/address.h"
#include "litmus/parse.h"

namespace rcufarm::litmus {
namespace {

LitmusTest test_from(const std::string& text) {
  auto result = parse(text, "t");
  if (const auto* error = std::get_if<ParseError>(&result)) ADD_FAILURE() << to_string(*error);
  return std::get<LitmusTest>(result);
}

const std::string three_reads = "C t\n{}\nP0(int *x, int *y) { r10 = *x; r2 = *y; r0 = *y; }\n";
State state_of(Value r10, Value r2, Value r0, Value x, Value y) {
  return {{{address_of(0), address_of(1), r10, r2, r0}}, {x, y}};
}

TEST(LitmusObserve, StatesHaveWhatIsNamedOnceAndSorted) {
  const LitmusTest test = test_from(three_reads + "locations [y; 0:r10]\nexists (0:r2=1 /\\ x=0)");
  const Observation seen = observe(test,
                                   {{state_of(1, 1, 0, 0, 5), 2},
                                    {state_of(1, 1, 7, 0, 5), 3},
                                    {state_of(-1, 0, 0, 0, address_of(0)), 1},
                                    {state_of(-1, 0, 0, 0, 9), 1}},
                                   {"data-race"}, false);
  EXPECT_EQ(to_text(seen),
            "Test t Allowed\nStates 3\n"
            "0:r10=-1; 0:r2=0; [x]=0; [y]=9;\n"
            "0:r10=-1; 0:r2=0; [x]=0; [y]=x;\n"
            "0:r10=1; 0:r2=1; [x]=0; [y]=5;\n"
            "Ok\nWitnesses\nPositive: 5 Negative: 2\nFlag data-race\n"
            "Condition exists (0:r2=1 /\\ [x]=0)\nObservation t Sometimes 5 2\n");
}

TEST(LitmusObserve, EachQuantifier) {
  const auto told = [&](const std::string& condition, Value x) {
    return to_text(observe(test_from(three_reads + condition), {{state_of(0, 0, 0, x, 0), 4}}, {}, false));
  };
  EXPECT_EQ(told("~exists (x=1)", 1),
            "Test t Forbidden\nStates 1\n[x]=1;\nNo\nWitnesses\nPositive: 0 Negative: 4\n"
            "Condition ~exists ([x]=1)\nObservation t Always 4 0\n");
  EXPECT_EQ(told("~exists (x=1)", 0),
            "Test t Forbidden\nStates 1\n[x]=0;\nOk\nWitnesses\nPositive: 4 Negative: 0\n"
            "Condition ~exists ([x]=1)\nObservation t Never 0 4\n");
  EXPECT_EQ(told("forall (x=1)", 0),
            "Test t Required\nStates 1\n[x]=0;\nNo\nWitnesses\nPositive: 0 Negative: 4\n"
            "Condition forall ([x]=1)\nObservation t Never 0 4\n");
  EXPECT_EQ(told("exists (x=1)", 1),
            "Test t Allowed\nStates 1\n[x]=1;\nOk\nWitnesses\nPositive: 4 Negative: 0\n"
            "Condition exists ([x]=1)\nObservation t Always 4 0\n");
}

TEST(LitmusObserve, NoExecutionAtAll) {
  const Observation seen = observe(test_from(three_reads + "exists (x=1)"), {}, {}, true);
  EXPECT_EQ(to_text(seen),
            "Test t Allowed\nStates 0\nLoop No\nWitnesses\nPositive: 0 Negative: 0\n"
            "Condition exists ([x]=1)\nObservation t Never 0 0\n");
}

TEST(LitmusObserve, ConditionsHaveTheParenthesesOfHerd7) {
  const auto condition = [&](const std::string& text) {
    return observe(test_from(three_reads + text), {}, {}, false).condition;
  };
  EXPECT_EQ(condition("exists (0:r0=1 /\\ (0:r2=1 \\/ [y]=5 /\\ ~(x=y)) => 0:r0=x)"),
            "exists (0:r0=1 /\\ ((0:r2=1 \\/ [y]=5 /\\ not ([x]=y)) => 0:r0=x))");
  EXPECT_EQ(condition("exists ((x=1 \\/ x=2) /\\ (y=1 /\\ y=2))"), "exists (([x]=1 \\/ [x]=2) /\\ [y]=1 /\\ [y]=2)");
  EXPECT_EQ(condition("exists (x!=1 \\/ false \\/ true)"), "exists (not ([x]=1) \\/ false \\/ true)");
  EXPECT_EQ(condition("exists ([x]=[y] \\/ 0:r0=*x)"), "exists ([x]=[y] \\/ 0:r0=[x])");
}

TEST(LitmusObserve, StatesAreInTheOrderOfAddressesNames) {
  const LitmusTest test = test_from("C t\n{}\nP0(int *y, int *x) { r0 = *x; }\nexists (0:r0=1)");
  const auto at = [](Value r0) { return State{{{address_of(0), address_of(1), r0}}, {0, 0}}; };
  const Observation seen = observe(test, {{at(address_of(0)), 1}, {at(address_of(1)), 1}, {at(7), 1}}, {}, false);
  EXPECT_EQ(seen.states, (std::vector<std::string>{"0:r0=7;", "0:r0=x;", "0:r0=y;"}));
}

TEST(LitmusObserve, AddressesHaveNames) {
  const LitmusTest test = test_from(three_reads);
  EXPECT_EQ(text_of(-3, test), "-3");
  EXPECT_EQ(text_of(address_of(1), test), "y");
  EXPECT_EQ(text_of(address_of(1) + 4, test), "y+4");
  EXPECT_EQ(text_of(address_of(1) - 1, test), "y-1");
}

}  // namespace
}  // namespace rcufarm::litmus
