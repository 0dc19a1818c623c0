// PerCpu<T>: one T for each CPU, side by side.
//
// Job: the handle and its arithmetic. The array comes from the machine's slab, so it is in its books, and a sanitizer
// sees a use after destroy. create: task context or workqueue; destroy: not in nmi; the rest: any context.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>

#include "kernel/types.h"
#include "native/die.h"
#include "native/port/context.h"

namespace rcufarm::native {

inline constexpr std::size_t per_cpu_alignment = 128;  // two cache lines: the second one is prefetched with the first

// `bytes` aligned to per_cpu_alignment, or null. slab_calls.cpp.
void* allocate_per_cpu_area(std::size_t bytes, kernel::Gfp gfp) noexcept;
void free_per_cpu_area(void* area) noexcept;

}  // namespace rcufarm::native

namespace rcufarm::kernel {
inline namespace native {

template <class T>
class PerCpu {
 public:
  PerCpu() noexcept = default;

  static PerCpu create(Gfp gfp) noexcept {
    PerCpu made;
    const std::size_t bytes = nr_cpus() * sizeof(Slot);
    made.slots_ = static_cast<Slot*>(::rcufarm::native::allocate_per_cpu_area(bytes, gfp));
    if (made.slots_ == nullptr) return made;
    made.bytes_ = bytes;
    for (unsigned cpu = 0; cpu < nr_cpus(); ++cpu) new (&made.slots_[cpu]) Slot{};
    return made;
  }

  explicit operator bool() const noexcept { return slots_ != nullptr; }

  T& on(Cpu cpu) const noexcept {
    ::rcufarm::native::check(static_cast<std::size_t>(cpu) * sizeof(Slot) < bytes_, "PerCpu::on: no such CPU");
    return slots_[static_cast<std::uint32_t>(cpu)].value;
  }

  [[gnu::always_inline]] T& this_cpu() const noexcept {
    const std::uint32_t cpu = ::rcufarm::native::this_context->cpu;
    if (cpu == ::rcufarm::native::no_cpu) [[unlikely]]
      ::rcufarm::native::no_cpu_to_run_on("PerCpu::this_cpu");
    return slots_[cpu].value;
  }

  [[gnu::always_inline]] bool contains(const void* address) const noexcept {
    // Below the array, the difference wraps around to something large.
    return reinterpret_cast<std::uintptr_t>(address) - reinterpret_cast<std::uintptr_t>(slots_) < bytes_;
  }

  // Ends the T. Other copies of the handle dangle.
  void destroy() noexcept {
    if (slots_ == nullptr) return;
    for (std::size_t i = 0; i < bytes_ / sizeof(Slot); ++i) slots_[i].~Slot();
    ::rcufarm::native::free_per_cpu_area(slots_);
    *this = PerCpu{};
  }

 private:
  struct alignas(::rcufarm::native::per_cpu_alignment) Slot {
    T value{};
  };

  Slot* slots_ = nullptr;
  std::size_t bytes_ = 0;
};

}  // namespace native
}  // namespace rcufarm::kernel
