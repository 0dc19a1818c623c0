// Fibers: stacks, and going from one to another.
//
// Job: a pool of stacks that is made once, and a switch that costs a few instructions. A fiber has no state but its stack;
// what it runs is the scheduler's business. A stack that is dropped in the middle is simply begun again. AddressSanitizer
// is told of each switch. Owned by the core, used on its thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

// The build says so where these files are not instrumented themselves.
#if defined(RCUFARM_SIM_ASAN)
#elif defined(__SANITIZE_ADDRESS__)
#define RCUFARM_SIM_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define RCUFARM_SIM_ASAN 1
#endif
#endif
#ifndef RCUFARM_SIM_ASAN
#define RCUFARM_SIM_ASAN 0
#endif

extern "C" {
// Saves the callee-saved registers on the stack and its pointer in *from, then loads them from `to`.
void rcufarm_sim_switch(void** from, void* to);
// The same, but for `to`: the top of an empty stack, aligned to 16, on which it jumps to `entry`.
void rcufarm_sim_enter(void** from, void* top, void (*entry)());
// Loads them from `to`, and drops the current stack.
void rcufarm_sim_resume(void* to);
}

namespace rcufarm::sim {

struct Fiber {
  void* sp = nullptr;
  void (*entry)() = nullptr;  // of one that was begun and not yet switched to
  char* stack = nullptr;      // its lowest byte; null: the host's own stack
  std::size_t bytes = 0;
  void* fake_stack = nullptr;  // AddressSanitizer's; kept when the stack is begun again
};

using FiberEntry = void (*)();

// Gives each of `count` fibers a stack with a guard page below it. Aborts when memory is out.
void make_stacks(Fiber* fibers, unsigned count);
void free_stacks(Fiber* fibers, unsigned count);
std::size_t stack_guard_bytes();

// The next switch to the fiber calls entry() on its empty stack. entry must call entered() first, and never return.
#if RCUFARM_SIM_ASAN
void begin(Fiber& fiber, FiberEntry entry);
#else
inline void begin(Fiber& fiber, FiberEntry entry) { fiber.entry = entry; }
#endif
// Without a word to a sanitizer.
inline void switch_stack(Fiber& from, Fiber& to) {
  if (to.entry != nullptr) return rcufarm_sim_enter(&from.sp, to.stack + to.bytes, std::exchange(to.entry, nullptr));
  rcufarm_sim_switch(&from.sp, to.sp);
}
// Leaves `from` (the current stack) for `to`, and returns when somebody switches to `from` again.
#if RCUFARM_SIM_ASAN
void switch_fiber(Fiber& from, Fiber& to);
#else
inline void switch_fiber(Fiber& from, Fiber& to) { switch_stack(from, to); }
#endif
// Drops the current stack for another: at its bottom, where all calls have returned, so that a processor that guesses returns by calls
// finds those of the other one.
#if RCUFARM_SIM_ASAN
inline void drop_fiber(Fiber& from, Fiber& to) { switch_fiber(from, to); }
#else
inline void drop_fiber(Fiber& from, Fiber& to) {
  if (to.entry != nullptr) return switch_stack(from, to);
  rcufarm_sim_resume(to.sp);
}
#endif
// First thing on a fiber's own stack. `host` learns where its stack is.
#if RCUFARM_SIM_ASAN
void entered(Fiber& self, Fiber& host);
#else
inline void entered(Fiber&, Fiber&) {}
#endif

}  // namespace rcufarm::sim
