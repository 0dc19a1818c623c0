// Statistics: what people and metrics learn of an allocator.
//
// Job: the counters that a cache keeps (CacheCounters) and the sums that a reader gets (Statistics). Reading takes no
// lock and stops nobody: sums are exact when the allocator is at rest, and a moment's mixture while it works.
#pragma once

#include "kernel/kernel.h"

#include <cstdint>
#include <initializer_list>

namespace rcufarm::mem {
inline namespace RCUFARM_KERNEL_PORT {

// The lists that an object can be on between its free and the slab, in the order of its life.
enum class List : std::uint8_t {
  free_llist,
  free_llist_extra,
  free_by_rcu,
  free_llist_extra_rcu,
  waiting_for_gp,
  free_by_rcu_ttrace,
  waiting_for_gp_ttrace,
};
inline constexpr int list_count = 7;

// Why an allocation gave no object.
enum class NullCause : std::uint8_t {
  active,  // it came over an operation on the same cache (irq or nmi)
  empty,   // the free list was used up before irq_work could refill it
  slab,    // as empty, and the last refill failed in the slab
  cgroup,  // as empty, and the last refill met the limit of the object cgroup
};
inline constexpr int null_cause_count = 4;

struct CacheCounters {
  // One writer at a time: this CPU, with `active` taken.
  kernel::Counter frees_rcu;
  kernel::Counter refilled;  // objects put on free_llist by refill and by draining free_llist_extra; frees are the rest
  kernel::Counter trimmed;   // objects taken off free_llist by trimming; allocs are the rest
  // Several writers.
  kernel::Counter frees_extra;
  kernel::Counter frees_extra_rcu;
  kernel::Counter direct_allocs;  // alloc_flags past an empty free list
  kernel::Counter refills;
  kernel::Counter trims;
  kernel::Counter from_slab;
  kernel::Counter to_slab;
  kernel::Counter nulls[null_cause_count];
  kernel::Counter on_list[list_count];  // without what the fast path moves, see MemCache::objects_on
  kernel::Counter callbacks_queued[kernel::rcu_flavor_count];
  kernel::Counter callbacks_done[kernel::rcu_flavor_count];
};

// Sums over the CPUs of one cache or over all caches of an allocator. Objects, not bytes, unless said.
struct Statistics {
  std::int64_t objects[list_count] = {};
  std::int64_t bytes[list_count] = {};
  std::int64_t allocs = 0;  // that gave an object
  std::int64_t frees = 0;
  std::int64_t frees_rcu = 0;
  std::int64_t refills = 0;  // times that irq_work refilled
  std::int64_t trims = 0;    // times that irq_work trimmed
  std::int64_t from_slab = 0;
  std::int64_t to_slab = 0;
  std::int64_t nulls[null_cause_count] = {};
  // A callback that was invoked has waited for a grace period of its flavour.
  std::int64_t callbacks_queued[kernel::rcu_flavor_count] = {};
  std::int64_t callbacks_done[kernel::rcu_flavor_count] = {};

  std::int64_t grace_periods(kernel::RcuFlavor flavor) const { return callbacks_done[static_cast<int>(flavor)]; }
  std::int64_t callbacks_in_flight(kernel::RcuFlavor flavor) const {
    return callbacks_queued[static_cast<int>(flavor)] - callbacks_done[static_cast<int>(flavor)];
  }
  // Objects that wait for a grace period or for their turn to wait: on any list but the two that alloc is served from.
  std::int64_t objects_pending() const;
};

const char* name_of(List list);
const char* name_of(NullCause cause);
const char* name_of(kernel::RcuFlavor flavor);

// Every figure once: visit(name, of, value). `of` is the list, the cause or the flavour that the figure is about, or "".
// Names are those of metrics: what counts up ends in _total.
template <class Visitor>
void for_each_figure(const Statistics& s, Visitor visit) {
  for (int i = 0; i < list_count; ++i) {
    const char* list = name_of(static_cast<List>(i));
    visit("objects", list, s.objects[i]);
    visit("bytes", list, s.bytes[i]);
  }
  visit("allocs_total", "", s.allocs);
  visit("frees_total", "", s.frees);
  visit("frees_rcu_total", "", s.frees_rcu);
  visit("refills_total", "", s.refills);
  visit("trims_total", "", s.trims);
  visit("from_slab_total", "", s.from_slab);
  visit("to_slab_total", "", s.to_slab);
  for (int i = 0; i < null_cause_count; ++i) visit("nulls_total", name_of(static_cast<NullCause>(i)), s.nulls[i]);
  for (const auto flavor : {kernel::RcuFlavor::regular, kernel::RcuFlavor::tasks_trace}) {
    visit("grace_periods_total", name_of(flavor), s.grace_periods(flavor));
    visit("callbacks_in_flight", name_of(flavor), s.callbacks_in_flight(flavor));
  }
}

}  // namespace RCUFARM_KERNEL_PORT
}  // namespace rcufarm::mem
