// For tests: a small allocator on the simulated port, correct or with one mistake, behind the adapter's table.
//
// Job: be a program that each oracle must accuse, and one that none may. The correct one has no lists: alloc asks the
// slab, and either free is two callbacks, one after the other. No per-CPU objects. nmi is not for it.
#pragma once

#include "harness/sim/sim_allocator.h"

namespace rcufarm::harness {

enum class Mistake : unsigned char {
  none,
  leak,
  handed_out_twice,
  freed_under_user,
  freed_twice,
  bad_free,
  reused_under_reader,
  returned_under_reader,
  wrong_size,
  wrong_list,
  pending_does_not_fall,
  memory_grows,
  spurious_null,
  not_charged,
  wrong_count,
  use_after_free,
  callback_on_freed_cache,
  freed_in_use,
  corrupted_list,
  data_race,
  freed_without_happens_before,
  crash,
  queued_twice,
  illegal_context,
  double_lock,
  warning,
  misuse_report,
  deadlock,
  no_end,
  // Two CPUs that call alloc meet where only one may be. Each needs a weaker machine than the one before it.
  store_before_load,           // a store, then a load of the other's: nothing between them
  store_before_store,          // data, then the flag that says so: nothing between them
  exchange_is_taken_for_fence  // a store, a seq_cst exchange of a word of its own, a load: a barrier in the kernel, none in C++
};
inline constexpr unsigned mistake_count = static_cast<unsigned>(Mistake::exchange_is_taken_for_fence) + 1;
inline constexpr unsigned weak_mistake_count = 3;

const SimAllocator& toy_allocator(Mistake mistake);

}  // namespace rcufarm::harness
