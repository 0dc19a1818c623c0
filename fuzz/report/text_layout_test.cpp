#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "report/text.h"
#include "report/wording.h"

namespace rcufarm::report {
namespace {

using Lines = std::vector<std::string>;

TEST(Wrap, BreaksAtBlanks) {
  EXPECT_EQ(wrap("one two three", 8), (Lines{"one two", "three"}));
  EXPECT_EQ(wrap("one two three", 7), (Lines{"one two", "three"}));
  EXPECT_EQ(wrap("one", 8), (Lines{"one"}));
  EXPECT_EQ(wrap("", 8), (Lines{""}));
}

TEST(Wrap, CutsAWordThatIsTooLong) {
  EXPECT_EQ(wrap("abcdefgh ij", 3), (Lines{"abc", "def", "gh", "ij"}));
  EXPECT_EQ(wrap("ab", 0), (Lines{"a", "b"}));
}

Diagram with_columns(unsigned count) {
  Diagram d;
  d.signature = "leak";
  for (unsigned i = 0; i < count; ++i) {
    d.columns.push_back("regular callbacks of CPU " + std::to_string(i));
    d.rows.push_back(
        {.column = i, .number = i + 1, .text = "xchg(c0.call_rcu_ttrace_in_progress, 1) -> 0", .note = "from 3"});
  }
  return d;
}

TEST(Text, SeventeenColumnsStillFit) {
  const std::string text = to_text(with_columns(17));
  for (std::size_t at = 0, end = 0; (end = text.find('\n', at)) != std::string::npos; at = end + 1) {
    EXPECT_LE(end - at, text_columns) << text.substr(at, end - at);
  }
  EXPECT_EQ(text.find("  \n"), std::string::npos) << "blanks at the end of a line";
}

TEST(Text, TwoColumnsStandSideBySide) {
  const std::string text = to_text(with_columns(2));
  EXPECT_NE(text.find("    regular callbacks of CPU 0                  regular callbacks of CPU 1\n"),
            std::string::npos)
      << text;
}

// A short note stays on its line; a long one goes on at a blank.
TEST(Text, NotesAreBrokenBetweenWords) {
  Diagram d = with_columns(2);
  d.rows[1].note = "reads what was there before; step 2's store is newer; step 20's store reaches memory after this";
  d.rows[1].indent = 3;
  for (std::size_t columns = 60; columns <= text_columns; ++columns) {
    const std::string text = to_text(d, columns);
    EXPECT_NE(text.find("[from 3]"), std::string::npos) << text;
    for (const char* word : {"[reads", "there", "before;", "memory", "after", "this]"}) {
      EXPECT_NE(text.find(word), std::string::npos) << columns << ": " << word << '\n' << text;
    }
  }
}

TEST(Text, IsPlainAscii) {
  Diagram d = with_columns(1);
  d.rows[0].text = "… \xc3\xa9\t";
  const std::string text = to_text(d);
  for (const char c : text) EXPECT_TRUE(c == '\n' || (c >= ' ' && c <= '~')) << static_cast<int>(c);
  EXPECT_NE(text.find("..."), std::string::npos);
}

TEST(Wording, ShortensFilesToTheProject) {
  EXPECT_EQ(short_file("/work/x/alloc/mem/destroy.cpp"), "alloc/mem/destroy.cpp");
  EXPECT_EQ(short_file("/b/patched/alloc_01/alloc/mem/destroy.cpp"), "alloc/mem/destroy.cpp");
  EXPECT_EQ(short_file("/usr/include/x.h"), "/usr/include/x.h");
}

TEST(Wording, NamesLambdasByTheFunctionThatTheyStandIn) {
  const std::string file = testing::TempDir() + "rcufarm-lambda.cpp";
  std::ofstream(file) << "int first(int a) { return a; }\n\nbool second(const Set& set) {\n  // (here)\n"
                         "  set.for_each([](int) { touch(); });\n  return true;\n}\n";
  EXPECT_EQ(function_name({.file = file.c_str(), .function = "operator()", .line = 5}), "second()");
  EXPECT_EQ(function_name({.file = file.c_str(), .function = "operator()", .line = 1}), "first()");
  EXPECT_EQ(function_name({.file = file.c_str(), .function = "operator()", .line = 50}),
            "a lambda in rcufarm-lambda.cpp");
}

TEST(Wording, NamesLambdasWithoutASourceByTheirFile) {
  EXPECT_EQ(function_name({.file = "/a/alloc/mem/destroy.cpp", .function = "operator()", .line = 1}),
            "a lambda in destroy.cpp");
  EXPECT_EQ(function_name({.file = "x", .function = "free_all", .line = 1}), "free_all()");
}

}  // namespace
}  // namespace rcufarm::report
