#include "session/afl_stats.h"

#include <gtest/gtest.h>

namespace rcufarm::session {
namespace {

// Recorded from AFL++ 4.04c.
constexpr const char* fuzzer_stats = R"(start_time        : 1795230853
run_time          : 11
execs_done        : 229884
execs_per_sec     : 19206.62
execs_ps_last_min : 0.00
corpus_count      : 56
corpus_favored    : 15
bitmap_cvg        : 88.64%
saved_crashes     : 0
execs_since_crash : 229884
edges_found       : 39
total_edges       : 44
afl_banner        : ./fuzz_native
)";

TEST(AflStats, ReadsFuzzerStats) {
  const auto figures = parse_fuzzer_stats(fuzzer_stats);
  ASSERT_TRUE(figures);
  EXPECT_EQ(figures->executions, 229884U);
  EXPECT_DOUBLE_EQ(figures->rate, 19206.62);
  EXPECT_EQ(figures->corpus, 56U);
  EXPECT_EQ(figures->edges, 39U);
  EXPECT_EQ(figures->edges_all, 44U);
}

TEST(AflStats, AHalfWrittenFileGivesNothing) {
  const std::string_view whole(fuzzer_stats);
  EXPECT_FALSE(parse_fuzzer_stats(""));
  EXPECT_FALSE(parse_fuzzer_stats(whole.substr(0, whole.find("total_edges"))));
  EXPECT_FALSE(parse_fuzzer_stats("execs_done : many\ncorpus_count : 1\nedges_found : 1\ntotal_edges : 1\n"));
}

TEST(AflStats, UpdatesFromStatsd) {
  Figures figures;
  figures.edges_all = 44;
  update_from_statsd(
      "fuzzing.cycle_done:0|g\nfuzzing.execs_done:21311|g\nfuzzing.execs_per_sec:20123.70|g\n"
      "fuzzing.corpus_count:45|g\nfuzzing.edges_found:34|g\nfuzzing.var_byte_count:0|g\n",
      figures);
  EXPECT_EQ(figures.executions, 21311U);
  EXPECT_DOUBLE_EQ(figures.rate, 20123.70);
  EXPECT_EQ(figures.corpus, 45U);
  EXPECT_EQ(figures.edges, 34U);
  EXPECT_EQ(figures.edges_all, 44U);
  update_from_statsd("garbage\nfuzzing.execs_done:\nfuzzing.execs_done", figures);
  EXPECT_EQ(figures.executions, 21311U);
}

TEST(AflStats, FindsTheReasonOfAnAbort) {
  EXPECT_EQ(abort_reason("\x1b[?25h\x1b[0m\x1b[1;91m[-] PROGRAM ABORT : \x1b[0mNo instrumentation detected\x1b[1;91m"),
            "No instrumentation detected");
  EXPECT_FALSE(abort_reason("[*] Entering queue cycle 1."));
}

TEST(AflStats, FindsAFailingSeed) {
  EXPECT_EQ(failing_seed("[!] WARNING: Test case 'id:000001,time:0,execs:0,orig:bad-one' results in a crash, skipping"),
            "bad-one");
  EXPECT_FALSE(failing_seed("[*] Attempting dry run with 'id:000001,time:0,execs:0,orig:bad-one'..."));
  EXPECT_FALSE(failing_seed("' results in a orig:"));
}

}  // namespace
}  // namespace rcufarm::session
