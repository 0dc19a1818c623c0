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

namespace rcufarm::sim {
struct Fiber;
}

extern "C" {
// Saves the callee-saved registers on the stack and its pointer in *from, then loads them from `to`. Goes by a jump to where the call
// was made there, or by a return.
void rcufarm_sim_switch(void** from, void* to);
void rcufarm_sim_switch_by_return(void** from, void* to);
// The same, but for `to`: the top of an empty stack, aligned to 16, on which it jumps to `entry`.
void rcufarm_sim_enter(void** from, void* top, void (*entry)());
// The same, but that `entry` is called on the other stack before anything there goes on. If it gives another fiber, that one goes on: the
// stack is left as it was, with its pointer in *sp.
void rcufarm_sim_interrupt(void** from, void* to, rcufarm::sim::Fiber* (*entry)(), void** sp);
// For the assembler: drop_stack().
void rcufarm_sim_drop(rcufarm::sim::Fiber* to);
// Loads them from `to`, and drops the current stack.
void rcufarm_sim_resume(void* to);
}

namespace rcufarm::sim {

using FiberEntry = void (*)();
// Gives the fiber that goes on; null: the one that was interrupted.
using Interruption = Fiber* (*)();

struct Fiber {
  void* sp = nullptr;
  void* sp_of_dropped = nullptr;  // of a stack that was dropped for this one: not used again
  // It was begun, or interrupted, and not yet switched to: what is called first.
  bool calls_first = false;
  FiberEntry entry = nullptr;
  Interruption interruption = nullptr;
  char* stack = nullptr;  // its lowest byte; null: the host's own stack
  std::size_t bytes = 0;
  void* fake_stack = nullptr;  // AddressSanitizer's; kept when the stack is begun again
};

// Gives each of `count` fibers a stack with a guard page below it. Aborts when memory is out.
void make_stacks(Fiber* fibers, unsigned count);
void free_stacks(Fiber* fibers, unsigned count);
std::size_t stack_guard_bytes();

// The next switch to the fiber calls entry() on its empty stack. entry must call entered() first, and never return.
#if RCUFARM_SIM_ASAN
void begin(Fiber& fiber, FiberEntry entry);
#else
inline void begin(Fiber& fiber, FiberEntry entry) {
  fiber.entry = entry;
  fiber.calls_first = true;
}
#endif
// The next switch to the fiber calls this on its stack, which is as it was afterwards. Not of the current one.
inline void interrupt(Fiber& fiber, Interruption interruption) {
  fiber.interruption = interruption;
  fiber.calls_first = true;
}

// How a fiber goes on where it was left. A processor guesses where a return goes by the calls before it; behind a switch they were another
// fiber's, so the guess is wrong. Of a jump it guesses the target by the branches before it, which tell more often than not where the
// fiber was. But a jump takes no call off its list, and so the returns further out are guessed wrong, too.
enum class Back : bool { by_return, by_jump };
// Without a word to a sanitizer.
inline void switch_and_call(void** from, Fiber& to) {
  to.calls_first = false;
  if (to.interruption != nullptr)
    return rcufarm_sim_interrupt(from, to.sp, std::exchange(to.interruption, nullptr), &to.sp);
  rcufarm_sim_enter(from, to.stack + to.bytes, to.entry);
}
inline void drop_stack(Fiber& to) {
  if (to.calls_first) return switch_and_call(&to.sp_of_dropped, to);
  rcufarm_sim_resume(to.sp);
}

// Leaves `from` (the current stack) for `to`, and returns when somebody switches to `from` again.
#if RCUFARM_SIM_ASAN
void switch_fiber(Fiber& from, Fiber& to, Back);
#else
inline void switch_fiber(Fiber& from, Fiber& to, Back back) {
  if (to.calls_first) [[unlikely]]
    return switch_and_call(&from.sp, to);
  return back == Back::by_jump ? rcufarm_sim_switch(&from.sp, to.sp) : rcufarm_sim_switch_by_return(&from.sp, to.sp);
}
#endif
// Drops the current stack for another: at its bottom, where all calls have returned, so that a processor that guesses returns by calls
// finds those of the other one.
inline void drop_fiber([[maybe_unused]] Fiber& from, Fiber& to) {
#if RCUFARM_SIM_ASAN
  switch_fiber(from, to, Back::by_return);
#else
  drop_stack(to);
#endif
}
// First thing on a fiber's own stack. `host` learns where its stack is.
#if RCUFARM_SIM_ASAN
void entered(Fiber& self, Fiber& host);
#else
inline void entered(Fiber&, Fiber&) {}
#endif

}  // namespace rcufarm::sim
