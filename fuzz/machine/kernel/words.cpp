// Atomic, Plain, Local: what their methods do.
//
// Job: for each operation its point and its access. Called through the port.
#include "machine/kernel/core.h"
#include "machine/memory/perform_weak.h"

namespace rcufarm::sim {

using kernel::Order;

namespace {

// What an atomic's method is called.
constexpr Op op_of(Effect effect) {
  return effect == Effect::load               ? Op::atomic_load
         : effect == Effect::store            ? Op::atomic_store
         : effect == Effect::compare_exchange ? Op::atomic_compare_exchange
                                              : Op::atomic_exchange;
}

template <Effect effect, bool is_plain>
[[gnu::always_inline]] inline Access access_of(Op plain_op, const Word* word, Order order, SiteNumber site,
                                               Word operand, Word expected) {
  const Op op = is_plain ? plain_op : op_of(effect);
  return {.op = op,
          .noted = op,
          .shown = op,
          .effect = effect,
          .order = order,
          .is_plain = is_plain,
          .address = word,
          .site = site,
          .operand = operand,
          .expected = expected};
}

// Not under sc, or watched: by what fits into registers, so that each is left by a jump to the next.
template <MemoryModel model, Effect effect, bool is_plain>
[[gnu::noinline]] Performed weak_access(Op plain_op, const Word* word, Order order, SiteNumber site, Word operand,
                                        Word expected) {
  return perform_under<model>(*core_of_thread(),
                              access_of<effect, is_plain>(plain_op, word, order, site, operand, expected));
}
template <Effect effect, bool is_plain>
[[gnu::noinline]] Performed watched_access(Op plain_op, const Word* word, Order order, SiteNumber site, Word operand,
                                           Word expected) {
  return perform_unusual(*core_of_thread(),
                         access_of<effect, is_plain>(plain_op, word, order, site, operand, expected));
}
template <Effect effect, bool is_plain>
[[gnu::noinline]] Performed unusual_access(Op plain_op, const Word* word, Order order, SiteNumber site, Word operand,
                                           Word expected) {
  const Core& c = *core_of_thread();
  if (!c.is_weak) return watched_access<effect, is_plain>(plain_op, word, order, site, operand, expected);
  return under_model(c, [=]<MemoryModel model>() {
    return weak_access<model, effect, is_plain>(plain_op, word, order, site, operand, expected);
  });
}

// The access that a method makes of its word, behind its point. For each method a copy of all of this, which knows what it is: when
// another context goes on, a processor has to guess anew where it was, and here that is one guess, and no branch on it is left.
template <Effect effect, bool is_plain = false>
[[gnu::always_inline]] inline Performed access(Op op, const Word* word, Order order, at::File file,
                                               at::Function function, at::Line line, Word operand = 0,
                                               Word expected = 0) {
  Core& c = core();
  const SiteNumber site = c.sites.number_of(file, function, line);
  c.point(op, effect != Effect::load, word, site);
  if (!c.are_usual()) [[unlikely]]
    return unusual_access<effect, is_plain>(op, word, order, site, operand, expected);
  return perform_under_sc<false>(c, access_of<effect, is_plain>(op, word, order, site, operand, expected));
}

// Plain and Local differ in nothing but their names: what is asked for so often shall stay in the cache of instructions.
[[gnu::noinline]] Word plain_read(const Word* word, at::File file, at::Function function, at::Line line, Op op) {
  return access<Effect::load, true>(op, word, Order::relaxed, file, function, line).value;
}
[[gnu::noinline]] void plain_write(Word* word, Word value, at::File file, at::Function function, at::Line line, Op op) {
  access<Effect::store, true>(op, word, Order::relaxed, file, function, line, value);
}

}  // namespace

namespace at {

// Between two points: whoever frees the memory at the same time does it before the one or after the other.
void counter_access(const void* counter, bool writes, File file, Function function, Line line) {
  Core& c = core();
  c.current->site = c.sites.number_of(file, function, line);
  Shadow& shadow = c.shadow_of(counter);
  if (c.attentive) c.note_access(counter, writes);
  if (c.ignores_order) return;
  c.on_atomic(*c.current->lane, shadow, c.here(writes ? Op::atomic_exchange : Op::atomic_load), counter, writes);
}

Word atomic_load(const Word* word, Order order, File file, Function function, Line line) {
  return access<Effect::load>(Op::atomic_load, word, order, file, function, line).value;
}

void atomic_store(Word* word, Word value, Order order, File file, Function function, Line line) {
  access<Effect::store>(Op::atomic_store, word, order, file, function, line, value);
}

Word atomic_exchange(Word* word, Word value, Order order, File file, Function function, Line line) {
  return access<Effect::exchange>(Op::atomic_exchange, word, order, file, function, line, value).value;
}

bool atomic_compare_exchange(Word* word, Word expected, Word desired, Order order, File file, Function function,
                             Line line) {
  return access<Effect::compare_exchange>(Op::atomic_compare_exchange, word, order, file, function, line, desired,
                                          expected)
      .wrote;
}

Word plain_load(const Word* word, File file, Function function, Line line) {
  return plain_read(word, file, function, line, Op::plain_load);
}
void plain_store(Word* word, Word value, File file, Function function, Line line) {
  plain_write(word, value, file, function, line, Op::plain_store);
}
Word local_load(const Word* word, File file, Function function, Line line) {
  return plain_read(word, file, function, line, Op::local_load);
}
void local_store(Word* word, Word value, File file, Function function, Line line) {
  plain_write(word, value, file, function, line, Op::local_store);
}

}  // namespace at

}  // namespace rcufarm::sim
