// The workqueue: a function that runs later in a thread that may sleep.
//
// Job: the item and how to queue it. Not in nmi. See workqueue.h.
#pragma once

#include <atomic>
#include <cstdint>

namespace rcufarm::kernel {
inline namespace native {

struct alignas(8) WorkStruct {
  using Function = void (*)(WorkStruct*);
  void init(Function f) noexcept { function = f; }

  // The workqueue's while the item is queued, nobody's once the function is entered.
  Function function = nullptr;
  WorkStruct* next = nullptr;
  std::atomic<std::uint32_t> queued{0};
};

// Nothing if it is queued already.
void queue_work(WorkStruct* work) noexcept;

}  // namespace native
}  // namespace rcufarm::kernel
