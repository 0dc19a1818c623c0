#include "bench/table.h"

#include <gtest/gtest.h>

#include <string>

#include "bench/targets.h"

namespace rcufarm::bench {
namespace {

std::string run(const std::string& name, int repetition, const std::string& fields) {
  return R"({"run_name": ")" + name + R"(", "run_type": "iteration", "repetition_index": )" +
         std::to_string(repetition) + ", " + fields + "}";
}

std::string document(const std::string& runs) {
  return R"({"context": {"num_cpus": 2, "rcufarm_compiler": "g++"}, "benchmarks": [)" + runs + "]}";
}

Results parsed(const std::string& text) {
  auto results = Results::parse(text);
  if (const auto* error = std::get_if<std::string>(&results)) ADD_FAILURE() << *error;
  return std::get<Results>(results);
}

TEST(Results, TakesTheMedianOfRepetitionsPerObject) {
  const Results results =
      parsed(document(run("a/x/batch:32/threads:1", 0, R"("cpu_time": 320.0, "objects": 32)") + "," +
                      run("a/x/batch:32/threads:1", 1, R"("cpu_time": 64.0, "objects": 32)") + "," +
                      run("a/x/batch:32/threads:1", 2, R"("cpu_time": 96.0, "objects": 32)")));
  EXPECT_EQ(results.repetitions(), 3U);
  EXPECT_DOUBLE_EQ(results.median("a/x/batch:32/threads:1", Metric::cpu_ns_per_object).value(), 3.0);
  EXPECT_DOUBLE_EQ(results.maximum("a/x/batch:32/threads:1", Metric::cpu_ns_per_object).value(), 10.0);
  EXPECT_FALSE(results.median("a/y/batch:32/threads:1", Metric::cpu_ns_per_object).has_value());
}

TEST(Results, KnowsABenchmarkWhateverWasAddedToItsName) {
  const Results results = parsed(document(run("c/ours/reader:short/iterations:1/manual_time", 0, R"("peak_bytes": 5)") +
                                          "," + run("b/x/real_time/threads:2", 0, R"("objects_per_s": 7)")));
  EXPECT_TRUE(results.median(deferred_name("ours", "short"), Metric::peak_bytes).has_value());
  EXPECT_TRUE(results.median(cross_cpu_name("x"), Metric::objects_per_s).has_value());
}

TEST(Results, OneFailedRepetitionLeavesNoFigure) {
  const std::string name = deferred_name("ours", "short");
  const Results results = parsed(document(run(name, 0, R"("peak_bytes": 5)") + "," +
                                          run(name, 1, R"("error_occurred": true, "error_message": "it died")")));
  EXPECT_FALSE(results.median(name, Metric::peak_bytes).has_value());
  EXPECT_EQ(results.failures().at(name), "it died");
  EXPECT_NE(table_of(results).find("it died"), std::string::npos);
}

TEST(Results, RefusesWhatIsNoJsonOfABenchmark) {
  for (const char* text : {"", "{", "[]", "{\"benchmarks\": 3}"}) {
    EXPECT_TRUE(std::holds_alternative<std::string>(Results::parse(text))) << text;
  }
  EXPECT_TRUE(std::holds_alternative<std::string>(Results::read("/nonexistent/file.json")));
}

TEST(Judge, AtMostAndAtLeastIncludeTheLimit) {
  const Results results =
      parsed(document(run("n", 0, R"("peak_bytes": 50)") + "," + run("d", 0, R"("peak_bytes": 100)")));
  const auto verdict = [&](Bound bound, double limit) {
    return judge({"", "n", "d", Metric::peak_bytes, bound, limit}, results).verdict;
  };
  EXPECT_EQ(verdict(Bound::at_most, 0.5), Verdict::reached);
  EXPECT_EQ(verdict(Bound::at_most, 0.49), Verdict::missed);
  EXPECT_EQ(verdict(Bound::at_least, 0.5), Verdict::reached);
  EXPECT_EQ(verdict(Bound::at_least, 0.51), Verdict::missed);
}

TEST(Judge, AFigureByItselfIsItsWorstRepetition) {
  const Results results = parsed(document(run("e", 0, R"("destroy_ms": 2)") + "," + run("e", 1, R"("destroy_ms": 7)")));
  const Judgement judgement = judge({"", "e", "", Metric::destroy_ms, Bound::at_most, 6}, results);
  EXPECT_DOUBLE_EQ(judgement.measured.value(), 7.0);
  EXPECT_EQ(judgement.verdict, Verdict::missed);
}

TEST(Judge, WhatDidNotRunIsNotReached) {
  const Results results = parsed(document(""));
  for (const Target& target : all_targets()) EXPECT_EQ(judge(target, results).verdict, Verdict::not_measured);
  EXPECT_EQ(table_of(results).find("| yes |"), std::string::npos);
}

TEST(Table, ShowsAMissedTargetAsMissed) {
  const auto entry = [](const std::string& subject, double ns) {
    return run(alloc_free_name(subject, 1, 1), 0, R"("objects": 1, "cpu_time": )" + std::to_string(ns));
  };
  const std::string missed = table_of(parsed(document(entry(ours_cache, 71) + "," + entry("mimalloc", 100))));
  EXPECT_NE(missed.find("| 0.710 | at most 0.700 | **missed** |"), std::string::npos) << missed;
  const std::string reached = table_of(parsed(document(entry(ours_cache, 70) + "," + entry("mimalloc", 100))));
  EXPECT_NE(reached.find("| 0.700 | at most 0.700 | yes |"), std::string::npos) << reached;
}

}  // namespace
}  // namespace rcufarm::bench
