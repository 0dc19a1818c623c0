// irq_work: a function that runs on this CPU in irq context as soon as interrupts are on.
//
// Job: the item and its three functions. irq_work_queue: task, irq, nmi. irq_work_sync: task with interrupts on, or a
// callback. See irq_work.cpp.
#pragma once

#include <atomic>
#include <cstdint>

namespace rcufarm::kernel {
inline namespace native {

struct IrqWork {
  using Function = void (*)(IrqWork*);
  void init(Function f) noexcept { function = f; }

  Function function = nullptr;
  IrqWork* next = nullptr;              // of the list that it waits on; written by who claimed it
  std::atomic<std::uint32_t> flags{0};  // 0: neither queued nor running; see irq_work.cpp
};

bool irq_work_queue(IrqWork* work) noexcept;
void irq_work_sync(IrqWork* work) noexcept;

}  // namespace native
}  // namespace rcufarm::kernel
