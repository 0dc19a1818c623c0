// Job: see fiber.h. The instructions are in fiber_x86_64.cpp and fiber_aarch64.cpp.
#include "machine/engine/fiber.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>

#include "machine/engine/check.h"

#if RCUFARM_SIM_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

#if !defined(__x86_64__) && !defined(__aarch64__)
#error "the simulator's fibers need a context switch for this machine: add a fiber_<machine>.cpp"
#endif

namespace rcufarm::sim {

namespace {
// AddressSanitizer's redzones make frames several times as large.
constexpr std::size_t stack_bytes = RCUFARM_SIM_ASAN ? std::size_t{512} << 10U : std::size_t{128} << 10U;

constexpr std::size_t stack_colours = 13;
constexpr std::size_t stack_colour_bytes = 320;
static_assert(stack_bytes % 16 == 0 && stack_colour_bytes % 16 == 0, "a stack's top is aligned to 16");

}  // namespace

}  // namespace rcufarm::sim

void rcufarm_sim_drop(rcufarm::sim::Fiber* to) { rcufarm::sim::drop_stack(*to); }

namespace rcufarm::sim {

std::size_t stack_guard_bytes() { return static_cast<std::size_t>(sysconf(_SC_PAGESIZE)); }

void make_stacks(Fiber* fibers, unsigned count) {
  const std::size_t each = stack_guard_bytes() + stack_bytes;
  void* memory =
      mmap(nullptr, each * count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  check(memory != MAP_FAILED, "the simulator cannot map its stacks: give the process more address space (ulimit -v)");
  for (unsigned i = 0; i < count; ++i) {
    char* guard = static_cast<char*>(memory) + each * i;
    check(mprotect(guard, stack_guard_bytes(), PROT_NONE) == 0, "the simulator cannot protect a guard page");
    fibers[i].stack = guard + stack_guard_bytes();
    // Not all at one offset in a page, or the tops of all stacks would share the same few lines of the cache.
    fibers[i].bytes = stack_bytes - i % stack_colours * stack_colour_bytes;
  }
}

void free_stacks(Fiber* fibers, unsigned count) {
  if (count == 0 || fibers[0].stack == nullptr) return;
#if RCUFARM_SIM_ASAN
  for (unsigned i = 0; i < count; ++i) __asan_unpoison_memory_region(fibers[i].stack, fibers[i].bytes);
#endif
  munmap(fibers[0].stack - stack_guard_bytes(), (stack_guard_bytes() + stack_bytes) * count);
}

#if RCUFARM_SIM_ASAN
void begin(Fiber& fiber, FiberEntry entry) {
  // What a dropped run left poisoned: its frames lie above where the stack was left; anywhere, if it was left from a
  // signal handler, which has a stack of its own.
  if (fiber.sp != nullptr) {
    char* left_at = static_cast<char*>(fiber.sp);
    char* top = fiber.stack + fiber.bytes;
    if (left_at < fiber.stack || left_at >= top) left_at = fiber.stack;
    __asan_unpoison_memory_region(left_at, static_cast<std::size_t>(top - left_at));
  }
  fiber.entry = entry;
  fiber.calls_first = true;
}

// Whoever was interrupted is told here, when the sanitizer knows the stack again.
void switch_fiber(Fiber& from, Fiber& to, Back) {
  for (Fiber* next = &to; next != nullptr;) {
    __sanitizer_start_switch_fiber(&from.fake_stack, next->stack, next->bytes);
    if (next->calls_first && next->interruption == nullptr) {
      next->calls_first = false;
      rcufarm_sim_enter(&from.sp, next->stack + next->bytes, next->entry);
    } else {
      rcufarm_sim_switch(&from.sp, next->sp);
    }
    __sanitizer_finish_switch_fiber(from.fake_stack, nullptr, nullptr);
    next = nullptr;
    if (!from.calls_first) continue;
    from.calls_first = false;
    next = std::exchange(from.interruption, nullptr)();
  }
}

void entered(Fiber& self, Fiber& host) {
  const void* bottom = nullptr;
  std::size_t bytes = 0;
  __sanitizer_finish_switch_fiber(self.fake_stack, &bottom, &bytes);
  // The first fiber of all is entered from the host; only then is its stack not known.
  if (host.bytes == 0) {
    host.stack = static_cast<char*>(const_cast<void*>(bottom));
    host.bytes = bytes;
  }
}
#endif

}  // namespace rcufarm::sim
