#include "stress/store/store.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>
#include <thread>

#include "session/scratch.h"
#include "stress/exchange.h"
#include "stress/store/blobs.h"
#include "stress/store/sha256.h"

namespace rcufarm::stress {
namespace {

using session::Scratch;

Sighting sighting(const std::string& key, const std::string& signature) {
  return {.key = key,
          .engine = "simulator",
          .program = "explore",
          .build = "b1",
          .kind = "leak",
          .signature = signature,
          .input = "",
          .report = "",
          .seen = 1};
}

Finding finding(const std::string& signature) {
  Finding f;
  f.kind = "leak";
  f.signature = signature;
  f.build = f.checked_build = "b1";
  return f;
}

std::uint64_t counter(Store& store, const std::string& name, const std::string& labels) {
  const auto all = store.counters();
  const auto found = all.find({name, labels});
  return found == all.end() ? 0 : found->second;
}

class StoreTest : public testing::Test {
 protected:
  std::unique_ptr<Store> open(const std::string& node = "n1") { return open_sqlite_store(scratch_.folder(), node); }
  // Reports and settles one.
  void find(Store& store, const std::string& key, const std::string& signature) {
    ASSERT_EQ(store.report(sighting(key, signature)), Reported::queued);
    const auto claimed = store.claim("me", 60'000);
    ASSERT_TRUE(claimed);
    ASSERT_EQ(claimed->key, key);
    store.settle(*claimed, finding(signature));
  }
  Scratch scratch_;
};

TEST_F(StoreTest, TheSameEventTwiceIsOne) {
  const auto store = open();
  find(*store, "e1", "leak: a");
  EXPECT_EQ(store->report(sighting("e1", "leak: a")), Reported::repeated);
  EXPECT_EQ(store->report(sighting("e2", "leak: a")), Reported::counted);
  EXPECT_EQ(store->report(sighting("e2", "leak: a")), Reported::repeated);
  ASSERT_EQ(store->findings().size(), 1U);
  EXPECT_EQ(store->findings()[0].count, 2U);
  EXPECT_EQ(counter(*store, "crashes_total", "kind=leak,novelty=new"), 1U);
  EXPECT_EQ(counter(*store, "crashes_total", "kind=leak,novelty=known"), 1U);
}

TEST_F(StoreTest, KnownStaysKnownAfterARestart) {
  { find(*open(), "e1", "leak: a"); }
  const auto store = open();
  EXPECT_EQ(store->report(sighting("e1", "leak: a")), Reported::repeated);
  EXPECT_EQ(store->report(sighting("e2", "leak: a")), Reported::counted);
  EXPECT_EQ(store->findings().at(0).count, 2U);
}

TEST_F(StoreTest, AClaimIsOnesOwnUntilItRunsOut) {
  const auto store = open();
  store->report(sighting("e1", "leak: a"));
  const auto mine = store->claim("me", 1);
  ASSERT_TRUE(mine);
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  const auto yours = store->claim("you", 60'000);  // mine has run out
  ASSERT_TRUE(yours);
  EXPECT_FALSE(store->claim("me", 60'000));
  EXPECT_TRUE(store->settle(*yours, finding("leak: a")));
  EXPECT_FALSE(store->settle(*mine, finding("leak: a")));  // late, and counted once
  EXPECT_EQ(store->findings().at(0).count, 1U);
  EXPECT_EQ(store->waiting(), 0U);
}

TEST_F(StoreTest, ReleasedClaimsAreFree) {
  const auto store = open();
  store->report(sighting("e1", "leak: a"));
  ASSERT_TRUE(store->claim("me", 60'000));
  store->release_claims("me");
  EXPECT_TRUE(store->claim("you", 60'000));
}

TEST_F(StoreTest, DismissedIsGone) {
  const auto store = open();
  store->report(sighting("e1", ""));
  const auto claimed = store->claim("me", 60'000);
  ASSERT_TRUE(claimed);
  store->dismiss(*claimed);
  EXPECT_EQ(store->waiting(), 0U);
  EXPECT_TRUE(store->findings().empty());
  EXPECT_EQ(store->report(sighting("e1", "")), Reported::repeated);
}

TEST_F(StoreTest, FixedOnANewerBuildAndReopened) {
  const auto store = open();
  find(*store, "e1", "leak: a");
  const std::string key = store->findings().at(0).key;
  store->checked(key, "b2", 20, 0);
  EXPECT_EQ(store->findings().at(0).state, FindingState::fixed);
  EXPECT_EQ(store->findings().at(0).checked_build, "b2");
  store->checked(key, "b3", 20, 20);
  EXPECT_EQ(store->findings().at(0).state, FindingState::reopened);
  store->checked(key, "b4", 20, 0);
  EXPECT_EQ(store->report(sighting("e9", "leak: a")), Reported::counted);  // a worker met it
  EXPECT_EQ(store->findings().at(0).state, FindingState::reopened);
}

TEST_F(StoreTest, CheckedAndStillThereStaysOpen) {
  const auto store = open();
  find(*store, "e1", "leak: a");
  store->checked(store->findings().at(0).key, "b2", 20, 20);
  EXPECT_EQ(store->findings().at(0).state, FindingState::open);
}

TEST_F(StoreTest, AnAcknowledgementLastsUntilItComesBack) {
  const auto store = open();
  find(*store, "e1", "leak: a");
  const std::string key = store->findings().at(0).key;
  EXPECT_EQ(store->findings().at(0).acknowledged, 0);
  store->acknowledge(key, "first");
  store->acknowledge(key, "reported upstream");
  EXPECT_GT(store->findings().at(0).acknowledged, 0);
  EXPECT_EQ(store->findings().at(0).note, "reported upstream");
  store->report(sighting("e2", "leak: a"));  // seen again while it is open: nothing new
  EXPECT_EQ(store->findings().at(0).note, "reported upstream");
  store->checked(key, "b2", 20, 0);
  store->checked(key, "b3", 20, 20);
  EXPECT_EQ(store->findings().at(0).state, FindingState::reopened);
  EXPECT_EQ(store->findings().at(0).acknowledged, 0);
}

TEST_F(StoreTest, ACopyIsReadAndNothingIsWritten) {
  const auto store = open();
  find(*store, "e1", "leak: a");
  const auto copy = open_sqlite_copy(scratch_.folder(), "n2");
  ASSERT_EQ(copy->findings().size(), 1U);
  copy->acknowledge(copy->findings().at(0).key, "lost");
  EXPECT_EQ(store->findings().at(0).acknowledged, 0);
}

TEST(Names, AFindingIsOneFileAndALineThatReplaysIt) {
  Finding f;
  f.key = "0123456789abcdef";
  EXPECT_EQ(file_name(f), "0123456789ab.finding");
  f.reproduce = "build/release/bin/rcufarm replay {file} --diagram";
  EXPECT_EQ(replay_command(f, ""), "build/release/bin/rcufarm replay 0123456789ab.finding --diagram");
  EXPECT_EQ(replay_command(f, "/tree"), "/tree/build/release/bin/rcufarm replay 0123456789ab.finding --diagram");
  f.reproduce = "/there/rcufarm replay KEY.finding --diagram";  // as it was written before
  EXPECT_EQ(replay_command(f, "/tree"), "/there/rcufarm replay 0123456789ab.finding --diagram");
}

TEST_F(StoreTest, AnExportThatWasCutOffIsSaidInALine) {
  const auto store = open();
  Finding f = finding("leak: a");
  ASSERT_EQ(store->report(sighting("e1", "leak: a")), Reported::queued);
  f.input = store->put_blob(std::string(100'000, 'x'));
  store->settle(*store->claim("me", 60'000), f);
  const std::string text = export_findings(*store);
  for (const std::size_t length : {text.size() / 2, text.size() - 3}) {
    const auto imported = import_findings(*store, text.substr(0, length));
    ASSERT_TRUE(std::holds_alternative<std::string>(imported));
    EXPECT_LT(std::get<std::string>(imported).size(), 200U);
    EXPECT_NE(std::get<std::string>(imported).find("cut off"), std::string::npos) << std::get<std::string>(imported);
  }
}

TEST_F(StoreTest, CountsOnce) {
  const auto store = open();
  EXPECT_TRUE(store->count_once("t1", {"trials", "outcome=found"}, 3));
  EXPECT_FALSE(store->count_once("t1", {"trials", "outcome=found"}, 3));
  EXPECT_EQ(counter(*store, "trials", "outcome=found"), 3U);
}

TEST_F(StoreTest, ExportAndImportTwiceIsOnce) {
  const auto store = open();
  Finding f = finding("leak: a");
  ASSERT_EQ(store->report(sighting("e1", "leak: a")), Reported::queued);
  f.input = store->put_blob(std::string("\0\xff bytes", 9));
  store->settle(*store->claim("me", 60'000), f);
  const std::string text = export_findings(*store);

  const Scratch elsewhere;
  const auto other = open_sqlite_store(elsewhere.folder(), "n2");
  for (int i = 0; i < 2; ++i) {
    const auto imported = import_findings(*other, text);
    ASSERT_TRUE(std::holds_alternative<Imported>(imported)) << std::get<std::string>(imported);
  }
  ASSERT_EQ(other->findings().size(), 1U);
  EXPECT_EQ(other->findings()[0].count, 1U);
  EXPECT_EQ(other->findings()[0].node, "n1");
  EXPECT_EQ(other->blob(other->findings()[0].input), std::string("\0\xff bytes", 9));
}

TEST_F(StoreTest, AnImportThatIsNoneSaysSo) {
  const auto store = open();
  for (const char* text : {"", "{", "[]", R"({"format":"rcufarm findings","version":9,"findings":[]})",
                           R"({"format":"rcufarm findings","version":1,"findings":[{"kind":"leak"}]})"}) {
    EXPECT_TRUE(std::holds_alternative<std::string>(import_findings(*store, text))) << text;
  }
  EXPECT_TRUE(store->findings().empty());
}

TEST_F(StoreTest, ABlobWithOtherBytesIsNotHandedOut) {
  const Blobs blobs(scratch_.folder() / "b");
  const std::string hash = blobs.put("good");
  EXPECT_EQ(blobs.get(hash), "good");
  std::ofstream(blobs.path_of(hash)) << "evil";
  EXPECT_FALSE(blobs.get(hash));
  EXPECT_FALSE(blobs.get("../../etc/passwd"));
  EXPECT_EQ(blobs.put("good"), hash);  // mends it
  EXPECT_EQ(blobs.get(hash), "good");
}

TEST_F(StoreTest, SamplesKeepTheNewest) {
  const auto store = open();
  for (int i = 0; i < 50; ++i) {
    store->add_sample("edges", i);
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  const auto some = store->samples("edges", 7);
  EXPECT_LE(some.size(), 7U);
  EXPECT_EQ(some.back().value, 49);
}

TEST_F(StoreTest, ADatabaseThatIsNoneSaysSo) {
  std::ofstream(scratch_.folder() / "farm.sqlite") << std::string(4096, 'x');
  try {
    open();
    FAIL() << "it was opened";
  } catch (const StoreError& error) {
    EXPECT_NE(std::string(error.what()).find("backup"), std::string::npos) << error.what();
  }
}

// ---- killed at any instant -----------------------------------------------------------------------------------------

// Events of two signatures; each is written twice, and what was acknowledged goes into a file.
[[noreturn]] void write_until_killed(const std::string& folder, unsigned from, const std::string& acknowledged) {
  std::ofstream said(acknowledged, std::ios::app);
  const auto store = open_sqlite_store(folder, "n1");
  for (unsigned i = from;; ++i) {
    Sighting s = sighting("e" + std::to_string(i), i % 2 == 0 ? "leak: even" : "leak: odd");
    s.input = store->put_blob("input " + std::to_string(i));
    store->report(s);
    store->report(s);
    while (const auto claimed = store->claim("me", 1)) store->settle(*claimed, finding(claimed->signature));
    store->count_once(s.key, {"events", ""}, 1);
    said << i << std::endl;
  }
}

std::set<unsigned> acknowledged_in(const std::string& file) {
  std::ifstream stream(file);
  std::set<unsigned> numbers;
  // A last line without its end was not acknowledged.
  for (std::string line; std::getline(stream, line) && !stream.eof();)
    numbers.insert(static_cast<unsigned>(std::stoul(line)));
  return numbers;
}

TEST_F(StoreTest, KilledTwoHundredTimesLosesNothingAndDoublesNothing) {
  constexpr int kills = 200;
  constexpr int kills_max = 10'000;  // on a busy machine a writer does little before it is killed
  constexpr std::size_t acknowledged_least = 100;
  const std::string folder = scratch_.folder();
  const std::string acknowledged = scratch_.folder() / "acknowledged";
  std::mt19937 random(1);
  open();
  for (int kill = 0; kill < kills_max; ++kill) {
    const auto before = acknowledged_in(acknowledged);
    if (kill >= kills && before.size() >= acknowledged_least) break;
    // The last few again: they may have been written and not acknowledged, or both.
    const unsigned from = before.empty() ? 0 : std::max(3U, *before.rbegin()) - 3;
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) write_until_killed(folder, from, acknowledged);
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 40'000));
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    ASSERT_EQ(waitpid(child, nullptr, 0), child);
  }
  const auto store = open();
  EXPECT_EQ(store->check(), "ok");
  while (const auto claimed = store->claim("me", 60'000)) store->settle(*claimed, finding(claimed->signature));
  const auto said = acknowledged_in(acknowledged);
  ASSERT_GE(said.size(), acknowledged_least) << "the writers wrote too little for the test to mean something";
  for (const unsigned i : said) {
    const std::string input = "input " + std::to_string(i);
    EXPECT_EQ(store->report(sighting("e" + std::to_string(i), "leak: even")), Reported::repeated) << "lost: " << i;
    EXPECT_EQ(store->blob(sha256(input)), input) << "lost: " << i;
    EXPECT_FALSE(store->count_once("e" + std::to_string(i), {"events", ""}, 1)) << "lost: " << i;
  }
  // At most the event under way at a kill was written and not acknowledged; none counts twice.
  std::uint64_t count = 0;
  for (const Finding& f : store->findings()) count += f.count;
  EXPECT_GE(count, said.size());
  EXPECT_LE(count, *said.rbegin() + 2U);
  EXPECT_EQ(store->findings().size(), 2U);
}

}  // namespace
}  // namespace rcufarm::stress
