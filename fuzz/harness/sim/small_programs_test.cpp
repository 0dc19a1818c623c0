// All small programs: each once, and none that is not one.
#include "harness/sim/small_programs.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "scenario/normalize.h"
#include "scenario/text.h"

namespace rcufarm::harness {
namespace {

TEST(SmallPrograms, EachOnce) {
  std::set<std::string> texts;
  for (unsigned operations = 1; operations <= 3; ++operations) {
    for (const scenario::Scenario& program : programs_with(operations)) {
      EXPECT_EQ(scenario::total_ops(program), operations);
      EXPECT_TRUE(texts.insert(scenario::print(program)).second) << scenario::print(program);
      scenario::Scenario valid = program;
      scenario::normalize(valid);
      EXPECT_TRUE(valid == program) << scenario::print(program);
    }
  }
}

// One operation: of either slot, and on either CPU, it is the same program.
TEST(SmallPrograms, UpToNames) {
  EXPECT_EQ(programs_with(1).size(), 7U);  // alloc, free, free_rcu, touch, synchronize of two flavours, destroy
}

TEST(SmallPrograms, AreOfTheTargetsLanguage) {
  using scenario::OpKind;
  const scenario::Language language{.operations = {OpKind::alloc, OpKind::free, OpKind::raise},
                                    .caches = {scenario::CacheKind::fixed},
                                    .programs = {scenario::ProgramKind::nmi}};
  EXPECT_EQ(programs_with(1, language).size(), 2U);
  unsigned with_nmi = 0;
  for (const scenario::Scenario& program : programs_with(3, language)) {
    ASSERT_EQ(scenario::first_lack(program, language), "") << scenario::print(program);
    with_nmi += program.programs.empty() ? 0 : 1;
  }
  EXPECT_GT(with_nmi, 0U);
}

}  // namespace
}  // namespace rcufarm::harness
