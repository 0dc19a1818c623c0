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

}  // namespace
}  // namespace rcufarm::harness
