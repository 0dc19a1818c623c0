// Threads that outlive machines: starting one for every fuzz input would cost more than the input.
//
// Job: run a function in another thread and wait for it. The threads are process-wide and hold no state of a machine
// between jobs. None exists before the first job: AFL++'s fork server must fork before any thread is there. Any thread
// may start and join jobs, outside nmi.
#pragma once

#include <functional>
#include <memory>

namespace rcufarm::native {

namespace pool {
struct Task;
}

// A job that runs or has run; joined at the latest when the handle ends.
class Job {
 public:
  Job() noexcept = default;
  explicit Job(std::shared_ptr<pool::Task> task) noexcept : task_(std::move(task)) {}
  Job(Job&&) noexcept = default;
  Job& operator=(Job&& other) noexcept;
  ~Job() { join(); }

  // Returns when the function has ended. A calling thread that owns a CPU gives it up meanwhile. No limit of time.
  void join() noexcept;
  bool joinable() const noexcept { return task_ != nullptr; }

 private:
  std::shared_ptr<pool::Task> task_;
};

// Starts `function` at once, in an idle thread or a new one. The function must not throw, and must leave the machine
// that it enters. Dies if limits::threads_max are busy.
[[nodiscard]] Job run_on_pool(std::function<void()> function);

// Threads that the pool has started so far, for tests.
unsigned pool_threads() noexcept;

}  // namespace rcufarm::native
