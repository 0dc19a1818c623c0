// The RCU functions of the kernel interface.
//
// Job: legality, then the driver of the flavour. Contexts: kernel/README.md.
#include "native/legality.h"
#include "native/machine.h"
#include "native/port/rcu.h"
#include "native/thread_state.h"

namespace rcufarm::kernel {
inline namespace native {

namespace host = ::rcufarm::native;

void call_rcu(RcuFlavor flavor, RcuHead* head, RcuHead::Callback callback) noexcept {
  if (!host::legal(host::Operation::call_rcu, "call_rcu")) return;
  host::this_context->machine->rcu_driver(flavor).queue(*head, callback, host::Urgency::lazy);
}

void call_rcu_hurry(RcuFlavor flavor, RcuHead* head, RcuHead::Callback callback) noexcept {
  if (!host::legal(host::Operation::call_rcu, "call_rcu_hurry")) return;
  host::this_context->machine->rcu_driver(flavor).queue(*head, callback, host::Urgency::hurried);
}

void synchronize_rcu(RcuFlavor flavor) noexcept {
  if (!host::legal(host::Operation::synchronize_rcu, "synchronize_rcu")) return;
  host::this_context->machine->rcu_driver(flavor).synchronize();
}

void rcu_barrier(RcuFlavor flavor) noexcept {
  if (!host::legal(host::Operation::rcu_barrier, "rcu_barrier")) return;
  host::this_context->machine->rcu_driver(flavor).barrier();
}

bool rcu_trace_implies_rcu_gp() noexcept {
  return host::this_machine("rcu_trace_implies_rcu_gp").config().rcu_trace_implies_rcu_gp;
}

void rcu_request_urgent_qs() noexcept {
  if (!host::legal(host::Operation::rcu_request_urgent_qs, "rcu_request_urgent_qs")) return;
  for (const RcuFlavor flavor : {RcuFlavor::regular, RcuFlavor::tasks_trace}) {
    host::this_context->machine->rcu_driver(flavor).hurry_up();
  }
}

}  // namespace native
}  // namespace rcufarm::kernel
