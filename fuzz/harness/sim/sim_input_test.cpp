// The input's format: no byte string is refused, nothing is lost, and the two ends do not disturb each other.
#include "harness/sim/sim_input.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "scenario/generate.h"
#include "scenario/normalize.h"
#include "scenario/random.h"

namespace rcufarm::harness {
namespace {

using scenario::Random;

SimInput decoded(std::span<const std::byte> bytes) {
  SimInput input;
  decode_input(bytes, input);
  return input;
}

SimInput random_input(std::uint64_t seed) {
  Random random(seed);
  scenario::Limits small;
  small.ops_max = 64;
  SimInput input{.scenario = scenario::random_scenario(random.next(), small), .departures = {}, .config = 0, .walk = 0};
  input.departures.resize(random.below(40));
  for (sim::Departure& d : input.departures) {
    d.kind = static_cast<sim::DepartureKind>(random.below(sim::departure_kinds));
    d.pick = static_cast<std::uint8_t>(random.below(sim::picks_of(d.kind)));
    d.gap = static_cast<std::uint16_t>(random.below(0x10000));
  }
  input.config = static_cast<std::uint8_t>(random.below(256));
  input.walk = static_cast<std::uint8_t>(random.below(256));
  return input;
}

TEST(SimInput, NothingIsLost) {
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    const SimInput input = random_input(seed);
    const std::vector<std::byte> bytes = encode_input(input);
    EXPECT_EQ(bytes.size(), encoded_bytes(input));
    ASSERT_EQ(decoded(bytes), input) << "seed " << seed;
  }
}

TEST(SimInput, EveryByteStringIsLegal) {
  Random random(1);
  SimInput input;
  for (int n = 0; n < 20'000; ++n) {
    std::vector<std::byte> bytes(random.below(400));
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.one_in(2) ? random.below(20) : random.next());
    decode_input(bytes, input);
    ASSERT_TRUE(scenario::is_valid(input.scenario));
    ASSERT_LE(input.departures.size(), departures_max);
    ASSERT_EQ(decoded(encode_input(input)), input) << "what it decodes to is canonical";
  }
}

TEST(SimInput, NothingIsThePlainestRun) {
  const SimInput input = decoded({});
  EXPECT_TRUE(input.departures.empty());
  const SimConfig config = config_of(input);
  EXPECT_TRUE(config.check_order);
  EXPECT_FALSE(config.settle);
  EXPECT_EQ(config.failures_max, 0U);
  // A tail of zeros is as good as none.
  std::vector<std::byte> zeros = scenario::encode(input.scenario);
  zeros.resize(zeros.size() + 32);
  EXPECT_EQ(config_of(decoded(zeros)), config);
  EXPECT_EQ(decoded(zeros).departures, std::vector<sim::Departure>(10));
}

TEST(SimInput, WhatIsPutIntoTheScenarioMovesNoDeparture) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    SimInput input = random_input(seed);
    const std::vector<sim::Departure> before = input.departures;
    std::vector<std::byte> bytes = encode_input(input);
    // A record at the front, as a blind mutation would put it there.
    bytes.insert(bytes.begin() + scenario::header_bytes, scenario::record_bytes, std::byte{0});
    EXPECT_EQ(decoded(bytes).departures, before);
    EXPECT_EQ(decoded(bytes).config, input.config);
    EXPECT_EQ(decoded(bytes).walk, input.walk);
  }
}

TEST(SimInput, ACutEndTakesNoMoreThanItHad) {
  const std::vector<std::byte> bytes = encode_input(random_input(7));
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    ASSERT_TRUE(scenario::is_valid(decoded(std::span(bytes).first(size)).scenario));
  }
}

TEST(SimInput, EachFieldOfTheConfigDeparts) {
  SimInput input = decoded({});
  input.config = config_unordered;
  EXPECT_FALSE(config_of(input).check_order);
  input.config = config_failures;
  EXPECT_GT(config_of(input).failures_max, 0U);
  input.config = config_inspects;
  EXPECT_TRUE(config_of(input).inspect);
  input.config = config_settles;
  EXPECT_TRUE(config_of(input).settle);
  for (const unsigned bits : {config_unordered, config_failures, config_inspects, config_settles}) {
    input.config = static_cast<std::uint8_t>(bits);
    EXPECT_EQ(config_byte_of(config_of(input)), bits);
  }
  // Some bits of a field are none, but for the first.
  input.config = 0x54;
  EXPECT_EQ(config_of(input), config_of(decoded({})));
}

// Seeds and kept inputs have fields with no bit or with all bits: these mean what they meant before there were models.
TEST(SimInput, WholeFieldsAreSequentiallyConsistent) {
  SimInput input = decoded({});
  for (unsigned fields = 0; fields < 16; ++fields) {
    unsigned byte = 0;
    for (unsigned field = 0; field < 4; ++field) byte |= (fields >> field & 1U) * (0x03U << (2 * field));
    input.config = static_cast<std::uint8_t>(byte);
    const SimConfig config = config_of(input);
    EXPECT_EQ(config.model, sim::MemoryModel::sc) << byte;
    EXPECT_EQ(config.check_order, (fields & 1U) == 0) << byte;
    EXPECT_EQ(config_byte_of(config), byte);
  }
}

TEST(SimInput, EachSeedIsSequentiallyConsistent) {
  unsigned seeds = 0;
  for (const auto& file : std::filesystem::directory_iterator(RCUFARM_SEEDS)) {
    std::ifstream in(file.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    EXPECT_EQ(config_of(decoded(std::as_bytes(std::span(bytes)))).model, sim::MemoryModel::sc) << file.path();
    ++seeds;
  }
  EXPECT_GT(seeds, 10U);
}

TEST(SimInput, AFieldWithOneBitIsAWeakModelWithoutAccusations) {
  SimInput input = decoded({});
  input.config = config_kernel | config_failures;
  EXPECT_EQ(config_of(input).model, sim::MemoryModel::kernel);
  EXPECT_FALSE(config_of(input).check_order);
  EXPECT_GT(config_of(input).failures_max, 0U);
  EXPECT_EQ(config_byte_of(config_of(input)), input.config);
  input.config = config_c11;
  EXPECT_EQ(config_of(input).model, sim::MemoryModel::c11);
  EXPECT_EQ(config_byte_of(config_of(input)), input.config);
  SimConfig x86;
  x86.model = sim::MemoryModel::tso;
  EXPECT_EQ(config_byte_of(x86), config_kernel);
}

}  // namespace
}  // namespace rcufarm::harness
