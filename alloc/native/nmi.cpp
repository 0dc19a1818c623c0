#include "native/nmi.h"

#include <pthread.h>
#include <signal.h>

#include <cerrno>
#include <mutex>

#include "native/backoff.h"
#include "native/cpu_owner.h"
#include "native/die.h"
#include "native/machine.h"
#include "native/tsan.h"
#include "native/vcpu.h"

namespace rcufarm::native {
namespace {

// Ignored by default, and used by no fuzz engine or sanitizer.
constexpr int nmi_signal = SIGURG;

// Comes over whatever the thread does. A signal that is late (its nmi was delivered at a safe point, or the thread has
// given the CPU up) finds nothing pending where it is, and that is all right.
void on_signal(int /*signal*/) {
  const int saved_errno = errno;
  ExecContext* context = this_context;
  if (context != nullptr && context->cpu != no_cpu) deliver_nmi(static_cast<Vcpu&>(*context));
  errno = saved_errno;
}

// Once, before the first signal.
void install_handler() {
  const tsan::Unseen books;  // the first one to install it orders nobody
  static const bool installed = [] {
    struct sigaction action = {};
    action.sa_handler = &on_signal;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);  // the signal itself is masked while its handler runs: nmis do not nest
    if (sigaction(nmi_signal, &action, nullptr) != 0) die("cannot install the signal handler for nmis");
    return true;
  }();
  static_cast<void>(installed);
}

bool in_nmi() noexcept {
  return this_context != nullptr && this_context->running.load(std::memory_order_relaxed) == Running::nmi;
}

// ThreadSanitizer holds signals back until the thread makes a system call that it knows: who waits for others' nmis
// takes its own meanwhile.
void deliver_to_self() noexcept {
  if (this_context != nullptr && this_context->cpu != no_cpu) deliver_nmi(static_cast<Vcpu&>(*this_context));
}

struct Sent {
  NmiResult result;
  std::uint64_t ticket;
};

// The lock is held until the signal is sent: so long the owner cannot give the CPU up, nor end.
Sent send(Machine& machine, Vcpu& cpu, void (*function)(void*), void* argument) {
  install_handler();
  // Release: pairs with the acquire in deliver_nmi(), so that the function sees what its sender did. Adds to what other
  // senders released.
  cpu.nmi.senders.fetch_add(1, std::memory_order_release);
  const tsan::Unseen books;
  const std::scoped_lock held(machine.cpus().lock());
  if (!cpu.accepts_nmi) return {NmiResult::no_owner, 0};
  // Acquire: pairs with the release in deliver_nmi(), which has done with function and argument.
  if (cpu.nmi.state.load(std::memory_order_acquire) != NmiSlot::free) return {NmiResult::busy, 0};
  cpu.nmi.function = function;
  cpu.nmi.argument = argument;
  const std::uint64_t ticket = ++cpu.nmi.sent;
  // Release: pairs with the acquire in deliver_nmi().
  cpu.nmi.state.store(NmiSlot::pending, std::memory_order_release);
  if (pthread_kill(cpu.owner, nmi_signal) != 0) die("cannot signal the owner of a CPU");
  return {NmiResult::sent, ticket};
}

}  // namespace

void deliver_nmi(Vcpu& cpu) noexcept {
  std::uint32_t expected = NmiSlot::pending;
  // Acquire: pairs with the release in send(). Only this thread and its handler take: one of them succeeds.
  if (!cpu.nmi.state.compare_exchange_strong(expected, NmiSlot::running, std::memory_order_acquire,
                                             std::memory_order_relaxed)) {
    return;
  }
  cpu.nmi.senders.load(std::memory_order_acquire);  // pairs with the release in send()
  // Acquire: pairs with the release in Cpus::give_up(). The new owner may be just behind taking the CPU.
  cpu.handover.load(std::memory_order_acquire);
  const bool irq_was_off = cpu.irq_off.load(std::memory_order_relaxed);
  const Running was_running = cpu.running.load(std::memory_order_relaxed);
  cpu.irq_off.store(true, std::memory_order_relaxed);
  cpu.running.store(Running::nmi, std::memory_order_relaxed);
  std::atomic_signal_fence(std::memory_order_seq_cst);
  cpu.nmi.function(cpu.nmi.argument);
  std::atomic_signal_fence(std::memory_order_seq_cst);
  cpu.running.store(was_running, std::memory_order_relaxed);
  cpu.irq_off.store(irq_was_off, std::memory_order_relaxed);
  // One at a time, so the ticket needs no read-modify-write. Release, both: pair with the acquire in raise_nmi() and in
  // send().
  cpu.nmi.delivered.store(cpu.nmi.delivered.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  cpu.nmi.state.store(NmiSlot::free, std::memory_order_release);
}

NmiResult raise_nmi_nowait(Machine& machine, kernel::Cpu cpu, void (*function)(void*), void* argument) {
  if (in_nmi()) return NmiResult::busy;  // the lock may be held by what this nmi came over
  return send(machine, machine.cpus().at(cpu), function, argument).result;
}

NmiResult raise_nmi(Machine& machine, kernel::Cpu cpu, void (*function)(void*), void* argument) {
  if (in_nmi()) return NmiResult::busy;
  Vcpu& target = machine.cpus().at(cpu);
  Backoff backoff("an nmi to be delivered");
  Sent sent = send(machine, target, function, argument);
  while (sent.result == NmiResult::busy) {
    deliver_to_self();
    backoff.pause();
    sent = send(machine, target, function, argument);
  }
  if (sent.result != NmiResult::sent) return sent.result;
  // Acquire: pairs with the release in deliver_nmi().
  while (target.nmi.delivered.load(std::memory_order_acquire) < sent.ticket) {
    deliver_to_self();
    backoff.pause();
  }
  return NmiResult::delivered;
}

void quiesce_nmis(Machine& machine) {
  for (unsigned i = 0; i < machine.cpus().count(); ++i) {
    const Vcpu& cpu = machine.cpus().at(static_cast<kernel::Cpu>(i));
    Backoff backoff("nmis to be delivered");
    // Acquire: pairs with the release in deliver_nmi().
    while (cpu.nmi.state.load(std::memory_order_acquire) != NmiSlot::free) {
      deliver_to_self();
      backoff.pause();
    }
  }
}

}  // namespace rcufarm::native
