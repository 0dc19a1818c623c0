// Faults in a run end the run; others go to whoever had the signal before.
#include "harness/sim/crash_guard.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <csignal>

#include "harness/sim/sim_runner.h"
#include "harness/sim/toy_allocator.h"

namespace rcufarm::harness {
namespace {

constexpr int former_exit = 42;

void leave(int) { _exit(former_exit); }

// Writes where nothing may be written.
void fault() {
  void* page = mmap(nullptr, 1, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  *static_cast<volatile char*>(page) = 1;
}

class CrashGuard : public testing::Test {
 protected:
  // The test's process begins anew: nobody has asked for handlers in it.
  void SetUp() override { testing::GTEST_FLAG(death_test_style) = "threadsafe"; }
};

TEST_F(CrashGuard, AFaultOutsideOfARunIsTheFormerHandlers) {
  const auto outside = [] {
    std::signal(SIGSEGV, &leave);
    catch_crashes_in_runs();
    fault();
  };
  EXPECT_EXIT(outside(), testing::ExitedWithCode(former_exit), "");
}

TEST_F(CrashGuard, ASignalThatSomebodySendsIsTheFormerHandlers) {
  const auto sent = [] {
    std::signal(SIGSEGV, &leave);
    catch_crashes_in_runs();
    raise(SIGSEGV);
  };
  EXPECT_EXIT(sent(), testing::ExitedWithCode(former_exit), "");
}

TEST_F(CrashGuard, ManyFaultsInOneProcessAreFindings) {
  SimRunner runner(toy_allocator(Mistake::crash));
  scenario::Scenario scenario;
  scenario.caches.add().size = 64;
  scenario.tasks.add().ops = {{.kind = scenario::OpKind::alloc}};
  for (int n = 0; n < 100; ++n) {
    const SimOutcome outcome = runner.replay(scenario, SimConfig{}, sim::Schedule{});
    ASSERT_EQ(outcome.accusation.kind, oracle::Kind::crash);
    ASSERT_EQ(runner.finding(outcome, scenario, SimConfig{}).reason, sim::null_pointer_text);
  }
}

}  // namespace
}  // namespace rcufarm::harness
