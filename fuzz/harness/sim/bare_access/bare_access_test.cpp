// alloc/mem touches no shared memory past the port's wrappers; a copy of it that does is told. Compiled once with the
// allocator, and once, as RCUFARM_BARE_ACCESS_CANARY, with the copy.
#include "harness/sim/bare_access/bare_access.h"

#include <gtest/gtest.h>

#include "harness/sim/explore.h"
#include "harness/sim/sim_allocator.h"

namespace rcufarm::harness {
namespace {

// 2,000 schedules of random scenarios, whatever is found.
ExploreResult explore_watched() {
  SimRunner runner(linked_sim_allocator());
  forget_bare_accesses();
  ExploreOptions options;
  options.seed = 11;
  options.schedules_max = 2'000;
  options.keep_going = true;
  return explore(runner, options);
}

#ifdef RCUFARM_BARE_ACCESS_CANARY

TEST(BareAccess, OneIsTold) {
  explore_watched();
  EXPECT_GT(bare_accesses().accused, 0U);
  EXPECT_NE(bare_accesses().first.find("a wrapped field"), std::string::npos) << bare_accesses().first;
}

#else

TEST(BareAccess, OnlyWhatIsConstantIsTouchedPastTheWrappers) {
  const ExploreResult result = explore_watched();
  EXPECT_TRUE(result.findings.empty());
  EXPECT_GT(bare_accesses().seen, 100'000U) << "the compiler's callbacks are not there";
  EXPECT_EQ(bare_accesses().accused, 0U) << bare_accesses().first;
}

#endif

}  // namespace
}  // namespace rcufarm::harness
