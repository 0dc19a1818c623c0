#include <vector>

#include "native/test_support.h"

namespace rcufarm::native::test {
namespace {

TEST(ThreadPool, JoinSeesWhatTheJobDid) {
  int result = 0;  // plain: the job's end happens before the return of join
  Job job = run_on_pool([&] { result = 42; });
  EXPECT_TRUE(job.joinable());
  job.join();
  EXPECT_FALSE(job.joinable());
  EXPECT_EQ(result, 42);
  job.join();  // nothing to wait for
}

TEST(ThreadPool, RunsJobsAtTheSameTime) {
  std::atomic<int> inside{0};
  std::vector<Job> jobs;
  for (int i = 0; i < 4; ++i) {
    jobs.push_back(run_on_pool([&] {
      ++inside;
      wait_until([&] { return inside == 4; });
    }));
  }
  jobs.clear();
  EXPECT_EQ(inside, 4);
}

TEST(ThreadPool, UsesIdleThreadsAgain) {
  const auto use = [] {
    std::atomic<int> inside{0};
    std::vector<Job> jobs;
    for (int i = 0; i < 3; ++i) {
      jobs.push_back(run_on_pool([&] {
        ++inside;
        wait_until([&] { return inside == 3; });
      }));
    }
  };
  use();
  // A thread is idle a moment after its job has ended, so now and then one is started that need not have been.
  const unsigned before = pool_threads();
  for (int i = 0; i < 50; ++i) {
    use();
    give_others_time();
  }
  EXPECT_LE(pool_threads(), before + 10);
}

TEST(ThreadPool, AHandleThatIsAssignedToWaitsFirst) {
  std::atomic<bool> ended{false};
  Job job = run_on_pool([&] {
    give_others_time();
    ended = true;
  });
  job = Job();
  EXPECT_TRUE(ended);
}

TEST(ThreadPool, DropsTheFunctionBeforeJoinReturns) {
  auto held = std::make_shared<int>(1);
  const std::weak_ptr<int> seen = held;
  Job job = run_on_pool([held = std::move(held)] {});
  job.join();
  EXPECT_TRUE(seen.expired());
}

}  // namespace
}  // namespace rcufarm::native::test
