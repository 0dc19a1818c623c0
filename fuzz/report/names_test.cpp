#include "report/names.h"

#include <gtest/gtest.h>

#include "report/test_run.h"

namespace rcufarm::report {
namespace {

Recording two_allocators() {
  TestRun run;
  // One cache for each CPU; then eleven for each.
  run.caches(1, 64).caches(2, 11 * 64).object(3);
  return run.take();
}

TEST(Names, OfOneAllocatorNeedNoNumber) {
  TestRun run;
  const Recording recording = run.caches(1).object(2).take();
  const Namer namer(test_names, recording);
  EXPECT_EQ(namer.word({1, 0}), "c0.flag");
  EXPECT_EQ(namer.word({1, of_cpu_1() + 16}), "c1.list");
  EXPECT_EQ(namer.word({1, of_cpu_1() + 20}), "c1.list");  // inside of a field
  EXPECT_EQ(namer.word({1, 40}), "c0+40");                 // no field of the table
  EXPECT_EQ(namer.word({1, 64}), "memory behind the caches of CPU 0");
  EXPECT_EQ(namer.thing({1, of_cpu_1()}), "c1");
  EXPECT_EQ(namer.allocation(1), "the caches");
}

TEST(Names, OfSizeClassesHaveTheClassInBrackets) {
  const Recording recording = two_allocators();
  const Namer namer(test_names, recording);
  EXPECT_EQ(namer.word({1, 8}), "a0.c0.other_flag");
  EXPECT_EQ(namer.word({2, 3 * 64 + 16}), "a1.c0[3].list");
  EXPECT_EQ(namer.word({2, of_cpu_1(11 * 64) + 10 * 64}), "a1.c1[10].flag");
  EXPECT_EQ(namer.allocation(2), "the caches of a1");
}

TEST(Names, OfObjects) {
  const Recording recording = two_allocators();
  const Namer namer(test_names, recording);
  EXPECT_EQ(namer.word({3, 0}), "obj 3.next");
  EXPECT_EQ(namer.word({3, 16}), "obj 3+16");
  EXPECT_EQ(namer.thing({3, 0}), "obj 3");
  EXPECT_EQ(namer.thing({3, 8}), "obj 3");  // what the user is given
  EXPECT_EQ(namer.word({}), "a word of the allocator object or of its user");
}

TEST(Names, OfOwnMemoryAreByWhoAllocatesIt) {
  static constexpr FieldName slot_fields[] = {{0, 4, "head"}, {4, 4, "tail"}};
  static constexpr OwnMemory own[] = {{"make", "pool", {}, false}, {"make_slots", "slot", slot_fields, true}};
  AllocatorNames names = test_names;
  names.own = own;
  TestRun run;
  run.in(sim::main_context, 0, "make").object(1).in(sim::main_context, 0, "make_slots").object(2).object(3);
  run.in(sim::main_context, 0, "other").object(4);
  const Recording one = run.take();
  EXPECT_EQ(Namer(names, one).word({3, 4}), "slot1.tail");
  EXPECT_EQ(Namer(names, one).word({3, 8}), "slot1+8");
  EXPECT_EQ(Namer(names, one).thing({2, 0}), "slot0");
  EXPECT_EQ(Namer(names, one).allocation(1), "pool");
  EXPECT_EQ(Namer(names, one).word({4, 16}), "obj 4+16");
  TestRun two;
  two.in(sim::main_context, 0, "make").object(1).in(sim::main_context, 0, "make_slots").object(2);
  two.in(sim::main_context, 0, "make").object(3).in(sim::main_context, 0, "make_slots").object(4);
  const Recording both = two.take();
  EXPECT_EQ(Namer(names, both).word({2, 0}), "a0.slot0.head");
  EXPECT_EQ(Namer(names, both).word({4, 0}), "a1.slot0.head");
}

TEST(Names, OfCallsAreTheTargets) {
  const Recording recording = two_allocators();
  AllocatorNames names = test_names;
  names.calls[static_cast<std::size_t>(oracle::UserCall::alloc)] = "objpool_pop";
  const Namer namer(names, recording);
  EXPECT_STREQ(namer.call(oracle::UserCall::alloc), "objpool_pop");
  EXPECT_STREQ(namer.call(oracle::UserCall::free), "free");
}

TEST(Names, OfValues) {
  const Recording recording = two_allocators();
  const Namer namer(test_names, recording);
  EXPECT_EQ(namer.value(1, {}), "1");
  EXPECT_EQ(namer.value(address_of(3), {3, 0}), "obj 3");
  EXPECT_EQ(namer.value(0xffffffffU, {}), "-1");
  EXPECT_EQ(namer.value(0x7fff12345678U, {}), "a stray pointer");
}

TEST(Names, TellCachesApart) {
  const Recording recording = two_allocators();
  const Namer namer(test_names, recording);
  EXPECT_EQ(namer.cache_of({3, 0}), 0U);
  EXPECT_EQ(namer.cache_of({1, 0}), namer.cache_of({1, 16}));
  EXPECT_NE(namer.cache_of({1, 0}), namer.cache_of({1, of_cpu_1()}));
  EXPECT_NE(namer.cache_of({2, 0}), namer.cache_of({2, 64}));
  EXPECT_NE(namer.cache_of({1, 0}), namer.cache_of({2, 0}));
}

}  // namespace
}  // namespace rcufarm::report
