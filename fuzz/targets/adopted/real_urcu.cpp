// Read sections, callbacks and grace periods on real threads: what code that was written for liburcu calls (include/urcu) where no machine is.
//
// Job: liburcu's memb flavour, in which a thread is registered when it first reads, with callbacks on one thread of our own: so each edge
// that a grace period gives is told to ThreadSanitizer (native/tsan.h), which cannot see into liburcu. By any thread. State: of the process that began with
// the first call; it has to be one that is not forked any more.
#include <pthread.h>
#include <sched.h>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <thread>

#include "native/tsan.h"
#include "targets/include/urcu/rcufarm.h"

// liburcu's: its header has another rcu_head than the one that the code was compiled with.
extern "C" {
void urcu_memb_register_thread(void);
void urcu_memb_unregister_thread(void);
void urcu_memb_read_lock(void);
void urcu_memb_read_unlock(void);
void urcu_memb_synchronize_rcu(void);
}

namespace {

namespace tsan = rcufarm::native::tsan;

using Head = rcu_head;

struct Deferred {
  Head head;
  void (*function)(void* argument);
  void* argument;
};

class Library {
 public:
  void call(Head* head, void (*function)(Head* head)) {
    head->func = function;
    queued_.fetch_add(1, std::memory_order_relaxed);
    head->next = newest_.load(std::memory_order_relaxed);
    // release: pairs with the acquire in serve(), so that the callback sees what its caller did.
    while (!newest_.compare_exchange_weak(head->next, head, std::memory_order_release, std::memory_order_relaxed)) {
    }
    newest_.notify_one();
    std::call_once(started_, [this] { std::thread([this] { serve(); }).detach(); });
  }

  void grace_period() {
    {
      const tsan::Unseen books;
      one_at_a_time_.lock();
    }
    // Relaxed: a section that notes an older number had the library's lock before this, and liburcu waits for it.
    const std::uint64_t question = question_.fetch_add(1, std::memory_order_relaxed) + 1;
    urcu_memb_synchronize_rcu();
    edges_.end(question);
    const tsan::Unseen books;
    one_at_a_time_.unlock();
  }

  // All that was queued before has been run. Callbacks run in the order in which they were queued, and are counted before they are.
  void barrier() {
    const std::uint64_t wanted = queued_.load(std::memory_order_relaxed);
    // acquire: pairs with the release in serve().
    for (std::uint64_t run = run_.load(std::memory_order_acquire); run < wanted;
         run = run_.load(std::memory_order_acquire)) {
      run_.wait(run, std::memory_order_acquire);
    }
  }

  void enter(tsan::ReaderEdge& edge) { edge.enter(question_); }
  void leave(tsan::ReaderEdge& edge) { edge.leave(edges_); }

 private:
  [[noreturn]] void serve() {
    for (;;) {
      newest_.wait(nullptr, std::memory_order_acquire);
      // acquire: pairs with the release in call().
      Head* newest = newest_.exchange(nullptr, std::memory_order_acquire);
      grace_period();
      Head* oldest = nullptr;
      while (newest != nullptr) {
        Head* const next = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = next;
      }
      while (oldest != nullptr) {
        Head* const next = oldest->next;
        oldest->func(oldest);
        oldest = next;
        // release: pairs with the acquire in barrier(), so that who waits sees what the callback did.
        run_.fetch_add(1, std::memory_order_release);
        run_.notify_all();
      }
    }
  }

  std::atomic<Head*> newest_{nullptr};
  std::atomic<std::uint64_t> queued_{0};
  std::atomic<std::uint64_t> run_{0};
  std::once_flag started_;
  std::mutex one_at_a_time_;
  std::atomic<std::uint64_t> question_{0};  // how many grace periods have begun
  tsan::GracePeriodEdges edges_;
};

// Never destroyed: its thread runs until the process ends.
Library& library() {
  static Library& all = *new Library;
  return all;
}

thread_local bool is_registered = false;
thread_local unsigned depth = 0;
thread_local tsan::ReaderEdge edge;

// Destructors of other keys may read: then the thread is registered once more, and this key's is called again.
void register_reader() {
  static const pthread_key_t key = [] {
    pthread_key_t made{};
    pthread_key_create(&made, [](void*) {
      urcu_memb_unregister_thread();
      is_registered = false;
    });
    return made;
  }();
  if (is_registered) return;
  urcu_memb_register_thread();
  is_registered = true;
  pthread_setspecific(key, &is_registered);
}

}  // namespace

extern "C" {
void rcufarm_urcu_read_lock(void) {
  register_reader();
  urcu_memb_read_lock();
  if (depth++ == 0) library().enter(edge);
}
void rcufarm_urcu_read_unlock(void) {
  if (--depth == 0) library().leave(edge);
  urcu_memb_read_unlock();
}
int rcufarm_urcu_read_ongoing(void) { return depth > 0 ? 1 : 0; }
void rcufarm_urcu_call(Head* head, void (*function)(Head* head)) { library().call(head, function); }
void rcufarm_urcu_synchronize(void) { library().grace_period(); }
void rcufarm_urcu_barrier(void) { library().barrier(); }
void rcufarm_urcu_defer(void (*function)(void* argument), void* argument) {
  auto* deferred = new Deferred{.head = {}, .function = function, .argument = argument};
  library().call(&deferred->head, [](Head* head) {
    const auto* due = reinterpret_cast<Deferred*>(head);
    due->function(due->argument);
    delete due;
  });
}
void rcufarm_urcu_relax(void) { sched_yield(); }
}
