// Is this finding still there? explore --near, as a process. What is counted is schedules.
#include <gtest/gtest.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/asan_ends_it.h"
#include "cli/child.h"
#include "cli/files.h"

namespace rcufarm::cli {
namespace {

class Near : public testing::Test {
 protected:
  static ChildOutput explored(const char* program, std::vector<std::string> more) {
    more.insert(more.begin(), {program, "explore", "--no-save", "--no-minimize", "--json"});
    ChildOutput child = run_child(more, 100);
    EXPECT_EQ(child.trouble, "");
    return child;
  }
  static nlohmann::json said(const ChildOutput& child) { return nlohmann::json::parse(child.out, nullptr, false); }

  // The saved finding, with some words of it replaced.
  std::string edited(const std::string& words, const std::string& by) const {
    auto read = read_file(RCUFARM_DEFECT_FINDING);
    auto& text = std::get<std::string>(read);
    const auto at = text.find(words);
    EXPECT_NE(at, std::string::npos) << words;
    text.replace(at, words.size(), by);
    std::string file = folder_.path() / "edited.finding";
    EXPECT_EQ(write_file(file, text), "");
    return file;
  }

 private:
  TemporaryFolder folder_;
};

TEST_F(Near, TheFirstScheduleIsTheFindingsOwn) {
  if (asan_ends_it) return;
  const ChildOutput child = explored(RCUFARM_DEFECT_PROGRAM, {"--near", RCUFARM_DEFECT_FINDING, "--schedules", "4096"});
  EXPECT_EQ(child.exit_code, 1);
  EXPECT_EQ(said(child)["searched"]["schedules"], 1);
  EXPECT_EQ(said(child)["findings"][0]["strategy"], "near");
}

TEST_F(Near, TheCorrectAllocatorDoesNotShowIt) {
  const ChildOutput child = explored(RCUFARM_PROGRAM, {"--near", RCUFARM_DEFECT_FINDING, "--schedules", "4096"});
  EXPECT_EQ(child.exit_code, 0) << child.out;
  EXPECT_EQ(said(child)["searched"]["schedules"], 4096);
  EXPECT_EQ(said(child)["searched"]["scenarios"], 1);
}

// As of another build, whose steps are a few more or fewer: the schedule itself shows nothing any more. It departs from the plain order at
// any point, so it is asked at all of them, whatever is asked of others.
TEST_F(Near, AScheduleThatIsOffByALittleIsHitFarOftenerThanByPlainExploring) {
  if (asan_ends_it) return;
  const std::string finding = edited("regular.c1 1+15 run", "regular.c1 1+12 run");
  ASSERT_EQ(run_child({RCUFARM_DEFECT_PROGRAM, "replay", finding}, 100).exit_code, 0);
  const auto seen = [&](const char* how, const char* points) -> std::uint64_t {
    const nlohmann::json all = said(
        explored(RCUFARM_DEFECT_PROGRAM, {how, finding, "--points", points, "--schedules", "4096", "--keep-going"}));
    EXPECT_EQ(all["searched"]["schedules"], 4096);
    for (const auto& one : all["findings"]) {
      if (one["signature"] == "callback-on-freed-cache: free_caches") return one["seen"];
    }
    return 0;
  };
  for (const char* points : {"all", "shared"}) {
    const std::uint64_t plain = seen("--scenario", points);
    EXPECT_GT(plain, 0U) << "else it says nothing";
    EXPECT_GT(seen("--near", points), 4 * plain) << points;
  }
}

TEST_F(Near, WhatHasAnotherSignatureIsReportedAndDoesNotEndIt) {
  if (asan_ends_it) return;
  const std::string finding = edited("signature callback-on-freed-cache: free_caches", "signature leak: free_caches");
  for (const char* jobs : {"1", "2"}) {
    const ChildOutput child =
        explored(RCUFARM_DEFECT_PROGRAM, {"--near", finding, "--schedules", "512", "--jobs", jobs});
    EXPECT_EQ(child.exit_code, 1);
    EXPECT_EQ(said(child)["searched"]["schedules"], 512) << jobs;
    EXPECT_EQ(said(child)["findings"][0]["signature"], "callback-on-freed-cache: free_caches");
  }
}

// The second explorer does not go further than the first, however fast it is.
TEST_F(Near, SeveralExplorersEndWithIt) {
  if (asan_ends_it) return;
  const ChildOutput child =
      explored(RCUFARM_DEFECT_PROGRAM, {"--near", RCUFARM_DEFECT_FINDING, "--schedules", "1000000000", "--jobs", "2"});
  EXPECT_EQ(child.exit_code, 1);
  ASSERT_EQ(said(child)["findings"].size(), 1U);
  EXPECT_EQ(said(child)["findings"][0]["at_schedule"], 0);
}

TEST_F(Near, WhatCannotBeMeantIsRefused) {
  for (const std::vector<std::string>& more : {std::vector<std::string>{"--near", "/nowhere"},
                                               {"--near", RCUFARM_DEFECT_FINDING, "--scenario", RCUFARM_DEFECT_FINDING},
                                               {"--near", RCUFARM_DEFECT_FINDING, "--strategy", "dpor"},
                                               {"--near", RCUFARM_DEFECT_FINDING, "--strategy", "exhaustive"}}) {
    EXPECT_EQ(explored(RCUFARM_PROGRAM, more).exit_code, 2) << more.back();
  }
}

TEST_F(Near, AScenarioIsNoFinding) {
  TemporaryFolder folder;
  const std::string file = folder.path() / "scenario";
  ASSERT_EQ(write_file(file, "scenario v1\ncpus 2\nslots 2\ncache 0 size 64\ntask 0 on cpu 0\n  alloc c0 s0\n"), "");
  const ChildOutput child =
      run_child({"/bin/sh", "-c", "exec \"$0\" explore --near \"$1\" 2>&1", RCUFARM_PROGRAM, file}, 100);
  EXPECT_EQ(child.exit_code, 2);
  EXPECT_NE(child.out.find("--scenario " + file), std::string::npos) << child.out;
}

}  // namespace
}  // namespace rcufarm::cli
