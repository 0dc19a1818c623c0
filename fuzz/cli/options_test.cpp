// The command line as it is defined, and what is made from the definitions.
#include "cli/options.h"

#include <gtest/gtest.h>
#include <CLI/CLI.hpp>

#include "cli/defect_builds.h"
#include "cli/generate.h"
#include "cli/program.h"

namespace rcufarm::cli {
namespace {

// 0: parsed; else the parser's refusal.
int parse(const std::string& line, Options& options) {
  const auto app = define_command(options);
  try {
    app->parse(line, false);
    return 0;
  } catch (const CLI::ParseError& error) {
    return error.get_exit_code() == 0 ? -1 : error.get_exit_code();
  }
}

TEST(Options, OfExplore) {
  Options o;
  ASSERT_EQ(parse("explore --defect 04 --strategy pct --seconds 2.5 --seed 9 --json --scenario x "
                  "--schedules-per-scenario 1 --points shared --jobs 4",
                  o),
            0);
  EXPECT_EQ(o.defect, "04");
  EXPECT_EQ(o.strategy, "pct");
  EXPECT_EQ(o.seconds, 2.5);
  EXPECT_EQ(o.seed, 9U);
  EXPECT_EQ(o.scenario, "x");
  EXPECT_EQ(o.schedules_per_scenario, 1U);
  EXPECT_EQ(o.points, "shared");
  EXPECT_EQ(o.jobs, 4U);
  EXPECT_TRUE(o.json);
}

TEST(Options, TheDefectMayStandBeforeTheVerb) {
  Options o;
  ASSERT_EQ(parse("--defect 4 replay f --times 1000 --diagram", o), 0);
  EXPECT_EQ(o.defect, "4");
  EXPECT_EQ(o.times, 1000U);
  EXPECT_TRUE(o.diagram);
}

TEST(Options, WhatIsWrongIsRefused) {
  for (const char* line : {"",
                           "explode",
                           "explore --strategy luck",
                           "explore --seconds 0",
                           "explore --seconds -1",
                           "explore --seconds x",
                           "explore --schedules 0",
                           "explore --unknown",
                           "explore --points some",
                           "explore --schedules-per-scenario 0",
                           "explore --jobs 0",
                           "explore --jobs 257",
                           "explore -j x",
                           "replay",
                           "replay a b",
                           "replay f --times 0",
                           "minimize f",
                           "asm f",
                           "defects --trials 0",
                           "explore replay f"}) {
    Options o;
    EXPECT_NE(parse(line, o), 0) << line;
  }
}

TEST(Options, StrategiesAreThoseOfTheHarness) {
  for (const std::string& name : strategy_names()) {
    harness::StrategyKind kind{};
    EXPECT_TRUE(harness::strategy_named(name, kind)) << name;
  }
}

TEST(Generated, CompletionHasEachVerbAndFlagThatPeopleSee) {
  Options o;
  const std::string script = bash_completion(*define_command(o));
  for (const char* word : {"explore", "replay", "minimize", "show", "asm", "defects", "--schedules", "--svg",
                           "--trials", "portfolio", "complete -o filenames -F _rcufarm rcufarm"}) {
    EXPECT_NE(script.find(word), std::string::npos) << word;
  }
  EXPECT_EQ(script.find("explore replay minimize show asm defects generate"), std::string::npos);
}

TEST(Generated, ManPageHasEachVerbAndNoHiddenOne) {
  Options o;
  const std::string page = man_page(*define_command(o));
  EXPECT_TRUE(page.starts_with(".TH RCUFARM 1\n"));
  for (const char* word : {"RCUFARM explore", "RCUFARM asm", "\\-\\-preemptions", "Exit code: 0"}) {
    EXPECT_NE(page.find(word), std::string::npos) << word;
  }
  EXPECT_EQ(page.find("generate"), std::string::npos);
}

TEST(DefectNumber, HasTwoDigits) {
  EXPECT_EQ(defect_number("4"), "04");
  EXPECT_EQ(defect_number("14"), "14");
  for (const char* wrong : {"", "x", "004", "-1", "../x", "4 "}) EXPECT_EQ(defect_number(wrong), "") << wrong;
}

TEST(FindingsFolder, IsTheTreesWhereverOneStands) {
  EXPECT_EQ(findings_folder("/tree/build/release/bin/rcufarm"), "/tree/build/findings");
  EXPECT_EQ(findings_folder("/tree/build/kernel/cmake/bin/rcufarm-linux"), "/tree/build/findings");
  EXPECT_EQ(findings_folder("/usr/bin/rcufarm"), "build/findings");
}

TEST(ShellWord, QuotesWhatAShellWouldRead) {
  EXPECT_EQ(shell_word("a/b-1.finding"), "a/b-1.finding");
  EXPECT_EQ(shell_word("a b"), "'a b'");
  EXPECT_EQ(shell_word("it's"), "'it'\\''s'");
  EXPECT_EQ(shell_word(""), "''");
}

}  // namespace
}  // namespace rcufarm::cli
