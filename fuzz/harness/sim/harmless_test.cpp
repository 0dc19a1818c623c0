// An allocator that was changed in ways that are no mistakes (corpus/harmless): a reviewer who is told that one of them is wrong
// trusts nothing that he is told afterwards.
#include <gtest/gtest.h>

#include <string>

#include "harness/sim/explore.h"
#include "harness/sim/sim_allocator.h"

namespace rcufarm::harness {
namespace {

class Harmless : public testing::TestWithParam<sim::MemoryModel> {};

TEST_P(Harmless, IsNotAccused) {
  SimRunner runner(linked_sim_allocator());
  ExploreOptions options;
  options.seed = 17;
  options.schedules_max = 20'000;
  options.model = GetParam();
  if (GetParam() != sim::MemoryModel::sc) options.check_order = false;
  const ExploreResult result = explore(runner, options);
  for (const ExploreFinding& found : result.findings) ADD_FAILURE() << to_text(found.finding);
  EXPECT_EQ(result.figures.schedules, 20'000U);
}

INSTANTIATE_TEST_SUITE_P(Models, Harmless,
                         testing::Values(sim::MemoryModel::sc, sim::MemoryModel::tso, sim::MemoryModel::c11,
                                         sim::MemoryModel::kernel),
                         [](const auto& info) { return std::string(sim::name_of(info.param)); });

}  // namespace
}  // namespace rcufarm::harness
