// The fast path: alloc, free and free_rcu of one cache on the current CPU.
//
// Job: the three calls, in any context (task, irq, nmi), with migration disabled by the caller. No lock-prefixed
// instruction and no exchange with memory where the free list has an object and no watermark is crossed. Header-only so
// that each public call is one function.
#pragma once

#include "mem/mem_cache.h"

namespace rcufarm::mem {
inline namespace RCUFARM_KERNEL_PORT {

// Holds c.active, if no context below holds it. A context that comes over this one (irq, nmi) runs to its end before
// this one goes on, so a load and a store do what local_inc_return does; a store of a constant waits for no load.
class ActiveGuard {
 public:
  [[gnu::always_inline]] explicit ActiveGuard(MemCache& c) : active_(c.active), held_(!c.active.get()) {
    if (held_) active_.set(true);
  }
  [[gnu::always_inline]] ~ActiveGuard() {
    if (held_) active_.set(false);
  }
  ActiveGuard(const ActiveGuard&) = delete;
  ActiveGuard& operator=(const ActiveGuard&) = delete;
  [[gnu::always_inline]] explicit operator bool() const { return held_; }

 private:
  kernel::Local<bool>& active_;
  bool held_;
};

[[gnu::always_inline]] inline ObjectHeader* unit_alloc(MemCache& c) {
  ObjectHeader* object = nullptr;
  int cnt = 0;
  const kernel::IrqGuard irq_off;
  {
    const ActiveGuard active(c);
    if (active) [[likely]] {
      object = c.free_llist.del_first_local();
      if (object != nullptr) [[likely]] {
        cnt = c.free_cnt.get() - 1;
        c.free_cnt.set(cnt);
        set_home(object, &c);
        c.counters.allocs.add(1);
      }
    }
    if (object == nullptr) [[unlikely]] count_null(c, !active);
  }
  // Before interrupts go on: a task that preempted this one in between would find the list used up and the refill
  // claimed (so it cannot claim it) but not yet raised (so nobody runs it): NULL with memory to spare.
  if (cnt < c.shape.low_watermark) [[unlikely]] irq_work_raise(c);
  return object;
}

// `home` is what set_home left in the object: the cache that it was allocated from.
[[gnu::always_inline]] inline void unit_free(MemCache& c, ObjectHeader* object, MemCache* home) {
  int cnt = 0;
  const kernel::IrqGuard irq_off;
  c.tgt.store(home, kernel::Order::relaxed);
  {
    const ActiveGuard active(c);
    if (active) [[likely]] {
      c.free_llist.add_local(object);
      cnt = c.free_cnt.get() + 1;
      c.free_cnt.set(cnt);
      c.counters.frees.add(1);
    } else {
      free_extra(c, object);
    }
  }
  if (cnt > c.shape.high_watermark) [[unlikely]] irq_work_raise(c);
}

[[gnu::always_inline]] inline void unit_free_rcu(MemCache& c, ObjectHeader* object, MemCache* home) {
  const kernel::IrqGuard irq_off;
  c.tgt.store(home, kernel::Order::relaxed);
  {
    const ActiveGuard active(c);
    if (active) [[likely]] {
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

}  // namespace RCUFARM_KERNEL_PORT
}  // namespace rcufarm::mem
