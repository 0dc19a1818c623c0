#include "bench/spsc_ring.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <thread>

namespace rcufarm::bench {
namespace {

void* number(std::uintptr_t n) { return reinterpret_cast<void*>(n); }

TEST(SpscRing, GivesBackInOrderPastTheWrap) {
  SpscRing<4> ring;
  for (std::uintptr_t n = 0; n < 11; ++n) {
    ring.push(number(n));
    ring.push(number(n + 100));
    EXPECT_EQ(ring.pop(), number(n));
    EXPECT_EQ(ring.pop(), number(n + 100));
  }
}

TEST(SpscRing, HoldsItsWholeCapacity) {
  SpscRing<4> ring;
  for (std::uintptr_t n = 0; n < 4; ++n) ring.push(number(n));  // a fifth would wait for ever
  for (std::uintptr_t n = 0; n < 4; ++n) EXPECT_EQ(ring.pop(), number(n));
}

TEST(SpscRing, CarriesEveryObjectBetweenThreads) {
  constexpr std::uintptr_t objects = 200'000;
  SpscRing<64> ring;
  std::thread producer([&] {
    for (std::uintptr_t n = 0; n < objects; ++n) ring.push(number(n));
  });
  std::uintptr_t out_of_order = 0;
  for (std::uintptr_t n = 0; n < objects; ++n) out_of_order += ring.pop() != number(n);
  producer.join();
  EXPECT_EQ(out_of_order, 0U);
}

}  // namespace
}  // namespace rcufarm::bench
