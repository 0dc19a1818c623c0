// The parts of the supervisor that are plain books.
#include <gtest/gtest.h>

#include <unistd.h>

#include <csignal>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "session/scratch.h"
#include "stress/config/models.h"
#include "stress/farm/programs.h"
#include "stress/farm/restart.h"
#include "stress/farm/rotation.h"
#include "stress/farm/slot.h"
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

TEST(Verdict, WhatIsWrongIsInTheRecordOrAReportOfOthers) {
  const harness::Received nothing;
  EXPECT_TRUE(accuses(nothing, "SUMMARY: AddressSanitizer: heap-use-after-free"));
  EXPECT_TRUE(accuses(nothing, "rcufarm native kernel: waited too long for a CPU"));
  EXPECT_FALSE(accuses(nothing, "FATAL: ThreadSanitizer: unexpected memory mapping\nSUMMARY: ThreadSanitizer: x"));
  EXPECT_FALSE(accuses(nothing, "rcufarm: finding: leak: 1 objects\nrcufarm: signature: leak\n"));
  EXPECT_FALSE(accuses({.record = harness::RunRecord{}}, ""));
  EXPECT_TRUE(accuses({.record = harness::RunRecord{.findings = {{}}}}, ""));
  EXPECT_TRUE(accuses({.trouble = "no kind 'leek'"}, ""));
}

// Before there were models, and with one that nobody knows.
TEST(Stints, WithoutAModelAreSequentiallyConsistent) {
  const session::Scratch scratch;
  scratch.file("stints/1/stint.json", R"({"id":"1","lane":"explore","seed":7,"detail":"pct"})");
  scratch.file("stints/2/stint.json", R"({"id":"2","lane":"explore","seed":7,"detail":"pct","model":"arm"})");
  const auto found = saved_stints(scratch.folder());
  ASSERT_EQ(found.size(), 2U);
  for (const Stint& stint : found) EXPECT_EQ(stint.model, "sc");
}

// What engines need beside their program, and how somebody comes by it.
TEST(Preflight, AnAdoptedAllocatorsProgramsAreBuiltByAdopt) {
  const session::Scratch scratch;
  Config config;
  config.programs.root = scratch.folder();
  config.programs.explore_adopted = "rcufarm-mine";
  config.programs.libfuzzer_adopted = "fuzz/fuzz_sim-mine";
  config.programs.afl_adopted = "afl/fuzz_sim-mine";
  config.shares = shares(1, 0);
  config.shares.libfuzzer_adopted = config.shares.afl_adopted = 1;
  const auto trouble = [&](const char* name) {
    for (const Check& check : preflight(config, scratch.folder(), 0)) {
      if (check.name == name) return check.trouble;
    }
    return std::string("no such check");
  };
  const std::string how =
      ": no such program. Build it: ./farm adopt FOLDER --engines (FOLDER has its rcufarm.toml), or ";
  for (const auto& [name, folder] : {std::pair{"libfuzzer_adopted", "fuzz"}, {"afl_adopted", "afl"}}) {
    const std::filesystem::path bin = scratch.folder() / folder;
    EXPECT_NE(trouble(name).find((bin / "fuzz_sim-mine").string() + how), std::string::npos) << trouble(name);
    scratch.script(std::string(folder) + "/fuzz_sim-mine", "");
    EXPECT_NE(trouble(name).find((bin / "replay_sim-mine").string() + how), std::string::npos) << trouble(name);
    scratch.script(std::string(folder) + "/replay_sim-mine", "");
    EXPECT_NE(trouble(name).find((scratch.folder() / "rcufarm-mine").string() + how), std::string::npos)
        << trouble(name);
  }
  // Nobody builds it meanwhile.
  for (const Check& check : preflight(config, scratch.folder(), getpid())) {
    EXPECT_EQ(check.being_built, check.name == "explore") << check.name;
  }
  scratch.script("rcufarm-mine", "");
  EXPECT_EQ(trouble("libfuzzer_adopted"), "");
  config.programs.afl_fuzz = "/bin/sh";  // AFL++ itself is somebody else's to install
  EXPECT_EQ(trouble("afl_adopted"), "");
}

TEST(Models, HaveTheirSharesAndMeetEachStrategy) {
  constexpr std::size_t strategies = 6;
  const ModelsConfig shares{.sc = 3, .tso = 1, .c11 = 0, .kernel = 2};
  std::map<std::string, unsigned> stints;
  std::set<std::pair<std::string, std::size_t>> met;
  for (std::size_t n = 0; n < strategies * 6; ++n) {
    const std::string model = model_of_stint(shares, n, strategies);
    ++stints[model];
    met.insert({model, n % strategies});
  }
  EXPECT_EQ(stints["sc"], 18U);
  EXPECT_EQ(stints["tso"], 6U);
  EXPECT_EQ(stints["kernel"], 12U);
  EXPECT_EQ(stints.count("c11"), 0U);
  EXPECT_EQ(met.size(), 3 * strategies);
  EXPECT_EQ(model_of_stint({.sc = 0, .tso = 0, .c11 = 0, .kernel = 0}, 5, strategies), "sc");
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
  const Stint stint{"0123", Lane::explore, 0xffffffffffffffffU, "pct", "kernel"};
  save_stint(scratch.folder(), stint);
  scratch.file("stints/broken/stint.json", "{\"id\":");
  scratch.file("stints/empty/other", "");
  const auto found = saved_stints(scratch.folder());
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].id, "0123");
  EXPECT_EQ(found[0].seed, 0xffffffffffffffffU);
  EXPECT_EQ(found[0].detail, "pct");
  EXPECT_EQ(found[0].model, "kernel");
  EXPECT_FALSE(std::filesystem::exists(scratch.folder() / "stints/broken"));
}

}  // namespace
}  // namespace rcufarm::stress
