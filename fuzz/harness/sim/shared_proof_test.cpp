// A shared proof as text and as a file: what is written is read again, and what is damaged is refused with a sentence.
#include "harness/sim/shared_proof.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <optional>

#include "harness/sim/prove.h"
#include "harness/sim/sim_allocator.h"
#include "harness/sim/two_tasks.h"

namespace rcufarm::harness {
namespace {

struct SharedProofTest : testing::Test {
  std::filesystem::path path = std::filesystem::temp_directory_path() / ("rcufarm-proof-" + std::to_string(getpid()));
  SharedProofFile file{path};
  SharedProof proof;

  SharedProofTest() {
    proof.build = "a build";
    proof.scenario = two_tasks();
  }
  ~SharedProofTest() override {
    std::filesystem::remove(path);
    std::filesystem::remove(path.string() + ".lock");
  }
  // Explored a little.
  void explore_some(SimRunner& runner) {
    ASSERT_EQ(file.create(proof), "");
    ProveOptions options;
    options.seconds_max = 1e-9;
    for (int i = 0; i < 3; ++i) {
      std::optional<sim::Frontier::Claim> claim;
      ASSERT_EQ(file.update([&](SharedProof& shared) {
        claim = shared.frontier.claim(0, 1);
        return claim.has_value();
      }),
                "");
      ASSERT_TRUE(claim);
      sim::DporStrategy dpor(claim->task);
      for (int run = 0; run < 20 && dpor.begin_run(0); run += dpor.learns() ? 0 : 1)
        runner.run(proof.scenario, proof.config, dpor);
      ASSERT_EQ(file.update([&](SharedProof& shared) { return shared.frontier.give_back(*claim, dpor.leave()); }), "");
    }
  }
  std::string text() const {
    const auto read = file.read();
    EXPECT_TRUE(std::holds_alternative<SharedProof>(read));
    return to_text(std::get<SharedProof>(read));
  }
};

TEST_F(SharedProofTest, WhatIsWrittenIsReadAgain) {
  SimRunner runner(linked_sim_allocator());
  explore_some(runner);
  const std::string written = text();
  const auto again = shared_proof_from_text(written);
  ASSERT_TRUE(std::holds_alternative<SharedProof>(again)) << std::get<std::string>(again);
  EXPECT_EQ(to_text(std::get<SharedProof>(again)), written);
  EXPECT_GT(std::get<SharedProof>(again).frontier.nodes().size(), 2U);
}

// Cut anywhere, or with another word at one place: an error, or a proof that can be written.
TEST_F(SharedProofTest, WhatIsDamagedIsRefusedOrRead) {
  SimRunner runner(linked_sim_allocator());
  explore_some(runner);
  const std::string written = text();
  for (std::size_t cut = 0; cut + 2 < written.size(); cut += 97) {
    const auto read = shared_proof_from_text(written.substr(0, cut));
    ASSERT_TRUE(std::holds_alternative<std::string>(read)) << cut;
    EXPECT_LE(std::get<std::string>(read).size(), 300U);
  }
  unsigned refused = 0;
  for (std::size_t at = 0; at < written.size(); at += 53) {
    for (const char with : {'0', '9', '"', 'x', ',', '['}) {
      std::string other = written;
      other[at] = with;
      const auto read = shared_proof_from_text(other);
      if (const auto* value = std::get_if<SharedProof>(&read)) {
        (void)to_text(*value);
      } else {
        ++refused;
      }
    }
  }
  EXPECT_GT(refused, 10U);
}

// A frontier of steps that the program does not do is no search's.
TEST_F(SharedProofTest, AnotherProgramIsNoticed) {
  SimRunner runner(linked_sim_allocator());
  explore_some(runner);
  ASSERT_EQ(file.update([](SharedProof& shared) {
    shared.scenario.tasks.erase(1);
    return true;
  }),
            "");
  const std::string error = explore_shared_proof(runner, file, {});
  EXPECT_NE(error.find("the program does something else than it did"), std::string::npos) << error;
}

}  // namespace
}  // namespace rcufarm::harness
