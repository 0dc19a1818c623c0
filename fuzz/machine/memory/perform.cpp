// Job: see perform.h.
#include "machine/memory/perform.h"

namespace rcufarm::sim {

void trace(Accesses& c, Access a, Word value, Word old, StoresSeen stores) {
  if (a.shown == Op::none) return;
  if (modifies(a.effect))
    return c.trace(a.shown, a.order, a.address, 0, stores.made != 0 ? value : a.operand, old, stores);
  c.trace(a.shown, a.order, a.address, a.effect == Effect::announced_store ? a.bytes : 0, value, 0, stores);
}

void check_upper_half(Accesses& c, const void* address, bool is_plain, bool acquires, Shadow& upper, AccessInfo info,
                      bool writes) {
  const Lane& lane = *c.current->lane;
  check_races(c, lane, address, is_plain, upper, info, writes);
  if (acquires) c.acquire(lane, upper);
}

Performed perform_unusual(Accesses& c, Access a) {
  return c.is_weak ? perform_weak(c, a) : perform_under_sc<true>(c, a);
}

Performed perform_another(Accesses& c, Access a) { return perform(c, a); }

template <Effect effect>
Performed perform_own(Accesses& c, Op op, kernel::Order order, Word* word, SiteNumber site, Word operand) {
  return perform_whole_word(c, {.op = op,
                                .noted = op,
                                .shown = Op::none,
                                .effect = effect,
                                .order = order,
                                .address = word,
                                .site = site,
                                .operand = operand,
                                .is_newest = true});
}
template Performed perform_own<Effect::load>(Accesses&, Op, kernel::Order, Word*, SiteNumber, Word);
template Performed perform_own<Effect::store>(Accesses&, Op, kernel::Order, Word*, SiteNumber, Word);
template Performed perform_own<Effect::exchange>(Accesses&, Op, kernel::Order, Word*, SiteNumber, Word);
template Performed perform_own<Effect::mark>(Accesses&, Op, kernel::Order, Word*, SiteNumber, Word);

}  // namespace rcufarm::sim
