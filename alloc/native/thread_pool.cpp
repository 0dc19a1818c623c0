#include "native/thread_pool.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "native/cpu_owner.h"
#include "native/die.h"
#include "native/limits.h"
#include "native/thread_state.h"
#include "native/tsan.h"

namespace rcufarm::native {

namespace pool {

struct Task {
  std::function<void()> function;
  std::atomic<bool> given{false};  // who starts it releases, its thread acquires
  std::mutex lock;
  std::condition_variable changed;
  bool ended = false;
};

namespace {

// A thread of the pool, waiting for its next task. Never ends; under the lock of Pool.
struct Worker {
  std::shared_ptr<Task> next;
  std::condition_variable changed;
};

class Pool {
 public:
  void start(const std::shared_ptr<Task>& task) {
    task->given.store(true, std::memory_order_release);  // pairs with the acquire in work()
    if (give_to_idle(task)) return;
    std::thread([this, task] { work(task); }).detach();
  }

  unsigned threads() noexcept {
    const tsan::Unseen books;
    const std::scoped_lock held(lock_);
    return threads_;
  }

 private:
  // False: a thread has to be started; it is counted.
  bool give_to_idle(const std::shared_ptr<Task>& task) {
    const tsan::Unseen books;
    const std::scoped_lock held(lock_);
    if (idle_.empty()) {
      if (threads_ == limits::threads_max) die("too many threads at work at once");
      ++threads_;
      return false;
    }
    // The longest idle one: a job that is over and one that begins now seldom share a thread, which would order them.
    Worker& worker = *idle_.front();
    idle_.pop_front();
    worker.next = task;
    worker.changed.notify_one();
    return true;
  }

  void work(std::shared_ptr<Task> task) noexcept {
    Worker worker;
    for (;;) {
      task->given.load(std::memory_order_acquire);  // pairs with the release in start()
      task->function();
      check(this_context == nullptr, "a job leaves its machine before it ends");
      end(std::move(task));
      task = wait_for_next(worker);
    }
  }

  static void end(std::shared_ptr<Task> task) {
    task->function = nullptr;  // what it holds ends before its job does
    const std::scoped_lock held(task->lock);
    task->ended = true;
    task->changed.notify_all();
  }

  std::shared_ptr<Task> wait_for_next(Worker& worker) {
    const tsan::Unseen books;
    std::unique_lock held(lock_);
    idle_.push_back(&worker);
    worker.changed.wait(held, [&] { return worker.next != nullptr; });
    return std::move(worker.next);
  }

  std::mutex lock_;
  std::deque<Worker*> idle_;
  unsigned threads_ = 0;
};

// Never destroyed: its threads wait on it when the process ends.
Pool& the_pool() {
  static Pool* const pool = new Pool;
  return *pool;
}

}  // namespace
}  // namespace pool

Job& Job::operator=(Job&& other) noexcept {
  join();
  task_ = std::move(other.task_);
  return *this;
}

void Job::join() noexcept {
  if (task_ == nullptr) return;
  const WaitWithoutCpu waiting;
  {
    std::unique_lock held(task_->lock);
    task_->changed.wait(held, [this] { return task_->ended; });
  }
  task_ = nullptr;
}

Job run_on_pool(std::function<void()> function) {
  auto task = std::make_shared<pool::Task>();
  task->function = std::move(function);
  pool::the_pool().start(task);
  return Job(std::move(task));
}

unsigned pool_threads() noexcept { return pool::the_pool().threads(); }

}  // namespace rcufarm::native
