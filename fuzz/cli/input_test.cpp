// Text and bytes of scenarios and findings, both ways, and what is said of broken ones.
#include "cli/input.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "cli/files.h"
#include "cli/finding_bytes.h"
#include "scenario/bytes.h"
#include "scenario/generate.h"
#include "scenario/text.h"

namespace rcufarm::cli {
namespace {

harness::SimFinding a_finding(std::uint64_t seed) {
  harness::SimFinding finding;
  finding.kind = oracle::Kind::leak;
  finding.signature = "leak: slab, slab_alloc";
  finding.config = {.points_max = 12345, .failures_max = 3, .settle = true, .check_order = false};
  finding.scenario = scenario::random_scenario(seed, scenario::limits);
  finding.schedule.config = "rcufarm defect-01";
  finding.schedule.deviations.push_back({.at = sim::task_context(0),
                                         .kind = sim::DecisionKind::run,
                                         .target = sim::task_context(1),
                                         .event = 4,
                                         .points = 2});
  finding.schedule.deviations.push_back({.at = sim::main_context,
                                         .kind = sim::DecisionKind::callback,
                                         .target = sim::callback_context(kernel::RcuFlavor::regular, 1),
                                         .event = 1,
                                         .points = 70000});
  return finding;
}

void expect_equal(const harness::SimFinding& a, const harness::SimFinding& b) {
  EXPECT_EQ(a.kind, b.kind);
  EXPECT_EQ(a.signature, b.signature);
  EXPECT_EQ(a.config, b.config);
  EXPECT_EQ(a.scenario, b.scenario);
  EXPECT_EQ(a.schedule.deviations, b.schedule.deviations);
}

TEST(Input, AFindingGoesThroughBytesWithoutLoss) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const harness::SimFinding finding = a_finding(seed);
    const Input back = parse_input(as_text(finding_to_bytes(finding)));
    ASSERT_TRUE(std::holds_alternative<harness::SimFinding>(back));
    expect_equal(finding, std::get<harness::SimFinding>(back));
    EXPECT_EQ(finding.schedule.config, std::get<harness::SimFinding>(back).schedule.config);
  }
}

TEST(Input, AFindingGoesThroughTextWithoutLoss) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const harness::SimFinding finding = a_finding(seed);
    const Input back = parse_input(harness::to_text(finding));
    ASSERT_TRUE(std::holds_alternative<harness::SimFinding>(back));
    expect_equal(finding, std::get<harness::SimFinding>(back));
  }
}

TEST(Input, AScenarioIsToldByHowItBegins) {
  const scenario::Scenario scenario = scenario::random_scenario(7, scenario::limits);
  for (const std::string& content : {scenario::print(scenario), "# why\n\n" + scenario::print(scenario),
                                     std::string(as_text(scenario::encode(scenario)))}) {
    const Input back = parse_input(content);
    ASSERT_TRUE(std::holds_alternative<scenario::Scenario>(back));
    EXPECT_EQ(std::get<scenario::Scenario>(back), scenario);
  }
}

TEST(Input, EveryCutOfAFindingsBytesIsRefusedOrAFinding) {
  const std::vector<std::byte> bytes = finding_to_bytes(a_finding(3));
  unsigned refused = 0;
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    refused += std::holds_alternative<std::string>(finding_from_bytes(std::span(bytes).first(length))) ? 1 : 0;
  }
  EXPECT_GT(refused, 60U);  // all of those in front of the scenario, at least
}

TEST(Input, ALengthThatIsTooLargeIsRefused) {
  std::vector<std::byte> bytes = finding_to_bytes(a_finding(3));
  for (unsigned i = 4; i < 8; ++i) bytes[i] = std::byte{0xff};
  ASSERT_TRUE(std::holds_alternative<std::string>(finding_from_bytes(bytes)));
  EXPECT_NE(std::get<std::string>(finding_from_bytes(bytes)).find("cut short"), std::string::npos);
}

TEST(Input, AnotherVersionIsNamed) {
  std::vector<std::byte> bytes = finding_to_bytes(a_finding(3));
  bytes[3] = std::byte{2};
  ASSERT_TRUE(std::holds_alternative<std::string>(finding_from_bytes(bytes)));
  EXPECT_NE(std::get<std::string>(finding_from_bytes(bytes)).find("version"), std::string::npos);
}

TEST(Input, WhatIsNeitherSaysWhatItShouldBe) {
  for (const char* content : {"", "hello", "# only a comment\n"}) {
    const Input input = parse_input(content);
    ASSERT_TRUE(std::holds_alternative<InputError>(input)) << content;
    EXPECT_FALSE(std::get<InputError>(input).message.empty());
  }
}

// With CRLF for each line's end.
std::string with_crlf(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '\n' ? std::string("\r\n") : std::string(1, c);
  return out;
}

TEST(Input, LineEndsAndAMarkOfAnEditorsAreReadOver) {
  const std::string finding = harness::to_text(a_finding(3));
  const std::string scenario = scenario::print(scenario::random_scenario(7, scenario::limits));
  for (const std::string& text : {finding, scenario}) {
    const Input plain = parse_input(text);
    ASSERT_FALSE(std::holds_alternative<InputError>(plain));
    for (const std::string& changed : {with_crlf(text), "\xef\xbb\xbf" + text, "\xef\xbb\xbf" + with_crlf(text)}) {
      const Input read = parse_input(changed);
      ASSERT_EQ(read.index(), plain.index()) << std::get<InputError>(read).message;
      EXPECT_EQ(form_of(changed), Form::text);
      const auto* back = std::get_if<harness::SimFinding>(&read);
      EXPECT_EQ(back != nullptr ? harness::to_text(*back) : scenario::print(std::get<scenario::Scenario>(read)), text);
    }
  }
}

TEST(Input, AMailIsCalledAMail) {
  const std::string finding = harness::to_text(a_finding(3));
  std::string quoted;
  for (const char c : "> " + finding) quoted += c == '\n' ? std::string("\n> ") : std::string(1, c);
  for (const std::string& mail :
       {"Hello,\n\nfound this today:\n\n" + finding, "Subject: a finding\nTo: you\n\n" + finding, quoted,
        std::string(
            "From somebody@example.org Sun Nov 29 10:00:00 2026\nSubject: see the attachment\n\nnothing here\n"),
        with_crlf("From: somebody\n\n" + quoted)}) {
    const Input input = parse_input(mail);
    ASSERT_TRUE(std::holds_alternative<InputError>(input)) << mail.substr(0, 40);
    EXPECT_NE(std::get<InputError>(input).message.find("looks like a mail"), std::string::npos)
        << std::get<InputError>(input).message;
  }
}

TEST(Input, AFileThatIsMissingIsNamed) {
  const Input input = read_input("/nowhere/at/all");
  ASSERT_TRUE(std::holds_alternative<InputError>(input));
  EXPECT_NE(std::get<InputError>(input).message.find("/nowhere/at/all"), std::string::npos);
}

TEST(Input, WhatATargetLacksIsNamedWithWhatItHas) {
  const auto path = std::filesystem::temp_directory_path() / ("lack-" + std::to_string(getpid()));
  const scenario::Language language{.operations = {scenario::OpKind::alloc, scenario::OpKind::free},
                                    .caches = {scenario::CacheKind::fixed},
                                    .programs = {}};
  ASSERT_EQ(write_file(path, "scenario v1\ncpus 1\nslots 1\ncache 0 size 64\ntask 0 on cpu 0\n  synchronize regular\n"),
            "");
  EXPECT_TRUE(std::holds_alternative<scenario::Scenario>(read_input(path)));
  const Input input = read_input(path, language);
  ASSERT_TRUE(std::holds_alternative<InputError>(input));
  EXPECT_EQ(std::get<InputError>(input).message,
            path.string() +
                ": task t0, operation 1: `synchronize` is nothing that this target has; it has alloc, free. "
                "Take it away, or run the scenario on another target (--target)");
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace rcufarm::cli
