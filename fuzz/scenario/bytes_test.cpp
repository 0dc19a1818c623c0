// The byte codec: any bytes decode, nothing is lost, the result is canonical and delimits itself.
#include "scenario/bytes.h"

#include <gtest/gtest.h>

#include "scenario/normalize.h"
#include "scenario/operations.h"
#include "scenario/test_support.h"

namespace rcufarm::scenario {
namespace {

std::vector<std::byte> with_header(std::initializer_list<unsigned> records) {
  std::vector<std::byte> bytes(header_bytes);
  for (const std::byte byte : bytes_of(records)) bytes.push_back(byte);
  return bytes;
}

TEST(Bytes, EmptyInputIsASmallValidScenario) {
  const Decoded decoded = decode({});
  EXPECT_EQ(decoded.consumed, 0U);
  EXPECT_TRUE(is_valid(decoded.scenario));
  EXPECT_EQ(decoded.scenario.machine.cpus, 1);
  EXPECT_EQ(decoded.scenario.tasks.size(), 1U);
  ASSERT_EQ(decoded.scenario.caches.size(), 1U);
  EXPECT_EQ(decoded.scenario.caches[0], (Cache{CacheKind::fixed, 64}));
  EXPECT_EQ(total_ops(decoded.scenario), 0U);
}

TEST(Bytes, RandomStringsDecodeAndRoundTrip) {
  Random random(1);
  Scenario reused;
  for (int n = 0; n < 100000; ++n) {
    const std::vector<std::byte> bytes = random_bytes(random, n % 10 == 0 ? 2000 : 160);
    const Decoded decoded = decode(bytes);
    ASSERT_LE(decoded.consumed, bytes.size());
    ASSERT_TRUE(is_valid(decoded.scenario));
    ASSERT_EQ(decode_into(bytes, reused), decoded.consumed);
    ASSERT_EQ(reused, decoded.scenario) << "storage that is used again must not show";
    const std::vector<std::byte> canonical = encode(decoded.scenario);
    ASSERT_EQ(canonical.size(), encoded_bytes(decoded.scenario));
    const Decoded again = decode(canonical);
    ASSERT_EQ(again.scenario, decoded.scenario);
    ASSERT_EQ(again.consumed, canonical.size());
    ASSERT_EQ(encode(again.scenario), canonical);
  }
}

TEST(Bytes, StorageIsUsedAgain) {
  const std::vector<std::byte> bytes = encode(random_scenario(1));
  Scenario scenario;
  decode_into(bytes, scenario);
  const Operation* storage = scenario.tasks[0].ops.data();
  ASSERT_FALSE(scenario.tasks[0].ops.empty());
  decode_into({}, scenario);
  EXPECT_TRUE(scenario.tasks[0].ops.empty());
  decode_into(bytes, scenario);
  EXPECT_EQ(scenario.tasks[0].ops.data(), storage);
}

TEST(Bytes, RandomScenariosRoundTrip) {
  for (std::uint64_t seed = 0; seed < 20000; ++seed) {
    const Scenario scenario = seed % 20 == 0 ? random_scenario(seed) : small_scenario(seed);
    ASSERT_EQ(decode(encode(scenario)).scenario, scenario) << "seed " << seed;
  }
}

TEST(Bytes, WhatFollowsTheEndRecordIsNotConsumed) {
  Random random(2);
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    const Scenario scenario = small_scenario(seed);
    std::vector<std::byte> bytes = encode(scenario);
    const std::size_t own = bytes.size();
    const std::vector<std::byte> tail = random_bytes(random, 50);
    bytes.insert(bytes.end(), tail.begin(), tail.end());
    const Decoded decoded = decode(bytes);
    ASSERT_EQ(decoded.consumed, own);
    ASSERT_EQ(decoded.scenario, scenario);
  }
}

TEST(Bytes, EveryPrefixDecodes) {
  const std::vector<std::byte> bytes = encode(small_scenario(7));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const Decoded decoded = decode(std::span(bytes).first(size));
    ASSERT_EQ(decoded.consumed, size);
    ASSERT_TRUE(is_valid(decoded.scenario));
  }
}

TEST(Bytes, AnInsertedRecordLeavesTheOthersAsTheyAre) {
  const Scenario scenario = small_scenario(11);
  std::vector<std::byte> bytes = encode(scenario);
  const auto yields = bytes_of({static_cast<unsigned>(OpKind::yield), 0, 0, 0});
  bytes.insert(bytes.begin() + header_bytes, yields.begin(), yields.end());
  Scenario expected = scenario;
  Operation yield;
  yield.kind = OpKind::yield;
  expected.tasks[0].ops.insert(expected.tasks[0].ops.begin(), yield);
  EXPECT_EQ(decode(bytes).scenario, expected);
}

TEST(Bytes, MoreThanTheMostOperationsAreLeftToWhatFollows) {
  std::vector<std::byte> bytes(header_bytes + record_bytes * (limits.ops_max + 10));
  const Decoded decoded = decode(bytes);
  EXPECT_EQ(total_ops(decoded.scenario), limits.ops_max);
  EXPECT_EQ(decoded.consumed, header_bytes + record_bytes * limits.ops_max);

  const std::vector<std::byte> canonical = encode(decoded.scenario);
  EXPECT_EQ(canonical.size(), encoded_bytes_max);
  EXPECT_EQ(decode(canonical).consumed, canonical.size()) << "the end record belongs to a full scenario too";
}

TEST(Bytes, AFullProgramsOperationsGoToATask) {
  std::vector<std::byte> bytes(header_bytes);
  bytes[4] = std::byte{1};  // one program
  for (unsigned n = 0; n < limits.nested_ops_max + 3; ++n) {
    for (const std::byte byte : bytes_of({static_cast<unsigned>(OpKind::free), 8, 0, 0})) bytes.push_back(byte);
  }
  const Scenario scenario = decode(bytes).scenario;
  EXPECT_EQ(scenario.programs[0].ops.size(), limits.nested_ops_max);
  EXPECT_EQ(scenario.tasks[0].ops.size(), 3U);
}

TEST(Bytes, ARaiseWithoutProgramsIsAYield) {
  const Scenario scenario = decode(with_header({static_cast<unsigned>(OpKind::raise), 0, 0, 3})).scenario;
  EXPECT_EQ(scenario.tasks[0].ops[0].kind, OpKind::yield);
}

TEST(Bytes, SizesOfAllThirteenBitsSurvive) {
  Scenario scenario = decode({}).scenario;
  scenario.caches[0] = {CacheKind::classes, 0};
  for (unsigned size = 0; size <= limits.alloc_bytes_max; ++size) {
    Operation op;
    op.size = static_cast<std::uint16_t>(size);
    scenario.tasks[0].ops = {op};
    ASSERT_EQ(decode(encode(scenario)).scenario, scenario) << size;
  }
}

TEST(Bytes, EveryOperationHasOneCodeAndOthersAreSpreadByWeight) {
  std::array<unsigned, op_kind_count> seen{};
  for (unsigned code = 0; code < end_opcode; ++code) {
    const OpKind kind = op_from_number(code);
    if (code < op_kind_count) {
      EXPECT_EQ(static_cast<unsigned>(kind), code);
    }
    ++seen[static_cast<std::size_t>(kind)];
  }
  for (const OpSpec& spec : op_specs()) EXPECT_GE(seen[static_cast<std::size_t>(spec.kind)], 2U) << spec.name;
  EXPECT_GT(seen[static_cast<std::size_t>(OpKind::alloc)], 4 * seen[static_cast<std::size_t>(OpKind::destroy)]);
}

// The layout is a promise to corpora: this file of version 1 has to read like this for ever.
TEST(Bytes, TheLayoutOfVersionOne) {
  std::vector<std::byte> bytes = bytes_of({
      1,    2,    2,    3,   1,   8, 1, 2, 1, 1,  // version, cpus, tasks, caches, programs, slots, implies, rounding, reuse, destroy
      0x34, 0x12, 0x05, 0,   0,   0,                                // slab failures
      2,    0,    16,   0,                                          // cgroup: 16 x 64 bytes
      0,    64,   0,    1,   128, 0, 2, 0, 0, 0, 0, 0,              // caches
      0,    1,    0,    0,   0,   0, 0, 0,                          // tasks
      1,    1,    0,    0,   0,   0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,  // programs
      0,    0x00, 0x03, 0,                                          // task 0: alloc c0 s3
      0,    0x01, 0x44, 100,                                        // task 1: alloc c2 s4 size 100
      0,    0x01, 0xc5, 4,                                          // task 1: alloc c2 s5 size 4100
      6,    0x00, 0,    1,                                          // task 0: enter tasks_trace
      5,    0x00, 3,    0,                                          // task 0: touch s3
      7,    0x00, 0,    0,                                          // task 0: leave
      1,    0x08, 3,    0,                                          // program 0: free s3
      0xff, 0,    0,    0,
  });
  const std::string expected =
      "scenario v1\n"
      "cpus 2\n"
      "slots 8\n"
      "implies_rcu_gp yes\n"
      "slab_rounding sixteen_more\n"
      "slab_reuse lifo\n"
      "destroy_mode defer\n"
      "slab_fails after 4660 pattern 101\n"
      "cgroup 1024 bytes\n"
      "cache 0 size 64\n"
      "cache 1 percpu size 128\n"
      "cache 2 classes\n"
      "task 0 on cpu 0\n"
      "  alloc c0 s3\n"
      "  enter tasks_trace\n"
      "    touch s3\n"
      "  leave\n"
      "task 1 on cpu 1\n"
      "  alloc c2 s4 size 100\n"
      "  alloc c2 s5 size 4100\n"
      "program 0 nmi on cpu 1\n"
      "  free s3\n";
  EXPECT_EQ(print(decode(bytes).scenario), expected);
  EXPECT_EQ(decode(bytes).consumed, bytes.size());
}

TEST(Bytes, ToolsRefuseWhatTheyDoNotKnow) {
  const auto empty = decode_saved({});
  ASSERT_TRUE(std::holds_alternative<DecodeError>(empty));
  EXPECT_EQ(std::get<DecodeError>(empty).kind, DecodeError::Kind::empty);
  EXPECT_NE(std::get<DecodeError>(empty).message().find("empty"), std::string::npos);

  std::vector<std::byte> bytes = encode(small_scenario(3));
  ASSERT_TRUE(std::holds_alternative<Decoded>(decode_saved(bytes)));
  EXPECT_EQ(std::get<Decoded>(decode_saved(bytes)).scenario, small_scenario(3));

  for (unsigned version = 0; version < 256; ++version) {
    if (version == format_version) continue;
    bytes[0] = static_cast<std::byte>(version);
    const auto refused = decode_saved(bytes);
    ASSERT_TRUE(std::holds_alternative<DecodeError>(refused)) << version;
    EXPECT_EQ(std::get<DecodeError>(refused).kind, DecodeError::Kind::unknown_version);
    EXPECT_EQ(std::get<DecodeError>(refused).version, version);
    EXPECT_NE(std::get<DecodeError>(refused).message().find("version " + std::to_string(version)), std::string::npos);
    EXPECT_EQ(decode(bytes).scenario, small_scenario(3)) << "a fuzz target takes it for the newest";
  }
}

}  // namespace
}  // namespace rcufarm::scenario
