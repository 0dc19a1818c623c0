// The whole session on engines that are shell scripts: what they print and write is what the real ones do.
#include "session/session.h"

#include <gtest/gtest.h>

#include <chrono>

#include "harness/record.h"
#include "session/present.h"
#include "session/process_tree.h"
#include "session/scratch.h"

namespace rcufarm::session {
namespace {

// libFuzzer's arguments, read as it reads them: $corpus, $seeds, $prefix.
constexpr const char* libfuzzer_head = R"(
corpus=$1 seeds=$2
for argument in "$@"; do case $argument in -artifact_prefix=*) prefix=${argument#*=} ;; esac; done
trap 'echo "stat::number_of_executed_units: 5000"; exit 72' INT
echo "INFO: Loaded 1 modules   (40 inline 8-bit counters): 40 [0x1, 0x2)," >&2
printf '#100\tINITED cov: 8 ft: 8 corp: 3/9b exec/s: 0 rss: 32Mb\n' >&2
)";
// A line that hands over a record, as the harness does.
std::string tell(const char* signature) {
  return "printf '%s' '" + harness::to_json({.findings = {{.kind = oracle::Kind::leak, .signature = signature}}}) +
         "' >\"$RCUFARM_RECORD\"\n";
}
constexpr const char* work_on = "while :; do sleep 0.05; done\n";

class SessionTest : public testing::Test {
 protected:
  SessionPlan plan(EngineKind kind, const std::filesystem::path& target) const {
    SessionPlan plan;
    plan.engines = {{kind, Sanitizer::none, target, replay_, "engine"}};
    plan.duration = std::chrono::seconds(2);
    plan.work = scratch_.folder() / "work";
    plan.seeds = {scratch_.folder() / "seeds"};
    plan.limits.stop_time_max = std::chrono::seconds(1);
    return plan;
  }

  // `stop_after`: a stop is asked for once this much progress was shown.
  Summary run(const SessionPlan& plan, unsigned stop_after = ~0U) const {
    unsigned shown = 0;
    const Watcher watcher{[&](const Progress&) { ++shown; }, [](const std::string&) {},
                          [&] { return shown >= stop_after ? 1U : 0U; }};
    auto result = run_session(plan, watcher);
    EXPECT_TRUE(std::holds_alternative<Summary>(result));
    EXPECT_TRUE(descendants(getpid()).empty()) << "processes are left behind";
    return std::get<Summary>(std::move(result));
  }

  // A program named afl-fuzz that is found first.
  void fake_afl(const std::string& body) const {
    scratch_.script("bin/afl-fuzz", R"(
while [ $# -gt 0 ]; do case $1 in -i) in=$2 ;; -o) out=$2 ;; esac; shift; done
mkdir -p "$out/default/crashes" "$out/default/hangs"
stats() { printf 'execs_done : %s\nexecs_per_sec : 12.5\ncorpus_count : 4\nedges_found : 9\ntotal_edges : 20\n' "$1" >"$out/default/fuzzer_stats"; }
)" + body);
    setenv("PATH", ((scratch_.folder() / "bin").string() + ":" + path_).c_str(), 1);
  }

  void TearDown() override { setenv("PATH", path_.c_str(), 1); }

  Scratch scratch_;
  std::filesystem::path replay_ = scratch_.script("replay", tell("replayed") + "exit 77\n");
  std::filesystem::path seed_ = scratch_.file("seeds/one", "good");
  std::string path_ = getenv("PATH");
};

TEST_F(SessionTest, LibfuzzerThatFindsNothing) {
  const auto target = scratch_.script("t", std::string(libfuzzer_head) + work_on);
  const auto summary = run(plan(EngineKind::libfuzzer, target));
  EXPECT_EQ(summary.engines[0].figures.executions, 5000U);
  EXPECT_EQ(summary.engines[0].figures.edges, 8U);
  EXPECT_EQ(summary.engines[0].figures.edges_all, 40U);
  EXPECT_TRUE(summary.engines[0].troubles.empty());
  EXPECT_EQ(exit_code(summary), 0);
}

TEST_F(SessionTest, LibfuzzerIsStartedAgainAfterAFailure) {
  // The failing input is a seed: it must be taken away, or nothing but it would ever run.
  scratch_.file("seeds/two", "bad");
  const auto target = scratch_.script("t", std::string(libfuzzer_head) + R"(
if grep -qrx bad "$seeds"; then
)" + tell("leak of objects") + R"(
  printf bad >"${prefix}crash-1"
  echo "artifact_prefix='$prefix'; Test unit written to ${prefix}crash-1" >&2
  exit 77
fi
)" + work_on);
  const auto summary = run(plan(EngineKind::libfuzzer, target));
  ASSERT_EQ(summary.findings.size(), 1U);
  EXPECT_EQ(summary.findings[0].signature, "leak of objects");
  EXPECT_EQ(summary.findings[0].inputs.size(), 1U);
  EXPECT_EQ(summary.engines[0].figures.executions, 5100U);
  EXPECT_TRUE(summary.engines[0].troubles.empty());
  EXPECT_EQ(exit_code(summary), 1);
}

TEST_F(SessionTest, LibfuzzerThatDiesIsTroubleAndNoFinding) {
  const auto summary = run(plan(EngineKind::libfuzzer, scratch_.script("t", "echo out of luck >&2; exit 1\n")));
  ASSERT_EQ(summary.engines[0].troubles.size(), 1U);
  EXPECT_NE(summary.engines[0].troubles[0].find("out of luck"), std::string::npos);
  EXPECT_NE(summary.engines[0].troubles[0].find("exit code 1"), std::string::npos);
  EXPECT_EQ(exit_code(summary), 2);
}

TEST_F(SessionTest, NoExecutionIsTrouble) {
  const auto summary =
      run(plan(EngineKind::libfuzzer, scratch_.script("t", "trap 'exit 72' INT\nwhile :; do sleep 0.05; done\n")));
  EXPECT_EQ(exit_code(summary), 2);
}

TEST_F(SessionTest, AProgramThatIgnoresTheStopIsKilled) {
  const auto target = scratch_.script("t", std::string(libfuzzer_head) + "trap '' INT TERM\n" + work_on);
  EXPECT_EQ(exit_code(run(plan(EngineKind::libfuzzer, target))), 0);
}

TEST_F(SessionTest, AStopIsNoTrouble) {
  const auto target = scratch_.script("t", std::string(libfuzzer_head) + work_on);
  auto long_plan = plan(EngineKind::libfuzzer, target);
  long_plan.duration = std::chrono::seconds(1000);
  const auto summary = run(long_plan, 5);
  EXPECT_EQ(exit_code(summary), 0);
  EXPECT_EQ(summary.engines[0].figures.executions, 5000U);
  EXPECT_EQ(exit_code(run(long_plan, 0)), 0);  // before anything was started
}

TEST_F(SessionTest, AflThatFindsNothing) {
  fake_afl("stats 10; trap 'stats 700; exit 0' INT\nwhile :; do sleep 0.05; done\n");
  const auto summary = run(plan(EngineKind::afl, "/bin/true"));
  EXPECT_EQ(summary.engines[0].figures.executions, 700U);
  EXPECT_EQ(summary.engines[0].figures.corpus, 4U);
  EXPECT_EQ(summary.engines[0].figures.edges_all, 20U);
  EXPECT_EQ(exit_code(summary), 0);
}

TEST_F(SessionTest, AflsFailuresAreReplayedAndNamed) {
  fake_afl(R"(
seed=$(ls "$in"); echo "[!] WARNING: Test case 'id:000000,time:0,execs:0,orig:$seed' results in a crash, skipping"
printf x >"$out/default/crashes/id:000000,sig:06"; printf text >"$out/default/crashes/README.txt"
printf y >"$out/default/hangs/id:000000,src:000003"
stats 10; trap 'stats 700; exit 0' INT
while :; do sleep 0.05; done
)");
  const auto summary = run(plan(EngineKind::afl, "/bin/true"));
  ASSERT_EQ(summary.findings.size(), 1U);
  EXPECT_EQ(summary.findings[0].signature, "replayed");
  EXPECT_EQ(summary.findings[0].inputs.size(), 3U);
  EXPECT_EQ(exit_code(summary), 1);
}

TEST_F(SessionTest, AFailureThatDoesNotComeBackIsStillTold) {
  fake_afl(
      "printf x >\"$out/default/crashes/id:000000,sig:11,src:1\"\nstats 10; trap 'stats 700; exit 0' INT\n"
      "while :; do sleep 0.05; done\n");
  auto quiet = plan(EngineKind::afl, "/bin/true");
  quiet.engines[0].replay = "/bin/true";
  const auto summary = run(quiet);
  ASSERT_EQ(summary.findings.size(), 1U);
  EXPECT_EQ(summary.findings[0].signature, "ended by signal 11 under engine, and not when it was replayed");
}

TEST_F(SessionTest, AflsOwnReasonForGivingUpIsTold) {
  fake_afl("printf '\\033[1;91m[-] PROGRAM ABORT : \\033[0mNo instrumentation detected\\033[1;91m\\n'; exit 1\n");
  const auto summary = run(plan(EngineKind::afl, "/bin/true"));
  ASSERT_EQ(summary.engines[0].troubles.size(), 1U);
  EXPECT_EQ(summary.engines[0].troubles[0], "afl-fuzz gave up: No instrumentation detected");
  EXPECT_EQ(exit_code(summary), 2);
}

TEST_F(SessionTest, EnginesTakeTurnsWhereSlotsAreFew) {
  const auto target = scratch_.script("t", std::string(libfuzzer_head) + work_on);
  auto both = plan(EngineKind::libfuzzer, target);
  both.engines.push_back(both.engines[0]);
  both.slots = 1;
  const auto summary = run(both);
  for (const auto& engine : summary.engines) {
    EXPECT_GT(engine.seconds, 0.8);
    EXPECT_LT(engine.seconds, 1.6);
    EXPECT_EQ(engine.figures.executions, 5000U);
  }
}

TEST_F(SessionTest, ObstaclesAreToldBeforeAnythingRuns) {
  auto wrong = plan(EngineKind::libfuzzer, scratch_.folder() / "missing");
  wrong.afl_mutator = scratch_.folder() / "missing.so";
  wrong.engines[0].replay = seed_;  // not executable
  EXPECT_EQ(obstacles(wrong).size(), 3U);
  EXPECT_TRUE(obstacles(plan(EngineKind::libfuzzer, "/bin/true")).empty());
}

}  // namespace
}  // namespace rcufarm::session
