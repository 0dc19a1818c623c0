#include "cli/present.h"

#include <gtest/gtest.h>

#include "cli/json.h"
#include "cli/trials.h"

namespace rcufarm::cli {
namespace {

harness::ExploreFigures figures() {
  harness::ExploreFigures f;
  f.schedules = 1234567;
  f.scenarios = 1;
  f.points = 5000000000;
  f.reads_from_pairs = 321;
  f.seconds = 2;
  return f;
}

TEST(Present, NothingFoundSaysWhatWasSearched) {
  EXPECT_EQ(
      searched(figures()),
      "1,234,567 schedules of 1 scenario in 2.0 s: 5,000,000,000 scheduling points, 321 distinct reads-from pairs");
}

// Where no access has a choice, a weaker model adds nothing to sc.
TEST(Present, WhatTheMemoryModelGaveIsTold) {
  harness::ExploreFigures f = figures();
  EXPECT_EQ(searched(f).find("memory"), std::string::npos);
  f.weak_schedules = f.schedules;
  EXPECT_NE(searched(f).find(", no access to which the memory model gave a choice"), std::string::npos);
  f.store_choices = 1;
  EXPECT_NE(searched(f).find(", 1 choice that memory gave"), std::string::npos);
  f.store_choices = 2'500;
  EXPECT_NE(searched(f).find(", 2,500 choices that memory gave"), std::string::npos);
  EXPECT_EQ(json_of(f)["store_choices"], 2'500);
}

TEST(Present, ACompletedBoundIsNamed) {
  harness::ExploreFigures f = figures();
  f.is_exhaustive = true;
  EXPECT_NE(searched(f).find("; no bound on preemptions was completed"), std::string::npos);
  f.completed_preemptions = 1;
  EXPECT_NE(searched(f).find("every schedule of up to 1 preemption was run"), std::string::npos);
  f.completed_preemptions = 0;
  EXPECT_NE(searched(f).find("every schedule of up to 0 preemptions was run"), std::string::npos);
}

TEST(Present, LargeScenariosAreCounted) {
  harness::ExploreFigures f = figures();
  EXPECT_EQ(searched(f).find("more than four"), std::string::npos);
  f.large_scenarios = 12;
  EXPECT_NE(searched(f).find(" (12 with more than four CPUs or tasks) in "), std::string::npos);
}

TEST(Present, ChangesOfEarlierScenariosAreCounted) {
  harness::ExploreFigures f = figures();
  EXPECT_EQ(searched(f).find("changes"), std::string::npos);
  f.guided_scenarios = 1'234;
  EXPECT_NE(searched(f).find(" (1,234 changes of earlier ones) in "), std::string::npos);
  f.large_scenarios = 12;
  EXPECT_NE(searched(f).find(" (12 with more than four CPUs or tasks, 1,234 changes of earlier ones) in "),
            std::string::npos);
}

TEST(Present, PointsWhereNobodyWasAskedAreTold) {
  harness::ExploreFigures f = figures();
  EXPECT_EQ(searched(f).find("could tell"), std::string::npos);
  f.unasked = 5'000;
  EXPECT_NE(searched(f).find(" (5,000 of them where no other context could tell), "), std::string::npos);
}

TEST(Present, RunsThatWereGivenUpAreToldApart) {
  harness::ExploreFigures f = figures();
  EXPECT_EQ(searched(f).find("given up"), std::string::npos);
  f.given_up = 1'234;
  EXPECT_NE(searched(f).find("1,234,567 schedules of 1 scenario"), std::string::npos);
  EXPECT_NE(searched(f).find("; 1,234 more runs given up on the way, not counted"), std::string::npos);
  EXPECT_EQ(json_of(f)["given_up_runs"], 1'234);
}

TEST(Present, AProgressLineFitsTheTerminal) {
  for (const unsigned columns : {1U, 20U, 79U}) EXPECT_LE(progress_line(figures(), 1, columns).size(), columns);
  EXPECT_NE(progress_line(figures(), 1, 0).find("617,283/s"), std::string::npos);
  EXPECT_NE(progress_line(figures(), 1, 0).find("1 finding"), std::string::npos);
}

TEST(Json, OfFiguresHasNullForNoBound) {
  EXPECT_TRUE(json_of(figures())["completed_preemptions"].is_null());
  harness::ExploreFigures f = figures();
  f.completed_preemptions = 2;
  EXPECT_EQ(json_of(f)["completed_preemptions"], 2);
}

TEST(Json, SurvivesAnyBytes) {
  harness::SimFinding finding;
  finding.signature = "\xff\xfe\"\n";
  testing::internal::CaptureStdout();
  print_json(json_of(finding));
  const std::string text = testing::internal::GetCapturedStdout();
  EXPECT_FALSE(nlohmann::json::parse(text, nullptr, false).is_discarded()) << text;
}

Score score(std::vector<Trial> trials) {
  Score s;
  s.defect = "01";
  s.strategy = "pct";
  s.trials = std::move(trials);
  return s;
}

TEST(Trials, ATimeoutIsSlowerThanAnyFinding) {
  const Score s = score({{true, 100, 5.0}, {false, 10, 1.0}, {true, 50, 2.0}});
  EXPECT_EQ(s.hits(), 2U);
  EXPECT_TRUE(s.median_seconds().reached);
  EXPECT_EQ(s.median_seconds().value, 5.0);
  EXPECT_EQ(s.median_schedules().value, 100);
}

TEST(Trials, AMedianAmongTimeoutsIsABound) {
  const Score s = score({{true, 100, 5.0}, {false, 10, 60.0}, {false, 20, 60.0}});
  EXPECT_FALSE(s.median_seconds().reached);
  const std::string table = table_of({s});
  EXPECT_NE(table.find("> 60.00"), std::string::npos) << table;
  EXPECT_NE(table.find("1 of 3"), std::string::npos) << table;
}

TEST(Trials, OfAnEvenNumberTheMiddleTwoCount) {
  EXPECT_EQ(score({{true, 1, 1.0}, {true, 3, 2.0}}).median_seconds().value, 1.5);
  EXPECT_FALSE(score({{true, 1, 1.0}, {false, 3, 2.0}}).median_seconds().reached);
  EXPECT_FALSE(score({}).median_seconds().reached);
}

harness::SimFinding found_under(oracle::Kind kind, sim::MemoryModel model) {
  harness::SimFinding finding;
  finding.kind = kind;
  finding.config.model = model;
  return finding;
}

TEST(Present, AFindingIsToldWithItsModelAndWithWhatWasTriedUnderStrongerOnes) {
  using sim::MemoryModel;
  const auto leak = [](MemoryModel model) { return found_under(oracle::Kind::leak, model); };
  EXPECT_EQ(shown(leak(MemoryModel::sc), {}), "Shown under sc: every machine can do it.");
  EXPECT_EQ(shown(leak(MemoryModel::tso), {{MemoryModel::sc, 8'001}}),
            "Shown under tso: x86 can do this (store buffers); not shown under sc in 8,001 runs.");
  EXPECT_EQ(shown(leak(MemoryModel::kernel), {{MemoryModel::sc, 8'001}, {MemoryModel::tso, 1}}),
            "Shown under kernel: needs arm64 or POWER; not shown under sc in 8,001 runs, nor under tso in 1 run.");
  EXPECT_EQ(shown(leak(MemoryModel::c11), {}), "Shown under c11: needs a compiler's licence (C++ allows it).")
      << "what was not tried is not told";
}

TEST(Present, AnAccusationIsToldAsOneUnderAnyModel) {
  for (const auto model : {sim::MemoryModel::sc, sim::MemoryModel::kernel}) {
    const std::string text = shown(found_under(oracle::Kind::data_race, model), {});
    EXPECT_EQ(text.find("Accused by vector clocks alone: "), 0U) << text;
    EXPECT_EQ(text.find("machine"), std::string::npos) << text;
  }
}

TEST(Present, WhatEveryMachineCanDoStandsFirstAndAccusationsLast) {
  using sim::MemoryModel;
  const auto leak = [](MemoryModel model) { return rank_of(found_under(oracle::Kind::leak, model)); };
  EXPECT_LT(leak(MemoryModel::sc), leak(MemoryModel::tso));
  EXPECT_LT(leak(MemoryModel::tso), leak(MemoryModel::kernel));
  EXPECT_LT(leak(MemoryModel::kernel), leak(MemoryModel::c11));
  EXPECT_LT(rank_of(found_under(oracle::Kind::use_after_free, MemoryModel::kernel)), leak(MemoryModel::sc));
  EXPECT_LT(leak(MemoryModel::c11), rank_of(found_under(oracle::Kind::spurious_null, MemoryModel::sc)));
  EXPECT_LT(leak(MemoryModel::c11), rank_of(found_under(oracle::Kind::freed_without_happens_before, MemoryModel::sc)));
}

TEST(Json, OfAFindingHasItsModel) {
  const nlohmann::json weak = json_of(found_under(oracle::Kind::leak, sim::MemoryModel::tso));
  EXPECT_EQ(weak["model"], "tso");
  EXPECT_EQ(weak["acted_out"], true);
  EXPECT_EQ(json_of(found_under(oracle::Kind::data_race, sim::MemoryModel::sc))["acted_out"], false);
  EXPECT_EQ(json_of(std::vector<harness::NotShown>{{sim::MemoryModel::sc, 7}}).dump(), R"([{"model":"sc","runs":7}])");
}

}  // namespace
}  // namespace rcufarm::cli
