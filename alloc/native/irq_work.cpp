// irq_work: queue, run, sync.
//
// Job: the life of an IrqWork: idle -> claimed -> running -> idle. `flags` is one bit for claimed, and above it a count
// of CPUs that run it: an item may be claimed again while it runs, by another CPU too. Claiming makes it the
// claimer's to put on its CPU's list.
#include "native/port/irq_work.h"

#include "native/backoff.h"
#include "native/cpu_owner.h"
#include "native/die.h"
#include "native/legality.h"
#include "native/limits.h"
#include "native/rcu_readers.h"
#include "native/vcpu.h"

namespace rcufarm::native {
namespace {

constexpr std::uint32_t claimed = 1;
constexpr std::uint32_t one_run = 2;

void run_one(kernel::IrqWork& work) noexcept {
  // From claimed to one more run. Acquire: pairs with the release of all that claimed it, failed claims too. Release:
  // pairs with the acquire of the next claim, which writes `next`.
  work.flags.fetch_add(one_run - claimed, std::memory_order_acq_rel);
  work.function(&work);
  // Release: pairs with the acquire in is_busy().
  work.flags.fetch_sub(one_run, std::memory_order_release);
}

bool is_busy(const kernel::IrqWork& work) noexcept {
  // Acquire: pairs with the release in run_one().
  return work.flags.load(std::memory_order_acquire) != 0;
}

// Takes the whole list. Relaxed: only contexts of this CPU touch it.
kernel::IrqWork* take_pending(ExecContext& context) noexcept {
  return context.pending_irq_work.exchange(nullptr, std::memory_order_relaxed);
}

}  // namespace

void run_irq_work(ExecContext& context) noexcept {
  answer_grace_periods(*context.machine);  // who never reads gets here, too
  unsigned runs = 0;
  while (context.pending_irq_work.load(std::memory_order_relaxed) != nullptr) {
    context.irq_off.store(true, std::memory_order_relaxed);
    context.running.store(Running::irq, std::memory_order_relaxed);
    std::atomic_signal_fence(std::memory_order_seq_cst);
    for (kernel::IrqWork* work = take_pending(context); work != nullptr;) {
      kernel::IrqWork* next = work->next;  // before it runs: it may be queued again
      if (++runs > limits::irq_work_runs_max) die("an irq_work queues itself for ever");
      run_one(*work);
      work = next;
    }
    std::atomic_signal_fence(std::memory_order_seq_cst);
    context.running.store(Running::task, std::memory_order_relaxed);
    context.irq_off.store(false, std::memory_order_relaxed);
    std::atomic_signal_fence(std::memory_order_seq_cst);
  }
}

}  // namespace rcufarm::native

namespace rcufarm::kernel {
inline namespace native {

namespace host = ::rcufarm::native;

bool irq_work_queue(IrqWork* work) noexcept {
  if (host::this_context == nullptr || host::this_context->cpu == host::no_cpu) {
    host::no_cpu_to_run_on("irq_work_queue");
  }
  host::ExecContext& context = *host::this_context;
  // Release: pairs with the acquire in run_one(), for a claim that fails too. Acquire: pairs with run_one()'s release
  // of `next`, which is written below.
  const std::uint32_t before = work->flags.fetch_or(host::claimed, std::memory_order_acq_rel);
  if ((before & host::claimed) != 0) return false;
  IrqWork* head = context.pending_irq_work.load(std::memory_order_relaxed);
  do {
    work->next = head;
    // Relaxed: the list is this CPU's; an nmi may come in between, hence the loop.
  } while (!context.pending_irq_work.compare_exchange_weak(head, work, std::memory_order_relaxed));
  if (!context.irq_off.load(std::memory_order_relaxed)) host::run_irq_work(context);
  return true;
}

void irq_work_sync(IrqWork* work) noexcept {
  if (!host::legal(host::Operation::irq_work_sync, "irq_work_sync")) return;
  if (!host::is_busy(*work)) return;
  host::safe_point();  // it may be ours
  if (!host::is_busy(*work)) return;
  // It is on, or running on, a CPU that another thread owns, as an unowned CPU has none pending. That thread runs it at
  // its next safe point, at the latest when it gives the CPU up.
  const host::WaitWithoutCpu waiting;
  host::Backoff backoff("an irq_work to end: the owner of its CPU reaches no safe point");
  while (host::is_busy(*work)) backoff.pause();
}

}  // namespace native
}  // namespace rcufarm::kernel
