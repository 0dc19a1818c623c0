// Job: see perform.h.
#include "machine/memory/perform.h"

namespace rcufarm::sim {

void trace(Accesses& c, Access a, Word value, Word old, StoresSeen stores) {
  if (a.shown == Op::none) return;
  if (modifies(a.effect))
    return c.trace(a.shown, a.order, a.address, 0, stores.made != 0 ? value : a.operand, old, stores);
  c.trace(a.shown, a.order, a.address, a.effect == Effect::announced_store ? a.bytes : 0, value, 0, stores);
}

void check_upper_half(Accesses& c, Access a, Shadow& upper, AccessInfo info, bool writes) {
  const Lane& lane = *c.current->lane;
  check_races(c, lane, a, upper, info, writes);
  if (reads(a.effect) && acquires(a.order)) c.acquire(lane, upper);
}

Performed perform_unusual(Accesses& c, Access a) {
  return c.is_weak ? perform_weak(c, a) : perform_under_sc<true>(c, a);
}

Performed perform_own(Accesses& c, Op op, Effect effect, kernel::Order order, Word* word, SiteNumber site,
                      Word operand) {
  return perform(c, {.op = op,
                     .noted = op,
                     .shown = Op::none,
                     .effect = effect,
                     .order = order,
                     .address = word,
                     .site = site,
                     .operand = operand,
                     .is_newest = true});
}

}  // namespace rcufarm::sim
