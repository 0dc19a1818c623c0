// The text codec: nothing is lost, and what is printed is canonical.
#include "scenario/text.h"

#include <gtest/gtest.h>

#include "scenario/normalize.h"
#include "scenario/test_support.h"

namespace rcufarm::scenario {
namespace {

TEST(Text, RandomScenariosRoundTrip) {
  for (std::uint64_t seed = 0; seed < 20000; ++seed) {
    const Scenario scenario = seed % 20 == 0 ? random_scenario(seed) : small_scenario(seed);
    const std::string text = print(scenario);
    ASSERT_EQ(must_parse(text), scenario) << text;
  }
}

TEST(Text, RandomBytesRoundTripThroughText) {
  Random random(5);
  for (int n = 0; n < 100000; ++n) {
    const Scenario scenario = decode(random_bytes(random, 200)).scenario;
    const std::string text = print(scenario);
    const Scenario parsed = must_parse(text);
    ASSERT_EQ(parsed, scenario) << text;
    ASSERT_EQ(encode(parsed), encode(scenario));
  }
}

TEST(Text, TheLongestScenarioFits) {
  Scenario scenario = decode({}).scenario;
  scenario.machine.slots = limits.slots_max;
  scenario.caches[0] = {CacheKind::classes, 0};
  Operation alloc;
  alloc.slot = limits.slots_max - 1;
  alloc.size = limits.alloc_bytes_max;
  scenario.tasks[0].ops.assign(limits.ops_max, alloc);
  const std::string text = print(scenario);
  EXPECT_LT(text.size(), limits.text_bytes_max);
  EXPECT_EQ(must_parse(text), scenario);
}

TEST(Text, PeopleMayIndentCommentAndLeaveSettingsOut) {
  const Scenario scenario = must_parse(
      "# a reader and a writer\n"
      "\n"
      "scenario v1   # this one\n"
      "cpus 2\r\n"
      "\tslots 4\n"
      "cache 0 size 64#tight\n"
      "task 0 on cpu 1\n"
      "enter regular\n"
      "        touch s3\n"
      "  leave\n"
      "raise p0\n"
      "program 0 irq on cpu 0\n"
      "    alloc   c0\ts1");
  EXPECT_EQ(print(scenario),
            "scenario v1\n"
            "cpus 2\n"
            "slots 4\n"
            "implies_rcu_gp no\n"
            "slab_rounding exact\n"
            "slab_reuse never\n"
            "destroy_mode wait\n"
            "cache 0 size 64\n"
            "task 0 on cpu 1\n"
            "  enter regular\n"
            "    touch s3\n"
            "  leave\n"
            "  raise p0\n"
            "program 0 irq on cpu 0\n"
            "  alloc c0 s1\n");
}

TEST(Text, SettingsLeftOutAreAsInTheEmptyInput) {
  EXPECT_EQ(must_parse("scenario v1\ncache 0 size 64\ntask 0 on cpu 0\n"), decode({}).scenario);
}

TEST(Text, EveryOperationInItsForm) {
  const std::string text =
      "scenario v1\n"
      "cpus 8\n"
      "slots 32\n"
      "implies_rcu_gp yes\n"
      "slab_rounding kmalloc\n"
      "slab_reuse lifo\n"
      "destroy_mode defer\n"
      "slab_fails after 65535 pattern 00000000000000000000000000000001\n"
      "cgroup 0 objects\n"
      "cache 0 size 1\n"
      "cache 1 percpu size 4096\n"
      "cache 2 classes\n"
      "cache 3 size 96\n"
      "task 0 on cpu 7\n"
      "  alloc c0 s31\n"
      "  alloc c2 s0 size 0\n"
      "  free s0\n"
      "  free_rcu s1\n"
      "  alloc_flags c3 s2 kernel\n"
      "  alloc_flags c3 s2 nowait\n"
      "  raw_free s2\n"
      "  touch s2\n"
      "  enter regular\n"
      "    enter tasks_trace\n"
      "      irq_off\n"
      "        pause 64\n"
      "      irq_on\n"
      "    leave\n"
      "  leave\n"
      "  leave\n"
      "  raise p1\n"
      "  migrate cpu 3\n"
      "  fail_next 16\n"
      "  synchronize tasks_trace\n"
      "  destroy c3\n"
      "  yield\n"
      "program 0 irq on cpu 0\n"
      "program 1 nmi on cpu 7\n"
      "  alloc c1 s5\n"
      "  free_rcu s5\n";
  EXPECT_EQ(print(must_parse(text)), text);
}

}  // namespace
}  // namespace rcufarm::scenario
