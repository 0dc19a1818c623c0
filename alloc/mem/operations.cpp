// alloc, free and free_rcu of one cache, whatever the case: over another operation, with an empty list, across a
// watermark.
//
// Job: the whole of each call. fast_path.h comes here when its case is not the usual one. Any context (task, irq, nmi),
// with migration disabled by the caller.
#include "mem/fast_path.h"

namespace rcufarm::mem {
inline namespace RCUFARM_KERNEL_PORT {

void* unit_alloc_any(MemCache& c, Nulls nulls) noexcept {
  ObjectHeader* object = nullptr;
  int cnt = 0;
  const kernel::IrqGuard irq_off;
  {
    const ActiveGuard active(c);
    if (active) object = c.free_llist.del_first_local();
    if (object != nullptr) {
      c.taken.set(c.taken.get() + 1);
      cnt = c.free_cnt();
      set_home(object, &c);
    } else if (nulls == Nulls::counted) {
      count_null(c, active ? cause_of_empty(c) : NullCause::active);
    }
  }
  // Before interrupts go on: a task that preempted this one in between would find the list used up and the refill
  // claimed (so it cannot claim it) but not yet raised (so nobody runs it): NULL with memory to spare.
  if (cnt < c.shape.low_watermark) irq_work_raise(c);
  return object != nullptr ? user_of(object) : nullptr;
}

void unit_free_any(MemCache& c, ObjectHeader* object, MemCache* home) noexcept {
  int cnt = 0;
  const kernel::IrqGuard irq_off;
  c.tgt.store(home, kernel::Order::relaxed);
  {
    const ActiveGuard active(c);
    if (active) {
      c.free_llist.add_local(object);
      c.put.set(c.put.get() + 1);
      cnt = c.free_cnt();
    } else {
      free_extra(c, object);
    }
  }
  if (cnt > c.shape.high_watermark) irq_work_raise(c);
}

void unit_free_rcu_any(MemCache& c, ObjectHeader* object, MemCache* home) noexcept {
  const kernel::IrqGuard irq_off;
  c.tgt.store(home, kernel::Order::relaxed);
  {
    const ActiveGuard active(c);
    if (active) {
      if (c.free_by_rcu.add_local(object)) c.free_by_rcu_tail.set(object);
      c.free_by_rcu_cnt.set(c.free_by_rcu_cnt.get() + 1);
      c.counters.frees_rcu.add(1);
    } else {
      free_rcu_extra(c, object);
    }
  }
  // Relaxed: a stale 1 leaves the object to the next free_rcu or refill, a stale 0 raises once too often.
  if (c.call_rcu_in_progress.load(kernel::Order::relaxed) == 0) irq_work_raise(c);
}

void* after_irq_work(void* result) noexcept {
  const kernel::IrqGuard runs_it_when_it_ends;
  return result;
}

}  // namespace RCUFARM_KERNEL_PORT
}  // namespace rcufarm::mem
