#include "harness/native/task_runner.h"

namespace rcufarm::harness {

using scenario::OpKind;

void TaskRunner::run() {
  references_.reserve(scenario::limits.slots_max * scenario::limits.section_depth_max);
  for (const scenario::Operation& op : task_.ops) {
    if (!blocks_.step(op) || !execute(op)) progress_.skipped.fetch_add(1, std::memory_order_relaxed);
    progress_.next_op.fetch_add(1, std::memory_order_relaxed);
    native::safe_point();
  }
  // A list may end with blocks open.
  while (open_count_ > 0) close();
  progress_.done.store(true, std::memory_order_relaxed);
}

// `op` is legal where it stands in the list; whether it is legal now is for the books to say.
bool TaskRunner::execute(const scenario::Operation& op) {
  switch (op.kind) {
    case OpKind::alloc: return user_.alloc(op);
    case OpKind::free: return user_.free(op.slot);
    case OpKind::free_rcu: return user_.free_rcu(op.slot);
    case OpKind::alloc_flags: return user_.alloc_flags(op);
    case OpKind::raw_free: return user_.raw_free(op.slot);
    case OpKind::touch: return touch(op.slot);
    case OpKind::enter:
    case OpKind::irq_off: return open(op);
    case OpKind::leave:
    case OpKind::irq_on: return close();
    case OpKind::raise: return nested_.raise(op.program());
    case OpKind::migrate: return cpu_.migrate(static_cast<kernel::Cpu>(op.cpu())), true;
    case OpKind::fail_next: return user_.fail_next(op.count()), true;
    case OpKind::synchronize:
      return user_.synchronize(op.flavor() == scenario::Flavor::regular ? kernel::RcuFlavor::regular
                                                                        : kernel::RcuFlavor::tasks_trace);
    case OpKind::destroy: return user_.destroy(op.cache);
    case OpKind::yield: return cpu_.yield(), true;
    case OpKind::pause: return pause(op.count()), true;
  }
  return false;
}

bool TaskRunner::open(const scenario::Operation& op) {
  OpenBlock& block = open_[open_count_++];
  if (op.kind == OpKind::irq_off) {
    block.irq_off.emplace();
  } else {
    block.section.emplace(op.flavor() == scenario::Flavor::regular ? kernel::RcuFlavor::regular
                                                                   : kernel::RcuFlavor::tasks_trace);
  }
  return true;
}

// Ends the innermost block. What was touched in a section is read once more while the section still protects it.
bool TaskRunner::close() {
  while (!references_.empty() && references_.back().depth == open_count_) {
    const Reference& last = references_.back();
    user_.read(*last.record, last.regular);
    user_.let_go(*last.record);
    references_.pop_back();
  }
  OpenBlock& block = open_[--open_count_];
  block.section.reset();
  block.irq_off.reset();
  return true;
}

bool TaskRunner::touch(unsigned slot) {
  if (!blocks_.in_any_section()) return user_.verify_as_owner(slot);
  for (const Reference& held : references_) {
    if (held.slot == slot) return user_.read(*held.record, held.regular), true;
  }
  Record* record = user_.hold(slot);
  if (record == nullptr) return false;
  references_.push_back({record, slot, innermost_section(), blocks_.in_section(scenario::Flavor::regular)});
  user_.read(*record, references_.back().regular);
  return true;
}

// The depth (from 1) of the innermost section; an irq-off block may lie inside it.
std::size_t TaskRunner::innermost_section() const {
  std::size_t depth = open_count_;
  while (depth > 0 && !open_[depth - 1].section) --depth;
  return depth;
}

void TaskRunner::pause(unsigned turns) {
  for (unsigned i = 0; i < turns; ++i) {
    kernel::cpu_relax();
    native::safe_point();
  }
}

}  // namespace rcufarm::harness
