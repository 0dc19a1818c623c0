// Parse errors: each says where, what stood there and what may stand there.
#include <gtest/gtest.h>

#include "scenario/test_support.h"
#include "scenario/text.h"

namespace rcufarm::scenario {
namespace {

// "line:column: what was found", or "none". `allowed` has to occur in what the error says may stand there.
std::string error_in(const std::string& text, const std::string& allowed) {
  const auto result = parse(text);
  const auto* error = std::get_if<ParseError>(&result);
  if (error == nullptr) return "none";
  EXPECT_NE(error->allowed.find(allowed), std::string::npos) << error->message();
  EXPECT_NE(error->message().find(error->found), std::string::npos);
  return std::to_string(error->line) + ":" + std::to_string(error->column) + ": " + error->found;
}

std::string in_machine(const std::string& line, const std::string& allowed) {
  return error_in("scenario v1\n" + line + "\ncache 0 size 64\ntask 0 on cpu 0\n", allowed);
}
std::string in_task(const std::string& line, const std::string& allowed) {
  return error_in("scenario v1\ncpus 2\nslots 4\ncache 0 size 64\ncache 1 classes\ntask 0 on cpu 0\n" + line + "\n",
                  allowed);
}
std::string in_program(const std::string& line, const std::string& allowed) {
  return error_in("scenario v1\ncache 0 size 64\ntask 0 on cpu 0\nprogram 0 irq on cpu 0\n" + line + "\n", allowed);
}

TEST(TextErrors, TheFirstLine) {
  EXPECT_EQ(error_in("", "'scenario v1'"), "1:1: the end of the text");
  EXPECT_EQ(error_in("# nothing\n", "'scenario v1'"), "2:1: the end of the text");
  EXPECT_EQ(error_in("cpus 2\n", "'scenario'"), "1:1: cpus");
  EXPECT_EQ(error_in("scenario\n", "'v1'"), "1:9: the end of the line");
  EXPECT_EQ(error_in("scenario v2\n", "'v1'"), "1:10: v2");
  EXPECT_EQ(error_in("scenario v1 x\n", "nothing more"), "1:13: x");
}

TEST(TextErrors, WhatIsMissingAtTheEnd) {
  EXPECT_EQ(error_in("scenario v1\n", "'cache'"), "2:1: the end of the text");
  EXPECT_EQ(error_in("scenario v1\ncache 0 classes", "'task'"), "3:1: the end of the text");
}

TEST(TextErrors, Settings) {
  EXPECT_EQ(in_machine("cpus 9", "a number from 1 to 8"), "2:6: 9");
  EXPECT_EQ(in_machine("cpus 0", "a number from 1 to 8"), "2:6: 0");
  EXPECT_EQ(in_machine("cpus -1", "a number from 1 to 8"), "2:6: -1");
  EXPECT_EQ(in_machine("cpus 1x", "a number from 1 to 8"), "2:6: 1x");
  EXPECT_EQ(in_machine("cpus 99999999999999999999", "a number"), "2:6: 99999999999999999999");
  EXPECT_EQ(in_machine("cpus", "a number from 1 to 8"), "2:5: the end of the line");
  EXPECT_EQ(in_machine("cpus 2 3", "nothing more"), "2:8: 3");
  EXPECT_EQ(in_machine("cpus 2\ncpus 2", "at most once"), "3:1: cpus");
  EXPECT_EQ(in_machine("slots 33", "a number from 1 to 32"), "2:7: 33");
  EXPECT_EQ(in_machine("implies_rcu_gp maybe", "'no' or 'yes'"), "2:16: maybe");
  EXPECT_EQ(in_machine("slab_rounding up", "'exact', 'kmalloc' or 'sixteen_more'"), "2:15: up");
  EXPECT_EQ(in_machine("slab_reuse fifo", "'never' or 'lifo'"), "2:12: fifo");
  EXPECT_EQ(in_machine("destroy_mode later", "'wait' or 'defer'"), "2:14: later");
  EXPECT_EQ(in_machine("cpu 2", "'cpus', 'slots'"), "2:1: cpu");
  EXPECT_EQ(in_machine("alloc c0 s0", "'cpus', 'slots'"), "2:1: alloc");
  EXPECT_EQ(in_machine("task 0 on cpu 0", "or 'cache'"), "2:1: task");
}

TEST(TextErrors, SlabFailsAndCgroup) {
  EXPECT_EQ(in_machine("slab_fails 3", "'after'"), "2:12: 3");
  EXPECT_EQ(in_machine("slab_fails after 65536 pattern 1", "a number from 0 to 65535"), "2:18: 65536");
  EXPECT_EQ(in_machine("slab_fails after 3 1", "'pattern'"), "2:20: 1");
  EXPECT_EQ(in_machine("slab_fails after 3 pattern 12", "digits 0 and 1"), "2:28: 12");
  EXPECT_EQ(in_machine("slab_fails after 3 pattern 10", "the last one a 1"), "2:28: 10");
  EXPECT_EQ(in_machine("slab_fails after 3 pattern", "digits"), "2:27: the end of the line");
  EXPECT_EQ(in_machine("slab_fails after 3 pattern " + std::string(32, '0') + "1", "up to 32"),
            "2:28: " + std::string(32, '0') + "1");
  EXPECT_EQ(in_machine("cgroup many objects", "a number"), "2:8: many");
  EXPECT_EQ(in_machine("cgroup 64 pages", "'objects' or 'bytes'"), "2:11: pages");
  EXPECT_EQ(in_machine("cgroup 64 none", "'objects' or 'bytes'"), "2:11: none");
  EXPECT_EQ(in_machine("cgroup 65 bytes", "a multiple of 64"), "2:8: 65");
  EXPECT_EQ(in_machine("cgroup 65536 objects", "a number from 0 to 65535"), "2:8: 65536");
}

TEST(TextErrors, Declarations) {
  EXPECT_EQ(in_machine("cache 1 size 64", "the number 0"), "2:7: 1");
  EXPECT_EQ(in_machine("cache 0 huge", "'size', 'percpu' or 'classes'"), "2:9: huge");
  EXPECT_EQ(in_machine("cache 0 size 0", "a number from 1 to 4096"), "2:14: 0");
  EXPECT_EQ(in_machine("cache 0 percpu 64", "'size'"), "2:16: 64");
  EXPECT_EQ(in_machine("cache 0 classes 64", "nothing more"), "2:17: 64");
  EXPECT_EQ(in_task("cache 2 size 64", "'task'"), "7:1: cache");
  EXPECT_EQ(in_task("cpus 2", "'program'"), "7:1: cpus");
  EXPECT_EQ(in_task("task 2 on cpu 0", "the number 1"), "7:6: 2");
  EXPECT_EQ(in_task("task 1 at cpu 0", "'on'"), "7:8: at");
  EXPECT_EQ(in_task("task 1 on 0", "'cpu'"), "7:11: 0");
  EXPECT_EQ(in_task("task 1 on cpu 2", "a number from 0 to 1"), "7:15: 2");
  EXPECT_EQ(in_task("program 0 softirq on cpu 0", "'irq' or 'nmi'"), "7:11: softirq");
  EXPECT_EQ(in_task("program 1 irq on cpu 0", "the number 0"), "7:9: 1");
  std::string caches = "scenario v1\n";
  for (unsigned n = 0; n <= limits.caches_max; ++n) caches += "cache " + std::to_string(n) + " classes\n";
  EXPECT_EQ(error_in(caches, "at most 4"), "6:1: cache");
}

TEST(TextErrors, Operations) {
  EXPECT_EQ(in_task("  malloc c0 s0", "'alloc', 'free'"), "7:3: malloc");
  EXPECT_EQ(in_task("  alloc s0 c0", "a cache: c0 to c1"), "7:9: s0");
  EXPECT_EQ(in_task("alloc c2 s0", "a cache: c0 to c1"), "7:7: c2");
  EXPECT_EQ(in_task("alloc c0 s4", "a slot: s0 to s3"), "7:10: s4");
  EXPECT_EQ(in_task("alloc c0", "a slot: s0 to s3"), "7:9: the end of the line");
  EXPECT_EQ(in_task("alloc c0 s", "a slot"), "7:10: s");
  EXPECT_EQ(in_task("alloc c0 s0 size 8", "nothing more"), "7:13: size");
  EXPECT_EQ(in_task("alloc c1 s0", "'size'"), "7:12: the end of the line");
  EXPECT_EQ(in_task("alloc c1 s0 size 4101", "a number from 0 to 4100"), "7:18: 4101");
  EXPECT_EQ(in_task("alloc_flags c0 s0 atomic", "'nowait' or 'kernel'"), "7:19: atomic");
  EXPECT_EQ(in_task("enter srcu", "'regular' or 'tasks_trace'"), "7:7: srcu");
  EXPECT_EQ(in_task("migrate 1", "'cpu'"), "7:9: 1");
  EXPECT_EQ(in_task("migrate cpu 2", "a number from 0 to 1"), "7:13: 2");
  EXPECT_EQ(in_task("fail_next 17", "a number from 1 to 16"), "7:11: 17");
  EXPECT_EQ(in_task("pause 0", "a number from 1 to 64"), "7:7: 0");
  EXPECT_EQ(in_task("leave now", "nothing more"), "7:7: now");
}

TEST(TextErrors, Programs) {
  EXPECT_EQ(in_task("yield\nraise p0", "0 are declared"), "8:7: p0");
  EXPECT_EQ(in_task("raise p8", "a program: p0 to p7"), "7:7: p8");
  EXPECT_EQ(in_program("destroy c0", "'free_rcu'"), "5:1: destroy");
  std::string full;
  for (unsigned n = 0; n <= limits.nested_ops_max; ++n) full += "free s0\n";
  EXPECT_EQ(in_program(full, "at most 16 operations"), "21:1: free");
}

TEST(TextErrors, TooMuch) {
  std::string many = "yield\n";
  for (unsigned n = 0; n < limits.ops_max; ++n) many += "yield\n";
  EXPECT_EQ(in_task(many, "at most 4096 operations"), "4103:1: yield");
  EXPECT_EQ(error_in(std::string(limits.text_bytes_max + 1, '\n'), "at most 1048576 bytes"),
            "1:1: a text of 1048577 bytes");
}

TEST(TextErrors, WhatIsFoundIsCutAndPrintable) {
  EXPECT_EQ(in_machine("cpus \x01\xff", "a number"), "2:6: ??");
  EXPECT_EQ(in_machine("cpus " + std::string(100, 'x'), "a number"), "2:6: " + std::string(40, 'x') + "...");
}

TEST(TextErrors, TheMessageForPeople) {
  const auto result = parse("scenario v1\ncpus 9\n");
  EXPECT_EQ(std::get<ParseError>(result).message(), "2:6: found '9', but allowed here: a number from 1 to 8");
  EXPECT_EQ(std::get<ParseError>(parse("scenario\n")).message(),
            "1:9: found the end of the line, but allowed here: 'v1'");
}

// Any text gives a scenario or an error; words from the grammar get far.
TEST(TextErrors, RandomTextsNeverBreakTheParser) {
  Random random(9);
  const std::string base = print(small_scenario(4));
  unsigned parsed = 0;
  for (int n = 0; n < 20000; ++n) {
    std::string text = base;
    for (unsigned changes = random.few(4); changes > 0; --changes) {
      const std::size_t at = random.below(text.size());
      if (random.one_in(2)) {
        text[at] = static_cast<char>(random.below(256));
      } else {
        text.erase(at, random.few(8));
      }
    }
    const auto result = parse(text);
    if (const auto* scenario = std::get_if<Scenario>(&result)) {
      ++parsed;
      ASSERT_EQ(must_parse(print(*scenario)), *scenario);
    } else {
      ASSERT_GE(std::get<ParseError>(result).line, 1U);
      ASSERT_GE(std::get<ParseError>(result).column, 1U);
    }
  }
  EXPECT_GT(parsed, 100U);
}

}  // namespace
}  // namespace rcufarm::scenario
