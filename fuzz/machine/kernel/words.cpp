// Atomic, Plain, Local: what their methods do.
//
// Job: for each operation its point and its access. Called through the port.
#include "machine/kernel/core.h"
#include "machine/memory/perform_weak.h"

namespace rcufarm::sim {

using kernel::Order;

namespace {

// As the machine calls it.
constexpr Op op_of(WordOp op) {
  return static_cast<Op>(static_cast<unsigned>(Op::atomic_load) + static_cast<unsigned>(op));
}
static_assert(op_of(WordOp::compare_exchange) == Op::atomic_compare_exchange &&
              op_of(WordOp::local_store) == Op::local_store);
constexpr bool writes(WordOp op) {
  using enum WordOp;
  constexpr unsigned reads = 1U << static_cast<unsigned>(load) | 1U << static_cast<unsigned>(plain_load) |
                             1U << static_cast<unsigned>(local_load);
  return (reads >> static_cast<unsigned>(op) & 1U) == 0;
}

// The access that a method makes of its word, behind its point. For each method a copy of all of this, which knows what it is: when
// another context goes on, a processor has to guess anew where it was, and here that is one guess, and no branch on it is left.
template <Effect effect, bool is_plain>
[[gnu::always_inline]] inline Access access_of(const Core& c, WordOp op, const Word* word, Order order, Word operand,
                                               Word expected) {
  return {.op = op_of(op),
          .noted = op_of(op),
          .shown = op_of(op),
          .effect = effect,
          .order = order,
          .is_plain = is_plain,
          .address = word,
          .site = c.current->site,
          .operand = operand,
          .expected = expected};
}
// What the method is told.
template <Effect effect>
Word result_of(const Performed& done) {
  return effect == Effect::compare_exchange ? Word{done.wrote} : done.value;
}

// Another one than is usual: by what fits into registers, in the order of the methods, so that each is left by a jump to the next.
template <Effect effect, bool is_plain>
[[gnu::noinline]] Word other_access(const Word* word, Word operand, Order order, WordOp op, Word expected) {
  Core& c = *core_of_thread();
  return result_of<effect>(perform(c, access_of<effect, is_plain>(c, op, word, order, operand, expected)));
}
// Under weak memory what nobody watches has copies as well.
template <Effect effect, bool is_plain>
[[gnu::noinline]] Word unusual_access(const Word* word, Word operand, Order order, WordOp op, Word expected) {
  Core& c = *core_of_thread();
  if (!c.is_weak || !c.unwatched) [[unlikely]]
    return other_access<effect, is_plain>(word, operand, order, op, expected);
  const auto access_under = [&]<MemoryModel model>() __attribute__((always_inline)) {
    return perform_under<model, true>(c, access_of<effect, is_plain>(c, op, word, order, operand, expected));
  };
  return result_of<effect>(under_model(c, access_under));
}

template <Effect effect, bool is_plain = false>
[[gnu::always_inline]] inline Word access(WordOp op, const Word* word, Order order, Word operand = 0,
                                          Word expected = 0) {
  Core& c = *core_of_thread();
  if (!c.usual) [[unlikely]]
    return unusual_access<effect, is_plain>(word, operand, order, op, expected);
  Performed done;
  if (perform_usual(c, access_of<effect, is_plain>(c, op, word, order, operand, expected), done)) [[likely]]
    return result_of<effect>(done);
  return other_access<effect, is_plain>(word, operand, order, op, expected);
}

// Plain and Local differ in nothing but their names: what is asked for so often shall stay in the cache of instructions.
[[gnu::noinline]] Word plain_read(const Word* word, WordOp op) {
  return access<Effect::load, true>(op, word, Order::relaxed);
}
[[gnu::noinline]] void plain_write(Word* word, Word value, WordOp op) {
  access<Effect::store, true>(op, word, Order::relaxed, value);
}

[[gnu::noinline]] void point_at_new_place(WordOp op, const Word* word, at::File file, at::Function function,
                                          at::Line line) {
  Core& c = core();
  c.point(op_of(op), writes(op), word, c.sites.number_of(file, function, line));
}

[[gnu::noinline]] void other_counter_access(const void* counter, bool writes, at::File file, at::Function function,
                                            at::Line line) {
  Core& c = core();
  c.current->site = c.sites.number_of(file, function, line);
  Shadow& shadow = c.shadow_of(counter);
  if (c.attentive) c.note_access(counter, writes);
  if (c.ignores_order) return;
  c.on_atomic(*c.current->lane, shadow, c.here(writes ? Op::atomic_exchange : Op::atomic_load), counter, writes);
}

}  // namespace

namespace at {

// Of a place that was seen before nothing is kept on the stack, and no call is made where nobody is asked.
void point(WordOp op, const Word* word, File file, Function function, Line line) {
  Core& c = core();
  SiteNumber site;
  if (!c.sites.knows(file, function, line, site)) [[unlikely]]
    return point_at_new_place(op, word, file, function, line);
  c.point_here(op_of(op), writes(op), word, site);
}

// Between two points: whoever frees the memory at the same time does it before the one or after the other.
void counter_access(const void* counter, bool writes, File file, Function function, Line line) {
  Core& c = core();
  Context& self = *c.current;
  SiteNumber site;
  if (!c.sites.knows(file, function, line, site)) [[unlikely]]
    return other_counter_access(counter, writes, file, function, line);
  const AccessInfo info = info_of(site, self.id, writes ? Op::atomic_exchange : Op::atomic_load);
  Shadow* const shadow = usual_place(c, counter);
  if (shadow == nullptr || !note_usual(c, *self.lane, *shadow, info, false)) [[unlikely]]
    return other_counter_access(counter, writes, file, function, line);
  self.site = site;
}

}  // namespace at

namespace now {

Word atomic_load(const Word* word, Order order) { return access<Effect::load>(WordOp::load, word, order); }

void atomic_store(Word* word, Word value, Order order) { access<Effect::store>(WordOp::store, word, order, value); }

Word atomic_exchange(Word* word, Word value, Order order) {
  return access<Effect::exchange>(WordOp::exchange, word, order, value);
}

bool atomic_compare_exchange(Word* word, Word expected, Word desired, Order order) {
  return access<Effect::compare_exchange>(WordOp::compare_exchange, word, order, desired, expected) != 0;
}

Word plain_load(const Word* word) { return plain_read(word, WordOp::plain_load); }
void plain_store(Word* word, Word value) { plain_write(word, value, WordOp::plain_store); }
Word local_load(const Word* word) { return plain_read(word, WordOp::local_load); }
void local_store(Word* word, Word value) { plain_write(word, value, WordOp::local_store); }

}  // namespace now

}  // namespace rcufarm::sim
