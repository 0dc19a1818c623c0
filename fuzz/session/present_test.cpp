#include "session/present.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace rcufarm::session {
namespace {

Summary sample() {
  Summary summary;
  summary.engines = {{"libFuzzer ASan", 60, {1'234'560, false, 20'000, 812, 1'840, 230}, 2, {}},
                     {"AFL++ ASan", 60, {600, false, 10, 700, 0, 90}, 0, {}}};
  summary.findings = {{"leak: N objects", {"/w/crash-1", "/w/crash-2"}, "/b/replay_native", "libFuzzer ASan"}};
  summary.folder = "/w";
  return summary;
}

TEST(Present, Commas) {
  EXPECT_EQ(with_commas(0), "0");
  EXPECT_EQ(with_commas(999), "999");
  EXPECT_EQ(with_commas(1000), "1,000");
  EXPECT_EQ(with_commas(1234567), "1,234,567");
}

TEST(Present, ProgressLineSaysWhatMattersAndFits) {
  const Progress progress{std::chrono::seconds(12), std::chrono::seconds(60), {}};
  auto engine = sample().engines[0];
  engine.figures.estimated = true;
  const auto line = progress_line(progress, engine, 0);
  for (const char* part :
       {"12 s of 60 s", "libFuzzer ASan", "~1,234,560 runs", "20,000/s", "812 of 1,840 edges", "2 failed"}) {
    EXPECT_NE(line.find(part), std::string::npos) << part << " in: " << line;
  }
  EXPECT_EQ(progress_line(progress, engine, 40).size(), 40U);
}

TEST(Present, TheRateOfTheFirstMillisecondsIsNoRate) {
  EngineSummary engine;
  engine.seconds = 1;
  engine.figures.executions = 73;
  engine.figures.rate = 73'000;
  EXPECT_NE(progress_line({}, engine, 0).find(" 73/s"), std::string::npos) << progress_line({}, engine, 0);
}

TEST(Present, SummaryNamesFindingsWithTheirReplay) {
  const auto text = summary_text(sample());
  for (const char* part :
       {"1,234,560", "20,576", "finding 1: leak: N objects", "2 inputs", "/b/replay_native /w/crash-1"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << " in:\n" << text;
  }
}

TEST(Present, SummaryForPrograms) {
  auto summary = sample();
  summary.findings[0].signature = "odd byte \xff";
  const auto json = nlohmann::json::parse(summary_json(summary));
  EXPECT_EQ(json["engines"][0]["executions"], 1'234'560);
  EXPECT_EQ(json["findings"][0]["inputs"].size(), 2U);
}

TEST(Present, ExitCodes) {
  auto summary = sample();
  EXPECT_EQ(exit_code(summary), 1);
  summary.engines[1].troubles = {"did not start"};
  EXPECT_EQ(exit_code(summary), 1);
  summary.findings.clear();
  EXPECT_EQ(exit_code(summary), 2);
  EXPECT_NE(summary_text(summary).find("trouble: AFL++ ASan: did not start"), std::string::npos);
  summary.engines[1].troubles.clear();
  EXPECT_EQ(exit_code(summary), 0);
  EXPECT_NE(summary_text(summary).find("findings: none"), std::string::npos);
}

}  // namespace
}  // namespace rcufarm::session
