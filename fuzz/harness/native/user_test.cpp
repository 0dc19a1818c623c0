// The user's oracles can accuse: each is shown a mistake as an allocator would make it, beside the same steps without.
//
// The mistakes are made behind the allocator's back, in its objects and in the slab's marks.
#include "harness/native/user.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "harness/native/machine_config.h"
#include "harness/native/stamp.h"
#include "kernel/kernel.h"
#include "mem/fast_path.h"
#include "native/asan.h"
#include "native/cpu_owner.h"
#include "native/fill.h"
#include "scenario/text.h"

namespace rcufarm::harness {
namespace {

using kernel::RcuFlavor;
using mem::home_of;
using mem::object_of;
using scenario::Operation;
using scenario::OpKind;
using Kinds = std::vector<oracle::Kind>;

// A fixed-size cache (0), a per-CPU one (1) and the size classes (2), and a task that is long enough for a few objects.
scenario::Scenario three_caches() {
  std::string text =
      "scenario v1\ncpus 2\nslots 8\ncache 0 size 64\ncache 1 percpu size 24\ncache 2 classes\ntask 0 on cpu 0\n";
  for (int i = 0; i < 30; ++i) text += "  pause 1\n";
  auto parsed = scenario::parse(text);
  if (const auto* error = std::get_if<scenario::ParseError>(&parsed)) {
    ADD_FAILURE() << error->message();
    return {};
  }
  return std::get<scenario::Scenario>(parsed);
}

class UserOracles : public testing::Test {
 protected:
  void SetUp() override { user_.init_caches(); }

  bool alloc(std::uint8_t cache, std::uint8_t slot, std::uint16_t size = 0) {
    return user_.alloc(Operation{.kind = OpKind::alloc, .cache = cache, .slot = slot, .argument = 0, .size = size}) &&
           !user_.books().is_empty(slot);
  }
  // The record of what is in a slot; its cache stays open for a moment only.
  Record& record(unsigned slot) {
    Record* record = user_.hold(slot);
    EXPECT_NE(record, nullptr);
    user_.let_go(*record);
    return *record;
  }
  Kinds accused() const {
    std::vector<Finding> findings;
    user_.violations().append_to(findings);
    Kinds kinds;
    for (const Finding& finding : findings) kinds.push_back(finding.kind);
    return kinds;
  }

  scenario::Scenario scenario_ = three_caches();
  native::Machine machine_{machine_config(scenario_)};
  native::CpuOwner cpu_{machine_, kernel::Cpu{0}};
  User user_{scenario_, machine_};
};

TEST_F(UserOracles, ObjectsOfTheirOwnerAreNotAccused) {
  for (std::uint8_t slot = 0; slot < 8; ++slot) ASSERT_TRUE(alloc(slot % 3, slot, 100));
  for (std::uint8_t slot = 0; slot < 8; ++slot) {
    EXPECT_TRUE(user_.verify_as_owner(slot));
    EXPECT_TRUE(slot % 2 == 0 ? user_.free(slot) : user_.free_rcu(slot));
  }
  EXPECT_EQ(accused(), Kinds{});
}

TEST_F(UserOracles, CorruptedWhenTheOwnerFindsAnotherByte) {
  ASSERT_TRUE(alloc(0, 0));
  EXPECT_TRUE(user_.verify_as_owner(0));
  EXPECT_EQ(accused(), Kinds{});
  static_cast<unsigned char*>(record(0).user)[63] ^= 1;
  EXPECT_TRUE(user_.verify_as_owner(0));
  EXPECT_EQ(accused(), Kinds{oracle::Kind::corrupted});
}

TEST_F(UserOracles, CorruptedWhenAFreerFindsAnotherByteOnAnyCpu) {
  ASSERT_TRUE(alloc(1, 0));
  void* instances = *static_cast<void**>(record(0).user);
  static_cast<unsigned char*>(kernel::per_cpu_ptr(instances, kernel::Cpu{1}))[0] ^= 1;
  EXPECT_EQ(accused(), Kinds{});
  EXPECT_TRUE(user_.free_rcu(0));
  EXPECT_EQ(accused(), Kinds{oracle::Kind::corrupted});
}

TEST_F(UserOracles, HandedOutTwiceWhenAUserStillHasIt) {
  ASSERT_TRUE(alloc(0, 0));
  void* object = object_of(record(0).user);
  ASSERT_TRUE(user_.free(0));
  ASSERT_TRUE(alloc(0, 0));
  ASSERT_EQ(object_of(record(0).user), object) << "what was freed last is used first";
  EXPECT_EQ(accused(), Kinds{});
  ASSERT_TRUE(user_.free(0));
  machine_.slab().mark(object, native::Holder::user);
  ASSERT_TRUE(alloc(0, 1));
  EXPECT_EQ(accused(), Kinds{oracle::Kind::handed_out_twice});
}

// An object of a small class comes back into a large one.
TEST_F(UserOracles, WrongSizeWhenItIsSmallerThanAsked) {
  ASSERT_TRUE(alloc(2, 0, 50));
  ASSERT_TRUE(alloc(2, 1, 1000));
  EXPECT_EQ(accused(), Kinds{});
  mem::set_home(object_of(record(0).user), home_of(object_of(record(1).user)));
  ASSERT_TRUE(user_.free(0));
  ASSERT_TRUE(alloc(2, 2, 1000));
  EXPECT_EQ(accused(), Kinds{oracle::Kind::wrong_size});
  EXPECT_EQ(record(2).bytes, 0) << "nothing behind its end is touched";
}

TEST_F(UserOracles, ReusedUnderReaderWhenFreeRcuDidNotWaitForIt) {
  ASSERT_TRUE(alloc(0, 0));
  const Record& seen = record(0);
  const kernel::ReadSection section(RcuFlavor::regular);
  user_.read(seen, true);
  ASSERT_TRUE(user_.free_rcu(0));
  user_.read(seen, true);
  EXPECT_EQ(accused(), Kinds{});
  write_stamp(seen.user, seen.bytes, seen.number + 1);  // as the next owner does
  user_.read(seen, false);
  EXPECT_EQ(accused(), Kinds{}) << "no regular reader, no promise";
  user_.read(seen, true);
  EXPECT_EQ(accused(), Kinds{oracle::Kind::reused_under_reader});
}

TEST_F(UserOracles, ReuseAfterAPlainFreeIsLegal) {
  ASSERT_TRUE(alloc(0, 0));
  const Record& seen = record(0);
  const kernel::ReadSection section(RcuFlavor::regular);
  ASSERT_TRUE(user_.free(0));
  ASSERT_TRUE(alloc(0, 1));
  ASSERT_EQ(record(1).user, seen.user);
  user_.read(seen, true);
  EXPECT_EQ(accused(), Kinds{});
}

// Poison is what tells. AddressSanitizer speaks before we can.
TEST_F(UserOracles, ReturnedUnderReaderWhenItWentBackToTheSlab) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  ASSERT_TRUE(alloc(0, 0));
  const Record& seen = record(0);
  const kernel::ReadSection section(RcuFlavor::tasks_trace);
  user_.read(seen, false);
  EXPECT_EQ(accused(), Kinds{});
  kernel::kfree(object_of(seen.user));
  if constexpr (native::asan::enabled) {
    EXPECT_DEATH(user_.read(seen, false), "AddressSanitizer");
  } else {
    user_.read(seen, false);
    EXPECT_EQ(accused(), Kinds{oracle::Kind::returned_under_reader});
  }
}

}  // namespace
}  // namespace rcufarm::harness
