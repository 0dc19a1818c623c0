// rcufarm litmus, as a process: exit codes, herd7's lines, the table, JSON, and what bad input is told.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/child.h"
#include "cli/files.h"

namespace rcufarm::cli {
namespace {

class LitmusCommand : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("rcufarm-litmus-" + std::to_string(getpid()) + "-" +
                                                        testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_ / "deeper");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string put(const std::string& name, const std::string& text) const {
    EXPECT_EQ(write_file(folder_ / name, text), "");
    return (folder_ / name).string();
  }
  static ChildOutput run(std::vector<std::string> arguments) {
    // Both outputs in one: complaints go to stderr.
    arguments.insert(arguments.begin(), {"/bin/sh", "-c", "exec \"$0\" \"$@\" 2>&1", RCUFARM_PROGRAM, "litmus"});
    ChildOutput child = run_child(arguments, 100);
    EXPECT_EQ(child.trouble, "");
    return child;
  }
  static bool says(const std::string& text, const std::string& what) { return text.find(what) != std::string::npos; }

  std::filesystem::path folder_;
};

std::string store_buffering(const std::string& between, const std::string& result) {
  return "C SB\n(* Result: " + result + " *)\n{}\nP0(int *x, int *y) { WRITE_ONCE(*x, 1); " + between +
         " r0 = READ_ONCE(*y); }\nP1(int *x, int *y) { WRITE_ONCE(*y, 1); " + between +
         " r0 = READ_ONCE(*x); }\nexists (0:r0=0 /\\ 1:r0=0)\n";
}

TEST_F(LitmusCommand, OneTestIsToldInHerd7sLines) {
  const ChildOutput child = run({put("a.litmus", store_buffering("", "Sometimes"))});
  EXPECT_EQ(child.exit_code, 0);
  EXPECT_TRUE(says(child.out, "Observation SB Sometimes 1 3\n")) << child.out;
  EXPECT_TRUE(says(child.out, "P0      ")) << child.out;
  EXPECT_TRUE(says(child.out, "The test says Sometimes: agrees.")) << child.out;
  const ChildOutput fenced = run({put("b.litmus", store_buffering("smp_mb();", "Never"))});
  EXPECT_EQ(fenced.exit_code, 0);
  EXPECT_TRUE(says(fenced.out, "Observation SB Never 0 3\n")) << fenced.out;
}

TEST_F(LitmusCommand, TheModelCanBeChosen) {
  const std::string file = put("a.litmus", store_buffering("", "Sometimes"));
  EXPECT_TRUE(says(run({"--model", "sc", file}).out, "Observation SB Never 0 3"));
  EXPECT_TRUE(says(run({"--model", "tso", file}).out, "Observation SB Sometimes 1 3"));
  EXPECT_TRUE(says(run({"--model", "c11", file}).out, "Observation SB Sometimes 1 3"));
  EXPECT_EQ(run({"--model", "arm", file}).exit_code, 2);
}

TEST_F(LitmusCommand, AFolderGivesATableAndADisagreementIsOne) {
  put("a.litmus", store_buffering("", "Sometimes"));
  put("deeper/b.litmus", store_buffering("smp_mb();", "Never"));
  put("c.litmus", "C t\n{}\nP0(int *x) { for (;;) ; }\nexists (x=1)\n");
  put("notes.txt", "not a test");
  const ChildOutput fine = run({folder_.string()});
  EXPECT_EQ(fine.exit_code, 0);
  EXPECT_TRUE(says(fine.out, "3 tests: agrees 2, not supported 1.")) << fine.out;
  EXPECT_TRUE(says(fine.out, "line 3: `for`")) << fine.out;
  put("deeper/d.litmus", store_buffering("smp_mb();", "Sometimes"));
  const ChildOutput wrong = run({folder_.string()});
  EXPECT_EQ(wrong.exit_code, 1);
  EXPECT_TRUE(says(wrong.out, "DISAGREES: Never, and the test says Sometimes")) << wrong.out;
}

TEST_F(LitmusCommand, LoadBufferingIsCounted) {
  const std::string text =
      "C LB\n(* Result: Sometimes *)\n{}\nP0(int *x, int *y) { r0 = READ_ONCE(*x); WRITE_ONCE(*y, 1); }\n"
      "P1(int *x, int *y) { r0 = READ_ONCE(*y); WRITE_ONCE(*x, 1); }\nexists (0:r0=1 /\\ 1:r0=1)\n";
  const std::string file = put("a.litmus", text);
  const ChildOutput child = run({folder_.string()});
  EXPECT_EQ(child.exit_code, 0);
  EXPECT_TRUE(says(child.out, "stronger 1: it needs load buffering")) << child.out;
  const ChildOutput drawn = run({file});
  EXPECT_TRUE(says(drawn.out, "by load buffering")) << drawn.out;
}

TEST_F(LitmusCommand, Json) {
  const std::string file = put("a.litmus", store_buffering("", "Sometimes"));
  const ChildOutput child = run({"--json", file, put("b.litmus", "nonsense")});
  EXPECT_EQ(child.exit_code, 2);
  const nlohmann::json said = nlohmann::json::parse(child.out, nullptr, false);
  ASSERT_TRUE(said.is_object()) << child.out;
  ASSERT_EQ(said["tests"].size(), 2U);
  const nlohmann::json& one = said["tests"][0];
  EXPECT_EQ(one["observation"], "Sometimes");
  EXPECT_EQ(one["matching_executions"], 1);
  EXPECT_EQ(one["other_executions"], 3);
  EXPECT_EQ(one["states"].size(), 4U);
  EXPECT_EQ(one["model"], "kernel");
  EXPECT_FALSE(one["witness"].empty());
  EXPECT_EQ(said["tests"][1]["verdict"], "no litmus test");
  EXPECT_EQ(said["counts"]["agrees"], 1);
}

TEST_F(LitmusCommand, BadInputIsToldWhereAndWhat) {
  const ChildOutput nonsense = run({put("a.litmus", "hello\n")});
  EXPECT_EQ(nonsense.exit_code, 2);
  EXPECT_TRUE(says(nonsense.out, "a.litmus:1: no litmus test: `hello`")) << nonsense.out;
  const ChildOutput construct = run({put("b.litmus", "C t\n{}\nP0(int *x) {\n  goto out;\n}\nexists (x=1)\n")});
  EXPECT_EQ(construct.exit_code, 2);
  EXPECT_TRUE(says(construct.out, "b.litmus:4: not supported: `goto`")) << construct.out;
  EXPECT_EQ(run({(folder_ / "missing").string()}).exit_code, 2);
  EXPECT_EQ(run({(folder_ / "deeper").string()}).exit_code, 2);  // no test in it
  EXPECT_EQ(run({}).exit_code, 2);
  const ChildOutput large = run({"--graphs", "2", put("c.litmus", store_buffering("", "Sometimes"))});
  EXPECT_EQ(large.exit_code, 2);
  EXPECT_TRUE(says(large.out, "--graphs sets the limit")) << large.out;
}

}  // namespace
}  // namespace rcufarm::cli
