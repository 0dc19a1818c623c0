// The generator of numbers: fair, and unrelated for neighbouring seeds.
#include "scenario/random.h"

#include <gtest/gtest.h>

#include <bit>

namespace rcufarm::scenario {
namespace {

TEST(Random, TheSameSeedGivesTheSameNumbers) {
  Random a(42);
  Random b(42);
  for (int n = 0; n < 1000; ++n) ASSERT_EQ(a.next(), b.next());
}

TEST(Random, NeighbouringSeedsDifferInHalfTheBits) {
  double bits = 0;
  for (std::uint64_t seed = 0; seed < 10000; ++seed) {
    bits += std::popcount(Random(seed).next() ^ Random(seed + 1).next());
  }
  EXPECT_NEAR(bits / 10000, 32, 0.3);
}

// Chi-square with 9 degrees of freedom: 27.9 is passed once in a thousand by chance, and the seeds are fixed.
TEST(Random, FirstNumbersOfCountedSeedsAreUniform) {
  std::array<unsigned, 10> seen{};
  constexpr unsigned trials = 100000;
  for (std::uint64_t seed = 0; seed < trials; ++seed) ++seen[Random(seed).below(10)];
  double chi_square = 0;
  for (const unsigned n : seen) {
    const double off = n - trials / 10.0;
    chi_square += off * off / (trials / 10.0);
  }
  EXPECT_LT(chi_square, 27.9);
}

TEST(Random, BoundsHold) {
  Random random(3);
  bool low = false;
  bool high = false;
  for (int n = 0; n < 10000; ++n) {
    const unsigned value = random.between(3, 5);
    ASSERT_GE(value, 3U);
    ASSERT_LE(value, 5U);
    low |= value == 3;
    high |= value == 5;
    ASSERT_LE(random.few(4), 4U);
    ASSERT_GE(random.few(4), 1U);
  }
  EXPECT_TRUE(low && high);
  EXPECT_EQ(random.between(7, 7), 7U);
}

TEST(RandomDeathTest, AnEmptyRangeIsOurMistake) { EXPECT_DEATH(Random(1).below(0), "the bound is 0"); }

}  // namespace
}  // namespace rcufarm::scenario
