#include "native/thread_state.h"

#include "native/die.h"
#include "native/machine.h"
#include "native/rcu_readers.h"

namespace rcufarm::native {

constinit thread_local ExecContext* this_context = nullptr;
constinit thread_local ThreadState this_thread_state;

void enter_machine(Machine& machine, Running running) {
  check(this_context == nullptr, "a thread is on one machine at a time");
  register_rcu_reader();
  ExecContext& context = this_thread_state.off_cpu;
  context.machine = &machine;
  context.nr_cpus = machine.cpus().count();
  context.running.store(running, std::memory_order_relaxed);
  context.irq_off.store(false, std::memory_order_relaxed);
  machine.thread_enters();
  begin_to_read(machine);
  this_context = &context;
}

void leave_machine() {
  check(this_context == &this_thread_state.off_cpu, "a thread leaves its machine without a CPU");
  for (const auto& depth : this_thread_state.read_depth) {
    if (depth.load(std::memory_order_relaxed) != 0) die("a thread leaves its machine inside a read section");
  }
  Machine& machine = *this_context->machine;
  stop_reading();
  this_context = nullptr;
  machine.thread_leaves();
}

Machine& this_machine(const char* operation) noexcept {
  if (this_context == nullptr) die("called by a thread that is on no machine (make a CpuOwner first): ", operation);
  return *this_context->machine;
}

void no_cpu_to_run_on(const char* operation) noexcept {
  this_machine(operation).reports().add(ReportKind::illegal_context, Text() << operation << " without a CPU");
  die("illegal context, no CPU to run on: ", operation);
}

void report_warning(const char* text) noexcept {
  this_machine("warn_on").reports().add(ReportKind::warning, Text() << text);
}

}  // namespace rcufarm::native
