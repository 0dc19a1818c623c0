// The list that lost an object is told from the run's steps, whatever a diagram says of them.
#include "report/leak.h"

#include <gtest/gtest.h>

#include "report/test_run.h"

namespace rcufarm::report {
namespace {

using sim::Op;

constexpr Target list{1, 16};
constexpr Target other_list{1, 8};

harness::Leak leak_of_2(TestRun& run) { return leak_of(run.take(), 2, test_names); }

TEST(Leak, OfTheLastListThatTheObjectWasOn) {
  TestRun run;
  run.caches(1).object(2, 48).object(3);
  run.update(Op::llist_add, other_list, address_of(2), 0, 0, 1);
  run.update(Op::llist_del_all, other_list, 0, address_of(2), 1, 2);
  run.update(Op::llist_add_batch, list, address_of(2), 0, 0, 3);
  run.update(Op::llist_add, other_list, address_of(3), 0, 2, 4);
  run.update(Op::llist_del_all, other_list, 0, 0, 4, 5);
  const harness::Leak leak = leak_of_2(run);
  EXPECT_EQ(leak.objects, 1U);
  EXPECT_EQ(leak.bytes, 48U);
  EXPECT_EQ(leak.list, "list");
}

TEST(Leak, TakingItCountsAndFlagsDoNot) {
  TestRun run;
  run.caches(1).object(2);
  run.update(Op::llist_del_all, list, 0, address_of(2), 0, 1).store({1, 0}, address_of(2), 2);
  EXPECT_EQ(leak_of_2(run).list, "list");
}

TEST(Leak, OfAnObjectThatWasOnNoListItIsNotKnown) {
  TestRun run;
  run.caches(1).object(2, 48);
  const harness::Leak leak = leak_of_2(run);
  EXPECT_EQ(leak.bytes, 48U);
  EXPECT_EQ(leak.list, "");
}

TEST(Leak, OfTheCachesOrOfNoAllocationNothingMoreIsKnown) {
  TestRun run;
  run.caches(1).object(2);
  const Recording recording = run.take();
  for (const std::uint32_t object : {0U, 1U, 77U}) {
    const harness::Leak leak = leak_of(recording, object, test_names);
    EXPECT_EQ(leak.objects, 1U);
    EXPECT_EQ(leak.bytes, 0U);
    EXPECT_EQ(leak.list, "");
  }
}

}  // namespace
}  // namespace rcufarm::report
