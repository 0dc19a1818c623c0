// Stamps: what is written is recognised, and everything else is not.
#include "harness/native/stamp.h"

#include "native/fill.h"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

namespace rcufarm::harness {
namespace {

constexpr std::uint8_t poison = 0x6b;

TEST(Stamp, IsIntactForItsOwnNumberOnly) {
  for (const std::size_t bytes : {1U, 7U, 8U, 64U, 511U, 512U, 513U, 4096U}) {
    std::vector<std::uint8_t> object(bytes, 0);
    write_stamp(object.data(), bytes, 17);
    EXPECT_EQ(check_stamp(object.data(), bytes, 17, poison), StampCheck::intact) << bytes;
    if (bytes < 8) continue;  // too small to hold a number
    EXPECT_EQ(check_stamp(object.data(), bytes, 18, poison), StampCheck::missing) << bytes;
  }
}

TEST(Stamp, SeesOneByteAtEitherEnd) {
  std::vector<std::uint8_t> object(4096, 0);
  write_stamp(object.data(), object.size(), 5);
  for (const std::size_t at : {std::size_t{0}, std::size_t{255}, std::size_t{4096 - 256}, std::size_t{4095}}) {
    object[at] ^= 1;
    EXPECT_EQ(check_stamp(object.data(), object.size(), 5, poison), StampCheck::missing) << at;
    object[at] ^= 1;
  }
}

TEST(Stamp, TellsPoisonFromOtherBytes) {
  std::vector<std::uint8_t> object(100, poison);
  EXPECT_EQ(check_stamp(object.data(), object.size(), 5, poison), StampCheck::poisoned);
  object[50] = 0;
  EXPECT_EQ(check_stamp(object.data(), object.size(), 5, poison), StampCheck::missing);
}

TEST(Stamp, AnObjectOfNoBytesIsAlwaysIntact) { EXPECT_EQ(check_stamp(nullptr, 0, 5, poison), StampCheck::intact); }

// A run accused a correct allocator of this: object 148 was one byte long, and its stamp was the slab's poison.
TEST(Stamp, NoneLooksLikePoison) {
  for (std::uint32_t number = 1; number < 10'000; ++number) {
    std::uint8_t byte = 0;
    write_stamp(&byte, 1, number);
    ASSERT_NE(byte, native::fill::freed) << number;
  }
}

}  // namespace
}  // namespace rcufarm::harness
