// Parts of a proof: as text, and that what they bring adds up to what one explorer counts.
#include "harness/sim/proof_part.h"

#include <gtest/gtest.h>

#include <vector>

#include "harness/sim/prove.h"
#include "harness/sim/sim_allocator.h"
#include "harness/sim/small_programs.h"
#include "harness/sim/two_tasks.h"

namespace rcufarm::harness {
namespace {

SharedProof proof_of(const scenario::Scenario& scenario) {
  SharedProof proof;
  proof.build = "a build";
  proof.scenario = scenario;
  return proof;
}

// Explores and saves at each look; whatever was saved is passed through text.
struct Explorer {
  SimRunner runner{linked_sim_allocator()};
  std::vector<ProofGain> saved;
  unsigned looks_max = 0;  // 0: to the end

  bool explore(const ProofPart& part) {
    const auto read = proof_part_from_text(to_text(part));
    EXPECT_TRUE(std::holds_alternative<ProofPart>(read)) << std::get<std::string>(read);
    saved.clear();
    PartOptions options;
    options.save_seconds = 0;
    options.goes_on = [&, looks = 0U]() mutable { return looks_max == 0 || looks++ < looks_max; };
    options.found = [](const SimFinding& finding) { ADD_FAILURE() << finding.signature; };
    options.save = [&](const ProofGain& gain) {
      const auto again = proof_gain_from_text(to_text(gain));
      ASSERT_TRUE(std::holds_alternative<ProofGain>(again)) << std::get<std::string>(again);
      EXPECT_EQ(to_text(std::get<ProofGain>(again)), to_text(gain));
      saved.push_back(std::get<ProofGain>(again));
    };
    return explore_part(runner, {}, std::get<ProofPart>(read), {}, options);
  }
};

const FrontierGain& of_frontier(const ProofGain& gain) { return std::get<FrontierGain>(gain.what); }
const RowGain& of_row(const ProofGain& gain) { return std::get<RowGain>(gain.what); }

// Each explorer is killed after its n-th save, with n growing: the sum is what one counts who is never stopped.
TEST(ProofPart, WhatWasSavedLastIsNeitherLostNorCountedTwice) {
  Explorer explorer;
  const ProveResult alone = prove(explorer.runner, two_tasks(), {}, {});
  ASSERT_TRUE(alone.figures.complete);
  ASSERT_GT(alone.figures.search.executions, 200U) << "too few to be stopped in between";
  SharedProof proof = proof_of(two_tasks());
  std::size_t kills = 0;
  for (std::size_t n = 0; !proof.is_over(); ++n) {
    const auto part = claim_part(proof, 0, 1);
    ASSERT_TRUE(part);
    explorer.looks_max = static_cast<unsigned>(n % 5 + 2);
    ASSERT_TRUE(explorer.explore({"a build", "sc", *part}));
    ASSERT_FALSE(explorer.saved.empty());
    // The last but one: what was explored behind it is explored again.
    kills += explorer.saved.size() > 1 ? 1 : 0;
    const std::size_t last = explorer.saved.size() > 1 ? explorer.saved.size() - 2 : 0;
    ASSERT_TRUE(take_gain(proof, of_frontier(explorer.saved[last]), 1));
    EXPECT_FALSE(take_gain(proof, of_frontier(explorer.saved[last]), 1)) << "twice";
    ASSERT_LT(n, 10'000U);
  }
  EXPECT_GT(kills, 3U);
  EXPECT_EQ(proof.figures.executions, alone.figures.search.executions);
  EXPECT_EQ(proof.limited, 0U);
}

// That it saves does not change what an explorer does.
TEST(ProofPart, SavingChangesNothing) {
  Explorer explorer;
  const ProveResult alone = prove(explorer.runner, two_tasks(), {}, {});
  SharedProof proof = proof_of(two_tasks());
  ASSERT_TRUE(explorer.explore({"a build", "sc", *claim_part(proof, 0, 1)}));
  ASSERT_GT(explorer.saved.size(), 5U);
  ASSERT_TRUE(take_gain(proof, of_frontier(explorer.saved.back()), 1));
  EXPECT_TRUE(proof.frontier.is_done());
  EXPECT_EQ(proof.figures.executions, alone.figures.search.executions);
  EXPECT_EQ(proof.figures.blocked, alone.figures.search.blocked);
}

TEST(ProofPart, ARowEndsWithItsSize) {
  Explorer explorer;
  ASSERT_TRUE(explorer.explore({"a build", "sc", ProgramRow{1, 0, 1000}}));
  const RowGain& gain = of_row(explorer.saved.back());
  const auto programs = programs_with(1);
  EXPECT_EQ(gain.sizes, (std::vector<std::uint64_t>{programs.size()}));
  EXPECT_EQ(gain.proven, programs.size());
  EXPECT_EQ(gain.over(), programs.size());
  EXPECT_FALSE(gain.begun);
  std::uint64_t executions = 0;
  for (const scenario::Scenario& program : programs)
    executions += prove(explorer.runner, program, {}, {}).figures.search.executions;
  EXPECT_EQ(gain.executions, executions);
  // Behind its end there is nothing.
  ASSERT_TRUE(explorer.explore({"a build", "sc", ProgramRow{1, programs.size(), 10}}));
  EXPECT_EQ(of_row(explorer.saved.back()).over(), 0U);
}

TEST(ProofPart, WhatIsDamagedIsRefusedOrRead) {
  SharedProof proof = proof_of(two_tasks());
  const std::string part = to_text(ProofPart{"a build", "sc", *claim_part(proof, 0, 1)});
  for (std::size_t cut = 0; cut + 2 < part.size(); cut += 11)
    EXPECT_TRUE(std::holds_alternative<std::string>(proof_part_from_text(part.substr(0, cut)))) << cut;
  const std::string gain = to_text(ProofGain{1, RowGain{{7}, 3, 0, 0, 4, 0, proof}});
  unsigned refused = 0;
  for (std::size_t at = 0; at < gain.size(); at += 7) {
    for (const char with : {'0', '"', 'x', '['}) {
      std::string other = gain;
      other[at] = with;
      refused += std::holds_alternative<std::string>(proof_gain_from_text(other)) ? 1 : 0;
    }
  }
  EXPECT_GT(refused, 10U);
}

}  // namespace
}  // namespace rcufarm::harness
