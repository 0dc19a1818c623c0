// The fast path: alloc, free and free_rcu of one cache on the current CPU.
//
// Job: the three calls in their usual case, inlined into each public call: no other operation is under way, and no
// watermark is crossed. Everything else is the whole operation once more, out of line (operations.cpp), called last, so
// that the usual case needs no stack frame, no lock-prefixed instruction and no exchange with memory. Any context (task,
// irq, nmi), with migration disabled by the caller.
#pragma once

#include "mem/mem_cache.h"

namespace rcufarm::mem {
inline namespace RCUFARM_KERNEL_PORT {

// Holds c.active, if no context below holds it. A context that comes over this one (irq, nmi) runs to its end before
// this one goes on, so a load and a store do what local_inc_return does; a store of a constant waits for no load.
class ActiveGuard {
 public:
  explicit ActiveGuard(MemCache& c) : active_(c.active), held_(!c.active.get()) {
    if (held_) active_.set(true);
  }
  ~ActiveGuard() {
    if (held_) active_.set(false);
  }
  ActiveGuard(const ActiveGuard&) = delete;
  ActiveGuard& operator=(const ActiveGuard&) = delete;
  explicit operator bool() const { return held_; }

 private:
  kernel::Local<bool>& active_;
  bool held_;
};

// --- operations.cpp: the whole operation, whatever the case. `home` is the cache that the object was allocated from --
// An alloc that goes on to the slab counts its own null.
enum class Nulls : std::uint8_t { counted, not_counted };
void* unit_alloc_any(MemCache& c, Nulls nulls) noexcept;
void unit_free_any(MemCache& c, ObjectHeader* object, MemCache* home) noexcept;
void unit_free_rcu_any(MemCache& c, ObjectHeader* object, MemCache* home) noexcept;
// Runs the irq_work that waits, and gives its argument back.
void* after_irq_work(void* result) noexcept;

[[gnu::always_inline]] inline void* unit_alloc(MemCache& c) noexcept {
  bool irq_work_waits = false;
  ObjectHeader* object = nullptr;
  {
    const kernel::ShortIrqGuard irq_off(irq_work_waits);
    if (!c.active.get()) [[likely]] {
      c.active.set(true);
      // Read now and not before: an nmi between the two above may have taken objects.
      const std::int64_t taken = c.taken.get() + 1;
      if (c.put.get() - taken >= c.shape.low_watermark) [[likely]] {
        object = c.free_llist.del_first_local();
        c.taken.set(taken);
        set_home(object, &c);
      }
      c.active.set(false);
    }
  }
  if (object == nullptr) [[unlikely]]
    return unit_alloc_any(c, Nulls::counted);
  if (irq_work_waits) [[unlikely]]
    return after_irq_work(user_of(object));
  return user_of(object);
}

[[gnu::always_inline]] inline void unit_free(MemCache& c, ObjectHeader* object, MemCache* home) noexcept {
  bool irq_work_waits = false;
  bool done = false;
  {
    const kernel::ShortIrqGuard irq_off(irq_work_waits);
    if (!c.active.get()) [[likely]] {
      c.active.set(true);
      const std::int64_t put = c.put.get() + 1;
      if (put - c.taken.get() <= c.shape.high_watermark) [[likely]] {
        if (c.tgt.load(kernel::Order::relaxed) != home) [[unlikely]]
          c.tgt.store(home, kernel::Order::relaxed);
        c.free_llist.add_local(object);
        c.put.set(put);
        done = true;
      }
      c.active.set(false);
    }
  }
  if (!done) [[unlikely]]
    return unit_free_any(c, object, home);
  if (irq_work_waits) [[unlikely]]
    after_irq_work(nullptr);
}

[[gnu::always_inline]] inline void unit_free_rcu(MemCache& c, ObjectHeader* object, MemCache* home) noexcept {
  bool irq_work_waits = false;
  bool done = false;
  {
    const kernel::ShortIrqGuard irq_off(irq_work_waits);
    // The usual case: a callback is in flight, so there is nothing to raise. Relaxed: a stale 1 leaves the object to the
    // next free_rcu or refill.
    if (!c.active.get() && c.call_rcu_in_progress.load(kernel::Order::relaxed) != 0) [[likely]] {
      c.active.set(true);
      if (c.tgt.load(kernel::Order::relaxed) != home) [[unlikely]]
        c.tgt.store(home, kernel::Order::relaxed);
      if (c.free_by_rcu.add_local(object)) [[unlikely]]
        c.free_by_rcu_tail.set(object);
      c.free_by_rcu_cnt.set(c.free_by_rcu_cnt.get() + 1);
      c.counters.frees_rcu.add(1);
      c.active.set(false);
      done = true;
    }
  }
  if (!done) [[unlikely]]
    return unit_free_rcu_any(c, object, home);
  if (irq_work_waits) [[unlikely]]
    after_irq_work(nullptr);
}

}  // namespace RCUFARM_KERNEL_PORT
}  // namespace rcufarm::mem
