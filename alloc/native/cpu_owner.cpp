#include "native/cpu_owner.h"

#include "native/die.h"
#include "native/machine.h"
#include "native/thread_state.h"
#include "native/vcpu.h"

namespace rcufarm::native {

CpuOwner::CpuOwner(Machine& machine) : machine_(machine) {
  enter_machine(machine, Running::off_cpu);
  this_thread_state.owner = this;
  acquire();
}

CpuOwner::CpuOwner(Machine& machine, kernel::Cpu cpu) : machine_(machine), bound_(cpu) {
  enter_machine(machine, Running::off_cpu);
  this_thread_state.owner = this;
  acquire();
}

CpuOwner::~CpuOwner() {
  if (cpu_ != nullptr) release();
  this_thread_state.owner = nullptr;
  leave_machine();
}

void CpuOwner::migrate(kernel::Cpu to) {
  machine_.cpus().at(to);
  release();
  bound_ = to;
  acquire();
}

void CpuOwner::release() {
  check(this_thread_state.owner == this, "a CpuOwner belongs to the thread that made it");
  if (cpu_ == nullptr) die("a CPU is given up twice");
  if (cpu_->irq_off.load(std::memory_order_relaxed)) die("a CPU is given up with interrupts off");
  Vcpu& cpu = *cpu_;
  last_ = static_cast<kernel::Cpu>(cpu.cpu);
  machine_.cpus().give_up(cpu);
  cpu_ = nullptr;
}

void CpuOwner::acquire() {
  check(this_thread_state.owner == this, "a CpuOwner belongs to the thread that made it");
  if (cpu_ != nullptr) die("a thread that has a CPU takes another");
  const QuiescentState waiting;
  cpu_ = bound_ ? &machine_.cpus().take(*bound_) : &machine_.cpus().take_any(last_);
}

void CpuOwner::yield() {
  release();
  acquire();
}

kernel::Cpu CpuOwner::cpu() const {
  if (cpu_ == nullptr) die("the thread has given its CPU up");
  return static_cast<kernel::Cpu>(cpu_->cpu);
}

void safe_point() noexcept {
  ExecContext* context = this_context;
  if (context == nullptr || context->cpu == no_cpu) return;
  if (context->running.load(std::memory_order_relaxed) == Running::nmi) return;
  answer_grace_periods(*context->machine);
  deliver_nmi(static_cast<Vcpu&>(*context));
  if (!context->irq_off.load(std::memory_order_relaxed)) run_irq_work(*context);
}

namespace {

// The owner, if the calling thread had a CPU until now.
CpuOwner* release_own_cpu() {
  CpuOwner* const owner = this_thread_state.owner;
  if (owner == nullptr || !owner->has_cpu()) return nullptr;
  owner->release();
  return owner;
}

}  // namespace

WaitWithoutCpu::WaitWithoutCpu() : owner_(release_own_cpu()) {}

WaitWithoutCpu::~WaitWithoutCpu() {
  if (owner_ != nullptr) owner_->acquire();
}

}  // namespace rcufarm::native
