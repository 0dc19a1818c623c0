// Caches of one size (kmem_cache).
//
// Job: kernels of 2022 had one for each allocator. What is freed into a cache with SLAB_TYPESAFE_BY_RCU stays the cache's until it
// is destroyed, last in first out: to the machine it is memory that was never given back. What is kept of
// caches is the host's, and goes when the next run begins.
#include <algorithm>
#include <deque>
#include <utility>
#include <vector>

#include "linux/shim.h"

using namespace rcufarm;
using namespace rcufarm::linux_shim;

struct kmem_cache {
  std::size_t bytes = 0;
  slab_flags_t flags = 0;
  void* memory = nullptr;  // of the slab, as long as there is the cache: there may be none, and who forgets it leaks it
  unsigned out = 0;        // objects with users
  bool destroyed = false;
  std::vector<void*> kept{};  // freed ones, where memory stays
};

namespace {
std::deque<kmem_cache> caches;
}  // namespace

namespace rcufarm::linux_shim {
void begin_kmem_caches() { caches.clear(); }
}  // namespace rcufarm::linux_shim

extern "C" {

kmem_cache* kmem_cache_create(const char*, unsigned bytes, unsigned, slab_flags_t flags, void (*)(void*)) {
  constexpr std::size_t bytes_of_a_cache = 64;
  void* memory = allocate(bytes_of_a_cache, GFP_KERNEL, RCUFARM_CALLER);
  if (memory == nullptr) return nullptr;
  return &caches.emplace_back(kmem_cache{.bytes = bytes, .flags = flags, .memory = memory});
}
unsigned kmem_cache_size(kmem_cache* cache) { return static_cast<unsigned>(cache->bytes); }

void* kmem_cache_alloc_node(kmem_cache* cache, gfp_t gfp, int) {
  const sim::Site& site = RCUFARM_CALLER;
  if ((cache->flags & SLAB_ACCOUNT) != 0) gfp |= __GFP_ACCOUNT;
  void* object = nullptr;
  if (cache->kept.empty()) {
    object = allocate(cache->bytes, gfp, site);
  } else {
    object = cache->kept.back();
    cache->kept.pop_back();
    if ((gfp & __GFP_ZERO) != 0) rcufarm_memset(object, 0, backed(cache->bytes));
  }
  if (object != nullptr) ++cache->out;
  return object;
}

void kmem_cache_free(kmem_cache* cache, void* object) {
  const sim::Site& site = RCUFARM_CALLER;
  if (std::find(cache->kept.begin(), cache->kept.end(), object) != cache->kept.end()) {
    return sim::warn("an object is freed into its kmem_cache a second time", site);
  }
  --cache->out;
  if ((cache->flags & SLAB_TYPESAFE_BY_RCU) != 0) return cache->kept.push_back(object);
  sim::slab_free(object, site);
}

void kmem_cache_destroy(kmem_cache* cache) {
  const sim::Site& site = RCUFARM_CALLER;
  if (cache == nullptr) return;
  if (std::exchange(cache->destroyed, true)) return sim::warn("a kmem_cache is destroyed a second time", site);
  sim::slab_free(cache->memory, site);
  if (cache->out != 0) return sim::warn("a kmem_cache is destroyed while objects of its are out", site);
  if ((cache->flags & SLAB_TYPESAFE_BY_RCU) != 0) sim::rcu_barrier(kernel::RcuFlavor::regular, site);
  for (void* object : cache->kept) sim::slab_free(object, site);
  cache->kept.clear();
}
}
