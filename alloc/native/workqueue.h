// The workqueue: one thread that runs queued functions in order and may sleep in them.
//
// Job: queue, run, flush. Queuing: any context but nmi; one read-modify-write, and a wake-up only if the thread may
// sleep. A machine owns one; its thread is started by the first item.
#pragma once

#include <atomic>
#include <cstdint>

#include "native/parker.h"
#include "native/port/counter.h"
#include "native/port/work.h"
#include "native/thread_pool.h"

namespace rcufarm::native {

class Machine;

class Workqueue {
 public:
  explicit Workqueue(Machine& machine) noexcept : machine_(machine) {}
  // Nothing may be queued any more.
  ~Workqueue();
  Workqueue(const Workqueue&) = delete;
  Workqueue& operator=(const Workqueue&) = delete;

  // Nothing if it is queued already.
  void queue(kernel::WorkStruct& work) noexcept;
  // Returns when all that was queued before has ended. Not from a function of the workqueue.
  void flush();
  // As RcuDriver's.
  bool idle() const noexcept;
  void finish_round() const noexcept;
  std::uint64_t rounds() const noexcept { return static_cast<std::uint64_t>(rounds_.read()); }

 private:
  void push(kernel::WorkStruct& work) noexcept;
  void run();
  void run_all(kernel::WorkStruct* oldest) noexcept;

  Machine& machine_;
  std::atomic<kernel::WorkStruct*> newest_{nullptr};
  std::atomic<bool> busy_{false};
  kernel::Counter rounds_;  // written by the thread alone
  std::atomic<bool> started_{false};
  std::atomic<bool> stop_{false};
  Parker parker_;
  Job thread_;
};

}  // namespace rcufarm::native
