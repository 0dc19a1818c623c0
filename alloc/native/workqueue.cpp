#include "native/workqueue.h"

#include "native/backoff.h"
#include "native/completion.h"
#include "native/cpu_owner.h"
#include "native/die.h"
#include "native/legality.h"
#include "native/machine.h"
#include "native/thread_state.h"

namespace rcufarm::native {

using kernel::WorkStruct;

namespace {

struct Flush : WorkStruct {
  Completion done;
};

WorkStruct* oldest_first(WorkStruct* newest) noexcept {
  WorkStruct* oldest = nullptr;
  while (newest != nullptr) {
    WorkStruct* next = newest->next;
    newest->next = oldest;
    oldest = newest;
    newest = next;
  }
  return oldest;
}

}  // namespace

Workqueue::~Workqueue() {
  stop_.store(true, std::memory_order_relaxed);  // the wake releases it
  parker_.wake();
  thread_.join();
}

void Workqueue::queue(WorkStruct& work) noexcept {
  // Acquire: pairs with the release in run_all(), which has read `next`. Release: pairs with its acquire, so that the
  // function sees what was done before a call that found it queued.
  if (work.queued.exchange(1, std::memory_order_acq_rel) == 1) return;
  push(work);
}

void Workqueue::push(WorkStruct& work) noexcept {
  WorkStruct* newest = newest_.load(std::memory_order_relaxed);
  do {
    work.next = newest;
    // Release: pairs with the acquire in run().
  } while (!newest_.compare_exchange_weak(newest, &work, std::memory_order_release, std::memory_order_relaxed));
  if (newest != nullptr) return;  // who put the first one there wakes
  if (!started_.load(std::memory_order_relaxed) && !started_.exchange(true, std::memory_order_relaxed)) {
    thread_ = run_on_pool([this] { run(); });
  }
  parker_.wake();
}

void Workqueue::flush() {
  if (idle()) return;
  Flush flush;
  flush.init([](WorkStruct* work) { static_cast<Flush*>(work)->done.complete(); });
  const WaitWithoutCpu without_cpu;
  queue(flush);
  flush.done.wait("the workqueue: a function does not end");
}

bool Workqueue::idle() const noexcept {
  // Acquire, both, and in this order: as in RcuDriver::idle().
  return newest_.load(std::memory_order_acquire) == nullptr && !busy_.load(std::memory_order_acquire);
}

void Workqueue::finish_round() const noexcept {
  Backoff backoff("a workqueue function to end");
  // Acquire: pairs with the release in run().
  while (busy_.load(std::memory_order_acquire)) backoff.pause();
}

void Workqueue::run() {
  const OnMachine here(machine_, Running::workqueue);
  for (;;) {
    rounds_.add(1);
    busy_.store(true, std::memory_order_relaxed);  // the exchange releases both
    // Acquire: pairs with the release in push().
    WorkStruct* newest = newest_.exchange(nullptr, std::memory_order_acq_rel);
    run_all(oldest_first(newest));
    busy_.store(false, std::memory_order_release);  // pairs with the acquire in idle()
    if (stop_.load(std::memory_order_relaxed)) return;
    if (newest != nullptr) continue;
    parker_.announce();
    // Relaxed: announce() has the acquire.
    if (newest_.load(std::memory_order_relaxed) != nullptr || stop_.load(std::memory_order_relaxed)) {
      parker_.cancel();
    } else {
      const QuiescentState waiting;
      parker_.wait(std::nullopt);
    }
  }
}

void Workqueue::run_all(WorkStruct* oldest) noexcept {
  while (oldest != nullptr) {
    WorkStruct& work = *oldest;
    oldest = work.next;
    const WorkStruct::Function function = work.function;
    // Not touched any more from here on. Release and acquire: pair with queue().
    work.queued.exchange(0, std::memory_order_acq_rel);
    function(&work);
    check(!this_context->irq_off.load(std::memory_order_relaxed), "a workqueue function leaves interrupts off");
  }
}

}  // namespace rcufarm::native

namespace rcufarm::kernel {
inline namespace native {

namespace host = ::rcufarm::native;

void queue_work(WorkStruct* work) noexcept {
  if (!host::legal(host::Operation::queue_work, "queue_work")) return;
  host::this_context->machine->workqueue().queue(*work);
}

}  // namespace native
}  // namespace rcufarm::kernel
