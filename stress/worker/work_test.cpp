// What workers hand over, as the farm takes it in: each kind of worker, its record written by hand.
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <fstream>

#include "harness/sim/proof_part.h"
#include "session/scratch.h"
#include "stress/metrics/metrics.h"
#include "stress/worker/work.h"

namespace rcufarm::stress {
namespace {

using oracle::Kind;

constexpr int exited_with_1 = 1 << 8;

class WorkTest : public testing::Test {
 protected:
  // A stint whose worker wrote `record`, printed `line` and ended with exit code 1.
  Ended run(Lane lane, const std::string& record, const std::string& line = "in words: it leaks") {
    const auto work = make_work({"1", lane, 1, "portfolio"}, {scratch_.folder(), scratch_.folder()}, Config{});
    const auto variables = work->command().set;
    const auto file = std::ranges::find(variables, harness::record_variable, [](const auto& v) { return v.first; });
    EXPECT_NE(file, variables.end()) << name_of(lane) << " is not told where its record goes";
    if (!record.empty()) std::ofstream(file->second) << record;
    harvest_ = {};
    work->line(line);
    return work->settle(exited_with_1, harvest_);
  }
  static std::string record_of(const harness::Finding& finding) { return harness::to_json({.findings = {finding}}); }

  const session::Scratch scratch_;
  Harvest harvest_;
};

constexpr auto tellers = {Lane::explore,     Lane::explore_linux, Lane::explore_adopted, Lane::prove,
                          Lane::stress_asan, Lane::stress_tsan,   Lane::regressions};

std::string prefix_of(Lane lane) {
  switch (lane) {
    case Lane::explore_linux: return "linux: ";
    case Lane::explore_adopted: return "adopted: ";
    default: return "";
  }
}

TEST_F(WorkTest, EveryKindReachesTheFarm) {
  for (const Lane lane : tellers) {
    for (const Kind kind : oracle::all_kinds) {
      EXPECT_EQ(run(lane, record_of({.kind = kind, .signature = "it", .seen = 3})), Ended::finding) << name_of(lane);
      ASSERT_EQ(harvest_.catches.size(), 1U) << name_of(lane) << " " << name_of(kind);
      EXPECT_EQ(harvest_.catches[0].kind, kind);
      EXPECT_EQ(harvest_.catches[0].signature, prefix_of(lane) + "it");
      EXPECT_EQ(harvest_.catches[0].seen, 3U);
    }
  }
}

TEST(Target, AnAdoptedAllocatorHasItsProgramsName) {
  ProgramsConfig programs;
  EXPECT_EQ(target_of(Lane::explore_adopted, programs), "adopted");
  EXPECT_EQ(corpora_of(programs), (std::vector<std::string>{"sim", "native"}));
  programs.libfuzzer_adopted = "build/adopt/fuzz/bin/fuzz_sim-ck-epoch";
  programs.afl_adopted = "build/adopt/afl/bin/fuzz_sim-ck-epoch";
  for (const Lane lane : {Lane::libfuzzer_adopted, Lane::afl_adopted}) {
    EXPECT_EQ(target_of(lane, programs), "ck-epoch");
    EXPECT_EQ(corpus_of(lane, programs), "ck-epoch") << "not among the inputs of another allocator";
    EXPECT_EQ(signature_prefix(lane, programs), "ck-epoch: ");
  }
  EXPECT_EQ(signature_prefix(Lane::afl_sim, programs), "");
  EXPECT_EQ(corpora_of(programs), (std::vector<std::string>{"sim", "native", "ck-epoch"}));
  programs.explore_adopted = "build/adopt/cmake/bin/rcufarm-ck-epoch";
  EXPECT_EQ(target_of(Lane::explore_adopted, programs), "ck-epoch");
  programs.explore_adopted = "/elsewhere/mine";
  EXPECT_EQ(target_of(Lane::explore_adopted, programs), "mine");
  EXPECT_EQ(target_of(Lane::explore, programs), "sim");
}

TEST_F(WorkTest, AnExplorerSearchesUnderItsStintsModel) {
  const auto model_of = [&](Lane lane) -> std::string {
    const Stint stint{"1", lane, 1, "portfolio", "kernel"};
    const auto arguments = make_work(stint, {scratch_.folder(), scratch_.folder()}, Config{})->command().arguments;
    const auto flag = std::ranges::find(arguments, "--model");
    return flag == arguments.end() ? "" : *(flag + 1);
  };
  EXPECT_EQ(model_of(Lane::explore), "kernel");
  EXPECT_EQ(model_of(Lane::explore_linux), "kernel");
  EXPECT_EQ(model_of(Lane::canary), "");
}

// However it ended.
TEST_F(WorkTest, WhatAProverSavedIsTakenIn) {
  // Field by field: g++ 12 takes the strings of a designated initializer for uninitialized.
  ClaimedPart part;
  part.name = {"p", 64, 3};
  part.build = "b";
  part.model = "sc";
  part.operations = 2;
  part.text = "what to explore";
  const auto work = make_work({"1", Lane::prove, 1, "", "sc", part}, {scratch_.folder(), scratch_.folder()}, Config{});
  const auto arguments = work->command().arguments;
  const auto file = std::ranges::find(arguments, "--part");
  ASSERT_NE(file, arguments.end());
  EXPECT_EQ(read_bytes(*(file + 1)), "what to explore");
  constexpr int killed = SIGKILL;
  EXPECT_EQ(work->settle(killed, harvest_), Ended::oom);
  EXPECT_FALSE(harvest_.gain) << "nothing was saved";
  const std::string gain = harness::to_text(harness::ProofGain{1, harness::RowGain{{7, 115}, 5, 0, 0, 9, 0}});
  std::ofstream(*(file + 1) + ".gain") << gain;
  EXPECT_EQ(work->settle(killed, harvest_), Ended::oom);
  ASSERT_TRUE(harvest_.gain);
  EXPECT_EQ(harvest_.gain->gain, gain);
  EXPECT_EQ(harvest_.gain->part.first, 64U);
  EXPECT_EQ(harvest_.executions, 9U);
}

TEST_F(WorkTest, LibfuzzersRecordComesWithItsInput) {
  const auto input = scratch_.file("crash-1", "bytes");
  const std::string written = "Test unit written to " + input.string();
  EXPECT_EQ(run(Lane::libfuzzer_sim, record_of({.kind = Kind::spurious_null, .signature = "null"}), written),
            Ended::finding);
  ASSERT_EQ(harvest_.catches.size(), 1U);
  EXPECT_EQ(harvest_.catches[0].kind, Kind::spurious_null);
  EXPECT_EQ(harvest_.catches[0].signature, "null");
  EXPECT_EQ(harvest_.catches[0].input, "bytes");
  run(Lane::libfuzzer_adopted, record_of({.kind = Kind::spurious_null, .signature = "null"}), written);
  EXPECT_EQ(harvest_.catches.at(0).signature, "adopted: null");
}

TEST_F(WorkTest, AnAdoptedAllocatorsEnginesKeepApart) {
  Config config;
  config.programs.explore_adopted = "/b/rcufarm-mine";
  config.programs.libfuzzer_adopted = "/b/fuzz_sim-mine";
  config.programs.afl_adopted = "/b/fuzz_sim-mine";
  const auto words_of = [&](Lane lane) {
    return make_work({"1", lane, 1, ""}, {scratch_.folder(), scratch_.folder()}, config)->command().arguments;
  };
  const auto explorers = [&](Lane lane) {
    const auto words = words_of(lane);
    const auto at = std::ranges::find(words, "--inputs");
    return at == words.end() ? "" : std::filesystem::path(*(at + 1)).lexically_relative(scratch_.folder()).string();
  };
  EXPECT_EQ(explorers(Lane::explore), "corpus/sim");
  EXPECT_EQ(explorers(Lane::explore_linux), "");
  EXPECT_EQ(explorers(Lane::explore_adopted), "corpus/mine");
  const auto libfuzzer = words_of(Lane::libfuzzer_adopted);
  ASSERT_GE(libfuzzer.size(), 2U);
  EXPECT_EQ(libfuzzer[0], "/b/fuzz_sim-mine");
  EXPECT_EQ(libfuzzer[1], scratch_.folder() / "corpus/mine");
  const auto afl = words_of(Lane::afl_adopted);
  EXPECT_EQ(afl.back(), "/b/fuzz_sim-mine");
  for (const auto& [flag, value] : {std::pair{"-F", "corpus/mine"}, {"-o", "afl/afl_mine"}}) {
    const auto at = std::ranges::find(afl, flag);
    ASSERT_NE(at, afl.end()) << flag;
    EXPECT_EQ(*(at + 1), scratch_.folder() / value);
  }
}

TEST_F(WorkTest, AnUnknownKindAndAMissingKeyAreTold) {
  std::string unknown = record_of({.kind = Kind::leak, .signature = "it"});
  unknown.replace(unknown.find("\"leak\""), 6, "\"leek\"");
  std::string missing = record_of({.kind = Kind::leak, .signature = "it"});
  missing.replace(missing.find("\"signature\""), 11, "\"signatures\"");
  EXPECT_EQ(run(Lane::explore, unknown), Ended::exit);
  EXPECT_NE(harvest_.trouble.find("no kind of finding 'leek'"), std::string::npos) << harvest_.trouble;
  EXPECT_EQ(run(Lane::explore, missing), Ended::exit);
  EXPECT_NE(harvest_.trouble.find("'signature'"), std::string::npos) << harvest_.trouble;
  // Where there is an input, it is kept with what is wrong.
  EXPECT_EQ(run(Lane::stress_asan, unknown), Ended::finding);
  EXPECT_NE(harvest_.catches.at(0).signature.find("no kind of finding 'leek'"), std::string::npos);
}

TEST_F(WorkTest, WordsAreForPeople) {
  constexpr const char* words = "rcufarm: finding: leak: 3 objects are not back in the slab after destroy";
  for (const Lane lane : tellers) {
    EXPECT_EQ(run(lane, "", words), Ended::exit) << name_of(lane);
    EXPECT_TRUE(harvest_.catches.empty());
    EXPECT_EQ(harvest_.trouble, std::string(words) + "\n");
  }
}

TEST_F(WorkTest, SanitizersReportsAreReadAsTheyAre) {
  EXPECT_EQ(run(Lane::stress_tsan, "", "SUMMARY: ThreadSanitizer: data race /a.cpp:1:2 in f"), Ended::finding);
  EXPECT_EQ(harvest_.catches.at(0).kind, Kind::tsan);
  EXPECT_EQ(harvest_.catches.at(0).signature, "ThreadSanitizer: data race in a.cpp");
}

// What /metrics shows of a leak is its record's, whatever the drawing says.
TEST_F(WorkTest, ALeaksListIsData) {
  for (const char* diagram : {"BAD: obj 4 is never given back", "other words"}) {
    run(Lane::explore, record_of({.kind = Kind::leak,
                                  .signature = "leak",
                                  .leak = harness::Leak{2, 96, "free_by_rcu"},
                                  .diagram = diagram}));
    EXPECT_EQ(harvest_.catches.at(0).report, diagram);
    ASSERT_TRUE(harvest_.catches.at(0).leak);
    Metrics metrics("revision", "compiler");
    metrics.count_leak(*harvest_.catches[0].leak);
    EXPECT_NE(metrics.text().find("rcufarm_leaked_objects_total{list=\"free_by_rcu\"} 2\n"), std::string::npos);
    EXPECT_NE(metrics.text().find("rcufarm_leaked_bytes_total{list=\"free_by_rcu\"} 96\n"), std::string::npos);
  }
}

TEST(Metrics, AListThatNobodyKnowsIsUnknown) {
  Metrics metrics("revision", "compiler");
  metrics.count_leak({3, 48, ""});
  metrics.count_leak({1, 16, "another_allocators_list"});
  EXPECT_NE(metrics.text().find("rcufarm_leaked_objects_total{list=\"unknown\"} 4\n"), std::string::npos);
  EXPECT_NE(metrics.text().find("rcufarm_leaked_bytes_total{list=\"unknown\"} 64\n"), std::string::npos);
}

TEST(Metrics, ChangesAreToldByStateAndTheOldestThatWaits) {
  Metrics metrics("revision", "compiler");
  const auto says = [&](const std::string& line) { return metrics.text().find(line + "\n") != std::string::npos; };
  EXPECT_TRUE(says("rcufarm_changes{kind=\"commit\",state=\"not built\"} 0"));
  EXPECT_TRUE(says("rcufarm_changes_oldest_waiting_timestamp_seconds{kind=\"patch\"} 0"));
  metrics.set_changes({{"", "waiting", 1, 5000},
                       {"", "at work", 1, 1000},
                       {"dev", "waiting", 2, 9000},
                       {"main", "waiting", 3, 7000},
                       {"main", "not built", 4, 2000}});
  EXPECT_TRUE(says("rcufarm_changes{kind=\"commit\",state=\"waiting\"} 5"));
  EXPECT_TRUE(says("rcufarm_changes{kind=\"commit\",state=\"not built\"} 4"));
  EXPECT_TRUE(says("rcufarm_changes{kind=\"patch\",state=\"at work\"} 1"));
  EXPECT_TRUE(says("rcufarm_changes_oldest_waiting_timestamp_seconds{kind=\"patch\"} 5"));
  EXPECT_TRUE(says("rcufarm_changes_oldest_waiting_timestamp_seconds{kind=\"commit\"} 7"));
  // Another farm leads now.
  metrics.set_changes({});
  EXPECT_TRUE(says("rcufarm_changes{kind=\"commit\",state=\"waiting\"} 0"));
  EXPECT_TRUE(says("rcufarm_changes_oldest_waiting_timestamp_seconds{kind=\"commit\"} 0"));
}

TEST(Metrics, AProofIsToldByModel) {
  Metrics metrics("revision", "compiler");
  const auto says = [&](const std::string& line) { return metrics.text().find(line + "\n") != std::string::npos; };
  EXPECT_TRUE(says("rcufarm_proof_operations{model=\"c11\"} 0"));
  Proof proof;
  proof.model = "kernel";
  proof.sizes = {{.operations = 1, .programs = 7, .proven = 7, .executions = 7},
                 {.operations = 2, .programs = 115, .proven = 100, .wrong = 2, .begun = 3, .executions = 1000}};
  metrics.set_proofs({proof});
  EXPECT_TRUE(says("rcufarm_proof_operations{model=\"kernel\"} 1"));
  EXPECT_TRUE(says("rcufarm_proof_executions{model=\"kernel\"} 1007"));
  EXPECT_TRUE(says("rcufarm_proof_programs{model=\"kernel\",state=\"proven\"} 107"));
  EXPECT_TRUE(says("rcufarm_proof_programs{model=\"kernel\",state=\"wrong\"} 2"));
  EXPECT_TRUE(says("rcufarm_proof_programs{model=\"sc\",state=\"proven\"} 0"));
  EXPECT_EQ(sentence_of(proof),
            "every program with at most 1 operation: 7 programs, 7 executions under kernel, none fails; with 2 "
            "operations: 100 "
            "of 115 programs right, 1,000 executions so far; 2 fail, 3 begun");
}

TEST(Metrics, AnAdoptedAllocatorIsATarget) {
  ProgramsConfig programs;
  programs.explore_adopted = "rcufarm-mine";
  programs.libfuzzer_adopted = programs.afl_adopted = "fuzz_sim-mine";
  const std::string text = Metrics("revision", "compiler", programs).text();
  for (const std::string engine : {"libfuzzer", "afl"}) {
    for (const std::string family : {"executions_total", "coverage_edges", "corpus_entries"}) {
      const std::string line = "rcufarm_" + family + "{engine=\"" + engine + "\",target=\"mine\"} 0\n";
      EXPECT_NE(text.find(line), std::string::npos) << line;
    }
  }
  EXPECT_NE(text.find("rcufarm_afl_stability_ratio{target=\"mine\"} 0\n"), std::string::npos);
}

TEST(Metrics, EveryKindIsALabelFromTheStart) {
  const std::string text = Metrics("revision", "compiler").text();
  for (const Kind kind : oracle::all_kinds) {
    EXPECT_NE(text.find("rcufarm_bugs{kind=\"" + std::string(name_of(kind)) + "\",state=\"open\"} 0"),
              std::string::npos)
        << name_of(kind);
  }
}

}  // namespace
}  // namespace rcufarm::stress
