// Which operations a task's own list makes illegal.
#include "scenario/blocks.h"

#include <gtest/gtest.h>

#include "scenario/test_support.h"

namespace rcufarm::scenario {
namespace {

// For each operation of the lines: 'r' it runs, 's' it is skipped.
std::string verdicts(const std::string& lines) {
  const Scenario scenario = must_parse("scenario v1\ncpus 2\nslots 4\ncache 0 size 64\ntask 0 on cpu 0\n" + lines);
  Blocks blocks;
  std::string text;
  for (const Operation& op : scenario.tasks[0].ops) text += blocks.step(op) ? 'r' : 's';
  return text;
}

TEST(Blocks, NestAndClose) {
  EXPECT_EQ(verdicts("enter regular\nenter tasks_trace\nirq_off\nirq_on\nleave\nleave\n"), "rrrrrr");
}

TEST(Blocks, WhatClosesNothingIsSkipped) {
  EXPECT_EQ(verdicts("leave\nirq_on\nenter regular\nirq_on\nleave\nleave\n"), "ssrsrs");
  EXPECT_EQ(verdicts("irq_off\nleave\nirq_on\n"), "rsr");
}

TEST(Blocks, TooDeepIsSkippedWithWhatClosesIt) {
  EXPECT_EQ(verdicts("enter regular\nenter regular\nenter regular\nenter regular\n"
                     "enter regular\nleave\nirq_off\nirq_on\n"
                     "leave\nleave\nleave\nleave\nleave\n"),
            "rrrrssssrrrrs");
}

TEST(Blocks, PlacesOfOperations) {
  const std::string ops =
      "synchronize regular\ndestroy c0\nmigrate cpu 1\nyield\nalloc_flags c0 s0 kernel\n"
      "alloc_flags c0 s0 nowait\nalloc c0 s0\nfree s0\nraw_free s0\n";
  EXPECT_EQ(verdicts(ops), "rrrrrrrrr");
  EXPECT_EQ(verdicts("enter regular\n" + ops), "rsssrsrrrr");
  EXPECT_EQ(verdicts("enter tasks_trace\n" + ops), "rsssrrrrrr");
  EXPECT_EQ(verdicts("irq_off\n" + ops), "rsssssrrrr");
}

TEST(Blocks, SayWhatIsOpen) {
  Blocks blocks;
  Operation op;
  op.kind = OpKind::enter;
  op.argument = static_cast<std::uint8_t>(Flavor::tasks_trace);
  EXPECT_TRUE(blocks.step(op));
  EXPECT_TRUE(blocks.in_section(Flavor::tasks_trace));
  EXPECT_FALSE(blocks.in_section(Flavor::regular));
  EXPECT_FALSE(blocks.interrupts_off());
  op = {};
  op.kind = OpKind::irq_off;
  EXPECT_TRUE(blocks.step(op));
  EXPECT_TRUE(blocks.interrupts_off());
  EXPECT_TRUE(blocks.in_any_section());
  EXPECT_EQ(blocks.depth(), 2U);
}

}  // namespace
}  // namespace rcufarm::scenario
