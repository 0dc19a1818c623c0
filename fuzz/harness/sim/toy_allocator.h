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
};
inline constexpr unsigned mistake_count = static_cast<unsigned>(Mistake::no_end) + 1;

const SimAllocator& toy_allocator(Mistake mistake);

}  // namespace rcufarm::harness
