// Atomic, Plain, Local: what their methods do.
//
// Job: for each operation its point and its access. Called through the port.
#include "machine/kernel/core.h"
#include "machine/memory/perform.h"

namespace rcufarm::sim {

using kernel::Order;

namespace {

// The access that the method `op` makes of its word, behind its point.
[[gnu::always_inline]] inline Access at_point(Core& c, Op op, Effect effect, const Word* word, Order order,
                                              const Site& site) {
  const SiteNumber number = c.sites.number_of(site);
  c.point(op, effect != Effect::load, word, number);
  return {.op = op, .noted = op, .shown = op, .effect = effect, .order = order, .address = word, .site = number};
}

// One copy for Plain and Local, as of plain_write: what is asked for so often shall stay in the cache of instructions.
[[gnu::noinline]] Word plain_read(Op op, const Word* word, const Site& site) {
  Core& c = core();
  Access access = at_point(c, op, Effect::load, word, Order::relaxed, site);
  access.is_plain = true;
  return perform(c, access).value;
}

[[gnu::noinline]] void plain_write(Op op, Word* word, Word value, const Site& site) {
  Core& c = core();
  Access access = at_point(c, op, Effect::store, word, Order::relaxed, site);
  access.is_plain = true;
  access.operand = value;
  perform(c, access);
}

// And one for all that is atomic.
[[gnu::noinline]] Performed atomic_access(Op op, Effect effect, const Word* word, Order order, const Site& site,
                                          Word operand = 0, Word expected = 0) {
  Core& c = core();
  Access access = at_point(c, op, effect, word, order, site);
  access.operand = operand;
  access.expected = expected;
  return perform(c, access);
}

}  // namespace

// Between two points: whoever frees the memory at the same time does it before the one or after the other.
void counter_access(const void* counter, bool writes, const Site& site) {
  Core& c = core();
  c.current->site = c.sites.number_of(site);
  c.on_atomic(c.shadow_of(counter), c.here(writes ? Op::atomic_exchange : Op::atomic_load), counter, writes);
}

Word atomic_load(const Word* word, Order order, const Site& site) {
  return atomic_access(Op::atomic_load, Effect::load, word, order, site).value;
}

void atomic_store(Word* word, Word value, Order order, const Site& site) {
  atomic_access(Op::atomic_store, Effect::store, word, order, site, value);
}

Word atomic_exchange(Word* word, Word value, Order order, const Site& site) {
  return atomic_access(Op::atomic_exchange, Effect::exchange, word, order, site, value).value;
}

bool atomic_compare_exchange(Word* word, Word expected, Word desired, Order order, const Site& site) {
  return atomic_access(Op::atomic_compare_exchange, Effect::compare_exchange, word, order, site, desired, expected)
      .wrote;
}

Word plain_load(const Word* word, const Site& site) { return plain_read(Op::plain_load, word, site); }
void plain_store(Word* word, Word value, const Site& site) { plain_write(Op::plain_store, word, value, site); }
Word local_load(const Word* word, const Site& site) { return plain_read(Op::local_load, word, site); }
void local_store(Word* word, Word value, const Site& site) { plain_write(Op::local_store, word, value, site); }

}  // namespace rcufarm::sim
