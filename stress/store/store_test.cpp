#include "stress/store/store.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include "session/scratch.h"
#include "stress/exchange.h"
#include "stress/store/blobs.h"
#include "stress/store/journal.h"
#include "stress/store/migrate.h"
#include "stress/store/schema.h"
#include "stress/store/sha256.h"
#include "stress/store/test_server.h"

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

enum class Kind : std::uint8_t { sqlite, postgres };

// The same body on both.
class StoreTest : public testing::TestWithParam<Kind> {
 protected:
  StoreTest() : url_(GetParam() == Kind::sqlite ? "" : TestServer::instance().new_database()) {}

  StorePlace place(const std::string& node = "n1") const {
    return {.state = scratch_.folder(), .url = url_, .node = node};
  }
  std::unique_ptr<Store> open(const std::string& node = "n1") const { return open_store(place(node)); }
  std::unique_ptr<Sql> open_sql() const {
    return url_.empty() ? open_sqlite(scratch_.folder() / "farm.sqlite") : open_postgres(url_);
  }
  // Reports and settles one.
  void find(Store& store, const std::string& key, const std::string& signature) {
    ASSERT_EQ(store.report(sighting(key, signature)), Reported::queued);
    const auto claimed = store.claim("me", 60'000);
    ASSERT_TRUE(claimed);
    ASSERT_EQ(claimed->key, key);
    store.settle(*claimed, finding(signature));
  }
  Scratch scratch_;
  const std::string url_;
};
INSTANTIATE_TEST_SUITE_P(On, StoreTest, testing::Values(Kind::sqlite, Kind::postgres), [](const auto& info) {
  return std::string(info.param == Kind::sqlite ? "Sqlite" : "Postgres");
});
// What only a file can have.
class FileStoreTest : public testing::Test {
 protected:
  std::unique_ptr<Store> open(const std::string& node = "n1") const {
    return open_store({.state = scratch_.folder(), .node = node});
  }
  Scratch scratch_;
};

TEST_P(StoreTest, TheSameEventTwiceIsOne) {
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

TEST_P(StoreTest, KnownStaysKnownAfterARestart) {
  { find(*open(), "e1", "leak: a"); }
  const auto store = open();
  EXPECT_EQ(store->report(sighting("e1", "leak: a")), Reported::repeated);
  EXPECT_EQ(store->report(sighting("e2", "leak: a")), Reported::counted);
  EXPECT_EQ(store->findings().at(0).count, 2U);
}

TEST_P(StoreTest, AClaimIsOnesOwnUntilItRunsOut) {
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

TEST_P(StoreTest, ReleasedClaimsAreFree) {
  const auto store = open();
  store->report(sighting("e1", "leak: a"));
  ASSERT_TRUE(store->claim("me", 60'000));
  store->release_claims("me");
  EXPECT_TRUE(store->claim("you", 60'000));
}

TEST_P(StoreTest, DismissedIsGone) {
  const auto store = open();
  store->report(sighting("e1", ""));
  const auto claimed = store->claim("me", 60'000);
  ASSERT_TRUE(claimed);
  store->dismiss(*claimed);
  EXPECT_EQ(store->waiting(), 0U);
  EXPECT_TRUE(store->findings().empty());
  EXPECT_EQ(store->report(sighting("e1", "")), Reported::repeated);
}

TEST_P(StoreTest, FixedOnANewerBuildAndReopened) {
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

TEST_P(StoreTest, CheckedAndStillThereStaysOpen) {
  const auto store = open();
  find(*store, "e1", "leak: a");
  store->checked(store->findings().at(0).key, "b2", 20, 20);
  EXPECT_EQ(store->findings().at(0).state, FindingState::open);
}

TEST_P(StoreTest, AnAcknowledgementLastsUntilItComesBack) {
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

TEST_F(FileStoreTest, ACopyIsReadAndNothingIsWritten) {
  const auto store = open();
  store->report(sighting("e1", "leak: a"));
  store->settle(*store->claim("me", 60'000), finding("leak: a"));
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

TEST_P(StoreTest, AnExportThatWasCutOffIsSaidInALine) {
  const auto store = open();
  Finding f = finding("leak: a");
  ASSERT_EQ(store->report(sighting("e1", "leak: a")), Reported::queued);
  f.input = store->blobs().put(std::string(100'000, 'x'));
  store->settle(*store->claim("me", 60'000), f);
  const std::string text = export_findings(*store);
  for (const std::size_t length : {text.size() / 2, text.size() - 3}) {
    const auto imported = import_findings(*store, text.substr(0, length));
    ASSERT_TRUE(std::holds_alternative<std::string>(imported));
    EXPECT_LT(std::get<std::string>(imported).size(), 200U);
    EXPECT_NE(std::get<std::string>(imported).find("cut off"), std::string::npos) << std::get<std::string>(imported);
  }
}

TEST_P(StoreTest, CountsOnce) {
  const auto store = open();
  EXPECT_TRUE(store->count_once("t1", {"trials", "outcome=found"}, 3));
  EXPECT_FALSE(store->count_once("t1", {"trials", "outcome=found"}, 3));
  EXPECT_EQ(counter(*store, "trials", "outcome=found"), 3U);
}

TEST_P(StoreTest, ExportAndImportTwiceIsOnce) {
  const auto store = open();
  Finding f = finding("leak: a");
  ASSERT_EQ(store->report(sighting("e1", "leak: a")), Reported::queued);
  f.input = store->blobs().put(std::string("\0\xff bytes", 9));
  store->settle(*store->claim("me", 60'000), f);
  const std::string text = export_findings(*store);

  const Scratch elsewhere;
  const auto other = open_store({.state = elsewhere.folder(), .node = "n2"});
  for (int i = 0; i < 2; ++i) {
    const auto imported = import_findings(*other, text);
    ASSERT_TRUE(std::holds_alternative<Imported>(imported)) << std::get<std::string>(imported);
  }
  ASSERT_EQ(other->findings().size(), 1U);
  EXPECT_EQ(other->findings()[0].count, 1U);
  EXPECT_EQ(other->findings()[0].node, "n1");
  EXPECT_EQ(other->blobs().get(other->findings()[0].input), std::string("\0\xff bytes", 9));
}

TEST_P(StoreTest, AnImportThatIsNoneSaysSo) {
  const auto store = open();
  for (const char* text : {"", "{", "[]", R"({"format":"rcufarm findings","version":9,"findings":[]})",
                           R"({"format":"rcufarm findings","version":1,"findings":[{"kind":"leak"}]})"}) {
    EXPECT_TRUE(std::holds_alternative<std::string>(import_findings(*store, text))) << text;
  }
  EXPECT_TRUE(store->findings().empty());
}

TEST_F(FileStoreTest, ABlobWithOtherBytesIsNotHandedOut) {
  FolderBlobs blobs(scratch_.folder() / "b");
  const std::string hash = blobs.put("good");
  EXPECT_EQ(blobs.get(hash), "good");
  std::ofstream(blobs.path_of(hash)) << "evil";
  EXPECT_FALSE(blobs.get(hash));
  EXPECT_FALSE(blobs.get("../../etc/passwd"));
  EXPECT_EQ(blobs.put("good"), hash);  // mends it
  EXPECT_EQ(blobs.get(hash), "good");
}

TEST_P(StoreTest, SamplesKeepTheNewest) {
  const auto store = open();
  for (int i = 0; i < 50; ++i) {
    store->add_sample("edges", i);
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  const auto some = store->samples("edges", 0, 7);
  EXPECT_LE(some.size(), 7U);
  EXPECT_EQ(some.back().value, 49);
  const auto newer = store->samples("edges", some.back().at, 7);
  ASSERT_FALSE(newer.empty());
  EXPECT_EQ(newer.front().at, some.back().at);
}

TEST_F(FileStoreTest, ADatabaseThatIsNoneSaysSo) {
  std::ofstream(scratch_.folder() / "farm.sqlite") << std::string(4096, 'x');
  try {
    open();
    FAIL() << "it was opened";
  } catch (const StoreError& error) {
    EXPECT_NE(std::string(error.what()).find("backup"), std::string::npos) << error.what();
  }
}

// ---- who does what ---------------------------------------------------------------------------------------------------

TEST_P(StoreTest, OneHoldsAWorkUntilItsTimeIsOver) {
  const auto store = open();
  EXPECT_TRUE(store->hold("leader", "a", 60'000));
  EXPECT_TRUE(store->hold("leader", "a", 1));
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_TRUE(store->hold("leader", "b", 60'000));  // taken over
  EXPECT_FALSE(store->hold("leader", "a", 60'000));
  EXPECT_TRUE(store->hold("merge sim", "a", 60'000));  // another work
  store->release_claims("b");
  EXPECT_TRUE(store->hold("leader", "a", 60'000));
}

// Ten at once: the claims of one work have one winner, those of sightings share them without a double.
TEST_P(StoreTest, ManyAtOnceClaimEachThingOnce) {
  constexpr unsigned farms = 10;
  constexpr unsigned sightings = 50;
  const auto first = open();
  for (unsigned i = 0; i < sightings; ++i) first->report(sighting("e" + std::to_string(i), ""));
  std::atomic<unsigned> leaders{0};
  std::mutex mutex;
  std::multiset<std::string> claimed;
  std::vector<std::thread> threads;
  for (unsigned farm = 0; farm < farms; ++farm) {
    threads.emplace_back([&, farm] {
      const std::string name = "farm " + std::to_string(farm);
      const auto store = open(name);
      if (store->hold("leader", name, 60'000)) ++leaders;
      while (const auto one = store->claim(name, 60'000)) {
        const std::lock_guard lock(mutex);
        claimed.insert(one->key);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(leaders, 1U);
  // One that a transaction held meanwhile was skipped by the others.
  while (const auto one = first->claim("last", 60'000)) claimed.insert(one->key);
  EXPECT_EQ(claimed.size(), sightings);
  EXPECT_EQ(std::set<std::string>(claimed.begin(), claimed.end()).size(), sightings);
}

TEST_P(StoreTest, ManyAtOnceCountEachSightingOnce) {
  constexpr unsigned farms = 8;
  constexpr unsigned each = 40;
  {
    const auto store = open("n0");
    find(*store, "e", "leak: a");
  }
  std::vector<std::thread> threads;
  for (unsigned farm = 0; farm < farms; ++farm) {
    threads.emplace_back([&, farm] {
      const auto store = open("n" + std::to_string(farm));
      for (unsigned i = 0; i < each; ++i) {
        // Each event is reported by two of them.
        store->report(sighting("e" + std::to_string(farm / 2 * each + i), "leak: a"));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(open()->findings().at(0).count, 1 + farms / 2 * each);
}

TEST_P(StoreTest, AFindingIsCheckedOnceOnABuildByWhomeverIsFirst) {
  const auto a = open("a");
  const auto b = open("b");
  ASSERT_EQ(a->report(sighting("e1", "leak: a")), Reported::queued);
  Finding f = finding("leak: a");
  f.program = "explore";
  f.input = "x";
  a->settle(*a->claim("A", 60'000), f);
  EXPECT_FALSE(a->claim_recheck("explore", "b1", "A", 60'000));  // found on it
  const auto mine = a->claim_recheck("explore", "b2", "A", 60'000);
  ASSERT_TRUE(mine);
  EXPECT_FALSE(b->claim_recheck("explore", "b2", "B", 60'000));  // A does
  a->checked(mine->key, "b2", 5, 0);
  a->checked(mine->key, "b2", 5, 0);  // told twice, done once
  EXPECT_EQ(a->findings().at(0).replays, 5U);
  EXPECT_FALSE(b->claim_recheck("explore", "b2", "B", 60'000));
  // A farm with another build goes once over it, and the first one does not begin again.
  const auto theirs = b->claim_recheck("explore", "b3", "B", 60'000);
  ASSERT_TRUE(theirs);
  b->checked(theirs->key, "b3", 5, 5);
  EXPECT_FALSE(a->claim_recheck("explore", "b2", "A", 60'000));
  // The build of before comes back: it is tried again.
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  b->release_claims("B");
  EXPECT_TRUE(b->claim_recheck("explore", "b1", "B", 60'000));
}

TEST_P(StoreTest, ANameIsOneFarms) {
  const auto store = open("same name");
  store->attend("instance 1");
  store->attend("instance 1");
  try {
    open("same name")->attend("instance 2");
    FAIL() << "two farms have one name";
  } catch (const StoreError& error) {
    EXPECT_NE(std::string(error.what()).find("[farm] node"), std::string::npos) << error.what();
  }
  ASSERT_EQ(store->farms().size(), 1U);
  EXPECT_LT(store->farms()[0].ago, 60'000);
}

TEST_P(StoreTest, SharedInputsComeOnceAndAreBounded) {
  const auto store = open();
  for (const char* hash : {"aa", "bb", "aa"}) store->share_input("sim", hash, 10);
  store->share_input("native", "cc", 1);
  ASSERT_EQ(store->shared_inputs("sim", 0).size(), 2U);
  const Milliseconds later = store->now() + 1;
  store->keep_inputs("sim", {"bb"}, later);
  ASSERT_EQ(store->shared_inputs("sim", 0).size(), 1U);
  EXPECT_EQ(store->shared_inputs("sim", 0)[0].hash, "bb");
  EXPECT_EQ(store->shared_inputs("native", 0).size(), 1U);
  store->share_input("sim", "dd", 1);
  store->keep_inputs("sim", {}, 0);  // came later than the merge began
  EXPECT_EQ(store->shared_inputs("sim", 0).size(), 2U);
}

TEST_P(StoreTest, ListingsArePagedAndSearched) {
  const auto store = open();
  for (int i = 0; i < 7; ++i) {
    Finding f = finding("leak: 100% of _things_ " + std::to_string(i));
    store->merge(f, {{"n1", 1, 1000 + i, 1000 + i}});
  }
  store->merge(finding("race: Other"), {{"n1", 1, 5, 5}});
  const auto page = store->findings({.skip = 1, .count_max = 3});
  ASSERT_EQ(page.size(), 3U);
  EXPECT_EQ(page[0].last_seen, 1005);
  EXPECT_EQ(page[2].last_seen, 1003);
  EXPECT_EQ(store->findings({.text = "100% OF _"}).size(), 7U);
  EXPECT_EQ(store->findings({.text = "1__%"}).size(), 0U);
  EXPECT_EQ(store->findings({.state = "fixed"}).size(), 0U);
  EXPECT_EQ(store->findings({.text = "other", .kind = "leak"}).size(), 1U);
  std::uint64_t all = 0;
  for (const BugCount& bugs : store->bugs()) all += bugs.all;
  EXPECT_EQ(all, 8U);
}

TEST_P(StoreTest, BytesThatAreNoTextAreKeptAsFarAsTheyAre) {
  const auto store = open();
  const std::string odd("leak: \0 \xff\xc3 \xc3\xa4", 13);
  find(*store, "e1", odd);
  EXPECT_EQ(store->findings().at(0).signature, "leak: ? ?? \xc3\xa4");
  EXPECT_EQ(store->report(sighting("e2", odd)), Reported::counted);
  const std::string bytes("\0\xff\\x00' bytes", 14);
  const std::string hash = store->blobs().put(bytes);
  EXPECT_EQ(store->blobs().put(bytes), hash);
  EXPECT_EQ(store->blobs().get(hash), bytes);
  EXPECT_EQ(store->blobs().get(store->blobs().put("")), "");
  EXPECT_FALSE(store->blobs().get(sha256("not there")));
}

TEST_P(StoreTest, EachFindingAndStateIsNewsOnce) {
  const auto store = open();
  find(*store, "e0", "leak: before anybody listened");
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_TRUE(store->untold(10).empty());
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  find(*store, "e1", "leak: a");
  ASSERT_EQ(store->untold(10).size(), 1U);
  const std::string key = store->untold(10)[0].key;
  store->told(key, FindingState::open);
  store->told(key, FindingState::open);
  EXPECT_TRUE(store->untold(10).empty());
  store->report(sighting("e2", "leak: a"));  // seen again is no news
  EXPECT_TRUE(store->untold(10).empty());
  store->checked(key, "b2", 5, 0);
  ASSERT_EQ(store->untold(10).size(), 1U);
  EXPECT_EQ(store->untold(10)[0].state, FindingState::fixed);
  store->told(key, FindingState::fixed);
  store->report(sighting("e3", "leak: a"));
  ASSERT_EQ(store->untold(10).size(), 1U);
  EXPECT_EQ(store->untold(10)[0].state, FindingState::reopened);
}

// ---- changes: patches and commits -----------------------------------------------------------------------------------------

Change patch(const std::string& key, const std::string& target = "alloc") {
  Change c;
  c.key = key;
  c.target = target;
  c.title = "a title";
  return c;
}

Change commit(const std::string& name, std::int64_t place) {
  Change c = patch("c" + name);
  c.source = "main";
  c.name = name;
  c.place = place;
  return c;
}

const std::vector<ChangeKind> both = {{"", "alloc"}, {"main", "alloc"}};

TEST_P(StoreTest, APersonsPatchComesBeforeCommitsAndCommitsInTheirOrder) {
  const auto store = open();
  EXPECT_TRUE(store->submit(commit("2", 2)));
  EXPECT_TRUE(store->submit(commit("1", 1)));
  EXPECT_TRUE(store->submit(patch("p")));
  EXPECT_FALSE(store->submit(patch("p")));
  ASSERT_EQ(store->claim_change(both, "me", 60'000)->key, "p");
  ASSERT_EQ(store->claim_change(both, "you", 60'000)->name, "1");
  // The second waits for what the first shows.
  EXPECT_FALSE(store->claim_change(both, "third", 60'000));
  EXPECT_TRUE(store->changes("main", 1, 1)[0].claimed);
  EXPECT_TRUE(store->end_change("c1", {.state = "not built", .told = "why", .result = "", .shown = {}, .cured = {}}));
  EXPECT_FALSE(store->end_change("c1", {.state = "clean", .told = "", .result = "", .shown = {}, .cured = {}}));
  EXPECT_EQ(store->change("c1")->told, "why");
  EXPECT_EQ(store->claim_change(both, "third", 60'000)->name, "2");
  // A farm without a kernel's tree leaves those patches to others.
  store->submit(patch("k", "linux"));
  EXPECT_FALSE(store->claim_change(both, "me", 60'000));
  EXPECT_EQ(store->claim_change({{"", "linux"}}, "me", 60'000)->key, "k");
}

// Who looks at a branch takes what waited for its former target, too, to drop it: it would keep the rest waiting for ever.
TEST_P(StoreTest, ACommitForAFormerTargetKeepsNobodyWaitingForEver) {
  const auto store = open();
  store->submit(commit("1", 1));
  Change other = commit("2", 2);
  other.target = "fuzz";
  store->submit(other);
  EXPECT_FALSE(store->claim_change({{"main", "fuzz"}}, "me", 60'000));
  ASSERT_EQ(store->claim_change({{"main", ""}}, "me", 60'000)->name, "1");
  store->end_change("c1", {.state = "dropped", .told = "why", .result = "", .shown = {}, .cured = {}});
  EXPECT_EQ(store->claim_change({{"main", "fuzz"}}, "me", 60'000)->name, "2");
}

// Of all farms: one that is away may come back, one of before has never said what it watches.
TEST_P(StoreTest, WhatWaitsForAWatchThatNoFarmHasAnyMoreIsDropped) {
  const auto store = open();
  const auto other = open("n2");
  store->submit(commit("1", 1));
  store->submit(commit("2", 2));
  store->submit(patch("p", "main"));
  const auto state = [&](const char* key) { return store->change(key)->state; };
  store->attend("i1");
  EXPECT_EQ(store->drop_unwatched(), 0U) << "this farm has not said it yet";
  store->set_watches({});
  other->attend("i2");
  EXPECT_EQ(store->drop_unwatched(), 0U) << "the other one has not";
  other->set_watches({"mai", "main", "main2"});
  EXPECT_EQ(store->drop_unwatched(), 0U);
  other->set_watches({"mai", "main2"});
  ASSERT_EQ(store->claim_change({{"main", ""}}, "me", 60'000)->name, "1");
  EXPECT_EQ(store->drop_unwatched(), 1U) << "one is being looked at";
  EXPECT_EQ(state("c1"), "waiting");
  store->release_claims("me");
  EXPECT_EQ(other->drop_unwatched(), 1U);
  for (const char* key : {"c1", "c2"}) {
    EXPECT_EQ(state(key), "dropped");
    EXPECT_NE(store->change(key)->told.find("no farm has a [[watch]] named main"), std::string::npos);
  }
  EXPECT_EQ(state("p"), "waiting") << "a person's patch is told on its page for whom it waits";
}

TEST_P(StoreTest, ChangesAreCountedByStateWithTheOldest) {
  const auto store = open();
  EXPECT_TRUE(store->change_counts().empty());
  for (const char* key : {"p", "q", "r"}) store->submit(patch(key));
  store->submit(commit("1", 1));
  const std::string taken = store->claim_change({{"", "alloc"}}, "me", 60'000)->key;
  const std::string ended = taken == "p" ? "q" : "p";
  const std::string waits = taken == "r" ? "q" : "r";
  store->end_change(ended, {.state = "clean", .told = "", .result = "", .shown = {}, .cured = {}});
  const auto counts = store->change_counts();
  ASSERT_EQ(counts.size(), 4U);
  const auto is = [](const ChangeCount& c, const std::string& source, const std::string& state) {
    return c.source == source && c.state == state && c.count == 1;
  };
  EXPECT_TRUE(is(counts[0], "", "at work"));
  EXPECT_TRUE(is(counts[1], "", "clean"));
  EXPECT_TRUE(is(counts[2], "", "waiting"));
  EXPECT_TRUE(is(counts[3], "main", "waiting"));
  EXPECT_EQ(counts[2].oldest, store->change(waits)->came);
  for (const ChangeCount& c : counts) EXPECT_NE(std::ranges::find(change_states, c.state), change_states.end());
}

TEST_P(StoreTest, AChangeIsTakenOverAndGivenUpAfterSomeTries) {
  const auto store = open();
  store->submit(patch("p"));
  for (int tries = 0; tries < 4; ++tries) {
    ASSERT_TRUE(store->claim_change(both, "dies", -1));  // its claim has run out at once
  }
  ASSERT_TRUE(store->claim_change(both, "stops", 60'000));
  EXPECT_FALSE(store->claim_change(both, "me", 60'000));
  store->release_claims("stops");
  EXPECT_FALSE(store->claim_change(both, "me", 60'000));
  EXPECT_EQ(store->change("p")->state, "failed");
}

TEST_P(StoreTest, ABranchsFindingsCarryTheCommitsThatBroughtAndTookThem) {
  const auto store = open();
  for (int i = 1; i <= 4; ++i) store->submit(commit(std::to_string(i), i));
  const auto shows = [&](const std::string& name, std::vector<Shown> shown, std::vector<std::string> cured) {
    ASSERT_EQ(store->claim_change(both, "me", 60'000)->name, name);
    ChangeEnd end{.state = "x", .told = "", .result = "", .shown = std::move(shown), .cured = std::move(cured)};
    ASSERT_TRUE(store->end_change("c" + name, end));
    ASSERT_FALSE(store->end_change("c" + name, end));
  };
  Shown leak;
  leak.kind = "leak";
  leak.signature = "main: leak: a";
  leak.model = "sc";
  const std::string key = finding_key(leak.signature);
  leak.first_bad = "1";
  leak.bad_told = "title";
  shows("1", {leak}, {});
  EXPECT_EQ(store->blame(key)->first_bad, "1");
  ASSERT_EQ(store->open_blames("main").size(), 1U);
  leak.first_bad = "";
  shows("2", {leak}, {});
  EXPECT_EQ(store->finding(key)->count, 2U);
  EXPECT_EQ(store->blame(key)->first_bad, "1");
  shows("3", {}, {key});
  EXPECT_EQ(store->finding(key)->state, FindingState::fixed);
  EXPECT_EQ(store->blame(key)->cured_by, "3");
  EXPECT_TRUE(store->open_blames("main").empty());
  leak.first_bad = "4";
  shows("4", {leak}, {});
  EXPECT_EQ(store->finding(key)->state, FindingState::reopened);
  EXPECT_EQ(store->blame(key)->first_bad, "4");
  EXPECT_EQ(store->blame(key)->cured_by, "");
  ASSERT_EQ(store->findings({.programs = {"watch main"}}).size(), 1U);
  EXPECT_TRUE(store->findings({.programs = {"explore", "watch mai"}}).empty());
  EXPECT_EQ(counter(*store, "crashes_total", "kind=leak,novelty=known"), 2U);
}

TEST_P(StoreTest, ManyAtOnceClaimEachChangeOnce) {
  {
    const auto store = open();
    for (int i = 0; i < 40; ++i) store->submit(patch(fmt::format("{:02}", i)));
  }
  std::mutex mutex;
  std::multiset<std::string> claimed;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      const auto store = open("n" + std::to_string(i));
      while (const auto change = store->claim_change(both, "o" + std::to_string(i), 60'000)) {
        const std::lock_guard lock(mutex);
        claimed.insert(change->key);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  // Rows that another one holds are passed over: who finds none may be early.
  EXPECT_EQ(std::set<std::string>(claimed.begin(), claimed.end()).size(), claimed.size());
  EXPECT_EQ(claimed.size(), 40U);
}

TEST(Change, AMailsTitleAndTargetAreRead) {
  EXPECT_EQ(title_of_patch("From x\nSubject: [PATCH 1/2] bpf: a\n title\r\n\nSubject: no"), "[PATCH 1/2] bpf: a title");
  EXPECT_EQ(title_of_patch("--- a/alloc/mem/x\n"), "a patch");
  EXPECT_EQ(target_of_patch("+++ b/kernel/bpf/memalloc.c\n"), "linux");
  EXPECT_EQ(target_of_patch("+++ b/alloc/mem/refill.cpp\n"), "alloc");
}

// ---- versions of the schema --------------------------------------------------------------------------------------------

TEST_P(StoreTest, AStoreOfTheOldestVersionIsBroughtUpToDate) {
  {
    const auto sql = open_sql();
    migrate_to(*sql, 1);
    Transaction transaction(*sql);
    sql->run(
        "INSERT INTO finding VALUES($1, 'old', 'leak', 'leak: a', 'simulator', 'explore', 'b0', 'in', '', '', '', '', "
        "20, 20, 'open', 'b0')",
        finding_key("leak: a"));
    sql->run("INSERT INTO tally VALUES($1, 'old', 3, 1000, 2000)", finding_key("leak: a"));
    sql->run("INSERT INTO tally VALUES($1, 'older', 4, 500, 700)", finding_key("leak: a"));
    sql->run(
        "INSERT INTO sighting VALUES('e7', 'old', 1, 'simulator', 'explore', 'b0', '', 'leak: b', '', '', 1, 0, '', "
        "0)");
    transaction.commit();
  }
  const auto store = open();
  const auto found = store->findings({.count_max = 10});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].count, 7U);
  EXPECT_EQ(found[0].first_seen, 500);
  EXPECT_EQ(found[0].last_seen, 2000);
  EXPECT_EQ(store->waiting(), 1U);
  EXPECT_EQ(store->report(sighting("e8", "leak: a")), Reported::counted);
  EXPECT_TRUE(store->claim_recheck("explore", "b1", "me", 60'000));
  open();  // once more changes nothing
  EXPECT_EQ(open_sql()->name(), open_sql()->name());
}

TEST_P(StoreTest, AnOlderProgramRefusesANewerSchema) {
  open();
  {
    const auto sql = open_sql();
    Transaction transaction(*sql);
    sql->set_version(schema_version + 1);
    transaction.commit();
  }
  try {
    open();
    FAIL() << "it was opened";
  } catch (const StoreError& error) {
    EXPECT_NE(std::string(error.what()).find("newer farm"), std::string::npos) << error.what();
  }
}

TEST_P(StoreTest, ManyFarmsThatStartAtOnceMakeTheSchemaOnce) {
  std::vector<std::thread> threads;
  std::atomic<int> opened{0};
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      open()->report(sighting("e", ""));
      ++opened;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(opened, 8);
  EXPECT_EQ(open()->waiting(), 1U);
}

// The window is some microseconds: one file shows it once in thirty times.
TEST(SqliteFile, WhoMakesItAtTheSameTimeWaits) {
  constexpr int files = 200;
  constexpr int openers = 8;
  const Scratch scratch;
  std::atomic<int> opened{0};
  for (int i = 0; i < files; ++i) {
    std::vector<std::thread> threads;
    for (int k = 0; k < openers; ++k) {
      threads.emplace_back([&] {
        try {
          open_sqlite(scratch.folder() / fmt::format("{}.sqlite", i));
          ++opened;
        } catch (const StoreError& error) {
          ADD_FAILURE() << error.what();
        }
      });
    }
    for (auto& thread : threads) thread.join();
  }
  EXPECT_EQ(opened, files * openers);
}

// ---- a server that goes and comes --------------------------------------------------------------------------------------

TEST(PostgresStore, GoesOnWhenTheServerIsThereAgain) {
  TestServer& server = TestServer::instance();
  const auto store = open_store({.url = server.new_database(), .node = "n1"});
  store->report(sighting("e1", ""));
  server.stop();
  EXPECT_THROW(store->report(sighting("e2", "")), StoreAway);
  EXPECT_THROW(store->report(sighting("e2", "")), StoreAway);
  EXPECT_THROW(store->blobs().put("bytes"), StoreAway);
  server.start();
  EXPECT_EQ(store->report(sighting("e1", "")), Reported::repeated);
  EXPECT_EQ(store->report(sighting("e2", "")), Reported::queued);
  store->blobs().put("bytes");
}

TEST(PostgresStore, SaysWhatIsWrongWithAnUrl) {
  const auto said = [](const std::string& url) -> std::string {
    try {
      open_store({.url = url, .node = "n1"});
    } catch (const StoreAway& error) {
      return std::string("away: ") + error.what();
    } catch (const StoreError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_NE(said("postgresql://farm:secret@/x").find("PGPASSFILE"), std::string::npos);
  EXPECT_EQ(said("postgresql://farm:secret@/x").find("secret"), std::string::npos);
  EXPECT_NE(said("mysql://x").find("[store] url"), std::string::npos) << said("mysql://x");
  EXPECT_TRUE(said("host=/nowhere").starts_with("away: ")) << said("host=/nowhere");
  const std::string there = TestServer::instance().new_database();
  EXPECT_NE(said(there + "&dbname=none_such").find("does not exist"), std::string::npos);
}

// ---- the journal -------------------------------------------------------------------------------------------------------

constexpr std::uint64_t megabyte = 1U << 20U;

std::vector<Entry> one_of_each() {
  const std::string odd("\0\xff text", 7);
  Finding f = finding("leak: j");
  f.replays = f.reproduced = 3;
  return {SightingEntry{sighting("j1", "leak: j"), {.input = odd, .report = "report"}},
          SettledEntry{sighting("j1", "leak: j"), f, {.input = odd, .diagram = "drawn"}, "3 of 3 replays", false},
          SightingEntry{sighting("j2", ""), {}},
          DismissedEntry{"j2"},
          CheckedEntry{finding_key("leak: j"), "b9", 4, 0},
          CountedEntry{"event", {"counter", "a=b"}, 5},
          NotedEntry{"name", odd},
          SubmittedEntry{{.key = "c1", .source = "", .target = "alloc", .title = odd, .name = "", .place = 0}, odd},
          ChangeEndEntry{"c1", {.state = "clean", .told = "", .result = "{}", .shown = {}, .cured = {}}}};
}

TEST_P(StoreTest, WhatTheJournalHoldsReachesTheStoreOnceHoweverOftenItIsDelivered) {
  const auto store = open();
  {
    Journal journal(scratch_.folder(), megabyte);
    journal.append(one_of_each());
    EXPECT_EQ(journal.entries(), 9U);
  }
  for (int times = 0; times < 2; ++times) {
    Journal journal(scratch_.folder(), megabyte);  // as after a kill
    ASSERT_EQ(journal.entries(), 9U);
    for (const auto& owed : journal.oldest(100)) deliver(*decode(owed.bytes), *store);
  }
  Journal journal(scratch_.folder(), megabyte);
  journal.delivered(journal.oldest(100).back().number);
  EXPECT_EQ(journal.entries(), 0U);
  ASSERT_EQ(store->findings().size(), 1U);
  const Finding f = store->findings()[0];
  EXPECT_EQ(f.count, 1U);
  EXPECT_EQ(f.state, FindingState::fixed);
  EXPECT_EQ(f.replays, 3U + 4U);
  EXPECT_EQ(store->blobs().get(f.input), std::string("\0\xff text", 7));
  EXPECT_EQ(store->blobs().get(f.diagram), "drawn");
  EXPECT_EQ(store->waiting(), 0U);
  EXPECT_EQ(counter(*store, "counter", "a=b"), 5U);
  ASSERT_EQ(store->changes(std::nullopt, 0, 10).size(), 1U);
  const Change change = store->changes(std::nullopt, 0, 10)[0];
  EXPECT_EQ(change.state, "clean");
  EXPECT_EQ(store->blobs().get(change.content), std::string("\0\xff text", 7));
  EXPECT_EQ(store->blobs().get(change.result), "{}");
}

TEST_P(StoreTest, AnAccusationOfOurselvesIsAFindingOfItsOwn) {
  const auto store = open();
  store->report(sighting("j1", "leak: j"));
  const SettledEntry entry{sighting("j1", "leak: j"), finding("leak: j"), {.input = "x"}, "1 of 3 replays", true};
  deliver(entry, *store);
  deliver(entry, *store);
  ASSERT_EQ(store->findings().size(), 2U);
  const auto ours = store->finding(finding_key("nondeterminism: leak: j"));
  ASSERT_TRUE(ours);
  EXPECT_EQ(ours->count, 1U);
  EXPECT_EQ(store->waiting(), 0U);
}

TEST(Journal, IsBoundedAndSaysSo) {
  const Scratch scratch;
  Journal journal(scratch.folder(), 4096);
  const Entry large = NotedEntry{"n", std::string(3000, 'x')};
  journal.append({large});
  try {
    journal.append({large});
    FAIL() << "it was taken";
  } catch (const StoreError& error) {
    EXPECT_NE(std::string(error.what()).find("journal_mb"), std::string::npos) << error.what();
  }
  EXPECT_EQ(journal.entries(), 1U);
  journal.delivered(journal.oldest(1)[0].number);
  journal.append({large});
}

TEST(Journal, KeepsWhatTheStoreRefusesApart) {
  const Scratch scratch;
  {
    Journal journal(scratch.folder(), megabyte);
    journal.append({NotedEntry{"a", "1"}, NotedEntry{"b", "2"}});
    journal.refused(journal.oldest(1)[0].number, "too large");
    EXPECT_EQ(journal.entries(), 1U);
    journal.set_note("instance", "me");
  }
  Journal journal(scratch.folder(), megabyte);
  EXPECT_EQ(journal.entries(), 1U);
  EXPECT_EQ(journal.refused_entries(), 1U);
  EXPECT_EQ(journal.note("instance"), "me");
  const auto left = journal.oldest(10);
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(std::get<NotedEntry>(*decode(left[0].bytes)).name, "b");
  EXPECT_FALSE(decode("no entry"));
  journal.append({NotedEntry{"c", "3"}});
  EXPECT_EQ(journal.oldest(10).size(), 2U);
}

// ---- killed at any instant -----------------------------------------------------------------------------------------

// Events of two signatures; each is written twice, and what was acknowledged goes into a file.
[[noreturn]] void write_until_killed(const StorePlace& place, unsigned from, const std::string& acknowledged) {
  std::ofstream said(acknowledged, std::ios::app);
  const auto store = open_store(place);
  for (unsigned i = from;; ++i) {
    Sighting s = sighting("e" + std::to_string(i), i % 2 == 0 ? "leak: even" : "leak: odd");
    s.input = store->blobs().put("input " + std::to_string(i));
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

TEST_P(StoreTest, KilledTwoHundredTimesLosesNothingAndDoublesNothing) {
  constexpr int kills = 200;
  constexpr int kills_max = 10'000;  // on a busy machine a writer does little before it is killed
  constexpr std::size_t acknowledged_least = 100;
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
    if (child == 0) write_until_killed(place(), from, acknowledged);
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
    EXPECT_EQ(store->blobs().get(sha256(input)), input) << "lost: " << i;
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
