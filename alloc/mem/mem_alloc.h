// The allocator: what a user of it sees (the seed's bpf_mem_alloc), as C++. ../bpf_mem_alloc.h is the same in C.
//
// Job: choose cache and CPU, check what can be checked, and begin and end the caches' life. An object of this class is
// made, used and destroyed within one machine. All calls but init and destroy are legal in task, irq and nmi context,
// with migration disabled; alloc_flags with Gfp::kernel in task context only.
#pragma once

#include "kernel/kernel.h"

#include "mem/mem_cache.h"
#include "mem/size_class.h"
#include "mem/statistics.h"

#include <cstddef>
#include <cstdint>

namespace rcufarm::mem {
inline namespace RCUFARM_KERNEL_PORT {

enum class Error : std::uint8_t {
  none,
  invalid,    // a size or a combination that no allocator can be made for; or already initialised
  no_memory,  // the caches themselves could not be allocated
};

// May destroy leave the waiting to the workqueue, or does it return only when everything is back in the slab?
enum class Deferral : std::uint8_t { allowed, never };

// All size classes of one CPU.
struct MemCaches {
  MemCache cache[size_class_count];

  bool has(const MemCache* c) const {
    return reinterpret_cast<std::uintptr_t>(c) - reinterpret_cast<std::uintptr_t>(cache) < sizeof(cache);
  }
};

// The caches of all CPUs, of either kind. Copied from MemAlloc into the work item of a deferred destroy.
struct CacheSet {
  kernel::PerCpu<MemCache> single;
  kernel::PerCpu<MemCaches> classes;
  kernel::ObjCgroup* objcg = nullptr;

  bool contains(const void* address) const { return single.contains(address) || classes.contains(address); }
  template <class Visitor>
  void for_each(Visitor visit) const;
};

class MemAlloc {
 public:
  // The largest unit of a fixed-size cache, in bytes; the seed leaves it to the slab.
  static constexpr int unit_size_max = 1 << 20;
  // The largest size that alloc serves.
  static constexpr std::size_t alloc_size_max = size_class_max - header_bytes;

  MemAlloc() = default;
  ~MemAlloc() { destroy(); }
  MemAlloc(const MemAlloc&) = delete;
  MemAlloc& operator=(const MemAlloc&) = delete;

  // size > 0: a cache of objects of `size` bytes, or, if percpu, of pointers to `size` bytes on each CPU.
  // size = 0: the size classes; there are no per-CPU ones (the seed), so size = 0 with percpu is invalid.
  // Charges to the caller's object cgroup, if it has one. Task context; may sleep.
  Error init(int size, bool percpu);

  // Size classes. null: 0 bytes, more than alloc_size_max, or nothing to be had (see Statistics::nulls).
  void* alloc(std::size_t size);
  // Null is ignored. An object that is not a live one of this allocator is reported and left alone.
  void free(void* user);
  void free_rcu(void* user);

  // The fixed-size cache; otherwise as above.
  void* cache_alloc();
  // With Gfp::kernel, goes to the slab when the free list is used up.
  void* cache_alloc_flags(kernel::Gfp gfp);
  void cache_free(void* user);
  void cache_free_rcu(void* user);

  // Straight to the slab: the caller has waited for a tasks-trace grace period, and for a regular one where the first
  // does not imply it. Legal after destroy. Not in nmi, and not for per-CPU caches: their instances would be left over
  // (the seed).
  static void cache_raw_free(void* user);

  // No user and no reader is left, and nested programs are quiet. Does nothing the second time. Task context; sleeps.
  void destroy(Deferral deferral = Deferral::allowed);

  bool is_initialised() const { return static_cast<bool>(caches_.single) || static_cast<bool>(caches_.classes); }
  // Sums over all CPUs and classes; `statistics(i)` for class i alone.
  Statistics statistics() const;
  Statistics statistics(int class_index) const;

 private:
  // The object's home cache, or null (and a report) if `user` is no live object of this allocator.
  MemCache* checked_home(const char* call, void* user) const noexcept;
  // This CPU's cache of the same size class, or null and a report if `home` is of none.
  MemCache* class_like(const MemCache* home, const char* call, void* user) const noexcept;
  void free_from_elsewhere(void* user) noexcept;
  void free_rcu_from_elsewhere(void* user) noexcept;
  void refuse_cache_free(const char* call, void* user) const noexcept;
  // Reports misuse, and gives null.
  void* refuse(const char* call, const char* what, const void* user) const noexcept;

  CacheSet caches_;
};

}  // namespace RCUFARM_KERNEL_PORT
}  // namespace rcufarm::mem

#include "mem/public_calls.h"  // IWYU pragma: export
