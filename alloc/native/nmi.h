// NMIs: real signals to the thread that owns a CPU.
//
// Job: let a harness run a function in nmi context on a CPU, in the middle of whatever runs there. Any thread outside
// nmi context, whether or not it is on the machine. The function runs in a signal handler: it may do what
// kernel/README.md allows in nmi context and what is async-signal-safe. irq_work that it queues runs at the CPU's
// next safe point.
#pragma once

#include <cstdint>

#include "kernel/types.h"

namespace rcufarm::native {

class Machine;

enum class NmiResult : std::uint8_t {
  delivered,  // it has run to its end
  sent,       // it runs soon, at the latest when the CPU is given up
  no_owner,   // dropped: nobody owns that CPU
  busy,       // dropped: an nmi is on its way to that CPU already
};

// Waits until it has run (or was dropped: no_owner). From nmi context: `busy`, as nmis do not nest.
NmiResult raise_nmi(Machine& machine, kernel::Cpu cpu, void (*function)(void*), void* argument);
// Does not wait: sent, no_owner or busy.
NmiResult raise_nmi_nowait(Machine& machine, kernel::Cpu cpu, void (*function)(void*), void* argument);
// Returns when what was sent to any CPU before has run. Its senders have to have stopped.
void quiesce_nmis(Machine& machine);

}  // namespace rcufarm::native
