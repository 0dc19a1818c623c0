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
                                              SiteNumber site) {
  c.point(op, effect != Effect::load, word, site);
  return {.op = op, .noted = op, .shown = op, .effect = effect, .order = order, .address = word, .site = site};
}

// One copy for Plain and Local, as of plain_write: what is asked for so often shall stay in the cache of instructions.
[[gnu::noinline]] Word plain_read(Op op, const Word* word, at::File file, at::Function function, at::Line line) {
  Core& c = core();
  Access access = at_point(c, op, Effect::load, word, Order::relaxed, c.sites.number_of({file, function, line}));
  access.is_plain = true;
  return perform(c, access).value;
}

[[gnu::noinline]] void plain_write(Op op, Word* word, Word value, at::File file, at::Function function, at::Line line) {
  Core& c = core();
  Access access = at_point(c, op, Effect::store, word, Order::relaxed, c.sites.number_of({file, function, line}));
  access.is_plain = true;
  access.operand = value;
  perform(c, access);
}

// And one for all that is atomic.
[[gnu::noinline]] Performed atomic_access(Op op, Effect effect, const Word* word, Order order, SiteNumber site,
                                          Word operand = 0, Word expected = 0) {
  Core& c = core();
  Access access = at_point(c, op, effect, word, order, site);
  access.operand = operand;
  access.expected = expected;
  return perform(c, access);
}

SiteNumber number_of(at::File file, at::Function function, at::Line line) {
  return core().sites.number_of({file, function, line});
}

}  // namespace

namespace at {

// Between two points: whoever frees the memory at the same time does it before the one or after the other.
void counter_access(const void* counter, bool writes, File file, Function function, Line line) {
  Core& c = core();
  c.current->site = c.sites.number_of({file, function, line});
  c.on_atomic(c.shadow_of(counter), c.here(writes ? Op::atomic_exchange : Op::atomic_load), counter, writes);
}

Word atomic_load(const Word* word, Order order, File file, Function function, Line line) {
  return atomic_access(Op::atomic_load, Effect::load, word, order, number_of(file, function, line)).value;
}

void atomic_store(Word* word, Word value, Order order, File file, Function function, Line line) {
  atomic_access(Op::atomic_store, Effect::store, word, order, number_of(file, function, line), value);
}

Word atomic_exchange(Word* word, Word value, Order order, File file, Function function, Line line) {
  return atomic_access(Op::atomic_exchange, Effect::exchange, word, order, number_of(file, function, line), value)
      .value;
}

bool atomic_compare_exchange(Word* word, Word expected, Word desired, Order order, File file, Function function,
                             Line line) {
  return atomic_access(Op::atomic_compare_exchange, Effect::compare_exchange, word, order,
                       number_of(file, function, line), desired, expected)
      .wrote;
}

Word plain_load(const Word* word, File file, Function function, Line line) {
  return plain_read(Op::plain_load, word, file, function, line);
}
void plain_store(Word* word, Word value, File file, Function function, Line line) {
  plain_write(Op::plain_store, word, value, file, function, line);
}
Word local_load(const Word* word, File file, Function function, Line line) {
  return plain_read(Op::local_load, word, file, function, line);
}
void local_store(Word* word, Word value, File file, Function function, Line line) {
  plain_write(Op::local_store, word, value, file, function, line);
}

}  // namespace at

}  // namespace rcufarm::sim
