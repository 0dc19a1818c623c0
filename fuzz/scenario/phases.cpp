// The pieces of random scenarios: see generate.h.
#include <array>

#include "scenario/check.h"
#include "scenario/generate.h"
#include "scenario/normalize.h"

namespace rcufarm::scenario {
namespace {

constexpr unsigned run_max = 24;  // operations of one kind in a row that do not go through the slots

// Writes operations one after the other. Slots count up from a random one, so that one phase's frees meet another's
// allocations.
class Phase {
 public:
  Phase(Random& random, const Scenario& scenario, std::vector<Operation>& ops)
      : random_(random), scenario_(scenario), ops_(ops), cache_(any(Operand::cache)), slot_(any(Operand::slot)) {}

  void fill() {
    for (unsigned n = slots_in_a_row(); n > 0; --n) alloc();
  }
  void drain() {
    const OpKind kind = freeing();
    for (unsigned n = slots_in_a_row(); n > 0; --n) on_slot(kind, next_slot());
  }
  // Frees elsewhere what was allocated here.
  void move_and_drain() {
    add(OpKind::migrate, any(Operand::cpu));
    drain();
  }
  void churn() {
    const OpKind kind = freeing();
    const bool in_place = random_.one_in(2);
    for (unsigned n = random_.between(2, run_max); n > 0; --n) {
      const unsigned slot = in_place ? slot_ : next_slot();
      alloc_into(slot);
      if (random_.one_in(4)) on_slot(OpKind::touch, slot);
      on_slot(kind, slot);
    }
  }
  void read() {
    const unsigned sections = random_.few(2);
    for (unsigned n = 0; n < sections; ++n) add(OpKind::enter, any(Operand::flavor));
    const unsigned first = slot_;
    const unsigned slots = random_.few(6);
    touch_all(first, slots);
    while (random_.one_in(2)) ops_.push_back(random_op(random_, scenario_, true));
    if (random_.one_in(2)) add(OpKind::pause, any(Operand::pause_count));
    touch_all(first, slots);
    for (unsigned n = 0; n < sections; ++n) add(OpKind::leave, 0);
  }
  // Unpublishes an object as its reader: what was read stays good until the section ends.
  void update() {
    add(OpKind::enter, any(Operand::flavor));
    on_slot(OpKind::touch, slot_);
    on_slot(freeing(), slot_);
    alloc_into(slot_);
    on_slot(OpKind::touch, slot_);
    add(OpKind::leave, 0);
  }
  void interrupts_off() {
    add(OpKind::irq_off, 0);
    for (unsigned n = random_.few(8); n > 0; --n) ops_.push_back(random_op(random_, scenario_, true));
    add(OpKind::irq_on, 0);
  }
  void nested() {
    if (scenario_.programs.empty()) return fill();
    for (unsigned n = random_.few(4); n > 0; --n) {
      add(OpKind::raise, any(Operand::program));
      ops_.push_back(random_op(random_, scenario_, true));
    }
  }
  void retire() {
    const unsigned first = slot_;
    const unsigned slots = random_.few(6);
    raw_free_all(first, slots);
    for (unsigned flavor = 0; flavor < flavor_names().size(); ++flavor) add(OpKind::synchronize, flavor);
    raw_free_all(first, slots);
  }
  void run_dry() {
    add(OpKind::fail_next, any(Operand::fail_count));
    fill();
  }
  void with_flags() {
    for (unsigned n = random_.few(8); n > 0; --n) {
      add(OpKind::alloc_flags, any(Operand::gfp));
      ops_.back().slot = static_cast<std::uint8_t>(next_slot());
    }
  }

 private:
  unsigned any(Operand operand) { return random_operand(random_, operand, scenario_); }
  OpKind freeing() { return random_.one_in(2) ? OpKind::free : OpKind::free_rcu; }
  unsigned slots_in_a_row() { return random_.between(1, scenario_.machine.slots); }

  unsigned next_slot() {
    const unsigned slot = slot_;
    slot_ = (slot_ + 1) % scenario_.machine.slots;
    return slot;
  }
  void add(OpKind kind, unsigned argument) {
    Operation op;
    op.kind = kind;
    op.argument = static_cast<std::uint8_t>(argument);
    if (spec_of(kind).uses(Operand::cache)) op.cache = static_cast<std::uint8_t>(cache_);
    ops_.push_back(op);
  }
  void on_slot(OpKind kind, unsigned slot) {
    add(kind, 0);
    ops_.back().slot = static_cast<std::uint8_t>(slot);
  }
  void alloc_into(unsigned slot) {
    on_slot(OpKind::alloc, slot);
    if (scenario_.caches[cache_].kind == CacheKind::classes) {
      ops_.back().size = static_cast<std::uint16_t>(any(Operand::size));
    }
  }
  void alloc() { alloc_into(next_slot()); }
  void touch_all(unsigned first, unsigned slots) { on_all(OpKind::touch, first, slots); }
  void raw_free_all(unsigned first, unsigned slots) { on_all(OpKind::raw_free, first, slots); }
  void on_all(OpKind kind, unsigned first, unsigned slots) {
    for (unsigned n = 0; n < slots; ++n) on_slot(kind, (first + n) % scenario_.machine.slots);
  }

  Random& random_;
  const Scenario& scenario_;
  std::vector<Operation>& ops_;
  unsigned cache_;
  unsigned slot_;
};

struct PhaseKind {
  void (Phase::*write)();
  unsigned weight;
};
constexpr std::array<PhaseKind, 11> phase_kinds{{{&Phase::fill, 6},
                                                 {&Phase::drain, 4},
                                                 {&Phase::move_and_drain, 3},
                                                 {&Phase::churn, 4},
                                                 {&Phase::read, 4},
                                                 {&Phase::update, 3},
                                                 {&Phase::interrupts_off, 2},
                                                 {&Phase::nested, 3},
                                                 {&Phase::retire, 1},
                                                 {&Phase::run_dry, 1},
                                                 {&Phase::with_flags, 1}}};

constexpr unsigned phase_weights = [] {
  unsigned total = 0;
  for (const PhaseKind& kind : phase_kinds) total += kind.weight;
  return total;
}();

}  // namespace

unsigned random_operand(Random& random, Operand operand, const Scenario& scenario) {
  if (operand == Operand::size) return good_alloc_sizes()[random.below(good_alloc_sizes().size())];
  const Range range = range_of(operand, scenario);
  return range.max < range.min ? 0 : random.between(range.min, range.max);
}

Operation random_op(Random& random, const Scenario& scenario, bool nested) {
  Operation op;
  do {
    op.kind = op_from_number(static_cast<unsigned>(op_kind_count + random.below(1U << 16U)));
  } while (nested && !spec_of(op.kind).nested);
  if (op.kind == OpKind::raise && scenario.programs.empty()) op.kind = OpKind::yield;
  for (const Operand operand : spec_of(op.kind).used()) {
    const bool sizeless = operand == Operand::size && scenario.caches[op.cache].kind != CacheKind::classes;
    if (!sizeless) set_operand(op, operand, random_operand(random, operand, scenario));
  }
  return op;
}

std::vector<Operation> random_phase(Random& random, const Scenario& scenario) {
  std::vector<Operation> ops;
  append_phase(random, scenario, ops);
  return ops;
}

void append_phase(Random& random, const Scenario& scenario, std::vector<Operation>& ops) {
  Phase phase(random, scenario, ops);
  auto share = static_cast<unsigned>(random.below(phase_weights));
  for (const PhaseKind& kind : phase_kinds) {
    if (share < kind.weight) {
      (phase.*kind.write)();
      return;
    }
    share -= kind.weight;
  }
  check(false, "append_phase: weights do not add up");
}

}  // namespace rcufarm::scenario
