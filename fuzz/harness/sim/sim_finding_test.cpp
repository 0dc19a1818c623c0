// Findings and configs as text, both ways.
#include "harness/sim/sim_finding.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "harness/sim/draw.h"

namespace rcufarm::harness {
namespace {

SimFinding example() {
  SimFinding finding;
  finding.kind = oracle::Kind::callback_on_freed_cache;
  finding.signature = "callback-on-freed-cache: free_caches";
  const DrawnScenario drawn = draw_scenario(7);
  finding.scenario = drawn.scenario;
  finding.config = drawn.config;
  finding.schedule.config = "g++ 12";
  finding.schedule.deviations = {{.at = sim::task_context(0),
                                  .kind = sim::DecisionKind::run,
                                  .target = sim::task_context(1),
                                  .event = 4,
                                  .points = 2},
                                 {.at = sim::main_context,
                                  .kind = sim::DecisionKind::callback,
                                  .target = sim::callback_context(kernel::RcuFlavor::tasks_trace, 1),
                                  .event = 5,
                                  .points = 6}};
  finding.detail = "a cache was freed\nwith a callback on its way";
  finding.parties.push_back({.role = "freed", .context = sim::main_context, .function = "free_caches", .file = ""});
  return finding;
}

SimFinding parsed(const std::string& text) {
  auto result = sim_finding_from_text(text);
  if (const auto* error = std::get_if<std::string>(&result)) {
    ADD_FAILURE() << *error << "\n" << text;
    return {};
  }
  return std::get<SimFinding>(std::move(result));
}

std::string error_of(const std::string& text) {
  const auto result = sim_finding_from_text(text);
  const auto* error = std::get_if<std::string>(&result);
  return error != nullptr ? *error : "";
}

TEST(SimFindingText, GoesBothWaysWithoutLoss) {
  const SimFinding finding = example();
  const SimFinding again = parsed(to_text(finding));
  EXPECT_EQ(again.kind, finding.kind);
  EXPECT_EQ(again.signature, finding.signature);
  EXPECT_EQ(again.scenario, finding.scenario);
  EXPECT_EQ(again.config, finding.config);
  EXPECT_EQ(again.schedule, finding.schedule);
}

TEST(SimFindingText, AnEmptyScheduleIsOneToo) {
  SimFinding finding = example();
  finding.schedule.deviations.clear();
  EXPECT_TRUE(parsed(to_text(finding)).schedule.deviations.empty());
}

TEST(SimFindingText, WhatIsWrongIsSaid) {
  const std::string text = to_text(example());
  EXPECT_NE(error_of("").find("finding v1"), std::string::npos);
  EXPECT_NE(error_of("finding v9\n").find("version 1"), std::string::npos);
  EXPECT_NE(error_of("finding v1\nkind nonsense\n").find("no such kind"), std::string::npos);
  EXPECT_NE(error_of("finding v1\nsignature x\n").find("expected `kind"), std::string::npos);
  std::string wrong_config = text;
  wrong_config.replace(wrong_config.find("settle"), 6, "setlte");
  EXPECT_NE(error_of(wrong_config).find("setlte"), std::string::npos);
  std::string wrong_schedule = text;
  wrong_schedule.replace(wrong_schedule.find("t0 4+2"), 6, "t0 x+2");
  EXPECT_NE(error_of(wrong_schedule).find("schedule"), std::string::npos);
  EXPECT_NE(error_of(text.substr(0, text.find("scenario v1"))).find("scenario"), std::string::npos);
}

TEST(SimFindingText, EveryPrefixIsRefusedOrRead) {
  const std::string text = to_text(example());
  for (std::size_t n = 0; n < text.size(); ++n) sim_finding_from_text(std::string_view(text).substr(0, n));
}

TEST(SimConfigText, GoesBothWays) {
  const SimConfig config{.points_max = 1234, .failures_max = 3, .settle = true, .check_order = false};
  EXPECT_EQ(std::get<SimConfig>(sim_config_from_text(to_text(config))), config);
  SimConfig passing = config;
  passing.passes_harmless = true;
  EXPECT_EQ(std::get<SimConfig>(sim_config_from_text(to_text(passing))), passing);
  EXPECT_EQ(std::get<SimConfig>(sim_config_from_text("")), SimConfig{}) << "what is left out has its default";
}

TEST(SimConfigText, EachModelGoesBothWays) {
  for (unsigned i = 0; i < sim::memory_models; ++i) {
    SimConfig config;
    config.model = static_cast<sim::MemoryModel>(i);
    EXPECT_EQ(std::get<SimConfig>(sim_config_from_text(to_text(config))), config);
  }
}

// They replay to the same events, too: finding_check.py compares digests.
TEST(SimFindingText, WhatWasSavedBeforeThereWereModelsMeansSequentialConsistency) {
  unsigned old = 0;
  for (const auto& file : std::filesystem::directory_iterator(RCUFARM_REGRESSIONS)) {
    std::ifstream in(file.path(), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    if (!text.starts_with("finding v1") || text.find(" model ") != std::string::npos) continue;
    EXPECT_EQ(parsed(text).config.model, sim::MemoryModel::sc) << file.path();
    ++old;
  }
  EXPECT_GE(old, 14U);
}

TEST(SimConfigText, ValuesOutOfRangeAreRefused) {
  for (const char* text : {"points 0", "points 99999999999", "failures -1", "failures 5000", "settle maybe", "order 1",
                           "points", "model arm", "model"}) {
    EXPECT_TRUE(std::holds_alternative<std::string>(sim_config_from_text(text))) << text;
  }
}

}  // namespace
}  // namespace rcufarm::harness
