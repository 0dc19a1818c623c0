// What the current thread runs on, and turning its interrupts off.
//
// Job: the one thread-local pointer behind every free function, and the two operations that have to be nearly free:
// IrqGuard and smp_processor_id. Header-only: a few plain moves each. An ExecContext belongs to the thread that runs on
// it; only the signal handler of the same thread comes over it, so relaxed atomics and compiler barriers are enough.
#pragma once

#include <atomic>
#include <cstdint>

#include "kernel/types.h"
#include "native/port/counter.h"

namespace rcufarm::kernel {
inline namespace native {
struct IrqWork;
}
}  // namespace rcufarm::kernel

namespace rcufarm::native {

class Machine;

// What runs right now. `off_cpu`: a thread of the machine that has given its CPU up.
enum class Running : std::uint8_t { task, irq, nmi, rcu_callback, workqueue, off_cpu };

inline constexpr std::uint32_t no_cpu = 0xffff'ffff;

// A virtual CPU, or the place of a thread that has none.
struct ExecContext {
  std::atomic<bool> irq_off{false};
  std::atomic<Running> running{Running::off_cpu};
  std::uint32_t cpu = no_cpu;
  unsigned nr_cpus = 0;
  // Queued here, not yet run. Pushed and taken by the contexts of this CPU only.
  std::atomic<kernel::IrqWork*> pending_irq_work{nullptr};
  Machine* machine = nullptr;
  kernel::Counter callbacks_queued[kernel::rcu_flavor_count];  // call_rcu on this CPU; not in nmi, so one writer
};

// Null: the thread is on no machine.
[[gnu::tls_model("initial-exec")]] extern constinit thread_local ExecContext* this_context;

// Runs what is pending. Interrupts are on, and no irq nor nmi is running. irq_work.cpp.
[[gnu::cold, gnu::noinline]] void run_irq_work(ExecContext& context) noexcept;

// `operation` needs a CPU and the thread has none: reports it and ends the program, as there is nothing to go on with.
[[noreturn, gnu::cold, gnu::noinline]] void no_cpu_to_run_on(const char* operation) noexcept;

}  // namespace rcufarm::native

namespace rcufarm::kernel {
inline namespace native {

class IrqGuard {
 public:
  [[gnu::always_inline]] IrqGuard() noexcept
      : context_(*::rcufarm::native::this_context), was_off_(context_.irq_off.load(std::memory_order_relaxed)) {
    context_.irq_off.store(true, std::memory_order_relaxed);
    std::atomic_signal_fence(std::memory_order_seq_cst);
  }
  [[gnu::always_inline]] ~IrqGuard() {
    std::atomic_signal_fence(std::memory_order_seq_cst);
    if (was_off_) return;
    context_.irq_off.store(false, std::memory_order_relaxed);
    std::atomic_signal_fence(std::memory_order_seq_cst);
    // An nmi after this load leaves its irq_work to the next safe point, as the interface allows.
    if (context_.pending_irq_work.load(std::memory_order_relaxed) != nullptr) [[unlikely]] {
      ::rcufarm::native::run_irq_work(context_);
    }
  }
  IrqGuard(const IrqGuard&) = delete;
  IrqGuard& operator=(const IrqGuard&) = delete;

 private:
  ::rcufarm::native::ExecContext& context_;
  const bool was_off_;
};

// irq_work comes at calls only, and in between there are none: nothing to turn off. An nmi may come, as it always may;
// irq_work that it raises is left to the user.
class ShortIrqGuard {
 public:
  [[gnu::always_inline]] explicit ShortIrqGuard(bool& irq_work_waits) noexcept
      : context_(*::rcufarm::native::this_context), irq_work_waits_(irq_work_waits) {
    std::atomic_signal_fence(std::memory_order_seq_cst);
  }
  [[gnu::always_inline]] ~ShortIrqGuard() {
    std::atomic_signal_fence(std::memory_order_seq_cst);
    irq_work_waits_ = context_.pending_irq_work.load(std::memory_order_relaxed) != nullptr;
  }
  ShortIrqGuard(const ShortIrqGuard&) = delete;
  ShortIrqGuard& operator=(const ShortIrqGuard&) = delete;

 private:
  ::rcufarm::native::ExecContext& context_;
  bool& irq_work_waits_;
};

[[gnu::always_inline]] inline Cpu smp_processor_id() noexcept {
  const std::uint32_t cpu = ::rcufarm::native::this_context->cpu;
  if (cpu == ::rcufarm::native::no_cpu) [[unlikely]]
    ::rcufarm::native::no_cpu_to_run_on("smp_processor_id");
  return static_cast<Cpu>(cpu);
}

inline unsigned nr_cpus() noexcept { return ::rcufarm::native::this_context->nr_cpus; }

inline void cpu_relax() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield" ::: "memory");
#endif
}

}  // namespace native
}  // namespace rcufarm::kernel
