// The urgent hint: when the grace period in progress is asked to hurry, and when it is left alone.
//
// Every delay of the machine is for ever, so a grace period after the first begins only if it is asked for.
#include <gtest/gtest.h>

#include "mem/mem_alloc.h"
#include "native/rcu_test_support.h"

namespace rcufarm::native::test {
namespace {

using mem::Error;
using mem::header_bytes;
using mem::MemAlloc;

class MemUrgent : public testing::Test {
 protected:
  static constexpr int bytes = 4000;
  // 256 KiB of objects, the bound in check_free_by_rcu.
  static constexpr int much = (256 << 10) / (bytes + static_cast<int>(header_bytes)) + 1;

  struct Rig {
    explicit Rig(bool honour) : machine(config_with(true, {never, never, honour})) {}
    Machine machine;
    CpuOwner cpu{machine, Cpu{0}};
    MemAlloc ma;

    // The first grace period is over, and the second is asked for without urgency, so that it does not begin.
    void until_the_second_waits() {
      ASSERT_EQ(ma.init(bytes, false), Error::none);
      free_rcu(1);
      wait_until([this] { return ma.statistics().callbacks_done[static_cast<int>(RcuFlavor::regular)] == 1; });
      free_rcu(1);
      ASSERT_EQ(ma.statistics().callbacks_queued[static_cast<int>(RcuFlavor::regular)], 2);
    }
    void free_rcu(int times) {
      for (int i = 0; i < times; ++i) ma.cache_free_rcu(ma.cache_alloc());
    }
    std::uint64_t grace_periods() const { return machine.rcu(RcuFlavor::regular).grace_periods; }
    void destroy_and_expect_settled() {
      ma.destroy();
      machine.flush_workqueue();
      EXPECT_EQ(machine.slab().live().size(), 0U) << machine.slab().print_live();
      EXPECT_EQ(machine.reports().count(), 0U) << machine.reports().print();
    }
  };
};

TEST_F(MemUrgent, LittleThatWaitsDoesNotHurryAnything) {
  Rig rig(true);
  rig.until_the_second_waits();
  rig.free_rcu(much - 10);
  EXPECT_GT(rig.ma.statistics().refills, 10) << "irq_work has looked, many times";
  give_others_time();
  EXPECT_EQ(rig.grace_periods(), 1U);
  rig.destroy_and_expect_settled();
}

TEST_F(MemUrgent, MuchThatWaitsStartsTheGracePeriodAtOnce) {
  Rig rig(true);
  rig.until_the_second_waits();
  rig.free_rcu(much + 10);  // and the next refill looks
  for (int i = 0; i < 1000 && rig.grace_periods() < 2; ++i) give_others_time();
  EXPECT_EQ(rig.grace_periods(), 2U);
  rig.destroy_and_expect_settled();
}

TEST_F(MemUrgent, IsAsIfNobodyHadAskedWhereItIsNotHonoured) {
  Rig rig(false);
  rig.until_the_second_waits();
  rig.free_rcu(2 * much);
  give_others_time();
  EXPECT_EQ(rig.grace_periods(), 1U);
  rig.destroy_and_expect_settled();
}

}  // namespace
}  // namespace rcufarm::native::test
