// The record round-trips, and what is none says what is wrong with it.
#include "harness/record.h"

#include <unistd.h>

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace rcufarm::harness {
namespace {

RunRecord read(const std::string& text) {
  auto read = record_from_json(text);
  EXPECT_TRUE(std::holds_alternative<RunRecord>(read)) << std::get<std::string>(read);
  return std::get<RunRecord>(std::move(read));
}

std::string error_of(const std::string& text) {
  auto read = record_from_json(text);
  return std::holds_alternative<RunRecord>(read) ? "" : std::get<std::string>(read);
}

// One finding's record with `from` replaced.
std::string broken(const std::string& from, const std::string& to) {
  std::string text = to_json({.findings = {{.kind = oracle::Kind::leak, .signature = "leak"}}});
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from << " in " << text;
  return text.replace(at, from.size(), to);
}

TEST(Record, EveryKindRoundTrips) {
  RunRecord record;
  for (const oracle::Kind kind : oracle::all_kinds) record.findings.push_back({.kind = kind, .signature = "it"});
  const RunRecord back = read(to_json(record));
  ASSERT_EQ(back.findings.size(), record.findings.size());
  for (std::size_t i = 0; i < back.findings.size(); ++i) EXPECT_EQ(back.findings[i].kind, record.findings[i].kind);
}

TEST(Record, EveryValueRoundTrips) {
  const RunRecord back = read(to_json({.runs = ~std::uint64_t{0},
                                       .reads_from_pairs = 321,
                                       .findings = {{.kind = oracle::Kind::leak,
                                                     .signature = "leak: refill \"x\"",
                                                     .detail = "two\nlines",
                                                     .leak = Leak{3, 48, "free_by_rcu"},
                                                     .seen = 7,
                                                     .seconds = 0.5,
                                                     .file = "/a/b",
                                                     .diagram = "CPU 0\n"},
                                                    {.kind = oracle::Kind::crash, .signature = "crash"}}}));
  EXPECT_EQ(back.runs, ~std::uint64_t{0});
  EXPECT_EQ(back.reads_from_pairs, 321U);
  ASSERT_EQ(back.findings.size(), 2U);
  const Finding& f = back.findings[0];
  EXPECT_EQ(f.signature, "leak: refill \"x\"");
  EXPECT_EQ(f.detail, "two\nlines");
  EXPECT_EQ(f.seen, 7U);
  EXPECT_EQ(f.seconds, 0.5);
  EXPECT_EQ(f.file, "/a/b");
  EXPECT_EQ(f.diagram, "CPU 0\n");
  ASSERT_TRUE(f.leak);
  EXPECT_EQ(f.leak->objects, 3U);
  EXPECT_EQ(f.leak->bytes, 48U);
  EXPECT_EQ(f.leak->list, "free_by_rcu");
  EXPECT_FALSE(back.findings[1].leak);
}

TEST(Record, TextMayHoldAnyBytes) {
  EXPECT_NE(read(to_json({.findings = {{.kind = oracle::Kind::crash, .signature = "a\xff"}}})).findings[0].signature,
            "");
}

TEST(Record, WhatIsNoneSaysWhatIsWrong) {
  EXPECT_NE(error_of(broken("\"leak\"", "\"leek\"")).find("no kind of finding 'leek'"), std::string::npos);
  EXPECT_NE(error_of(broken("\"record\": 1", "\"record\": 2")).find("its version is 2"), std::string::npos);
  for (const char* key : {"record", "runs", "reads_from_pairs", "findings", "kind", "signature", "detail", "seen",
                          "seconds", "file", "diagram"}) {
    const std::string error = error_of(broken("\"" + std::string(key) + "\":", "\"other\":"));
    EXPECT_NE(error.find("'" + std::string(key) + "'"), std::string::npos) << key << ": " << error;
    EXPECT_NE(error.find("from one tree"), std::string::npos) << error;
  }
  EXPECT_NE(error_of(broken("null", "{\"objects\": 1}")).find("'bytes'"), std::string::npos);
  EXPECT_NE(error_of(broken("\"signature\": \"leak\"", "\"signature\": \"\"")).find("no signature"), std::string::npos);
  EXPECT_NE(error_of(broken("\"seen\": 1", "\"seen\": \"1\"")), "");
  EXPECT_NE(error_of(""), "");
  EXPECT_NE(error_of("[]"), "");
}

class HandOver : public testing::Test {
 protected:
  void SetUp() override { setenv(record_variable, file_.c_str(), 1); }
  void TearDown() override {
    unsetenv(record_variable);
    std::filesystem::remove(file_);
  }
  // Cases run side by side, each in a process of its own.
  const std::filesystem::path file_ =
      std::filesystem::path(testing::TempDir()) / ("rcufarm-record-" + std::to_string(getpid()) + ".json");
};

TEST_F(HandOver, IsReceivedOnce) {
  hand_over({.runs = 5, .findings = {{.kind = oracle::Kind::leak, .signature = "leak"}}});
  const Received received = receive(file_);
  EXPECT_EQ(received.trouble, "");
  ASSERT_NE(received.first(), nullptr);
  EXPECT_EQ(received.first()->signature, "leak");
  EXPECT_EQ(received.record->runs, 5U);
  EXPECT_FALSE(receive(file_).record);
}

TEST_F(HandOver, HalfARecordIsTroubleAndGoesToo) {
  std::ofstream(file_) << "{\"record\": 1, \"runs\"";
  const Received received = receive(file_);
  EXPECT_FALSE(received.record);
  EXPECT_EQ(received.first(), nullptr);
  EXPECT_NE(received.trouble.find("not a record of version 1: "), std::string::npos);
  EXPECT_EQ(receive(file_).trouble, "");
}

TEST_F(HandOver, NobodyAskedForIt) {
  unsetenv(record_variable);
  hand_over({});
  EXPECT_FALSE(std::filesystem::exists(file_));
}

}  // namespace
}  // namespace rcufarm::harness
