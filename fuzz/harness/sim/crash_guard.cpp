#include "harness/sim/crash_guard.h"

#include <csignal>
#include <cstddef>
#include <cstdlib>

#include "sim/machine.h"

namespace rcufarm::harness {

namespace {

constexpr int fault_signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE};

const char* text_of(int signal) {
  switch (signal) {
    case SIGSEGV: return "segmentation fault";
    case SIGBUS: return "bus error";
    case SIGILL: return "illegal instruction";
    case SIGFPE: return "arithmetic fault";
    default: return "fault";
  }
}

// The fault is synchronous and lies in the run's own code, so the run can be left from here: its stack is dropped anyway.
void on_fault(int signal) {
  if (sim::Machine* machine = sim::current_machine(); machine != nullptr) machine->stop(crash_code, text_of(signal));
  // Not in a run, or in an observer: our own bug. The instruction faults again, and nobody catches it.
  std::signal(signal, SIG_DFL);
}

// The fault may be that a stack has no room left. As large as the kernel may need for its frame, and some more.
constexpr std::size_t signal_stack_bytes = std::size_t{64} << 10U;

void install_signal_stack() {
  thread_local std::byte memory[signal_stack_bytes];
  stack_t stack{};
  stack.ss_sp = memory;
  stack.ss_size = sizeof memory;
  if (sigaltstack(&stack, nullptr) != 0) std::abort();
}

void install(int signal) {
  struct sigaction present {};
  if (sigaction(signal, nullptr, &present) != 0) std::abort();
  if ((present.sa_flags & SA_SIGINFO) != 0 || present.sa_handler != SIG_DFL) return;
  struct sigaction ours {};
  ours.sa_handler = &on_fault;
  // The handler does not return when it ends a run: the signal must not stay blocked.
  ours.sa_flags = SA_ONSTACK | SA_NODEFER;
  if (sigaction(signal, &ours, nullptr) != 0) std::abort();
}

}  // namespace

void catch_crashes_in_runs() {
  thread_local bool installed = false;
  if (installed) return;
  installed = true;
  stack_t present{};
  if (sigaltstack(nullptr, &present) == 0 && (present.ss_flags & SS_DISABLE) != 0) install_signal_stack();
  for (const int signal : fault_signals) install(signal);
}

}  // namespace rcufarm::harness
