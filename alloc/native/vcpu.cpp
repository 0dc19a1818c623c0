#include "native/vcpu.h"

#include <chrono>

#include "native/die.h"
#include "native/limits.h"
#include "native/thread_state.h"
#include "native/tsan.h"

namespace rcufarm::native {

Cpus::Cpus(Machine& machine, unsigned count) : count_(count), cpus_(std::make_unique<Vcpu[]>(count)) {
  for (unsigned i = 0; i < count; ++i) {
    cpus_[i].cpu = i;
    cpus_[i].nr_cpus = count;
    cpus_[i].machine = &machine;
    cpus_[i].running.store(Running::task, std::memory_order_relaxed);
  }
}

Vcpu& Cpus::at(kernel::Cpu cpu) noexcept {
  if (static_cast<unsigned>(cpu) >= count_) die("no such CPU");
  return cpus_[static_cast<unsigned>(cpu)];
}

Vcpu& Cpus::take(kernel::Cpu wanted) { return take(std::optional(wanted), std::nullopt); }

Vcpu& Cpus::take_any(std::optional<kernel::Cpu> preferred) { return take(std::nullopt, preferred); }

Vcpu& Cpus::take(std::optional<kernel::Cpu> wanted, std::optional<kernel::Cpu> preferred) {
  if (wanted) at(*wanted);
  Vcpu* cpu = nullptr;
  {
    const tsan::Unseen books;
    std::unique_lock held(lock_);
    cpu = find_free(wanted, preferred);
    if (cpu == nullptr) {
      Waiter waiter{.wanted = wanted, .granted = nullptr, .turn = {}};
      cpu = &wait_for_turn(held, waiter);
    }
    cpu->owned = true;
    cpu->owner = pthread_self();
    this_context = cpu;
    cpu->accepts_nmi = true;  // last: the handler looks at this_context
  }
  // Acquire: pairs with the release in give_up(), for all that ran on this CPU before.
  cpu->handover.load(std::memory_order_acquire);
  return *cpu;
}

Vcpu* Cpus::find_free(std::optional<kernel::Cpu> wanted, std::optional<kernel::Cpu> preferred) noexcept {
  if (wanted || preferred) {
    Vcpu& cpu = at(wanted ? *wanted : *preferred);
    if (!cpu.owned) return &cpu;
    if (wanted) return nullptr;
  }
  for (unsigned i = 0; i < count_; ++i) {
    if (!cpus_[i].owned) return &cpus_[i];
  }
  return nullptr;
}

Vcpu& Cpus::wait_for_turn(std::unique_lock<std::mutex>& held, Waiter& waiter) {
  waiters_.push_back(&waiter);
  const bool granted = waiter.turn.wait_for(held, std::chrono::milliseconds(limits::wait_ms_max),
                                            [&] { return waiter.granted != nullptr; });
  if (!granted) die("waited too long for a CPU: its owner does not give it up");
  return *waiter.granted;
}

void Cpus::give_up(Vcpu& cpu) {
  {
    const tsan::Unseen books;
    const std::scoped_lock held(lock_);
    cpu.accepts_nmi = false;
  }
  deliver_nmi(cpu);
  if (cpu.pending_irq_work.load(std::memory_order_relaxed) != nullptr) run_irq_work(cpu);
  this_context = &this_thread_state.off_cpu;
  // Release: pairs with the acquire in take().
  cpu.handover.store(0, std::memory_order_release);
  const tsan::Unseen books;
  const std::scoped_lock held(lock_);
  hand_over(cpu);
}

void Cpus::hand_over(Vcpu& cpu) noexcept {
  for (auto it = waiters_.begin(); it != waiters_.end(); ++it) {
    Waiter& waiter = **it;
    if (waiter.wanted && *waiter.wanted != static_cast<kernel::Cpu>(cpu.cpu)) continue;
    waiter.granted = &cpu;  // stays owned: nobody can come in between
    waiters_.erase(it);
    waiter.turn.notify_one();  // under the lock, as the waiter is gone when it sees the grant
    return;
  }
  cpu.owned = false;
}

bool Cpus::is_owned(kernel::Cpu cpu) {
  const tsan::Unseen books;
  const std::scoped_lock held(lock_);
  return at(cpu).owned;
}

std::size_t Cpus::waiting() {
  const tsan::Unseen books;
  const std::scoped_lock held(lock_);
  return waiters_.size();
}

}  // namespace rcufarm::native
