// Sizes and classes of what is handed out.
#include <gtest/gtest.h>

#include "oracle/event_script.h"

namespace rcufarm::oracle {
namespace {

TEST(ObjectSize, TooSmall) {
  EXPECT_EQ(EventScript(2).alloc_gives(1, {.bytes = 65, .slab_bytes = 72}).accused(), Kind::wrong_size);
  EXPECT_EQ(EventScript(2).alloc_gives(1, {.bytes = 64, .slab_bytes = 72}).accused(), Kind::none);
}

TEST(ObjectSize, OfAnotherClass) {
  EXPECT_EQ(EventScript(2)
                .alloc_gives(1, {.bytes = 100, .slab_bytes = 128})
                .alloc_gives(2, {.bytes = 90, .slab_bytes = 192})
                .accused(),
            Kind::wrong_list);
  EXPECT_EQ(EventScript(2)
                .alloc_gives(1, {.bytes = 40, .slab_bytes = 64})
                .alloc_gives(2, {.bytes = 41, .slab_bytes = 96})
                .accused(),
            Kind::none);
}

TEST(ObjectSize, TheSameSizeFromTwoClasses) {
  EXPECT_EQ(EventScript(2)
                .alloc_gives(1, {.bytes = 40, .slab_bytes = 64})
                .alloc_gives(2, {.bytes = 40, .slab_bytes = 96})
                .accused(),
            Kind::wrong_list);
}

TEST(ObjectSize, OfAnotherCache) {
  EXPECT_EQ(EventScript(2).alloc_gives(1, {.cache = 0}).frees(1).alloc_gives(1, {.cache = 1}).accused(),
            Kind::wrong_list);
  EXPECT_EQ(EventScript(2).alloc_gives(1, {.cache = 0}).frees(1).alloc_gives(1, {.cache = 0}).accused(), Kind::none);
  EXPECT_EQ(EventScript(2)
                .alloc_gives(1, {.cache = 0, .bytes = 64, .slab_bytes = 72})
                .alloc_gives(2, {.cache = 1, .bytes = 32, .slab_bytes = 40})
                .accused(),
            Kind::none)
      << "each cache has sizes of its own";
}

}  // namespace
}  // namespace rcufarm::oracle
