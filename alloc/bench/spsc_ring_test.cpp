#include "bench/spsc_ring.h"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <thread>

namespace rcufarm::bench {
namespace {

constexpr std::size_t numbers = 200'000;

// Distinct addresses, one for each number.
void* number(std::size_t n) {
  static std::array<char, numbers> places;
  return &places.at(n);
}

TEST(SpscRing, GivesBackInOrderPastTheWrap) {
  SpscRing<4> ring;
  for (std::size_t n = 0; n < 11; ++n) {
    ring.push(number(n));
    ring.push(number(n + 100));
    EXPECT_EQ(ring.pop(), number(n));
    EXPECT_EQ(ring.pop(), number(n + 100));
  }
}

TEST(SpscRing, HoldsItsWholeCapacity) {
  SpscRing<4> ring;
  for (std::size_t n = 0; n < 4; ++n) ring.push(number(n));  // a fifth would wait for ever
  for (std::size_t n = 0; n < 4; ++n) EXPECT_EQ(ring.pop(), number(n));
}

TEST(SpscRing, CarriesEveryObjectBetweenThreads) {
  SpscRing<64> ring;
  std::thread producer([&] {
    for (std::size_t n = 0; n < numbers; ++n) ring.push(number(n));
  });
  std::size_t out_of_order = 0;
  for (std::size_t n = 0; n < numbers; ++n) out_of_order += ring.pop() != number(n);
  producer.join();
  EXPECT_EQ(out_of_order, 0U);
}

}  // namespace
}  // namespace rcufarm::bench
