// What a fuzz target does with an input: the same run each time, no finding in the correct allocator, and findings that
// replay without the input.
#include "harness/sim/input_runner.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "harness/sim/sim_allocator.h"
#include "harness/sim/sim_mutator.h"
#include "harness/sim/toy_allocator.h"
#include "scenario/random.h"
#include "scenario/text.h"

namespace rcufarm::harness {
namespace {

using Bytes = std::vector<std::byte>;
using scenario::Random;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_UNDEFINED__)
constexpr unsigned inputs_count = 2'000;
#else
constexpr unsigned inputs_count = 8'000;
#endif
constexpr std::size_t input_bytes_max = 600;

Bytes random_bytes(Random& random) {
  Bytes bytes(random.below(input_bytes_max));
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.one_in(2) ? random.below(20) : random.next());
  return bytes;
}

// As an engine would: mutated from one to the next, and now and then from noise.
std::vector<Bytes> inputs(std::uint64_t seed, unsigned count) {
  Random random(seed);
  std::vector<Bytes> all;
  Bytes bytes;
  for (unsigned n = 0; n < count; ++n) {
    if (random.one_in(50)) bytes = random_bytes(random);
    Bytes data = bytes;
    data.resize(std::max(bytes.size(), input_bytes_max));
    data.resize(mutate_input(data, bytes.size(), input_bytes_max, random.next()));
    bytes = data;
    all.push_back(random.one_in(8) ? random_bytes(random) : bytes);
  }
  return all;
}

TEST(InputRunner, AccusesTheCorrectAllocatorOfNothing) {
  InputRunner runner(linked_sim_allocator());
  std::uint64_t switches = 0;
  for (const Bytes& input : inputs(1, inputs_count)) {
    const SimOutcome& outcome = runner.run(input);
    ASSERT_FALSE(outcome.found()) << report_of(runner.finding());
    ASSERT_EQ(outcome.machine.end, sim::End::finished) << "no limit ends a run";
    switches += outcome.machine.deviations.size();
  }
  EXPECT_GT(switches, inputs_count) << "inputs that decide next to nothing test next to nothing";
}

TEST(InputRunner, TheSameInputGivesTheSameRunAndFeedback) {
  const std::vector<Bytes> all = inputs(2, 200);
  std::vector<std::uint8_t> reads_from(1U << 12U);
  std::vector<std::uint8_t> states(1U << 11U);
  std::vector<std::uint64_t> digests;
  std::vector<std::vector<std::uint8_t>> told;
  InputRunner runner(linked_sim_allocator());
  runner.runner().set_reads_from_map(reads_from.data(), reads_from.size());
  runner.runner().set_state_map(states.data(), states.size());
  for (int round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      std::fill(reads_from.begin(), reads_from.end(), std::uint8_t{0});
      std::fill(states.begin(), states.end(), std::uint8_t{0});
      const std::uint64_t digest = runner.run(all[i]).machine.digest;
      std::vector<std::uint8_t> both = reads_from;
      both.insert(both.end(), states.begin(), states.end());
      if (round == 0) {
        digests.push_back(digest);
        told.push_back(std::move(both));
      } else {
        ASSERT_EQ(digest, digests[i]);
        ASSERT_EQ(both, told[i]) << "an engine would call the target unstable";
      }
    }
  }
}

// A model that the code is not written for accuses what is right.
TEST(InputRunner, AnAllocatorOfUserSpaceHasTheModelThatItIsWrittenFor) {
  SimAllocator allocator = toy_allocator(Mistake::none);
  SimInput input;
  for (const std::uint8_t wish : {config_kernel, config_c11}) {
    input.config = wish;
    allocator.user_space = nullptr;
    EXPECT_EQ(config_for(input, allocator).model, config_of(input).model);
    for (const sim::MemoryModel own : {sim::MemoryModel::tso, sim::MemoryModel::c11, sim::MemoryModel::kernel}) {
      const UserSpace space{.model = own};
      allocator.user_space = &space;
      EXPECT_EQ(config_for(input, allocator).model, own);
    }
  }
  input.config = 0;
  EXPECT_EQ(config_for(input, allocator).model, sim::MemoryModel::sc);
}

TEST(InputRunner, StatesAreTold) {
  std::vector<std::uint8_t> states(1U << 11U);
  InputRunner runner(linked_sim_allocator());
  runner.runner().set_state_map(states.data(), states.size());
  for (const Bytes& input : inputs(3, 500)) runner.run(input);
  EXPECT_EQ(*std::max_element(states.begin(), states.end()), 1U);
  const auto seen = std::count(states.begin(), states.end(), std::uint8_t{1});
  EXPECT_GT(seen, 20);
  EXPECT_LT(seen, 1500) << "there are too many for the map";
}

TEST(InputRunner, AFindingReplaysFromItsText) {
  InputRunner runner(toy_allocator(Mistake::leak));
  unsigned found = 0;
  for (const Bytes& input : inputs(4, 300)) {
    if (!runner.run(input).found()) continue;
    ++found;
    const SimFinding finding = runner.finding();
    const auto saved = sim_finding_from_text(to_text(finding));
    ASSERT_TRUE(std::holds_alternative<SimFinding>(saved)) << std::get<std::string>(saved);
    SimRunner other(toy_allocator(Mistake::leak));
    const SimFinding again = other.replay(std::get<SimFinding>(saved));
    ASSERT_EQ(again.signature, finding.signature);
    ASSERT_EQ(again.digest, finding.digest) << report_of(finding);
    ASSERT_NE(report_of(finding).find("rcufarm: signature: " + finding.signature + "\n"), std::string::npos);
  }
  EXPECT_GT(found, 30U);
}

// What only a weak memory shows is reached from an input that has one CPU at work after the other.
TEST(InputRunner, EnginesReachWhatOnlyAWeakModelShows) {
  auto scenario = scenario::parse(
      "scenario v1\ncpus 2\nslots 2\ncache 0 size 100\n"
      "task 0 on cpu 0\n  alloc c0 s0\ntask 1 on cpu 1\n  alloc c0 s1\n");
  SimInput input{.scenario = std::get<scenario::Scenario>(scenario), .departures = {}, .config = 0, .walk = 0};
  for (const std::uint8_t config : {std::uint8_t{0}, config_kernel}) {
    input.config = config;
    const Bytes base = encode_input(input);
    InputRunner runner(toy_allocator(Mistake::store_before_store));
    unsigned found = 0;
    for (unsigned seed = 0; seed < 2'000; ++seed) {
      Bytes data = base;
      data.resize(input_bytes_max);
      data.resize(mutate_input(data, base.size(), input_bytes_max, seed));
      SimInput mutated;
      decode_input(data, mutated);
      // Its own schedule on the same program.
      if (mutated.config != config || mutated.scenario != input.scenario || !runner.run(data).found()) continue;
      ++found;
      const SimFinding finding = runner.finding();
      EXPECT_EQ(finding.config.model, sim::MemoryModel::kernel);
      EXPECT_EQ(runner.runner().replay(finding).digest, finding.digest);
    }
    EXPECT_EQ(found != 0, config == config_kernel) << found;
  }
}

}  // namespace
}  // namespace rcufarm::harness
