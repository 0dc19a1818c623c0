#include "harness/sim/sim_task.h"

#include <algorithm>

#include "kernel/kernel.h"

#include "scenario/nested.h"

namespace rcufarm::harness {

using scenario::OpKind;

namespace {

// Turns of `pause`: each lets others go first for as long as the schedule likes, so few do what many do.
constexpr unsigned pause_turns_max = 4;

kernel::RcuFlavor flavor_of(const scenario::Operation& op) {
  return op.flavor() == scenario::Flavor::regular ? kernel::RcuFlavor::regular : kernel::RcuFlavor::tasks_trace;
}

}  // namespace

void SimTask::begin(const scenario::Task& task, SimUser& user, SimPrograms& programs, sim::Machine& machine,
                    SimTally& tally) {
  task_ = &task;
  user_ = &user;
  programs_ = &programs;
  machine_ = &machine;
  tally_ = &tally;
  next_ = 0;
  blocks_ = scenario::Blocks{};
  references_count_ = 0;
  calls_before_.clear();
}

void SimTask::run() {
  section_depth_[0] = 0;
  user_->thread_begins();
  run_block();
  user_->thread_ends();
  calls_before_.push_back(user_->calls_begun());
}

void SimTask::run_block() {
  while (next_ < task_->ops.size()) {
    const scenario::Operation& op = task_->ops[next_];
    user_->set_operation(next_++);
    calls_before_.push_back(user_->calls_begun());
    if (!blocks_.step(op)) {
      ++tally_->skipped;
      continue;
    }
    switch (op.kind) {
      case OpKind::enter: ++tally_->operations, in_section(flavor_of(op)); break;
      case OpKind::irq_off: ++tally_->operations, in_irq_off(); break;
      case OpKind::leave:
      case OpKind::irq_on: ++tally_->operations; return;
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
      case OpKind::pause: ++(execute(op) ? tally_->operations : tally_->skipped); break;
    }
    if (!blocks_.in_any_section()) user_->is_quiescent();
  }
}

void SimTask::in_section(kernel::RcuFlavor flavor) {
  const std::size_t depth = blocks_.depth();
  section_depth_[depth] = static_cast<std::uint8_t>(depth);
  // Whoever judges sections sees those of an allocator with readers of its own from when its call has returned.
  user_->section_begins();
  {
    const kernel::ReadSection section(user_->section_of(flavor));
    run_block();
    drop_references(depth);
  }
  user_->section_ends();
}

void SimTask::in_irq_off() {
  const std::size_t depth = blocks_.depth();
  section_depth_[depth] = section_depth_[depth - 1];
  const kernel::IrqGuard irq_off;
  run_block();
}

// `op` is legal where it stands in the list; whether it is legal now is for the books to say.
bool SimTask::execute(const scenario::Operation& op) {
  switch (op.kind) {
    case OpKind::alloc: return user_->alloc(op, !blocks_.interrupts_off());
    case OpKind::free: return user_->free(op.slot);
    case OpKind::free_rcu: return user_->free_rcu(op.slot);
    case OpKind::alloc_flags: return user_->alloc_flags(op, !blocks_.interrupts_off());
    case OpKind::raw_free: return user_->raw_free(op.slot);
    case OpKind::touch: return touch(op.slot);
    case OpKind::raise: return programs_->raise(op.program());
    case OpKind::migrate: return machine_->migrate(op.cpu()), true;
    case OpKind::fail_next: return user_->fail_next(op.count()), true;
    case OpKind::synchronize: return user_->synchronize(flavor_of(op));
    case OpKind::destroy: return user_->destroy(op.cache);
    case OpKind::yield: return machine_->yield(), true;
    case OpKind::pause: return pause(op.count()), true;
    case OpKind::enter:
    case OpKind::leave:
    case OpKind::irq_off:
    case OpKind::irq_on: break;  // run_block()
  }
  return false;
}

bool SimTask::touch(unsigned slot) {
  if (!blocks_.in_any_section()) return user_->verify_as_owner(slot);
  for (std::size_t i = 0; i < references_count_; ++i) {
    const Reference& known = references_[i];
    if (known.slot == slot) return user_->touch(*known.record, known.is_protected), true;
  }
  SimRecord* record = user_->hold(slot);
  if (record == nullptr) return false;
  const bool is_protected = blocks_.in_section(scenario::Flavor::regular);
  references_[references_count_++] = {record, static_cast<std::uint8_t>(slot), section_depth_[blocks_.depth()],
                                      is_protected};
  user_->report_reference(*record, true);
  user_->touch(*record, is_protected);
  return true;
}

// Of the section at `depth`, which ends now. What was touched in it is looked at once more while it still protects it.
void SimTask::drop_references(std::size_t depth) {
  while (references_count_ > 0 && references_[references_count_ - 1].depth == depth) {
    const Reference& last = references_[references_count_ - 1];
    user_->touch(*last.record, last.is_protected);
    user_->report_reference(*last.record, false);
    user_->let_go(*last.record);
    --references_count_;
  }
}

void SimTask::pause(unsigned turns) {
  for (unsigned i = std::min(turns, pause_turns_max); i > 0; --i) kernel::cpu_relax();
}

void SimPrograms::begin(const scenario::Scenario& scenario, SimUser& user, sim::Machine& machine, SimTally& tally) {
  user_ = &user;
  machine_ = &machine;
  tally_ = &tally;
  count_ = static_cast<unsigned>(scenario.programs.size());
  for (unsigned i = 0; i < count_; ++i) programs_[i] = {this, &scenario.programs[i], false};
}

bool SimPrograms::raise(unsigned index) {
  if (index >= count_ || programs_[index].outstanding) return false;
  programs_[index].outstanding = true;
  machine_->raise(index);
  return true;
}

void SimPrograms::run(Program& program) {
  std::size_t index = 0;
  for (const scenario::Operation& op : program.source->ops) {
    user_->set_operation(index++);
    const bool ran = scenario::run_nested(op, *user_, [&] { return user_->alloc(op, false); });
    ++(ran ? tally_->operations : tally_->skipped);
  }
  program.outstanding = false;
}

}  // namespace rcufarm::harness
