#include "litmus/buffering.h"

#include <gtest/gtest.h>

#include "litmus/lab.h"

namespace rcufarm::litmus {
namespace {

bool explored(const char* text, const char* condition) {
  const auto result = explore(LabProgram(text), kernel_model(), [&](const State& s) { return holds(condition, s); });
  return std::get<Outcome>(result).matches != 0;
}

bool buffered(const char* text, const char* condition) {
  const LabProgram program(text);
  const auto result = find_load_buffering(program, kernel_model(), [&](const State& s) { return holds(condition, s); });
  const auto& found = std::get<std::optional<Execution>>(result);
  if (found) {
    EXPECT_FALSE(acyclic(found->graph.po | found->graph.rf));
    EXPECT_TRUE(holds(condition, found->state));
  }
  return found.has_value();
}

TEST(Buffering, FoundWhereTheAxiomsAllowIt) {
  EXPECT_TRUE(buffered("Rx Wy1 | Ry Wx1", "0:0=1 1:0=1"));
  EXPECT_FALSE(explored("Rx Wy1 | Ry Wx1", "0:0=1 1:0=1"));
  EXPECT_TRUE(buffered("Rx data:Wy1 | Ry Wx1", "0:0=1 1:0=1"));
  EXPECT_TRUE(buffered("Rx Wy1 | Ry Wz1 | Rz Wx1", "0:0=1 1:0=1 2:0=1"));
  EXPECT_TRUE(buffered("Lz Rx Uz Wy1 | Ry Wx1", "0:0=1 1:0=1"));
  EXPECT_TRUE(buffered("rcu{ Rx }rcu Wy1 | Ry Wx1", "0:0=1 1:0=1"));
}

TEST(Buffering, NotWhereSomethingOrdersTheReadAndTheWrite) {
  for (const char* text : {"Rx data:Wy1 | Ry data:Wx1", "Rx ctrl:Wy1 | Ry ctrl:Wx1", "Rx.acq Wy1 | Ry Wx1.rel",
                           "Rx mb Wy1 | Ry mb Wx1", "Rx mb Wy1 | Ry data:Wx1", "rcu{ Rx Wy1 }rcu | Ry sync Wx1"}) {
    EXPECT_FALSE(buffered(text, "0:0=1 1:0=1")) << text;
    EXPECT_FALSE(explored(text, "0:0=1 1:0=1")) << text;
  }
}

// What has no cycle of po and rf is none of its business.
TEST(Buffering, NotWhatNeedsNone) {
  EXPECT_FALSE(buffered("Wx1 Ry | Wy1 Rx", "0:0=0 1:0=0"));
  EXPECT_TRUE(explored("Wx1 Ry | Wy1 Rx", "0:0=0 1:0=0"));
}

// Values that nobody but themselves brings: none out of thin air, since nobody writes 7.
TEST(Buffering, NotOutOfThinAir) { EXPECT_FALSE(buffered("Rx Wy= | Ry Wx=", "0:0=7 1:0=7")); }

TEST(Buffering, SaysThatALimitWasReached) {
  const LabProgram program("Rx Wy1 Wy2 Wy3 | Ry Wx1 Wx2 Wx3");
  BufferingLimits limits;
  limits.candidates_max = 10;
  const auto result = find_load_buffering(
      program, kernel_model(), [](const State&) { return false; }, limits);
  EXPECT_EQ(std::get<ExploreError>(result).what, "more than 10 candidate executions");
  limits = {};
  limits.values_max = 2;
  const auto values = find_load_buffering(
      program, kernel_model(), [](const State&) { return false; }, limits);
  EXPECT_EQ(std::get<ExploreError>(values).what, "more than 2 values of a location");
}

}  // namespace
}  // namespace rcufarm::litmus
