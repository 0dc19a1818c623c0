// The public calls that have to be fast, inline.
//
// Job: from arguments to a cache. Checks what can be checked on the way; whatever is not the usual case goes out of line.
// Included by mem_alloc.h only.
#pragma once

#include "mem/fast_path.h"
#include "mem/mem_alloc.h"

namespace rcufarm::mem {
inline namespace RCUFARM_KERNEL_PORT {

inline void* MemAlloc::alloc(std::size_t size) {
  // Above the limit first: adding the header must not wrap around.
  const int index = size == 0 || size > alloc_size_max ? -1 : size_class_index(size + header_bytes);
  if (index < 0) [[unlikely]]
    return nullptr;
  if (!caches_.classes) [[unlikely]]
    return refuse("alloc", "the allocator has no size classes", nullptr);
  return unit_alloc(caches_.classes.this_cpu().cache[index]);
}

// Whose home is one of this CPU's own caches goes there, the size class with it. The class is never taken from what the
// slab rounded the object up to (ksize), which may lie in the next one: 96 rounded up to 112 would come back as 128.
inline void MemAlloc::free(void* user) {
  if (user == nullptr) return;
  MemCache* home = home_of(object_of(user));
  if (caches_.classes && caches_.classes.this_cpu().has(home)) [[likely]]
    return unit_free(*home, object_of(user), home);
  free_from_elsewhere(user);
}

inline void MemAlloc::free_rcu(void* user) {
  if (user == nullptr) return;
  MemCache* home = home_of(object_of(user));
  if (caches_.classes && caches_.classes.this_cpu().has(home)) [[likely]] {
    return unit_free_rcu(*home, object_of(user), home);
  }
  free_rcu_from_elsewhere(user);
}

inline void* MemAlloc::cache_alloc() {
  if (!caches_.single) [[unlikely]]
    return refuse("cache_alloc", "the allocator has no fixed-size cache", nullptr);
  return unit_alloc(caches_.single.this_cpu());
}

inline void MemAlloc::cache_free(void* user) {
  if (user == nullptr) return;
  // A home in the fixed-size caches is a live object of this allocator; anything else is somebody else's, or free.
  MemCache* home = home_of(object_of(user));
  if (!caches_.single.contains(home)) [[unlikely]]
    return refuse_cache_free("cache_free", user);
  unit_free(caches_.single.this_cpu(), object_of(user), home);
}

inline void MemAlloc::cache_free_rcu(void* user) {
  if (user == nullptr) return;
  MemCache* home = home_of(object_of(user));
  if (!caches_.single.contains(home)) [[unlikely]]
    return refuse_cache_free("cache_free_rcu", user);
  unit_free_rcu(caches_.single.this_cpu(), object_of(user), home);
}

}  // namespace RCUFARM_KERNEL_PORT
}  // namespace rcufarm::mem
