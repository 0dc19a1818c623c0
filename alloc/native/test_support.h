// What the native kernel's tests share: waiting without timing, and giving a context to run in.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <thread>

#include "kernel/kernel.h"
#include "native/backoff.h"
#include "native/machine.h"
#include "native/thread_state.h"

namespace rcufarm::native::test {

using kernel::Cpu;
using kernel::Gfp;
using kernel::RcuFlavor;

inline void wait_until(const std::function<bool()>& holds) {
  Backoff backoff("what a test waits for");
  while (!holds()) backoff.pause();
}

// Long enough for another thread to do, in nearly every run, what it must not do. No test fails because it is too
// short.
inline void give_others_time() { std::this_thread::sleep_for(std::chrono::milliseconds(10)); }

inline MachineConfig machine_of(unsigned cpus) {
  MachineConfig config;
  config.cpus = cpus;
  return config;
}

inline MachineConfig with(SlabConfig slab) {
  MachineConfig config = machine_of(3);
  config.slab = std::move(slab);
  return config;
}

inline void* allocate(std::size_t bytes, kernel::ObjCgroup* objcg = nullptr) {
  kernel::AllocFailure why{};
  return kernel::kmalloc_node(bytes, Gfp::nowait, Cpu{0}, objcg, why);
}

// Hides from the compiler that what follows is wrong.
template <class T>
inline T* opaque(T* pointer) {
  asm volatile("" : "+r"(pointer));
  return pointer;
}

// An irq_work and an RCU callback and a work item that run a function.
struct FunctionWork : kernel::IrqWork {
  explicit FunctionWork(std::function<void()> f) : body(std::move(f)) {
    init([](kernel::IrqWork* work) { static_cast<FunctionWork*>(work)->body(); });
  }
  std::function<void()> body;
};

struct FunctionHead : kernel::RcuHead {
  explicit FunctionHead(std::function<void()> f) : body(std::move(f)) {}
  static void run(kernel::RcuHead* head) { static_cast<FunctionHead*>(head)->body(); }
  std::function<void()> body;
};

struct FunctionItem : kernel::WorkStruct {
  explicit FunctionItem(std::function<void()> f) : body(std::move(f)) {
    init([](kernel::WorkStruct* work) { static_cast<FunctionItem*>(work)->body(); });
  }
  std::function<void()> body;
};

// Runs the function in irq context, or in nmi context, on the calling thread's CPU.
inline void in_irq(std::function<void()> body) {
  FunctionWork work(std::move(body));
  kernel::irq_work_queue(&work);
}

inline void in_nmi(std::function<void()> body) {
  const NmiResult result = raise_nmi(
      *this_context->machine, kernel::smp_processor_id(),
      [](void* argument) { (*static_cast<std::function<void()>*>(argument))(); }, &body);
  EXPECT_EQ(result, NmiResult::delivered);
}

inline Running running_now() { return this_context->running.load(std::memory_order_relaxed); }
inline bool irq_is_off() { return this_context->irq_off.load(std::memory_order_relaxed); }

}  // namespace rcufarm::native::test
