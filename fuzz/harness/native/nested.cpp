#include "harness/native/nested.h"

#include "native/nmi.h"

namespace rcufarm::harness {

using scenario::OpKind;

NestedPrograms::NestedPrograms(const scenario::Scenario& scenario, User& user, native::Machine& machine)
    : machine_(machine), count_(static_cast<unsigned>(scenario.programs.size())) {
  for (unsigned i = 0; i < count_; ++i) {
    programs_[i].source = &scenario.programs[i];
    programs_[i].user = &user;
    programs_[i].init(&NestedPrograms::run_as_irq);
  }
}

bool NestedPrograms::raise(unsigned index) {
  if (index >= count_) return false;
  Program& program = programs_[index];
  // Relaxed: a run of the program needs nothing of the one before.
  if (program.raised.exchange(true, std::memory_order_relaxed)) return false;
  if (program.source->kind == scenario::ProgramKind::irq) {
    kernel::irq_work_queue(&program);
    return true;
  }
  const auto cpu = static_cast<kernel::Cpu>(program.source->cpu);
  switch (native::raise_nmi_nowait(machine_, cpu, &NestedPrograms::run_as_nmi, &program)) {
    case native::NmiResult::delivered:
    case native::NmiResult::sent: return true;
    case native::NmiResult::no_owner:
    case native::NmiResult::busy: break;
  }
  program.raised.store(false, std::memory_order_relaxed);
  return false;
}

void NestedPrograms::run(Program& program) {
  for (const scenario::Operation& op : program.source->ops) {
    switch (op.kind) {
      case OpKind::alloc: program.user->alloc(op); break;
      case OpKind::free: program.user->free(op.slot); break;
      case OpKind::free_rcu: program.user->free_rcu(op.slot); break;
      case OpKind::alloc_flags: program.user->alloc_flags(op); break;
      case OpKind::raw_free:
      case OpKind::touch:
      case OpKind::enter:
      case OpKind::leave:
      case OpKind::irq_off:
      case OpKind::irq_on:
      case OpKind::raise:
      case OpKind::migrate:
      case OpKind::fail_next:
      case OpKind::synchronize:
      case OpKind::destroy:
      case OpKind::yield:
      case OpKind::pause: break;  // not in nested programs
    }
  }
  // Relaxed: as in raise(). That a program has ended is what quiesce() waits for, by other means.
  program.raised.store(false, std::memory_order_relaxed);
}

void NestedPrograms::quiesce() {
  native::quiesce_nmis(machine_);
  for (unsigned i = 0; i < count_; ++i) kernel::irq_work_sync(&programs_[i]);
}

}  // namespace rcufarm::harness
