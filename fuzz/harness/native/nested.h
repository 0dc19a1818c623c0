// The nested programs of a native run: what irqs and nmis do when they come over a task.
//
// Job: raise each program on a CPU, at most one run of it at a time, and run its operations in that context. An nmi is a
// signal to whoever owns the program's CPU. An irq is irq_work of the raiser's own CPU: a thread cannot be interrupted
// from elsewhere but by a signal. One run owns it.
#pragma once

#include <array>
#include <atomic>

#include "harness/native/user.h"
#include "kernel/kernel.h"
#include "native/machine.h"
#include "scenario/scenario.h"

namespace rcufarm::harness {

class NestedPrograms {
 public:
  NestedPrograms(const scenario::Scenario& scenario, User& user, native::Machine& machine);

  // Any task. False: it is raised already, or nobody owns its CPU.
  bool raise(unsigned program);
  // Before the caches are destroyed for good: returns when nothing is raised. Task context.
  void quiesce();

 private:
  struct Program : kernel::IrqWork {
    const scenario::Program* source = nullptr;
    User* user = nullptr;
    std::atomic<bool> raised{false};
  };
  static void run(Program& program);
  static void run_as_irq(kernel::IrqWork* work) { run(*static_cast<Program*>(work)); }
  static void run_as_nmi(void* program) { run(*static_cast<Program*>(program)); }

  native::Machine& machine_;
  unsigned count_;
  std::array<Program, scenario::limits.nested_programs_max> programs_;
};

}  // namespace rcufarm::harness
