// A virtual CPU, and who owns which.
//
// Job: hand CPUs from thread to thread, fairly, with the edge that the contract promises. Cpus belongs to a Machine;
// its functions are called by threads in task context (never by the signal handler, which only looks at the Vcpu it
// is on).
//
// An unowned CPU has neither pending irq_work nor an undelivered nmi: who gives it up runs both first, with no nmi
// accepted any more.
#pragma once

#include <pthread.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>

#include "kernel/types.h"
#include "native/port/context.h"

namespace rcufarm::native {

// One nmi that is on its way to a CPU. Filled under the lock of Cpus while `free`, emptied by the CPU's owner or by the
// signal handler that comes over it.
struct NmiSlot {
  enum State : std::uint32_t { free, pending, running };
  using Function = void (*)(void*);

  std::atomic<std::uint32_t> state{free};
  std::atomic<std::uint64_t> senders{0};    // counted for the edge from a sender to its function
  std::atomic<std::uint64_t> delivered{0};  // ticket of the last one that has run to its end
  std::uint64_t sent = 0;                   // ticket of the last one; under the lock of Cpus
  Function function = nullptr;
  void* argument = nullptr;
};

struct alignas(128) Vcpu : ExecContext {
  NmiSlot nmi;
  // Stored by who gives the CPU up, loaded by who takes it: the contract's edge between owners, and the only one.
  std::atomic<std::uint32_t> handover{0};

  // Under the lock of Cpus.
  bool owned = false;
  bool accepts_nmi = false;
  pthread_t owner{};
};

class Cpus {
 public:
  Cpus(Machine& machine, unsigned count);
  Cpus(const Cpus&) = delete;
  Cpus& operator=(const Cpus&) = delete;

  unsigned count() const noexcept { return count_; }
  // Dies if there is no such CPU.
  Vcpu& at(kernel::Cpu cpu) noexcept;

  // Waits its turn for that CPU, or for any (`preferred` if it is free). The calling thread runs on it afterwards.
  Vcpu& take(kernel::Cpu wanted);
  Vcpu& take_any(std::optional<kernel::Cpu> preferred);
  // The thread's own: runs its pending irq_work, hands it to who waits longest, and goes to its off-CPU context.
  void give_up(Vcpu& cpu);

  // For tests: does a thread own it, and how many threads wait for their turn?
  bool is_owned(kernel::Cpu cpu);
  std::size_t waiting();

  // For raise_nmi: the lock, under which a CPU's owner stays its owner and alive.
  std::mutex& lock() noexcept { return lock_; }

 private:
  struct Waiter {
    std::optional<kernel::Cpu> wanted;
    Vcpu* granted = nullptr;
    std::condition_variable turn;
  };

  Vcpu& take(std::optional<kernel::Cpu> wanted, std::optional<kernel::Cpu> preferred);
  Vcpu* find_free(std::optional<kernel::Cpu> wanted, std::optional<kernel::Cpu> preferred) noexcept;
  Vcpu& wait_for_turn(std::unique_lock<std::mutex>& held, Waiter& waiter);
  void hand_over(Vcpu& cpu) noexcept;

  const unsigned count_;
  const std::unique_ptr<Vcpu[]> cpus_;
  std::mutex lock_;
  std::list<Waiter*> waiters_;  // who came first is first
};

// --- delivery, by the CPU's own thread or its signal handler --- nmi.cpp
// Runs the nmi that is pending, if one is and none is running.
void deliver_nmi(Vcpu& cpu) noexcept;

}  // namespace rcufarm::native
