// Strategies: whose turn it is.
#include "harness/sim/strategies.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace rcufarm::harness {
namespace {

std::set<std::string> names_of(StrategyKind kind, unsigned runs) {
  Strategies strategies(kind, 1, runs);
  std::set<std::string> names;
  for (unsigned batch = 0; batch < 64; ++batch) {
    names.insert(strategies.next().name());
    strategies.done(100);
  }
  return names;
}

TEST(StrategiesTest, APortfolioHasSurwWhereItComesBehindItsProfile) {
  EXPECT_EQ(names_of(StrategyKind::portfolio, batch_runs).count("surw"), 1U);
  EXPECT_EQ(names_of(StrategyKind::portfolio, batch_runs - 1).count("surw"), 0U);
  EXPECT_EQ(names_of(StrategyKind::portfolio, 1).count("pos"), 1U);
}

TEST(StrategiesTest, WhoAsksForSurwGetsIt) {
  EXPECT_EQ(names_of(StrategyKind::surw, 1), (std::set<std::string>{"surw"}));
}

// Its own batch is the first; of each other strategy's points it has as many as all of them.
TEST(StrategiesTest, NearAScheduleGoesHalfOfThePoints) {
  const sim::Schedule schedule;
  Strategies strategies(StrategyKind::portfolio, 1, batch_runs, &schedule);
  constexpr unsigned batches = 1000;
  unsigned near = 0;
  for (unsigned batch = 0; batch < batches; ++batch) {
    const std::string name = strategies.next().name();
    EXPECT_EQ(strategies.is_near(), name == "near");
    if (batch == 0) {
      EXPECT_EQ(name, "near");
    }
    near += strategies.is_near() ? 1 : 0;
    strategies.done(100);
  }
  EXPECT_NEAR(near, batches / 2, batches / 100);
  EXPECT_EQ(names_of(StrategyKind::portfolio, batch_runs).count("near"), 0U);
}

}  // namespace
}  // namespace rcufarm::harness
