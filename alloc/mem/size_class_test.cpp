// Size classes: each size goes to the smallest class that holds it.
#include "mem/size_class.h"

#include <gtest/gtest.h>

namespace rcufarm::mem {
namespace {

TEST(SizeClass, IsTheSmallestThatHoldsTheBytes) {
  for (std::size_t bytes = 1; bytes <= size_class_max; ++bytes) {
    const int index = size_class_index(bytes);
    ASSERT_GE(index, 0) << bytes;
    ASSERT_LT(index, size_class_count) << bytes;
    EXPECT_GE(size_classes[index], bytes);
    EXPECT_TRUE(index == 0 || size_classes[index - 1] < bytes) << bytes;
  }
}

TEST(SizeClass, NoneHoldsNothingOrTooMuch) {
  EXPECT_EQ(size_class_index(0), -1);
  EXPECT_EQ(size_class_index(size_class_max + 1), -1);
  EXPECT_EQ(size_class_index(~std::size_t{0}), -1);
}

TEST(SizeClass, TheElevenOfTheSeed) {
  EXPECT_EQ(size_class_count, 11);
  EXPECT_EQ(size_classes[3], 96U);
  EXPECT_EQ(size_classes[5], 192U);
}

}  // namespace
}  // namespace rcufarm::mem
