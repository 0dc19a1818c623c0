// The mutator on bytes: within its room, deterministic, and respectful of what follows the scenario.
#include "scenario/mutator.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "scenario/normalize.h"
#include "scenario/test_support.h"

namespace rcufarm::scenario {
namespace {

std::vector<std::byte> mutated(const std::vector<std::byte>& input, std::size_t max_size, std::uint64_t seed) {
  std::vector<std::byte> data = input;
  data.resize(std::max(input.size(), max_size));
  const std::size_t size = mutate(data, input.size(), max_size, seed);
  EXPECT_LE(size, max_size);
  data.resize(size);
  return data;
}

std::vector<std::byte> with_tail(std::vector<std::byte> bytes, const std::vector<std::byte>& tail) {
  bytes.insert(bytes.end(), tail.begin(), tail.end());
  return bytes;
}

bool ends_with(const std::vector<std::byte>& bytes, const std::vector<std::byte>& tail) {
  return bytes.size() >= tail.size() && std::equal(tail.rbegin(), tail.rend(), bytes.rbegin());
}

TEST(Mutator, RandomInputsGiveCanonicalResultsThatDiffer) {
  Random random(1);
  unsigned same = 0;
  constexpr unsigned count = 20000;
  for (std::uint64_t seed = 0; seed < count; ++seed) {
    const std::vector<std::byte> input = random_bytes(random, 300);
    const std::vector<std::byte> output = mutated(input, 4096, seed);
    const Decoded decoded = decode(output);
    ASSERT_TRUE(is_valid(decoded.scenario));
    const std::vector<std::byte> canonical = encode(decoded.scenario);
    ASSERT_TRUE(std::equal(canonical.begin(), canonical.end(), output.begin()));
    same += decoded.scenario == decode(input).scenario ? 1 : 0;
  }
  EXPECT_LT(same, count / 1000);
}

TEST(Mutator, TheSameSeedGivesTheSameResult) {
  const std::vector<std::byte> input = encode(small_scenario(1));
  unsigned different = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    ASSERT_EQ(mutated(input, 4096, seed), mutated(input, 4096, seed));
    different += mutated(input, 4096, seed) != mutated(input, 4096, seed + 1) ? 1 : 0;
  }
  EXPECT_GT(different, 190U);
}

TEST(Mutator, WhatFollowsTheScenarioIsKept) {
  Random random(2);
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    const std::vector<std::byte> tail = random_bytes(random, 100);
    const std::vector<std::byte> output = mutated(with_tail(encode(small_scenario(seed)), tail), 4096, seed);
    ASSERT_TRUE(ends_with(output, tail));
    ASSERT_EQ(decode(output).consumed, output.size() - tail.size());
  }
}

TEST(Mutator, TheRoomIsKept) {
  const std::vector<std::byte> tail = bytes_of({1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  const std::size_t least = header_bytes + record_bytes;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const std::vector<std::byte> input = with_tail(encode(small_scenario(seed)), tail);
    for (std::size_t max_size = 0; max_size < 200; ++max_size) {
      const std::vector<std::byte> output = mutated(input, max_size, seed);
      ASSERT_TRUE(is_valid(decode(output).scenario));
      if (max_size >= least + tail.size()) {
        ASSERT_TRUE(ends_with(output, tail)) << "the scenario gives way";
        ASSERT_EQ(decode(output).consumed, output.size() - tail.size());
      }
    }
  }
}

TEST(Mutator, GrowsFromNothing) {
  std::vector<std::byte> data;
  for (std::uint64_t seed = 0; seed < 400; ++seed) data = mutated(data, 1 << 20, seed);
  EXPECT_GT(total_ops(decode(data).scenario), 20U);
  EXPECT_GT(decode(data).scenario.machine.cpus, 1);
}

TEST(Mutator, CrossoverTakesFromBothAndKeepsTheFirstTail) {
  Random random(4);
  unsigned differs = 0;
  constexpr unsigned count = 3000;
  for (std::uint64_t seed = 0; seed < count; ++seed) {
    const Scenario first = small_scenario(seed);
    const std::vector<std::byte> tail = random_bytes(random, 40);
    const std::vector<std::byte> a = with_tail(encode(first), tail);
    const std::vector<std::byte> b = with_tail(encode(small_scenario(seed + count)), random_bytes(random, 40));
    std::vector<std::byte> out(4096);
    std::vector<std::byte> again(4096);
    out.resize(crossover(a, b, out, seed));
    again.resize(crossover(a, b, again, seed));
    ASSERT_EQ(out, again);
    ASSERT_TRUE(ends_with(out, tail));
    ASSERT_TRUE(is_valid(decode(out).scenario));
    differs += decode(out).scenario == first ? 0 : 1;
  }
  EXPECT_GT(differs, count - count / 20);
}

TEST(Mutator, CrossoverKeepsItsRoom) {
  for (std::size_t room = 0; room < 300; ++room) {
    std::vector<std::byte> out(room);
    ASSERT_LE(crossover(encode(small_scenario(1)), encode(small_scenario(2)), out, room), room);
  }
}

}  // namespace
}  // namespace rcufarm::scenario
