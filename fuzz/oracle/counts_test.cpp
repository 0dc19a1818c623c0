// What an allocator counts, against what there is.
#include <gtest/gtest.h>

#include "oracle/event_script.h"
#include "oracle/signature.h"

namespace rcufarm::oracle {
namespace {

TEST(Counts, HaveToBeRight) {
  EXPECT_EQ(EventScript().counts("objects", 5, 5).counts("objects", 0, 0).accused(), Kind::none);
  EXPECT_EQ(EventScript().counts("objects", 5, 6).accused(), Kind::wrong_count);
  EXPECT_EQ(EventScript().counts("objects", 6, 5).accused(), Kind::wrong_count);
}

TEST(Counts, TheSignatureSaysOfWhatAndNoNumber) {
  EXPECT_EQ(signature_of(EventScript().counts("objects", 5, 6).conclude(sim::End::finished)), "wrong-count: objects");
}

}  // namespace
}  // namespace rcufarm::oracle
