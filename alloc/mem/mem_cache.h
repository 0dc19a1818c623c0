// One cache on one CPU: objects of one size, with the lists that they pass through (the seed's bpf_mem_cache).
//
// Job: the data, and who may touch it. The code is in four places, by context:
//   fast_path.h       alloc, free, free_rcu in their usual case: task, irq, nmi
//   operations.cpp    the same, whatever the case
//   refill.cpp        irq_work of the cache's own CPU
//   grace_period.cpp  irq_work of any CPU, RCU callbacks
// The life of an object (the seed's commit message):
//   alloc       takes from free_llist
//   free        free_llist, or free_llist_extra when it comes over another operation
//   free_rcu    free_by_rcu (or free_llist_extra_rcu) -> waiting_for_gp
//   trimming    free_llist above high_watermark -> tgt's free_by_rcu_ttrace
//   after a regular grace period        waiting_for_gp -> tgt's free_by_rcu_ttrace
//   then   free_by_rcu_ttrace -> waiting_for_gp_ttrace -> (tasks-trace grace period) -> slab
//   refill takes back from free_by_rcu_ttrace and waiting_for_gp_ttrace before it asks the slab
#pragma once

#include "kernel/kernel.h"

#include "mem/statistics.h"

#include <cstddef>
#include <cstdint>

namespace rcufarm::mem {
inline namespace RCUFARM_KERNEL_PORT {

struct MemCache;

// An object's first word: its list node while it is on a list, and its home cache while a user has it.
using ObjectHeader = kernel::LlistNode;
inline constexpr std::size_t header_bytes = sizeof(ObjectHeader);

inline void* user_of(ObjectHeader* object) { return object + 1; }
inline ObjectHeader* object_of(void* user) { return static_cast<ObjectHeader*>(user) - 1; }
inline MemCache* home_of(ObjectHeader* object) { return reinterpret_cast<MemCache*>(object->next.get()); }
inline void set_home(ObjectHeader* object, MemCache* home) {
  object->next.set(reinterpret_cast<kernel::LlistNode*>(home));
}

// What the kernel queues, with the way back to the cache.
struct RefillWork : kernel::IrqWork {
  MemCache* cache = nullptr;
};
struct CacheRcuHead : kernel::RcuHead {
  MemCache* cache = nullptr;
};

// What a cache is made for. Constant from init to the end.
struct CacheShape {
  int unit_size = 0;               // bytes, header included; of a per-CPU cache: bytes of each CPU's instance
  int percpu_size = 0;             // 0, or the bytes of the slab object that points to the instances
  int class_index = -1;            // in the size-class allocator; -1: a fixed-size cache
  std::int64_t low_watermark = 0;  // as wide as the counts of the fast path, which compares them
  std::int64_t high_watermark = 0;
  int batch = 0;

  static CacheShape of(int unit_size, int percpu_size, int class_index);
  int prefill() const { return unit_size <= 256 && percpu_size == 0 ? 4 : 1; }
  std::size_t slab_bytes() const { return static_cast<std::size_t>(percpu_size != 0 ? percpu_size : unit_size); }
  // All that an object takes, its instances on every CPU included.
  std::size_t object_bytes() const {
    return slab_bytes() + (percpu_size != 0 ? static_cast<std::size_t>(unit_size) * kernel::nr_cpus() : 0);
  }
};

struct alignas(64) MemCache {
  // --- the fast path: this CPU's contexts only; `active` is held by the one that works on the lists below -----------
  kernel::LlistHead free_llist;
  // Objects that were ever put on free_llist, and taken off it. Two counts that only grow, since alloc writes the one and
  // free the other: neither waits for the other's last store, and both are statistics as they are.
  kernel::Local<std::int64_t> put{0};
  kernel::Local<std::int64_t> taken{0};
  kernel::Local<bool> active{false};
  CacheShape shape;
  kernel::LlistHead free_by_rcu;
  kernel::Plain<kernel::LlistNode*> free_by_rcu_tail{nullptr};
  kernel::Plain<int> free_by_rcu_cnt{0};

  // The home of the object that was freed here last: where this CPU's surplus goes. A hint, and never anything but a
  // cache of the same size in the same allocator. Relaxed everywhere: what it points to was ready before any object of
  // it was handed out.
  kernel::Atomic<MemCache*> tgt{nullptr};

  // --- frees that found `active` taken (free may not fail): this CPU's contexts add, its irq_work drains -------------
  kernel::LlistHead free_llist_extra;
  kernel::LlistHead free_llist_extra_rcu;
  RefillWork refill_work;
  kernel::ObjCgroup* objcg = nullptr;
  // Why the last refill fell short. This CPU only.
  kernel::Local<kernel::AllocFailure> refill_failure{kernel::AllocFailure::none};

  // --- the regular grace period: filled by this CPU's irq_work, emptied by the callback ------------------------------
  // call_rcu_in_progress hands them over: 0 -> 1 by the irq_work, 1 -> 0 by the callback, as the last thing it does.
  kernel::Atomic<int> call_rcu_in_progress{0};
  kernel::LlistHead waiting_for_gp;
  kernel::Plain<kernel::LlistNode*> waiting_for_gp_tail{nullptr};
  kernel::Plain<int> waiting_for_gp_cnt{0};
  CacheRcuHead rcu;

  // --- the tasks-trace grace period: any CPU's irq_work and callbacks ------------------------------------------------
  // Anyone adds to free_by_rcu_ttrace. Who takes from it or from waiting_for_gp_ttrace holds ttrace_lock: see
  // refill.cpp. call_rcu_ttrace_in_progress: 0 -> 1 by whoever starts the grace period, 1 -> 0 by its callback, as the
  // last thing it does.
  kernel::RawSpinLock ttrace_lock;
  kernel::LlistHead free_by_rcu_ttrace;
  kernel::LlistHead waiting_for_gp_ttrace;
  kernel::Atomic<int> call_rcu_ttrace_in_progress{0};
  CacheRcuHead rcu_ttrace;

  CacheCounters counters;

  // Before anybody else knows the cache; `cpu` is the one that it will belong to. Task context, may sleep.
  void init(const CacheShape& shape, kernel::ObjCgroup* objcg, kernel::Cpu cpu);
  // Statistics, from anywhere.
  std::int64_t objects_on(List list) const;
  void add_to(Statistics& sum) const;
  int free_cnt() const { return static_cast<int>(put.get() - taken.get()); }  // objects on free_llist
  kernel::Counter& on_list(List list) { return counters.on_list[static_cast<int>(list)]; }
};

// --- refill.cpp ------------------------------------------------------------------------------------------------------
// Has the irq_work look after the cache. Any context of the cache's CPU, interrupts off.
void irq_work_raise(MemCache& c) noexcept;
// Counts an alloc that gave nothing. Any context of the cache's CPU.
void count_null(MemCache& c, NullCause cause);
// Why the free list is used up: what the last refill fell short of.
NullCause cause_of_empty(const MemCache& c);
NullCause cause_of(kernel::AllocFailure failure);
// Puts a free onto the list for those that came over another operation.
void free_extra(MemCache& c, ObjectHeader* object);
void free_rcu_extra(MemCache& c, ObjectHeader* object);
// Puts up to `count` objects on free_llist: recycled ones first, then new ones.
void alloc_bulk(MemCache& c, int count, kernel::Cpu node, kernel::Gfp gfp);
// One new object from the slab, with its per-CPU instances if the cache has them; null and the reason otherwise.
ObjectHeader* slab_alloc(MemCache& c, kernel::Cpu node, kernel::Gfp gfp, kernel::AllocFailure& why);

// --- grace_period.cpp ------------------------------------------------------------------------------------------------
// Starts a tasks-trace grace period for what is on c.free_by_rcu_ttrace, unless one is in progress. Not in nmi.
void do_call_rcu_ttrace(MemCache& c);
// Starts a regular grace period for what free_rcu collected. The cache's own irq_work only.
void check_free_by_rcu(MemCache& c);
// Gives a chain back to the slab and says how long it was. Nobody else may have a hold of it.
int free_all(MemCache& c, kernel::LlistNode* chain);
// Gives every list back to the slab. Nobody may be using the cache any more, callbacks included.
void drain_mem_cache(MemCache& c);

}  // namespace RCUFARM_KERNEL_PORT
}  // namespace rcufarm::mem
