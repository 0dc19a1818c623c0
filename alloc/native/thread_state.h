// What the native kernel keeps for each thread.
//
// Job: the thread's place on a machine while it owns no CPU, and what the checks of legality ask. The thread's own; its
// signal handler reads and changes it in a balanced way.
#pragma once

#include <atomic>
#include <cstdint>

#include "kernel/types.h"
#include "native/port/context.h"

namespace rcufarm::native {

class CpuOwner;

struct ThreadState {
  ExecContext off_cpu;  // where the thread is while it owns no CPU
  CpuOwner* owner = nullptr;
  // Sections that it is in, and how many outermost ones it has left. Written by the thread (an nmi comes over it), read
  // by others as a hint.
  std::atomic<unsigned> read_depth[kernel::rcu_flavor_count]{};
  std::atomic<unsigned> sections_left[kernel::rcu_flavor_count]{};
  // What it has told grace periods (rcu_readers.h): the machine on which it may be in sections, null while it cannot be; and
  // the question of that machine's that it answered last.
  std::atomic<Machine*> reads_on{nullptr};
  std::atomic<std::uint64_t> answered[kernel::rcu_flavor_count]{};
};

[[gnu::tls_model("initial-exec")]] extern constinit thread_local ThreadState this_thread_state;

// On `machine`, without a CPU, as `running` (rcu_callback, workqueue or off_cpu); registers the thread with both RCU
// flavours. Dies if the thread is on a machine already.
void enter_machine(Machine& machine, Running running);
// Dies if the thread is inside a read section.
void leave_machine();

// RAII of the two.
class OnMachine {
 public:
  OnMachine(Machine& machine, Running running) { enter_machine(machine, running); }
  ~OnMachine() { leave_machine(); }
  OnMachine(const OnMachine&) = delete;
  OnMachine& operator=(const OnMachine&) = delete;
};

// The machine that the thread is on; dies if it is on none. `operation` is what was called.
Machine& this_machine(const char* operation) noexcept;

}  // namespace rcufarm::native
