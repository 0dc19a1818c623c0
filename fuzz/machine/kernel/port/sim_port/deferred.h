// What runs later: irq_work, RCU callbacks, works.
//
// Job: the items that a user embeds, and the calls that queue them.
#pragma once

#include "sim_port/detail.h"

namespace rcufarm::kernel {
inline namespace sim {

struct IrqWork {
  void init(void (*new_function)(IrqWork*)) {
    function = new_function;
    word = 0;
  }

  detail::Word word = 0;  // queued, running
  void (*function)(IrqWork*) = nullptr;
};

struct RcuHead {
  detail::Word word = 0;  // by which the machine knows the head: written when it is queued, read when it is invoked
};

struct WorkStruct {
  void init(void (*new_function)(WorkStruct*)) { function = new_function; }

  detail::Word word = 0;
  void (*function)(WorkStruct*) = nullptr;
};

inline bool irq_work_queue(IrqWork* work, const detail::Site& site = detail::Site::here()) {
  const auto invoke = [](void (*f)(), detail::Word* word) {
    reinterpret_cast<void (*)(IrqWork*)>(f)(reinterpret_cast<IrqWork*>(word));
  };
  return ::rcufarm::sim::irq_work_queue(&work->word, {reinterpret_cast<void (*)()>(work->function), invoke}, site);
}
inline void irq_work_sync(IrqWork* work, const detail::Site& site = detail::Site::here()) {
  ::rcufarm::sim::irq_work_sync(&work->word, site);
}

namespace detail {
// The function is kept by the machine, not in the head: a head that is queued twice is reported before anything is lost.
inline void queue_callback(RcuFlavor flavor, RcuHead* head, void (*function)(RcuHead*), bool hurry, const Site& site) {
  const auto invoke = [](void (*f)(), Word* word) {
    reinterpret_cast<void (*)(RcuHead*)>(f)(reinterpret_cast<RcuHead*>(word));
  };
  ::rcufarm::sim::call_rcu(flavor, &head->word, {reinterpret_cast<void (*)()>(function), invoke}, hurry, site);
}
}  // namespace detail

inline void call_rcu(RcuFlavor flavor, RcuHead* head, void (*function)(RcuHead*),
                     const detail::Site& site = detail::Site::here()) {
  detail::queue_callback(flavor, head, function, false, site);
}
inline void call_rcu_hurry(RcuFlavor flavor, RcuHead* head, void (*function)(RcuHead*),
                           const detail::Site& site = detail::Site::here()) {
  detail::queue_callback(flavor, head, function, true, site);
}
inline void synchronize_rcu(RcuFlavor flavor, const detail::Site& site = detail::Site::here()) {
  ::rcufarm::sim::synchronize_rcu(flavor, site);
}
inline void rcu_barrier(RcuFlavor flavor, const detail::Site& site = detail::Site::here()) {
  ::rcufarm::sim::rcu_barrier(flavor, site);
}
inline bool rcu_trace_implies_rcu_gp() { return ::rcufarm::sim::trace_implies_rcu_gp(); }
inline void rcu_request_urgent_qs(const detail::Site& site = detail::Site::here()) {
  ::rcufarm::sim::request_urgent_qs(site);
}

inline void queue_work(WorkStruct* work, const detail::Site& site = detail::Site::here()) {
  const auto invoke = [](void (*f)(), detail::Word* word) {
    reinterpret_cast<void (*)(WorkStruct*)>(f)(reinterpret_cast<WorkStruct*>(word));
  };
  ::rcufarm::sim::queue_work(&work->word, {reinterpret_cast<void (*)()>(work->function), invoke}, site);
}

}  // namespace sim
}  // namespace rcufarm::kernel
