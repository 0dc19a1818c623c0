// Owning a CPU: how a thread gets onto a machine.
//
// Job: RAII for the calling thread. An owner that chose its CPU (constructor with a Cpu, migrate) is bound to it and
// gets that one again after waiting; one that took any gets its old one if that is free, and any other if not. Task
// context.
//
//   Machine machine({.cpus = 2});
//   CpuOwner me(machine, Cpu{0});
//   ... kernel and allocator calls ...
#pragma once

#include <optional>

#include "kernel/types.h"
#include "native/rcu_readers.h"

namespace rcufarm::native {

class Machine;
struct Vcpu;

class CpuOwner {
 public:
  // Waits its turn. Dies if the thread is on a machine already, if there is no such CPU, or if nobody gives one up.
  explicit CpuOwner(Machine& machine);
  CpuOwner(Machine& machine, kernel::Cpu cpu);
  ~CpuOwner();
  CpuOwner(const CpuOwner&) = delete;
  CpuOwner& operator=(const CpuOwner&) = delete;

  // Gives the CPU up and waits its turn for `to`; bound to it from now on. Interrupts have to be on.
  void migrate(kernel::Cpu to);
  // Without a CPU from release() to acquire(): for waits of the host's own. Kernel calls that need one are illegal.
  void release();
  void acquire();
  // Lets those who wait for this CPU have it first.
  void yield();

  // Dies while released.
  kernel::Cpu cpu() const;
  bool has_cpu() const noexcept { return cpu_ != nullptr; }

 private:
  Machine& machine_;
  std::optional<kernel::Cpu> bound_;
  std::optional<kernel::Cpu> last_;
  Vcpu* cpu_ = nullptr;
};

// For loops that wait without leaving their CPU: delivers the nmi that is pending and runs pending irq_work, if
// interrupts are on. Nothing for a thread without a CPU.
void safe_point() noexcept;

// RAII: the calling thread has no CPU while it lives, if it had one; afterwards as CpuOwner::acquire. It is in a quiescent
// state meanwhile, unless it is inside a section.
class WaitWithoutCpu {
 public:
  WaitWithoutCpu();
  ~WaitWithoutCpu();
  WaitWithoutCpu(const WaitWithoutCpu&) = delete;
  WaitWithoutCpu& operator=(const WaitWithoutCpu&) = delete;

 private:
  CpuOwner* const owner_;
  const QuiescentState quiescent_;
};

}  // namespace rcufarm::native
