// The part of the user that the kernel's allocators alone have: flags, objects that go past their lists, grace periods, instances of a
// per-CPU object.
#include <cstring>

#include "harness/sim/sim_user.h"
#include "kernel/kernel.h"

namespace rcufarm::harness {

using oracle::UserCall;
using scenario::CacheKind;

bool SimUser::alloc_flags(const scenario::Operation& op, bool interrupts_on) {
  if (op.cache >= caches_count_ || caches_[op.cache].kind == CacheKind::classes) return false;
  if (allocator_.cache_alloc_flags == nullptr) return false;
  return alloc_into(op.slot, {.cache = op.cache,
                              .bytes = caches_[op.cache].size,
                              .flags = true,
                              .gfp = op.gfp() == scenario::Gfp::kernel ? kernel::Gfp::kernel : kernel::Gfp::nowait,
                              .interrupts_on = interrupts_on});
}

// Of a per-CPU object that was just handed out: the allocation that its pointer leads to. No access of the program's.
std::uint32_t SimUser::instances_of(const void* user) const {
  if (!machine_.object_at(user).alive) return 0;
  const void* instances = nullptr;
  std::memcpy(&instances, user, sizeof(instances));
  return machine_.object_at(instances).serial;
}

bool SimUser::raw_free(unsigned slot) {
  if (const SimRecord* record = books_.retired(slot); record != nullptr) return raw_free_retired(slot, *record);
  SimRecord* record = books_.published(slot);
  if (allocator_.raw_free == nullptr) return false;
  // Per-CPU objects have more to them than raw_free gives back, and there is no such call for size classes.
  if (record == nullptr || caches_[record->cache].kind != CacheKind::fixed || !enter(record->cache)) return false;
  const SimBooks::Retire retired = books_.retire(slot, *record);
  if (retired == SimBooks::Retire::displaced) give_back(*record, UserCall::free);
  leave(record->cache);
  return retired != SimBooks::Retire::lost;
}

bool SimUser::raw_free_retired(unsigned slot, const SimRecord& record) {
  if (!enter(record.cache)) return false;
  const bool taken = books_.may_raw_free(record) && books_.take(slot, record, true);
  if (taken) give_up(record);
  leave(record.cache);
  return taken;
}

bool SimUser::synchronize(kernel::RcuFlavor flavor) {
  const std::uint32_t ticket = books_.synchronize_begins(flavor);
  kernel::synchronize_rcu(flavor);
  books_.synchronize_ended(flavor, ticket);
  return true;
}

}  // namespace rcufarm::harness
