#include "session/libfuzzer_log.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

namespace rcufarm::session {
namespace {

// Recorded from a program built by clang 19 (addresses shortened).
constexpr const char* start = R"(INFO: Running with entropic power schedule (0xFF, 100).
INFO: Seed: 1981133295
INFO: Loaded 1 modules   (18 inline 8-bit counters): 18 [0x558d32ed8, 0x558d32eea),
INFO: Loaded 1 PC tables (18 PCs): 18 [0x558d32ef0,0x558d33010),
INFO:        1 files found in seeds
#2	INITED cov: 8 ft: 8 corp: 1/4b exec/s: 0 rss: 32Mb
#3	NEW    cov: 8 ft: 9 corp: 2/8b lim: 4 exec/s: 0 rss: 32Mb L: 4/4 MS: 1 ChangeBit-
#65536	pulse  cov: 11 ft: 19 corp: 11/37b lim: 4 exec/s: 32768 rss: 33Mb
)";

constexpr const char* crash = R"(==10722==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x50200
    #0 0x558dde in LLVMFuzzerTestOneInput /src/toy.cpp:12:75
SUMMARY: AddressSanitizer: heap-buffer-overflow /src/toy.cpp:12:75 in LLVMFuzzerTestOneInput
MS: 1 ChangeByte-; base unit: 7cef573468901dac2da5c7b02d5990c60e0e4c0e
artifact_prefix='/w/'; Test unit written to /w/crash-0eb8e4
stat::number_of_executed_units: 661894
stat::average_exec_per_sec:     0
)";

LibfuzzerLog read(const std::string& text) {
  LibfuzzerLog log;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) log.line(line);
  return log;
}

TEST(LibfuzzerLog, ReadsStatusLines) {
  const auto log = read(start);
  EXPECT_TRUE(log.initialised());
  EXPECT_EQ(log.figures().executions, 65536U);
  EXPECT_EQ(log.figures().rate, 32768);
  EXPECT_EQ(log.figures().edges, 11U);
  EXPECT_EQ(log.figures().edges_all, 18U);
  EXPECT_EQ(log.figures().corpus, 11U);
  EXPECT_FALSE(log.failing_input());
  EXPECT_EQ(log.report(), "");
}

TEST(LibfuzzerLog, KeepsTheReportAndTheFailingInput) {
  const auto log = read(std::string(start) + crash);
  EXPECT_EQ(log.failing_input(), "/w/crash-0eb8e4");
  EXPECT_EQ(log.figures().executions, 661894U);
  EXPECT_NE(log.report().find("SUMMARY: AddressSanitizer"), std::string::npos);
  EXPECT_EQ(log.report().find("#65536"), std::string::npos);
  EXPECT_NE(log.report().find("    #0 0x558dde"), std::string::npos);
}

TEST(LibfuzzerLog, ASlowUnitIsNoFailure) {
  EXPECT_FALSE(read("artifact_prefix='/w/'; Test unit written to /w/slow-unit-12\n").failing_input());
  EXPECT_TRUE(read("artifact_prefix='/w/'; Test unit written to /w/timeout-12\n").failing_input());
}

TEST(LibfuzzerLog, ProgramsOwnLinesAreNoStatus) {
  const auto log = read("#12 is what the program says\n# \n#x\n");
  EXPECT_EQ(log.figures().executions, 0U);
  EXPECT_NE(log.report().find("#12 is"), std::string::npos);
}

TEST(LibfuzzerLog, AnEndlessReportIsCut) {
  LibfuzzerLog log;
  const std::string line(1000, 'a');
  for (int i = 0; i < 1000; ++i) log.line(line);
  EXPECT_LE(log.report().size(), LibfuzzerLog::report_bytes_max);
}

}  // namespace
}  // namespace rcufarm::session
