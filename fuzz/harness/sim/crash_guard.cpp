#include "harness/sim/crash_guard.h"

#include <ucontext.h>

#include <array>
#include <csignal>
#include <cstddef>
#include <cstdlib>

#include "harness/sim/frames.h"
#include "machine/machine.h"

namespace rcufarm::harness {

namespace {

struct Fault {
  int signal;
  const char* text;
  struct sigaction former;  // who had it before us: the default, a sanitizer, a fuzz engine
};
std::array<Fault, 4> faults{{{SIGSEGV, "segmentation fault", {}},
                             {SIGBUS, "bus error", {}},
                             {SIGILL, "illegal instruction", {}},
                             {SIGFPE, "arithmetic fault", {}}}};

Fault& fault_of(int signal) {
  for (Fault& fault : faults) {
    if (fault.signal == signal) return fault;
  }
  std::abort();
}

const void* last_instruction = nullptr;
const void* last_address = nullptr;

const char* text_of(const Fault& fault, const siginfo_t& info, const sim::Machine& machine) {
  if (machine.is_behind_a_stack(info.si_addr)) return "stack overflow";
  // Of an address that no processor has, the kernel gives 0, and says that it comes from itself.
  const bool has_address = fault.signal == SIGSEGV && info.si_code != SI_KERNEL;
  return has_address && sim::is_near_null(info.si_addr) ? sim::null_pointer_text : fault.text;
}

// A fault is synchronous and lies in the run's own code, so the run can be left from here: its stack is dropped anyway.
// Signals that some process sends are none.
void on_fault(int signal, siginfo_t* info, void* context) {
  const bool synchronous = info->si_code > 0;
  const Fault& fault = fault_of(signal);
  sim::Machine* machine = sim::current_machine();
  if (synchronous && machine != nullptr) {
    last_instruction = instruction_of(context);
    last_address = info->si_addr;
    // Whose stack it is, the instruction does not tell: it may be in a function of ours that was called.
    forget_frames();
    if (machine->is_behind_a_stack(info->si_addr)) note_frames(last_instruction);
    machine->stop(crash_code, text_of(fault, *info, *machine));
  }
  // Not in a run, or in an observer: our own bug, and somebody else's to report. The instruction faults again.
  sigaction(signal, &fault.former, nullptr);
  if (!synchronous) raise(signal);
}

// The fault may be that a stack has no room left. As large as the kernel may need for its frame, and some more.
constexpr std::size_t signal_stack_bytes = std::size_t{64} << 10U;

void give_this_thread_a_signal_stack() {
  stack_t present{};
  if (sigaltstack(nullptr, &present) == 0 && (present.ss_flags & SS_DISABLE) == 0) return;
  thread_local std::byte memory[signal_stack_bytes];
  stack_t stack{};
  stack.ss_sp = memory;
  stack.ss_size = sizeof memory;
  if (sigaltstack(&stack, nullptr) != 0) std::abort();
}

bool install_handlers() {
  prepare_frames();
  for (Fault& fault : faults) {
    struct sigaction ours {};
    ours.sa_sigaction = &on_fault;
    // The handler does not return when it ends a run: the signal must not stay blocked.
    ours.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
    if (sigaction(fault.signal, &ours, &fault.former) != 0) std::abort();
  }
  return true;
}

}  // namespace

const void* instruction_of(const void* context) {
  const auto& machine = static_cast<const ucontext_t*>(context)->uc_mcontext;
#if defined(__x86_64__)
  return reinterpret_cast<const void*>(machine.gregs[REG_RIP]);
#elif defined(__aarch64__)
  return reinterpret_cast<const void*>(machine.pc);
#else
  return nullptr;
#endif
}

const void* faulting_instruction() { return last_instruction; }
const void* faulting_address() { return last_address; }

void catch_crashes_in_runs() {
  [[maybe_unused]] static const bool installed = install_handlers();
  thread_local bool has_stack = false;
  if (!has_stack) give_this_thread_a_signal_stack();
  has_stack = true;
}

}  // namespace rcufarm::harness
