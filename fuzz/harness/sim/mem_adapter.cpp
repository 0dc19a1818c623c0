// The adapter of alloc/mem.
//
// Job: the table of sim_allocator.h. Compiled once for each copy of the allocator.
#include <new>

#include "harness/sim/sim_allocator.h"
#include "mem/mem_alloc.h"

namespace rcufarm::harness {

namespace {

mem::MemAlloc& of(void* instance) { return *static_cast<mem::MemAlloc*>(instance); }

std::int64_t pending_of(const void* instance) {
  const mem::Statistics all = static_cast<const mem::MemAlloc*>(instance)->statistics();
  return all.objects_pending() + all.objects[static_cast<int>(mem::List::free_llist_extra)];
}

std::int64_t stranded_of(const void* instance) {
  const mem::Statistics all = static_cast<const mem::MemAlloc*>(instance)->statistics();
  return all.objects[static_cast<int>(mem::List::free_llist_extra)] +
         all.objects[static_cast<int>(mem::List::free_llist_extra_rcu)];
}

constexpr SimAllocator table{
    .name = "alloc/mem",
    .bytes = sizeof(mem::MemAlloc),
    .align = alignof(mem::MemAlloc),
    .header_bytes = mem::header_bytes,
    .construct = [](void* instance) { new (instance) mem::MemAlloc; },
    .init = [](void* a, int size, bool percpu) { return of(a).init(size, percpu) == mem::Error::none; },
    .alloc = [](void* a, std::size_t size) { return of(a).alloc(size); },
    .cache_alloc = [](void* a) { return of(a).cache_alloc(); },
    .cache_alloc_flags = [](void* a, kernel::Gfp gfp) { return of(a).cache_alloc_flags(gfp); },
    .free = [](void* a, void* user) { of(a).free(user); },
    .cache_free = [](void* a, void* user) { of(a).cache_free(user); },
    .free_rcu = [](void* a, void* user) { of(a).free_rcu(user); },
    .cache_free_rcu = [](void* a, void* user) { of(a).cache_free_rcu(user); },
    .raw_free = [](void* user) { mem::MemAlloc::cache_raw_free(user); },
    .destroy = [](void* a,
                  bool may_defer) { of(a).destroy(may_defer ? mem::Deferral::allowed : mem::Deferral::never); },
    .pending = &pending_of,
    .stranded = &stranded_of,
};

}  // namespace

const SimAllocator& linked_sim_allocator() { return table; }

}  // namespace rcufarm::harness
