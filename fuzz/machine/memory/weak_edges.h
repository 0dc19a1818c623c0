// What the rest of the machine has to tell weak memory.
//
// Job: fences and edges that are no access; perform_weak.h has those. In a run, where Settings::model is not sc; hand_on_to_fences and
// fence also look for themselves.
#pragma once

#include "machine/engine/memory_model.h"
#include "machine/memory/accesses.h"

namespace rcufarm::sim {

struct Core;

// A new run: nothing has been seen. And so has nobody on this lane.
void begin_weak(Accesses& c);
void begin_weak(Accesses& c, const Lane& lane);
void fence(Accesses& c, Fence kind);
// What the current context has seen is there for full fences to come; with `takes_over`, and the other way round.
void hand_on_to_fences(Accesses& c, bool takes_over = false);
// What the code itself loads or stores after it was announced has happened by now. Before memory is looked at.
void settle_all_announced(Accesses& c);
inline void settle_announced(Accesses& c) {
  if (c.weak->announced_count != 0) [[unlikely]]
    settle_all_announced(c);
}
void lock_orders(Accesses& c);
// What the loads of the current CPU brought, as far as the model orders it before all that comes later (kernel).
void join_loaded(Accesses& c, std::uint32_t* clock);
void switch_task(Accesses& c, Lane& lane);
// tso: all store buffers are empty from here on.
void drain_all(Accesses& c);
// A section of the flavour, or what counts as one, began at tick `since` and ends now. (grace_periods.cpp)
void section_hands_on(Core& c, kernel::RcuFlavor flavor, std::uint64_t since);
// May it come before a store to its memory? Then the strategy decides, and if it does the run ends.
void check_free_comes_last(Accesses& c, const ObjectRecord& object, Op op);

}  // namespace rcufarm::sim
