// The watchdog: a run that stands still ends the process and says where it stands; one that moves is left alone.
#include "harness/native/watchdog.h"

#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <thread>

#include "harness/native/native_run.h"
#include "native/rcu_test_support.h"
#include "scenario/text.h"

namespace rcufarm::harness {
namespace {

using namespace std::chrono_literals;

constexpr auto limit = 1s;

// liburcu's readers are the process's: one on a machine of its own, which never leaves, holds up this run's task 0, if liburcu
// alone is asked.
void run_that_stands_still() {
  native::Machine elsewhere;
  native::test::Reader reader(elsewhere, kernel::RcuFlavor::regular);
  const auto parsed = scenario::parse(R"(scenario v1
cpus 2
slots 1
cache 0 size 64
task 0 on cpu 0
  alloc c0 s0
  pause 1
  synchronize regular
  free s0
task 1 on cpu 1
  yield
)");
  const auto* scenario = std::get_if<scenario::Scenario>(&parsed);
  ASSERT_NE(scenario, nullptr);
  run_native(*scenario, {.no_progress_max = limit, .asks_readers = false});
  reader.leave();
}

TEST(WatchdogDeathTest, SaysWhereEveryTaskStands) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(run_that_stands_still(), testing::KilledBySignal(SIGABRT),
              "rcufarm: finding: no-progress: nothing moved for 1 s.*phase: tasks.*task 0: at operation 2.*task 1: done"
              ".*rcufarm: signature: no-progress");
}

TEST(Watchdog, LeavesARunAloneThatMovesAndOneThatHasEnded) {
  std::atomic<std::uint64_t> steps{0};
  const auto end = std::chrono::steady_clock::now() + 2 * limit;
  {
    const Watchdog watchdog(
        limit, [&] { return steps.load(); }, [] { return std::string("nowhere\n"); });
    while (std::chrono::steady_clock::now() < end) {
      ++steps;
      std::this_thread::sleep_for(20ms);
    }
  }
  std::this_thread::sleep_for(2 * limit);
}

TEST(Watchdog, SpeaksBeforeAFuzzEnginesTimeOut) { EXPECT_LE(NativeLimits{}.no_progress_max, 10s); }

}  // namespace
}  // namespace rcufarm::harness
