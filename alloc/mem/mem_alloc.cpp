#include "mem/mem_alloc.h"

#include "mem/cache_set.h"
#include "mem/fast_path.h"

namespace rcufarm::mem {
inline namespace RCUFARM_KERNEL_PORT {

Error MemAlloc::init(int size, bool percpu) {
  if (is_initialised() || size < 0 || size > unit_size_max || (percpu && size == 0)) return Error::invalid;
  if (size == 0) {
    caches_.classes = kernel::PerCpu<MemCaches>::create(kernel::Gfp::kernel);
  } else {
    caches_.single = kernel::PerCpu<MemCache>::create(kernel::Gfp::kernel);
  }
  if (!is_initialised()) return Error::no_memory;
  caches_.objcg = kernel::get_obj_cgroup_from_current();

  constexpr int header = static_cast<int>(header_bytes);
  caches_.for_each([&](MemCache& c, kernel::Cpu cpu) {
    if (size == 0) {
      const int index = static_cast<int>(&c - caches_.classes.on(cpu).cache);
      c.init(CacheShape::of(static_cast<int>(size_classes[index]), 0, index), caches_.objcg, cpu);
    } else if (percpu) {
      c.init(CacheShape::of(size, header + static_cast<int>(sizeof(void*)), -1), caches_.objcg, cpu);
    } else {
      c.init(CacheShape::of(size + header, 0, -1), caches_.objcg, cpu);
    }
  });
  return Error::none;
}

// The header of a live object points to its home; that of a free one to another object; that of a stranger to anything.
// So an address inside our own per-CPU caches is the test, and nothing behind it is read before it has passed.
MemCache* MemAlloc::checked_home(const char* call, void* user) const noexcept {
  MemCache* home = home_of(object_of(user));
  if (caches_.contains(home)) return home;
  refuse(call, "not a live object of this allocator", user);
  return nullptr;
}

void* MemAlloc::refuse(const char* call, const char* what, const void* user) const noexcept {
  kernel::report_misuse(kernel::Misuse{.call = call, .what = what, .object = user});
  return nullptr;
}

// The object comes from another CPU, or is not what it should be.
void MemAlloc::free_from_elsewhere(void* user) noexcept {
  MemCache* home = checked_home("free", user);
  if (home == nullptr) return;
  if (MemCache* c = class_like(home, "free", user); c != nullptr) unit_free_any(*c, object_of(user), home);
}

void MemAlloc::free_rcu_from_elsewhere(void* user) noexcept {
  MemCache* home = checked_home("free_rcu", user);
  if (home == nullptr) return;
  if (MemCache* c = class_like(home, "free_rcu", user); c != nullptr) unit_free_rcu_any(*c, object_of(user), home);
}

MemCache* MemAlloc::class_like(const MemCache* home, const char* call, void* user) const noexcept {
  if (home->shape.class_index >= 0) return &caches_.classes.this_cpu().cache[home->shape.class_index];
  refuse(call, "the allocator has no size classes", user);
  return nullptr;
}

void* MemAlloc::cache_alloc_flags(kernel::Gfp gfp) {
  if (gfp != kernel::Gfp::kernel || !caches_.single) return cache_alloc();
  MemCache& c = caches_.single.this_cpu();
  if (void* user = unit_alloc_any(c, Nulls::not_counted); user != nullptr) return user;
  kernel::AllocFailure why = kernel::AllocFailure::none;
  ObjectHeader* object = slab_alloc(c, kernel::smp_processor_id(), gfp, why);
  if (object == nullptr) {
    count_null(c, cause_of(why));
    return nullptr;
  }
  set_home(object, &c);
  c.counters.direct_allocs.add_shared(1);
  return user_of(object);
}

void MemAlloc::refuse_cache_free(const char* call, void* user) const noexcept {
  if (checked_home(call, user) != nullptr) refuse(call, "the allocator has no fixed-size cache", user);
}

// Touches no cache: the allocator may have been destroyed since the object was handed out.
void MemAlloc::cache_raw_free(void* user) {
  if (user != nullptr) kernel::kfree(object_of(user));
}

void MemAlloc::destroy(Deferral deferral) {
  if (!is_initialised()) return;
  destroy_caches(caches_, deferral);
  caches_ = CacheSet{};
}

Statistics MemAlloc::statistics() const {
  Statistics sum;
  caches_.for_each([&](MemCache& c, kernel::Cpu) { c.add_to(sum); });
  return sum;
}

Statistics MemAlloc::statistics(int class_index) const {
  Statistics sum;
  caches_.for_each([&](MemCache& c, kernel::Cpu) {
    if (c.shape.class_index == class_index) c.add_to(sum);
  });
  return sum;
}

}  // namespace RCUFARM_KERNEL_PORT
}  // namespace rcufarm::mem
