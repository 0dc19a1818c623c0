// The mutator on bytes: within its room, deterministic, canonical; and both parts of an input come to change.
#include "harness/sim/sim_mutator.h"

#include <gtest/gtest.h>

#include <array>

#include "harness/sim/sim_input.h"
#include "scenario/generate.h"
#include "scenario/normalize.h"
#include "scenario/random.h"

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed);

namespace rcufarm::harness {
namespace {

using scenario::Random;
using Bytes = std::vector<std::byte>;

SimInput decoded(const Bytes& bytes) {
  SimInput input;
  decode_input(bytes, input);
  return input;
}

Bytes input_of(std::uint64_t seed, std::size_t departures = 10) {
  scenario::Limits small;
  small.ops_max = 64;
  SimInput input{.scenario = scenario::random_scenario(seed, small), .departures = {}, .config = 0, .walk = 0};
  Random random(seed);
  for (std::size_t i = 0; i < departures; ++i) {
    input.departures.push_back({.pick = 1, .gap = static_cast<std::uint16_t>(random.below(100))});
  }
  return encode_input(input);
}

Bytes mutated(const Bytes& input, std::size_t max_size, std::uint64_t seed) {
  Bytes data = input;
  data.resize(std::max(input.size(), max_size));
  const std::size_t size = mutate_input(data, input.size(), max_size, seed);
  EXPECT_LE(size, max_size);
  data.resize(size);
  return data;
}

TEST(SimMutator, BothPartsChangeAndOftenOneAlone) {
  unsigned scenario_alone = 0;
  unsigned schedule_alone = 0;
  unsigned same = 0;
  constexpr unsigned count = 3000;
  for (std::uint64_t seed = 0; seed < count; ++seed) {
    const Bytes before = input_of(seed);
    const SimInput a = decoded(before);
    const SimInput b = decoded(mutated(before, 4096, seed));
    ASSERT_TRUE(scenario::is_valid(b.scenario));
    const bool schedule = a.departures != b.departures;
    const bool scenario = !(a.scenario == b.scenario);
    schedule_alone += schedule && !scenario ? 1 : 0;
    scenario_alone += scenario && !schedule ? 1 : 0;
    same += a == b ? 1 : 0;
  }
  EXPECT_GT(schedule_alone, count / 2);
  EXPECT_GT(scenario_alone, count / 8);
  EXPECT_LT(same, count / 100);
}

TEST(SimMutator, ResultsAreCanonicalWhateverTheInput) {
  Random random(1);
  for (std::uint64_t seed = 0; seed < 5000; ++seed) {
    Bytes input(random.below(300));
    for (std::byte& byte : input) byte = static_cast<std::byte>(random.one_in(2) ? random.below(20) : random.next());
    const Bytes output = mutated(input, 4096, seed);
    ASSERT_EQ(encode_input(decoded(output)), output);
  }
}

TEST(SimMutator, TheSameSeedGivesTheSameResult) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const Bytes input = input_of(seed);
    ASSERT_EQ(mutated(input, 4096, seed), mutated(input, 4096, seed));
  }
}

TEST(SimMutator, TheRoomIsKeptAndTheScheduleGivesWayFirst) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const Bytes input = input_of(seed, 30);
    for (std::size_t max_size = 0; max_size < 400; ++max_size) {
      const Bytes output = mutated(input, max_size, seed);
      const SimInput result = decoded(output);
      ASSERT_TRUE(scenario::is_valid(result.scenario));
      if (max_size > scenario::header_bytes + scenario::record_bytes + 2) {
        ASSERT_EQ(encode_input(result), output);
      }
    }
  }
}

TEST(SimMutator, GrowsFromNothing) {
  Bytes data;
  std::size_t operations = 0;
  std::size_t departures = 0;
  constexpr std::size_t steps = 600;
  for (std::uint64_t seed = 0; seed < steps; ++seed) {
    data = mutated(data, 1 << 16, seed);
    operations += scenario::total_ops(decoded(data).scenario);
    departures += decoded(data).departures.size();
  }
  // On average: one step of sixteen begins anew.
  EXPECT_GT(operations, 10 * steps);
  EXPECT_GT(departures, 3 * steps);
}

TEST(SimMutator, SomeRunsGetAWeakMemoryModel) {
  std::array<unsigned, sim::memory_models> models{};
  unsigned late = 0;  // departures of loads and stores
  Bytes data;
  constexpr unsigned steps = 4000;
  for (std::uint64_t seed = 0; seed < steps; ++seed) {
    data = mutated(data, 1 << 12, seed);
    const SimInput input = decoded(data);
    ++models[static_cast<unsigned>(config_of(input).model)];
    for (const sim::Departure& d : input.departures) {
      late += d.kind == sim::DepartureKind::load || d.kind == sim::DepartureKind::place ? 1 : 0;
    }
  }
  EXPECT_GT(models[static_cast<unsigned>(sim::MemoryModel::sc)], steps / 2);
  EXPECT_GT(models[static_cast<unsigned>(sim::MemoryModel::kernel)], steps / 32);
  EXPECT_GT(models[static_cast<unsigned>(sim::MemoryModel::c11)], steps / 32);
  EXPECT_GT(late, steps / 16);
}

TEST(SimMutator, CrossoverTakesFromBoth) {
  unsigned from_b = 0;
  constexpr unsigned count = 500;
  for (std::uint64_t seed = 0; seed < count; ++seed) {
    const Bytes a = input_of(seed);
    const Bytes b = input_of(seed + count);
    for (const std::size_t room : {std::size_t{4096}, std::size_t{200}, std::size_t{3}}) {
      Bytes out(room);
      Bytes again(room);
      out.resize(cross_inputs(a, b, out, seed));
      again.resize(cross_inputs(a, b, again, seed));
      ASSERT_EQ(out, again);
      ASSERT_TRUE(scenario::is_valid(decoded(out).scenario));
      from_b += room == 4096 && !(decoded(out) == decoded(a)) ? 1 : 0;
    }
  }
  EXPECT_GT(from_b, count * 9 / 10);
}

TEST(SimMutator, IsWhatLibFuzzerCalls) {
  const Bytes input = input_of(1);
  for (unsigned seed = 0; seed < 100; ++seed) {
    std::vector<std::uint8_t> data(1000);
    for (std::size_t i = 0; i < input.size(); ++i) data[i] = std::to_integer<std::uint8_t>(input[i]);
    data.resize(LLVMFuzzerCustomMutator(data.data(), input.size(), 1000, seed));
    const Bytes expected = mutated(input, 1000, seed);
    ASSERT_TRUE(std::ranges::equal(std::as_bytes(std::span(data)), expected));
  }
}

}  // namespace
}  // namespace rcufarm::harness
