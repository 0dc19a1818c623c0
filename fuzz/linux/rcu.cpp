// Both flavours of RCU.
#include "linux/shim.h"

using namespace rcufarm;
using namespace rcufarm::linux_shim;
using kernel::RcuFlavor;

namespace {
void queue(RcuFlavor flavor, callback_head* head, rcu_callback_t func, bool hurry, const sim::Site& site) {
  const auto invoke = [](void (*f)(), sim::Word* word) {
    reinterpret_cast<rcu_callback_t>(f)(reinterpret_cast<callback_head*>(word));
  };
  sim::call_rcu(flavor, word_of(head), {reinterpret_cast<void (*)()>(func), invoke}, hurry, site);
}
}  // namespace

extern "C" {

void rcu_read_lock() { sim::read_lock(RcuFlavor::regular, RCUFARM_CALLER); }
void rcu_read_unlock() { sim::read_unlock(RcuFlavor::regular, RCUFARM_CALLER); }
void call_rcu(callback_head* head, rcu_callback_t func) {
  queue(RcuFlavor::regular, head, func, false, RCUFARM_CALLER);
}
void call_rcu_hurry(callback_head* head, rcu_callback_t func) {
  queue(RcuFlavor::regular, head, func, true, RCUFARM_CALLER);
}
void synchronize_rcu() { sim::synchronize_rcu(RcuFlavor::regular, RCUFARM_CALLER); }
void rcu_barrier() { sim::rcu_barrier(RcuFlavor::regular, RCUFARM_CALLER); }
bool rcu_trace_implies_rcu_gp() { return sim::trace_implies_rcu_gp(); }

void rcu_read_lock_trace() { sim::read_lock(RcuFlavor::tasks_trace, RCUFARM_CALLER); }
void rcu_read_unlock_trace() { sim::read_unlock(RcuFlavor::tasks_trace, RCUFARM_CALLER); }
void call_rcu_tasks_trace(callback_head* head, rcu_callback_t func) {
  queue(RcuFlavor::tasks_trace, head, func, false, RCUFARM_CALLER);
}
void synchronize_rcu_tasks_trace() { sim::synchronize_rcu(RcuFlavor::tasks_trace, RCUFARM_CALLER); }
void rcu_barrier_tasks_trace() { sim::rcu_barrier(RcuFlavor::tasks_trace, RCUFARM_CALLER); }

task_struct* const rcufarm_current = nullptr;
void rcu_request_urgent_qs_task(task_struct*) { sim::request_urgent_qs(RCUFARM_CALLER); }
}
