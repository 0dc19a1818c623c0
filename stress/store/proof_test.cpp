// Proofs in the store, explored by the simulator itself: what several claimants bring, some of whom are killed, is what one counts alone.
#include "stress/store/proof.h"

#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <thread>

#include "harness/sim/prove.h"
#include "harness/sim/sim_allocator.h"
#include "harness/sim/small_programs.h"
#include "harness/sim/two_tasks.h"
#include "session/scratch.h"
#include "stress/store/entry.h"
#include "stress/store/sql.h"
#include "stress/store/store.h"
#include "stress/store/test_server.h"

namespace rcufarm::stress {
namespace {

using harness::ProofGain;
using harness::ProofPart;
using harness::RowGain;
using harness::two_tasks;

constexpr Milliseconds long_time = 600'000;

enum class Kind : std::uint8_t { sqlite, postgres };

// The same body on both.
class ProofTest : public testing::TestWithParam<Kind> {
 protected:
  std::unique_ptr<Store> open(const std::string& node = "n1") const {
    return open_store({.state = scratch_.folder(), .url = url_, .node = node});
  }
  static ProofAsk ask(unsigned operations, const std::string& build = "b1") {
    return {.program = "explore", .build = build, .models = {"sc"}, .operations_max = operations};
  }
  // What an explorer saved last that looks around so often; 0: until it is over.
  std::string explore(const ClaimedPart& part, unsigned looks_max = 0) {
    const auto read = harness::proof_part_from_text(part.text);
    EXPECT_TRUE(std::holds_alternative<ProofPart>(read)) << std::get<std::string>(read);
    std::string saved;
    harness::PartOptions options;
    options.goes_on = [&, looks = 0U]() mutable { return looks_max == 0 || looks++ < looks_max; };
    options.found = [](const harness::SimFinding& finding) { ADD_FAILURE() << finding.signature; };
    options.save = [&](const ProofGain& gain) { saved = harness::to_text(gain); };
    EXPECT_TRUE(harness::explore_part(runner_, {}, std::get<ProofPart>(read), {}, options));
    return saved;
  }
  // A proof of that program alone: as if it were all there is with one operation.
  void begin_with(Store& store, const scenario::Scenario& program) {
    const auto part = store.claim_part(ask(1), "first", long_time);
    ASSERT_TRUE(part);
    harness::SharedProof proof;
    proof.build = "b1";
    proof.scenario = program;
    RowGain gain{.sizes = {1}, .begun = proof};
    ASSERT_TRUE(store.take_gain(part->name, harness::to_text(ProofGain{0, gain})));
  }
  static Proof only(Store& store) {
    const auto all = store.proofs();
    EXPECT_EQ(all.size(), 1U);
    return all.empty() ? Proof{} : all.front();
  }

  session::Scratch scratch_;
  const std::string url_ = GetParam() == Kind::sqlite ? "" : TestServer::instance().new_database();
  harness::SimRunner runner_{harness::linked_sim_allocator()};
};
INSTANTIATE_TEST_SUITE_P(On, ProofTest, testing::Values(Kind::sqlite, Kind::postgres), [](const auto& info) {
  return std::string(info.param == Kind::sqlite ? "Sqlite" : "Postgres");
});

TEST_P(ProofTest, EachSmallProgramOnce) {
  const auto store = open();
  std::uint64_t programs = 0;
  std::uint64_t executions = 0;
  for (unsigned size = 1; size <= 2; ++size) {
    for (const scenario::Scenario& program : harness::programs_with(size)) {
      ++programs;
      executions += harness::prove(runner_, program, {}, {}).figures.search.executions;
    }
  }
  unsigned parts = 0;
  while (const auto part = store->claim_part(ask(2), "me", long_time)) {
    EXPECT_LE(part->operations, 2U);
    EXPECT_TRUE(store->take_gain(part->name, explore(*part)));
    ASSERT_LT(++parts, 20U);
  }
  const Proof proof = only(*store);
  ASSERT_EQ(proof.sizes.size(), 2U);
  EXPECT_EQ(proven_operations(proof), 2U);
  EXPECT_EQ(proof.sizes[0].programs + proof.sizes[1].programs, programs);
  EXPECT_EQ(proof.sizes[0].executions + proof.sizes[1].executions, executions);
  EXPECT_EQ(sentence_of(proof), "every program with at most 2 operations: " + std::to_string(programs) + " programs, " +
                                    std::to_string(executions) + " executions under sc, none fails");
  // Who wants more goes on with that.
  const auto more = store->claim_part(ask(3), "me", long_time);
  ASSERT_TRUE(more);
  EXPECT_EQ(more->operations, 3U);
  EXPECT_EQ(more->name.first, programs);
  EXPECT_EQ(only(*store).at_work, 1U);
}

// One is killed with a claim and what it had not brought; another one brings its last too late.
TEST_P(ProofTest, ThreeClaimantsCountWhatOneDoes) {
  const auto alone = harness::prove(runner_, two_tasks(), {}, {}).figures;
  ASSERT_TRUE(alone.complete);
  const std::unique_ptr<Store> stores[] = {open("n1"), open("n2"), open("n3")};
  begin_with(*stores[0], two_tasks());
  std::optional<ClaimedPart> held[3];
  std::optional<std::pair<PartName, std::string>> late;
  unsigned refused = 0;
  std::size_t at_once_max = 0;
  for (unsigned turn = 0; proven_operations(only(*stores[0])) == 0; ++turn) {
    ASSERT_LT(turn, 3000U);
    for (std::size_t i = 0; i < 3; ++i) {
      const bool is_killed = i == 2 && turn > 6;
      if (is_killed) continue;
      // The third one's claim is short: it has run out when somebody asks for the next one.
      const bool is_last = i == 2 && turn == 6;
      if (!held[i]) held[i] = stores[i]->claim_part(ask(1), "farm " + std::to_string(i), is_last ? 1 : long_time);
    }
    at_once_max = std::max<std::size_t>(at_once_max, only(*stores[0]).at_work);
    for (std::size_t i = 0; i < 3; ++i) {
      if (!held[i]) continue;
      const std::string gain = explore(*held[i], turn % 3 + 1);
      if (i == 2 && turn >= 6) {
        late = {held[i]->name, gain};
        held[i].reset();
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        continue;
      }
      EXPECT_TRUE(stores[i]->take_gain(held[i]->name, gain));
      EXPECT_FALSE(stores[i]->take_gain(held[i]->name, gain)) << "delivered twice, counted once";
      held[i].reset();
    }
    if (late && turn > 40) {
      refused += stores[2]->take_gain(late->first, late->second) ? 0 : 1;
      late.reset();
    }
  }
  EXPECT_GE(at_once_max, 2U) << "never shared";
  EXPECT_TRUE(!late && refused == 1) << "nothing came too late";
  const Proof proof = only(*stores[1]);
  EXPECT_EQ(proof.sizes[0].executions, alone.search.executions);
  EXPECT_EQ(proof.sizes[0].begun, 0U);
  EXPECT_EQ(proof.at_work, 0U);
}

// What a farm had saved when it was killed counts when it comes back, as long as nobody has taken the part over.
TEST_P(ProofTest, AReleasedClaimIsFreeAndItsGainIsTakenUntilThen) {
  const auto store = open();
  begin_with(*store, two_tasks());
  const auto mine = store->claim_part(ask(1), "me", long_time);
  ASSERT_TRUE(mine);
  EXPECT_FALSE(store->claim_part(ask(1), "you", long_time)) << "its only node";
  const std::string gain = explore(*mine, 2);
  store->release_claims("me");
  EXPECT_TRUE(store->take_gain(mine->name, gain));
  const auto again = store->claim_part(ask(1), "me", long_time);
  ASSERT_TRUE(again);
  const std::string lost = explore(*again, 2);
  store->release_claims("me");
  ASSERT_TRUE(store->claim_part(ask(1), "you", long_time));
  EXPECT_FALSE(store->take_gain(again->name, lost));
}

TEST_P(ProofTest, ARowOfProgramsThatWasLeftIsTakenOverWhole) {
  const auto store = open();
  const auto mine = store->claim_part(ask(1), "me", 1);
  ASSERT_TRUE(mine);
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  const auto yours = store->claim_part(ask(1), "you", long_time);
  ASSERT_TRUE(yours);
  EXPECT_EQ(yours->name.first, mine->name.first);
  EXPECT_FALSE(store->take_gain(mine->name, explore(*mine)));
  EXPECT_TRUE(store->take_gain(yours->name, explore(*yours)));
  EXPECT_EQ(proven_operations(only(*store)), 1U);
}

// A program that takes its explorer with it each time does not keep the others from being proven.
TEST_P(ProofTest, AProgramThatNobodyComesBackFromIsLeftWithoutAVerdict) {
  const auto store = open();
  const std::uint64_t programs = harness::programs_with(1).size();
  unsigned lost = 0;
  for (unsigned i = 0; i < 100; ++i) {
    const auto part = store->claim_part(ask(1), "me", 1);
    if (!part) break;
    if (part->name.first == 0) {
      ++lost;
    } else {
      EXPECT_TRUE(store->take_gain(part->name, explore(*part)));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_GT(lost, 3U);
  const Proof proof = only(*store);
  ASSERT_EQ(proof.sizes.size(), 1U);
  EXPECT_EQ(proof.sizes[0].limited, 1U);
  EXPECT_EQ(proof.sizes[0].proven, programs - 1);
  EXPECT_NE(sentence_of(proof).find("1 without a verdict"), std::string::npos) << sentence_of(proof);
}

// Nor does one whose frontier another version of this program wrote.
TEST_P(ProofTest, AFrontierThatCannotBeReadIsLeftToOthers) {
  const auto store = open();
  begin_with(*store, two_tasks());
  {
    const auto sql = url_.empty() ? open_sqlite(scratch_.folder() / "farm.sqlite") : open_postgres(url_);
    Transaction transaction(*sql);
    sql->run("UPDATE proof_part SET frontier = '{\"rcufarm_frontier\": 99}' WHERE frontier <> ''");
    transaction.commit();
  }
  EXPECT_FALSE(store->claim_part(ask(1), "me", long_time));
  EXPECT_TRUE(store->claim_part(ask(2), "me", long_time)) << "what comes behind it can be had";
}

TEST_P(ProofTest, ANewBuildBeginsANewProof) {
  const auto store = open();
  const auto old = store->claim_part(ask(1), "me", long_time);
  ASSERT_TRUE(old);
  EXPECT_TRUE(store->take_gain(old->name, explore(*old)));
  EXPECT_EQ(proven_operations(only(*store)), 1U);
  std::this_thread::sleep_for(std::chrono::milliseconds(5));  // by the store's clock it is later
  const auto anew = store->claim_part(ask(1, "b2"), "me", long_time);
  ASSERT_TRUE(anew);
  EXPECT_EQ(anew->name.first, 0U);
  EXPECT_NE(anew->name.proof, old->name.proof);
  EXPECT_EQ(only(*store).build, "b2");
  EXPECT_EQ(proven_operations(only(*store)), 0U);
}

TEST_P(ProofTest, AJournalsEntryIsDelivered) {
  const auto store = open();
  const auto part = store->claim_part(ask(1), "me", long_time);
  ASSERT_TRUE(part);
  const auto entry = decode(encode(GainEntry{part->name, explore(*part)}));
  ASSERT_TRUE(entry);
  deliver(*entry, *store);
  deliver(*entry, *store);
  EXPECT_EQ(proven_operations(only(*store)), 1U);
  EXPECT_THROW(deliver(GainEntry{part->name, "no gain"}, *store), StoreRefused);
}

}  // namespace
}  // namespace rcufarm::stress
