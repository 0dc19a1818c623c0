// The adapter of alloc/mem: its table.
//
// Job: sim_allocator.h's table over mem::MemAlloc, for the file that links it (mem_adapter.cpp). Compiled once for each copy of the
// allocator.
#pragma once

#include <new>

#include "harness/sim/sim_allocator.h"
#include "mem/mem_alloc.h"

namespace rcufarm::harness {

namespace mem_adapter {

inline mem::MemAlloc& of(void* instance) { return *static_cast<mem::MemAlloc*>(instance); }

inline SimAccounts accounts_of(const void* instance) {
  const mem::Statistics all = static_cast<const mem::MemAlloc*>(instance)->statistics();
  const auto on = [&](mem::List list) { return all.objects[static_cast<int>(list)]; };
  SimAccounts accounts;
  accounts.objects = 0;
  for (const std::int64_t objects : all.objects) accounts.objects += objects;
  accounts.ready = on(mem::List::free_llist);
  accounts.pending = all.objects_pending() + on(mem::List::free_llist_extra);
  accounts.stranded = on(mem::List::free_llist_extra) + on(mem::List::free_llist_extra_rcu);
  accounts.unraised = on(mem::List::free_llist_extra);
  accounts.allocs = all.allocs;
  accounts.nulls = 0;
  for (const std::int64_t nulls : all.nulls) accounts.nulls += nulls;
  const auto because = [&](mem::NullCause cause) { return all.nulls[static_cast<int>(cause)]; };
  accounts.nulls_nested = because(mem::NullCause::active);
  accounts.nulls_of_slab = because(mem::NullCause::slab);
  accounts.nulls_of_cgroup = because(mem::NullCause::cgroup);
  accounts.in_flight =
      all.callbacks_in_flight(kernel::RcuFlavor::regular) + all.callbacks_in_flight(kernel::RcuFlavor::tasks_trace);
  accounts.frees = all.frees;
  accounts.frees_rcu = all.frees_rcu;
  accounts.from_slab = all.from_slab;
  accounts.grace_regular = all.grace_periods(kernel::RcuFlavor::regular);
  accounts.grace_tasks_trace = all.grace_periods(kernel::RcuFlavor::tasks_trace);
  return accounts;
}

inline std::int64_t ready_of(const void* instance, std::size_t size) {
  const int index = size == 0 ? -1 : mem::size_class_index(size + mem::header_bytes);
  return static_cast<const mem::MemAlloc*>(instance)
      ->statistics(index)
      .objects[static_cast<int>(mem::List::free_llist)];
}

// Nothing, one, few, many.
inline std::uint64_t level(std::int64_t objects) {
  constexpr std::int64_t few = 8;
  if (objects <= 1) return objects == 1 ? 1 : 0;
  return objects < few ? 2 : 3;
}

inline std::uint64_t state_of(const void* instance) {
  const mem::Statistics all = static_cast<const mem::MemAlloc*>(instance)->statistics();
  std::uint64_t state = 0;
  for (const std::int64_t objects : all.objects) state = state << 2U | level(objects);
  for (unsigned f = 0; f < kernel::rcu_flavor_count; ++f) {
    state = state << 1U | (all.callbacks_in_flight(static_cast<kernel::RcuFlavor>(f)) != 0 ? 1 : 0);
  }
  return state;
}

inline constexpr SimAllocator table{
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
    .accounts = &accounts_of,
    .ready = &ready_of,
    .size_max = mem::MemAlloc::alloc_size_max,
    .percpu = true,
    .state = &state_of,
    .unhurried_bytes = std::size_t{256} << 10U,  // alloc/README.md, the urgent quiescent state
};

}  // namespace mem_adapter

}  // namespace rcufarm::harness
