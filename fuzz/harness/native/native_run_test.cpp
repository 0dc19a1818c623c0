// Native runs of the correct allocator: legal programs of every kind run, and nothing is found.
#include "harness/native/native_run.h"

#include <gtest/gtest.h>

#include "scenario/bytes.h"
#include "scenario/generate.h"
#include "scenario/text.h"

namespace rcufarm::harness {
namespace {

Outcome run_text(const char* text) {
  auto parsed = scenario::parse(text);
  if (const auto* error = std::get_if<scenario::ParseError>(&parsed)) {
    ADD_FAILURE() << error->message();
    return {};
  }
  return run_native(std::get<scenario::Scenario>(parsed));
}

TEST(NativeRun, TheEmptyInputIsALegalProgram) {
  const Outcome outcome = run_native(scenario::decode({}).scenario);
  EXPECT_TRUE(outcome.findings.empty()) << describe(outcome.findings);
}

TEST(NativeRun, RunsWhatIsLegalAndSkipsWhatIsNot) {
  const Outcome outcome = run_text(R"(scenario v1
cpus 1
slots 2
cache 0 size 64
task 0 on cpu 0
  free s0
  alloc c0 s0
  alloc c0 s0
  enter regular
    touch s0
    synchronize regular
  leave
  free_rcu s0
  free s0
  destroy c0
  alloc c0 s1
)");
  EXPECT_TRUE(outcome.findings.empty()) << describe(outcome.findings);
  EXPECT_EQ(outcome.objects, 1U);
  EXPECT_EQ(outcome.operations, 6U);
  EXPECT_EQ(outcome.skipped, 5U)
      << "free of an empty slot twice, a taken slot, synchronize in a section, after destroy";
}

TEST(NativeRun, ARetiredObjectIsFreedAfterBothGracePeriods) {
  const Outcome outcome = run_text(R"(scenario v1
cpus 1
slots 1
cache 0 size 64
task 0 on cpu 0
  alloc c0 s0
  raw_free s0
  raw_free s0
  synchronize regular
  synchronize tasks_trace
  raw_free s0
  raw_free s0
)");
  EXPECT_TRUE(outcome.findings.empty()) << describe(outcome.findings);
  EXPECT_EQ(outcome.skipped, 2U);
}

TEST(NativeRun, NestedProgramsRunInIrqAndNmi) {
  const Outcome outcome = run_text(R"(scenario v1
cpus 1
slots 4
cache 0 size 64
task 0 on cpu 0
  alloc c0 s0
  raise p0
  raise p1
  pause 64
  free s1
  free s2
program 0 irq on cpu 0
  alloc c0 s1
program 1 nmi on cpu 0
  alloc c0 s2
  free_rcu s0
)");
  EXPECT_TRUE(outcome.findings.empty()) << describe(outcome.findings);
  EXPECT_EQ(outcome.objects, 3U);
}

TEST(NativeRun, RandomProgramsOfEveryKindFindNothing) {
  scenario::Limits limits = scenario::limits;
  limits.ops_max = 256;
  std::uint64_t objects = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const Outcome outcome = run_native(scenario::random_scenario(seed, limits));
    ASSERT_TRUE(outcome.findings.empty()) << "seed " << seed << "\n" << describe(outcome.findings);
    objects += outcome.objects;
  }
  EXPECT_GT(objects, 1000U) << "programs that allocate next to nothing test next to nothing";
}

}  // namespace
}  // namespace rcufarm::harness
