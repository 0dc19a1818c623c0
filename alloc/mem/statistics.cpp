#include "mem/statistics.h"

#include "mem/mem_cache.h"

namespace rcufarm::mem {
inline namespace RCUFARM_KERNEL_PORT {

namespace {
// A gauge is kept as additions and subtractions by several CPUs: a reader may see the second before the first.
std::int64_t not_negative(std::int64_t n) { return n < 0 ? 0 : n; }
}  // namespace

// What the fast path moves is derived from what it counts anyway.
std::int64_t MemCache::objects_on(List list) const {
  std::int64_t n = counters.on_list[static_cast<int>(list)].read();
  if (list == List::free_llist) n += put.peek() - taken.peek();
  if (list == List::free_by_rcu) n += counters.frees_rcu.read();
  return not_negative(n);
}

void MemCache::add_to(Statistics& sum) const {
  for (int i = 0; i < list_count; ++i) {
    const std::int64_t n = objects_on(static_cast<List>(i));
    sum.objects[i] += n;
    sum.bytes[i] += n * static_cast<std::int64_t>(shape.object_bytes());
  }
  const CacheCounters& c = counters;
  sum.allocs += taken.peek() - c.trimmed.read() + c.direct_allocs.read();
  sum.frees += put.peek() - c.refilled.read() + c.frees_extra.read();
  sum.frees_rcu += c.frees_rcu.read() + c.frees_extra_rcu.read();
  sum.refills += c.refills.read();
  sum.trims += c.trims.read();
  sum.from_slab += c.from_slab.read();
  sum.to_slab += c.to_slab.read();
  for (int i = 0; i < null_cause_count; ++i) sum.nulls[i] += c.nulls[i].read();
  for (unsigned i = 0; i < kernel::rcu_flavor_count; ++i) {
    sum.callbacks_queued[i] += c.callbacks_queued[i].read();
    sum.callbacks_done[i] += c.callbacks_done[i].read();
  }
}

std::int64_t Statistics::objects_pending() const {
  std::int64_t n = 0;
  for (int i = 0; i < list_count; ++i) {
    if (static_cast<List>(i) != List::free_llist && static_cast<List>(i) != List::free_llist_extra) n += objects[i];
  }
  return n;
}

const char* name_of(List list) {
  switch (list) {
    case List::free_llist: return "free_llist";
    case List::free_llist_extra: return "free_llist_extra";
    case List::free_by_rcu: return "free_by_rcu";
    case List::free_llist_extra_rcu: return "free_llist_extra_rcu";
    case List::waiting_for_gp: return "waiting_for_gp";
    case List::free_by_rcu_ttrace: return "free_by_rcu_ttrace";
    case List::waiting_for_gp_ttrace: return "waiting_for_gp_ttrace";
  }
  return "unknown list";
}

const char* name_of(kernel::RcuFlavor flavor) {
  switch (flavor) {
    case kernel::RcuFlavor::regular: return "regular";
    case kernel::RcuFlavor::tasks_trace: return "tasks_trace";
  }
  return "unknown flavour";
}

const char* name_of(NullCause cause) {
  switch (cause) {
    case NullCause::active: return "active";
    case NullCause::empty: return "empty";
    case NullCause::slab: return "slab";
    case NullCause::cgroup: return "cgroup";
  }
  return "unknown cause";
}

}  // namespace RCUFARM_KERNEL_PORT
}  // namespace rcufarm::mem
