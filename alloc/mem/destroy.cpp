// Destroy: the end of an allocator's caches.
//
// Job: wait for whatever may still touch the caches, then give every object and the caches themselves back. The seed's
// review is about this function: ../README.md answers it remark by remark, with the interleavings. Task context, or
// the workqueue for a deferred destroy.
#include "mem/cache_set.h"

#include <new>

namespace rcufarm::mem {
inline namespace RCUFARM_KERNEL_PORT {

using kernel::Order;
using kernel::RcuFlavor;

namespace {

struct DeferredDestroy : kernel::WorkStruct {
  CacheSet caches;
};

// Is any callback of these caches queued or running? No irq_work of theirs may be, nor be started.
//
// Two passes over all caches, in this order. A callback of the regular flavour may set the tasks-trace flag of any
// cache (its tgt), and does so before it clears its own flag; nothing sets a regular flag any more. So:
//   pass 1 reads 0 from every call_rcu_in_progress: every regular callback has ended, and, by acquire against its
//          release, all that it did is seen here, tasks-trace flags that it set included. No flag is set after this.
//   pass 2 reads 0 from every call_rcu_ttrace_in_progress: nothing was on its way then, and nothing can come.
// Reading both flags of a cache together, or the tasks-trace flag first, or each cache by itself, leaves a gap through
// which a callback slips: the second and third remark of the review.
bool callbacks_in_flight(const CacheSet& caches) {
  int in_progress = 0;
  // Acquire: pairs with the release at the end of free_by_rcu_callback().
  caches.for_each([&](MemCache& c, kernel::Cpu) { in_progress += c.call_rcu_in_progress.load(Order::acquire); });
  if (in_progress != 0) return true;
  // Acquire: pairs with the release at the end of free_waiting_for_gp_ttrace().
  caches.for_each([&](MemCache& c, kernel::Cpu) { in_progress += c.call_rcu_ttrace_in_progress.load(Order::acquire); });
  return in_progress != 0;
}

// Returns when no callback of these caches is queued or running. The barriers are the way to wait, the flags say
// whether it is enough: a regular callback may have queued a tasks-trace one behind it, and that, where the grace
// period does not imply a regular one, a regular one again. Nothing comes after that, so the second round is the last.
void wait_for_callbacks(const CacheSet& caches) {
  while (callbacks_in_flight(caches)) {
    kernel::rcu_barrier(RcuFlavor::regular);
    kernel::rcu_barrier(RcuFlavor::tasks_trace);
  }
}

// Drains only now, with nobody left who could put an object onto a list after it was drained: the first remark.
void free_caches(CacheSet& caches) {
  caches.for_each([](MemCache& c, kernel::Cpu) { drain_mem_cache(c); });
  caches.single.destroy();
  caches.classes.destroy();
  if (caches.objcg != nullptr) kernel::obj_cgroup_put(caches.objcg);
}

void free_caches_deferred(kernel::WorkStruct* work) {
  auto* deferred = static_cast<DeferredDestroy*>(work);
  wait_for_callbacks(deferred->caches);
  free_caches(deferred->caches);
  deferred->~DeferredDestroy();
  kernel::kfree(deferred);
}

}  // namespace

void destroy_caches(CacheSet& caches, Deferral deferral) {
  // All of them before the first flag is read: an irq_work of one cache starts callbacks of another (its tgt).
  caches.for_each([](MemCache& c, kernel::Cpu) { kernel::irq_work_sync(&c.refill_work); });
  if (!callbacks_in_flight(caches)) return free_caches(caches);

  kernel::AllocFailure why = kernel::AllocFailure::none;
  void* memory = deferral == Deferral::never ? nullptr
                                             : kernel::kmalloc_node(sizeof(DeferredDestroy), kernel::Gfp::kernel,
                                                                    kernel::smp_processor_id(), nullptr, why);
  if (memory == nullptr) {  // also when memory is out: then it is the caller who waits
    wait_for_callbacks(caches);
    return free_caches(caches);
  }
  auto* deferred = new (memory) DeferredDestroy;
  deferred->caches = caches;
  deferred->init(&free_caches_deferred);
  kernel::queue_work(deferred);
}

}  // namespace RCUFARM_KERNEL_PORT
}  // namespace rcufarm::mem
