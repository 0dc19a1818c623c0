// rcufarm-linux as a process: what a finding says of its build and of the machines that can do it, and what another build says.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/child.h"
#include "cli/files.h"

namespace rcufarm::cli {
namespace {

class LinuxCommand : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("rcufarm-linux-" + std::to_string(getpid()));
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  static ChildOutput run(std::vector<std::string> arguments) {
    ChildOutput child = run_child(arguments, 200);
    EXPECT_EQ(child.trouble, "");
    return child;
  }
  // The first finding of a search, and its file.
  struct Found {
    nlohmann::json finding;
    std::string file;
    std::string text;
  };
  Found found(const char* program, const char* order, const char* model = "sc") const {
    const ChildOutput child = run({program, "explore", "--order", order, "--model", model, "--seconds", "120",
                                   "--no-minimize", "--json", "--findings", folder_.string()});
    EXPECT_EQ(child.exit_code, 1) << child.out;
    Found f{.finding = nlohmann::json::parse(child.out, nullptr, false)["findings"][0], .file = "", .text = ""};
    f.file = f.finding["file"].get<std::string>();
    const auto read = read_file(f.file);
    if (std::holds_alternative<std::string>(read)) f.text = std::get<std::string>(read);
    return f;
  }

  std::filesystem::path folder_;
};

TEST_F(LinuxCommand, WhatOnlyVectorClocksAccuseIsMarked) {
  const Found order = found(RCUFARM_LINUX_PROGRAM, "yes");
  EXPECT_EQ(order.finding["acted_out"], false);
  EXPECT_TRUE(order.finding["needs"].is_null());
  EXPECT_TRUE(order.text.starts_with("# Accused by vector clocks alone: ")) << order.text.substr(0, 200);

  const Found any_machine = found(RCUFARM_LINUX_DEFECT_PROGRAM, "no");
  EXPECT_EQ(any_machine.finding["acted_out"], true);
  EXPECT_EQ(any_machine.finding["model"], "sc");
  EXPECT_TRUE(any_machine.text.starts_with("# Shown under sc: every machine can do it.\n"));
}

TEST_F(LinuxCommand, UnderAWeakModelItSaysWhatWasTriedUnderStrongerOnes) {
  const Found weak = found(RCUFARM_LINUX_PROGRAM, "no", "kernel");
  EXPECT_EQ(weak.finding["model"], "kernel");
  EXPECT_TRUE(weak.text.starts_with("# Shown under kernel: needs arm64 or POWER; not shown under sc in "))
      << weak.text.substr(0, 200);
  ASSERT_EQ(weak.finding["not_shown_under"].size(), 2U);
  EXPECT_EQ(weak.finding["not_shown_under"][1]["model"], "tso");

  const Found strong = found(RCUFARM_LINUX_DEFECT_PROGRAM, "no", "kernel");
  EXPECT_EQ(strong.finding["model"], "sc") << strong.finding["signature"];
}

TEST_F(LinuxCommand, AFindingNamesItsBuildAndAnotherOneSaysSo) {
  const Found f = found(RCUFARM_LINUX_DEFECT_PROGRAM, "no");
  EXPECT_NE(f.text.find("\nconfig rcufarm linux-05 of memalloc.c "), std::string::npos) << f.text;
  for (const char* part : {", clang ", ", flags ", ", headers "})
    EXPECT_NE(f.text.find(part), std::string::npos) << part;

  const ChildOutput here = run({RCUFARM_LINUX_DEFECT_PROGRAM, "replay", f.file, "--times", "100"});
  EXPECT_EQ(here.exit_code, 1);
  EXPECT_EQ(here.out.find("Another build"), std::string::npos) << here.out;
  EXPECT_NE(here.out.find("Reproduced in 100 of 100 runs; 100 identical."), std::string::npos) << here.out;

  const ChildOutput elsewhere = run({RCUFARM_LINUX_PROGRAM, "replay", f.file});
  EXPECT_TRUE(elsewhere.out.starts_with("Another build: this was found by\n  rcufarm linux-05 of memalloc.c "))
      << elsewhere.out;
  EXPECT_NE(elsewhere.out.find("and is replayed by\n  rcufarm linux of memalloc.c "), std::string::npos);
}

TEST_F(LinuxCommand, ItIsATargetOfTheCommand) {
  const ChildOutput child = run({RCUFARM_PROGRAM, "--target", "linux", "explore", "--schedules", "20",
                                 "--schedules-per-scenario", "1", "--no-save", "--json"});
  const nlohmann::json said = nlohmann::json::parse(child.out, nullptr, false);
  ASSERT_TRUE(said.is_object()) << child.out;
  EXPECT_EQ(said["build"], "linux");
  EXPECT_EQ(said["searched"]["scenarios"], 20);
}

}  // namespace
}  // namespace rcufarm::cli
