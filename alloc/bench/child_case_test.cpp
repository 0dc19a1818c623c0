#include "bench/child_case.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

namespace rcufarm::bench {
namespace {

const std::map<std::string, CaseFunction>& cases() {
  static const std::map<std::string, CaseFunction> all{
      {"double-it",
       [](const Settings& s) -> CaseResult {
         return Figures{{"twice", 2 * number_setting(s, "n")}};
       }},
      {"refuse", [](const Settings& s) -> CaseResult { return CaseError{"no " + text_setting(s, "what") + " today"}; }},
      {"die", [](const Settings&) -> CaseResult { abort(); }},
      {"leave", [](const Settings&) -> CaseResult { _exit(3); }},
      {"say-nothing", [](const Settings&) -> CaseResult { return Figures{}; }},
  };
  return all;
}

std::string error_of(const CaseResult& result) {
  const auto* error = std::get_if<CaseError>(&result);
  return error == nullptr ? "" : error->text;
}

TEST(ChildCase, BringsFiguresBack) {
  const CaseResult result = run_in_child("double-it", {{"n", "1.25"}});
  ASSERT_EQ(error_of(result), "");
  EXPECT_EQ(std::get<Figures>(result), (Figures{{"twice", 2.5}}));
}

TEST(ChildCase, AnErrorIsAnErrorHere) {
  EXPECT_EQ(error_of(run_in_child("refuse", {{"what", "rate"}})), "no rate today");
}

TEST(ChildCase, AChildThatDiesOrSaysNothingGivesNoFigure) {
  EXPECT_EQ(error_of(run_in_child("die", {})), "the child died of signal " + std::to_string(SIGABRT));
  EXPECT_EQ(error_of(run_in_child("leave", {})), "the child left with exit code 3");
  EXPECT_EQ(error_of(run_in_child("say-nothing", {})), "the child printed no figure");
}

TEST(ChildCase, AnUnknownCaseIsOurOwnBug) { EXPECT_NE(error_of(run_in_child("no-such-case", {})), ""); }

}  // namespace
}  // namespace rcufarm::bench

// The child is a copy of this program, so the program's main has to know both roles.
int main(int argc, char** argv) {
  using namespace rcufarm::bench;
  if (is_child_call(argc, argv)) return child_main(argc, argv, cases());
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
