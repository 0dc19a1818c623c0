// Blocks: see blocks.h.
#include "scenario/blocks.h"

#include "scenario/check.h"

namespace rcufarm::scenario {

bool Blocks::push(Block block) {
  if (depth_ == open_.size()) {
    ++ignored_;
    return false;
  }
  open_[depth_++] = block;
  ++count_[static_cast<std::size_t>(block)];
  return true;
}

bool Blocks::pop(bool irq_off) {
  if (ignored_ > 0) {
    --ignored_;
    return false;
  }
  if (depth_ == 0 || (open_[depth_ - 1] == Block::irq_off) != irq_off) return false;
  --count_[static_cast<std::size_t>(open_[--depth_])];
  return true;
}

bool Blocks::place_is_legal(const Operation& op) const {
  switch (spec_of(op.kind).place) {
    case Place::anywhere: return true;
    case Place::interrupts_on: return !interrupts_off();
    case Place::no_block: return depth_ == 0;
    case Place::may_sleep: return op.gfp() == Gfp::nowait || (!interrupts_off() && !in_section(Flavor::regular));
  }
  check(false, "Blocks: no such place");
  return false;
}

bool Blocks::step(const Operation& op) {
  switch (op.kind) {
    case OpKind::enter: return push(op.flavor() == Flavor::regular ? Block::regular : Block::tasks_trace);
    case OpKind::irq_off: return push(Block::irq_off);
    case OpKind::leave: return pop(false);
    case OpKind::irq_on: return pop(true);
    case OpKind::alloc:
    case OpKind::free:
    case OpKind::free_rcu:
    case OpKind::alloc_flags:
    case OpKind::raw_free:
    case OpKind::touch:
    case OpKind::raise:
    case OpKind::migrate:
    case OpKind::fail_next:
    case OpKind::synchronize:
    case OpKind::destroy:
    case OpKind::yield:
    case OpKind::pause: return place_is_legal(op);
  }
  check(false, "Blocks: no such operation");
  return false;
}

}  // namespace rcufarm::scenario
