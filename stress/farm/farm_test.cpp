// The parts of the supervisor that are plain books, and what workers' words mean.
#include <gtest/gtest.h>

#include <csignal>

#include "session/scratch.h"
#include "stress/farm/restart.h"
#include "stress/farm/rotation.h"
#include "stress/farm/slot.h"
#include "stress/metrics/leak.h"
#include "stress/worker/corpus.h"

namespace rcufarm::stress {
namespace {

using namespace std::chrono_literals;

SharesConfig shares(unsigned explore, unsigned afl_sim) {
  SharesConfig s{};
  for (unsigned* share : {&s.explore, &s.libfuzzer_sim, &s.libfuzzer_native, &s.libfuzzer_native_tsan, &s.afl_sim,
                          &s.afl_native, &s.stress_asan, &s.stress_tsan, &s.regressions, &s.canary}) {
    *share = 0;
  }
  s.explore = explore;
  s.afl_sim = afl_sim;
  return s;
}

TEST(Rotation, TimeFollowsTheShares) {
  Rotation rotation;
  for (int i = 0; i < 400; ++i) {
    const auto lane = rotation.pick(shares(3, 1), [](Lane) { return true; });
    ASSERT_TRUE(lane);
    rotation.served(*lane, *lane == Lane::explore ? 2.0 : 10.0);
  }
  EXPECT_NEAR(rotation.seconds(Lane::explore) / rotation.seconds(Lane::afl_sim), 3.0, 0.1);
}

TEST(Rotation, WhoCouldNotRunDoesNotMakeUpForIt) {
  Rotation rotation;
  for (int i = 0; i < 100; ++i) {
    rotation.served(*rotation.pick(shares(1, 1), [](Lane l) { return l == Lane::explore; }), 1);
  }
  unsigned afl = 0;
  for (int i = 0; i < 10; ++i) {
    const auto lane = rotation.pick(shares(1, 1), [](Lane) { return true; });
    rotation.served(*lane, 1);
    afl += *lane == Lane::afl_sim ? 1 : 0;
  }
  EXPECT_LE(afl, 6U);
  EXPECT_GE(afl, 4U);
}

TEST(Rotation, NobodyReadyNobodyRuns) {
  EXPECT_FALSE(Rotation().pick(SharesConfig{}, [](Lane) { return false; }));
}

TEST(Restart, WaitsLongerEachTimeAndIsParked) {
  const RestartConfig config{.backoff_ms = 1000, .backoff_ms_max = 3000, .crash_loop = 4, .parked_seconds = 60};
  const Restart::Time now{1h};
  Restart restart;
  EXPECT_FALSE(restart.failed(now, config, 0.5));
  EXPECT_EQ(restart.state(now + 999ms), Restart::State::backoff);
  EXPECT_EQ(restart.state(now + 1000ms), Restart::State::ready);
  EXPECT_FALSE(restart.failed(now, config, 0.5));
  EXPECT_EQ(restart.state(now + 1999ms), Restart::State::backoff);
  EXPECT_FALSE(restart.failed(now, config, 0.0));  // 4000 is over the most, and half of 3000 by chance
  EXPECT_EQ(restart.state(now + 1499ms), Restart::State::backoff);
  EXPECT_EQ(restart.state(now + 1500ms), Restart::State::ready);
  EXPECT_TRUE(restart.failed(now, config, 0.5));
  EXPECT_EQ(restart.state(now + 59s), Restart::State::parked);
  EXPECT_EQ(restart.state(now + 61s), Restart::State::ready);
  restart.succeeded();
  EXPECT_EQ(restart.failures(), 0U);
}

int exited(int code) { return code << 8; }

TEST(Verdict, TellsTheMachinesDoingFromFindings) {
  EXPECT_EQ(verdict_on(exited(0), ""), Ended::fine);
  EXPECT_EQ(verdict_on(exited(1), "write: No space left on device"), Ended::resource);
  EXPECT_EQ(verdict_on(exited(1), "==1==ERROR: libFuzzer: out-of-memory (used: 2050Mb; limit: 2048Mb)"), Ended::oom);
  EXPECT_EQ(verdict_on(SIGKILL, ""), Ended::oom);
  EXPECT_EQ(verdict_on(SIGSEGV, ""), Ended::crash);
  EXPECT_EQ(verdict_on(SIGXCPU, ""), Ended::timeout);
  EXPECT_EQ(verdict_on(exited(66), "FATAL: ThreadSanitizer: unexpected memory mapping 0x7f"), Ended::missing);
  EXPECT_EQ(verdict_on(exited(3), "?"), Ended::exit);
}

TEST(Verdict, KindsAreAClosedSet) {
  using oracle::Kind;
  EXPECT_EQ(kind_of_signature("leak: slab_alloc"), Kind::leak);
  EXPECT_EQ(kind_of_signature("leak"), Kind::leak);
  EXPECT_EQ(kind_of_signature("reused-under-reader: x"), Kind::reused_under_reader);
  EXPECT_EQ(kind_of_signature("AddressSanitizer: heap-use-after-free in f"), Kind::asan);
  EXPECT_EQ(kind_of_signature("ThreadSanitizer: data race in f"), Kind::tsan);
  EXPECT_EQ(kind_of_signature("something new"), Kind::crash);
}

TEST(Leak, CountsObjectsAndBytes) {
  const Leak leak = leak_in(
      "rcufarm: finding: leak: 12 objects are not back in the slab after destroy\nlive object of 2048 bytes, x\n"
      "live object of 16 bytes, y\n");
  EXPECT_EQ(leak.objects, 12);
  EXPECT_EQ(leak.bytes, 2064);
  EXPECT_EQ(leak.list, "unknown");
  EXPECT_EQ(leak_in("a drawing").objects, 1);
}

TEST(Leak, OfASimulatedOneTheLastListIsNamed) {
  const Leak leak = leak_in(
      " 2  |   kmalloc(16) -> obj 4 |\n 7 | llist_set_all(c0.waiting_for_gp, obj 4) |\n"
      "10 | llist_del_all(c0.waiting_for_gp) -> obj 4\n22 | llist_add(c0.free_by_rcu_ttrace, obj 4)\n"
      "23 | llist_add(c0.free_llist, obj 41)\n24 | llist_del_all(c0.waiting_for_gp_ttrace) -> NULL\n"
      "   BAD: obj 4 is never given back |\n25 | llist_add(c0.free_llist, obj 4)\n");
  EXPECT_EQ(leak.objects, 1);
  EXPECT_EQ(leak.bytes, 16);
  EXPECT_EQ(leak.list, "free_by_rcu_ttrace");
}

TEST(Corpus, IsBoundedAndKeepsTheSmallOnes) {
  const session::Scratch scratch;
  const Corpus corpus(scratch.folder() / "c");
  corpus.make();
  for (int i = 1; i <= 20; ++i) EXPECT_TRUE(corpus.add(std::string(static_cast<std::size_t>(i), 'x')));
  EXPECT_FALSE(corpus.add("x"));
  EXPECT_EQ(corpus.size().entries, 20U);
  EXPECT_EQ(corpus.prune(15, 1000), 5U);
  EXPECT_EQ(corpus.size().bytes, 120U);  // 1 to 15
  EXPECT_EQ(corpus.prune(100, 10), 11U);
  EXPECT_EQ(corpus.size().bytes, 10U);  // 1 to 4
}

TEST(Stints, AreFoundAgainAndHalfWrittenOnesAreNot) {
  const session::Scratch scratch;
  const Stint stint{"0123", Lane::explore, 0xffffffffffffffffU, "pct"};
  save_stint(scratch.folder(), stint);
  scratch.file("stints/broken/stint.json", "{\"id\":");
  scratch.file("stints/empty/other", "");
  const auto found = saved_stints(scratch.folder());
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].id, "0123");
  EXPECT_EQ(found[0].seed, 0xffffffffffffffffU);
  EXPECT_EQ(found[0].detail, "pct");
  EXPECT_FALSE(std::filesystem::exists(scratch.folder() / "stints/broken"));
}

}  // namespace
}  // namespace rcufarm::stress
