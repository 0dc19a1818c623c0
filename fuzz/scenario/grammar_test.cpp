// What is printed from the tables, and that README.md says the same.
#include "scenario/grammar.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "scenario/operations.h"
#include "scenario/settings.h"
#include "scenario/test_support.h"

namespace rcufarm::scenario {
namespace {

std::string readme() {
  std::ifstream file(RCUFARM_SCENARIO_README);
  EXPECT_TRUE(file.is_open()) << RCUFARM_SCENARIO_README;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// The lines between <!-- printed: topic --> and <!-- end -->.
std::string printed_in_readme(const std::string& topic) {
  const std::string text = readme();
  const std::string marker = "<!-- printed: " + topic + " -->\n";
  const std::size_t begin = text.find(marker);
  if (begin == std::string::npos) return "no marker";
  const std::size_t end = text.find("<!-- end -->", begin);
  if (end == std::string::npos) return "no end";
  return text.substr(begin + marker.size(), end - begin - marker.size());
}

TEST(Grammar, ReadmeIsUpToDate) {
  const std::string advice = "put the output of scenario_describe between the markers";
  EXPECT_EQ(printed_in_readme("grammar"), "```\n" + text_grammar() + "```\n") << advice;
  EXPECT_EQ(printed_in_readme("operations"), operation_table()) << advice;
  EXPECT_EQ(printed_in_readme("settings"), setting_table()) << advice;
}

TEST(Grammar, NamesEveryOperationAndSetting) {
  const std::string grammar = text_grammar();
  const std::string dictionary = text_dictionary();
  for (const OpSpec& spec : op_specs()) {
    EXPECT_NE(grammar.find("\"" + std::string(spec.name) + "\""), std::string::npos) << spec.name;
    EXPECT_NE(dictionary.find("\"" + std::string(spec.name) + "\"\n"), std::string::npos) << spec.name;
  }
  for (const SettingSpec& spec : setting_specs()) {
    EXPECT_NE(grammar.find("\"" + std::string(spec.name) + "\""), std::string::npos) << spec.name;
  }
}

unsigned hex(char c) { return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10); }

// Reads the dictionary as an engine does: name="\x.." lines and comments.
TEST(Grammar, TheByteDictionaryHoldsRecords) {
  std::stringstream lines(byte_dictionary());
  std::string line;
  std::size_t records = 0;
  while (std::getline(lines, line)) {
    if (line.starts_with('#')) continue;
    const std::size_t quote = line.find("=\"");
    ASSERT_NE(quote, std::string::npos) << line;
    ASSERT_EQ(line.back(), '"');
    const std::string name = line.substr(0, quote);
    const std::string value = line.substr(quote + 2, line.size() - quote - 3);
    ASSERT_EQ(value.size() % 4, 0U) << line;
    const unsigned first = hex(value[2]) * 16 + hex(value[3]);
    if (value.size() / 4 != record_bytes) continue;
    ++records;
    if (name == "end") {
      EXPECT_EQ(first, end_opcode);
    } else {
      EXPECT_EQ(op_named(name), static_cast<OpKind>(first));
    }
  }
  EXPECT_EQ(records, op_kind_count + 1);
}

TEST(Operations, NamesAreDifferentAndFound) {
  for (const OpSpec& spec : op_specs()) EXPECT_EQ(op_named(spec.name), spec.kind);
  EXPECT_EQ(op_named("malloc"), std::nullopt);
  for (const SettingSpec& spec : setting_specs()) EXPECT_EQ(setting_named(spec.name), spec.id);
}

TEST(Operations, NestedProgramsAllocateAndFree) {
  const auto kinds = nested_op_kinds();
  EXPECT_EQ(std::vector(kinds.begin(), kinds.end()), (std::vector{OpKind::alloc, OpKind::free, OpKind::free_rcu}));
}

}  // namespace
}  // namespace rcufarm::scenario
