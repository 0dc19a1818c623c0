#include "harness/native/nested.h"

#include "native/nmi.h"

#include "scenario/nested.h"

namespace rcufarm::harness {

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
  User& user = *program.user;
  for (const scenario::Operation& op : program.source->ops) {
    scenario::run_nested(op, user, [&] { return user.alloc(op); });
  }
  // Relaxed: as in raise(). That a program has ended is what quiesce() waits for, by other means.
  program.raised.store(false, std::memory_order_relaxed);
}

void NestedPrograms::quiesce() {
  native::quiesce_nmis(machine_);
  for (unsigned i = 0; i < count_; ++i) kernel::irq_work_sync(&programs_[i]);
}

}  // namespace rcufarm::harness
