// What code from elsewhere calls of the C library, met by the machine.
//
// Job: each function here is called rcufarm_met_NAME and stands for NAME: whoever builds the code renames what it calls
// (fuzz/targets/adopt.py), so that the machine's own calls stay the library's. Memory is the machine's, time is its number of
// points, and whoever sleeps lets others go first. Called by the code under test, in a run; outside of one, that is in
// constructors before main, memory is the library's and nothing waits. Locks: lock_calls.cpp; threads: thread_calls.cpp.
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string>

#include "machine/hooks/code_under_test.h"
#include "machine/hooks/heap.h"
#include "machine/hooks/libc_calls.h"
#include "machine/hooks/places.h"
#include "machine/machine.h"
#include "machine/memory/weak_edges.h"

using namespace rcufarm;
using namespace rcufarm::hooks;

namespace {

// Machine::stop()'s, for what would have ended the process.
constexpr std::uint64_t ended_code = 0xe2d;
constexpr std::size_t malloc_alignment = 16;
constexpr std::size_t page = 4096;

bool is_power_of_two(std::size_t n) { return n != 0 && (n & (n - 1)) == 0; }

// Of new memory, or of what is dropped: nobody has written the zeroes.
void* zeroed(void* memory, std::size_t bytes) {
  if (memory != nullptr) sim::core().memory.zero(memory, bytes);
  return memory;
}

void* allocated(std::size_t bytes, std::size_t alignment, const sim::Site& site) {
  void* memory = heap_alloc(bytes, alignment, site);
  if (memory == nullptr) errno = ENOMEM;
  return memory;
}

std::uint64_t nanoseconds() {
  constexpr std::uint64_t each_point = 100;
  return in_run() ? sim::core().steps * each_point : 0;
}

int sleep_for_others(const sim::Site& site) {
  if (in_run()) sim::cpu_relax(site);
  return 0;
}

}  // namespace

namespace rcufarm::hooks {

void end_run(const char* text, const sim::Site& site) {
  sim::Core& c = sim::core();
  c.current->site = c.sites.number_of(site);
  sim::current_machine()->stop(ended_code, text);
  __builtin_unreachable();
}

}  // namespace rcufarm::hooks

extern "C" {

// ---- memory ------------------------------------------------------------------------------------------------------------

void* rcufarm_met_malloc(std::size_t bytes) {
  return in_run() ? allocated(bytes, malloc_alignment, RCUFARM_CALLER) : std::malloc(bytes);
}
void* rcufarm_met_calloc(std::size_t count, std::size_t each) {
  std::size_t bytes = 0;
  if (__builtin_mul_overflow(count, each, &bytes)) return errno = ENOMEM, nullptr;
  return in_run() ? zeroed(allocated(bytes, malloc_alignment, RCUFARM_CALLER), bytes) : std::calloc(count, each);
}
void rcufarm_met_free(void* block) {
  if (in_run()) return heap_free(block, RCUFARM_CALLER);
  std::free(block);
}
void* rcufarm_met_realloc(void* block, std::size_t bytes) {
  if (!in_run()) return std::realloc(block, bytes);
  const sim::Site& site = RCUFARM_CALLER;
  if (block == nullptr) return allocated(bytes, malloc_alignment, site);
  const std::size_t kept = std::min(heap_bytes(block, site), bytes);
  void* copy = allocated(bytes, malloc_alignment, site);
  if (copy == nullptr) return nullptr;
  sim::core().memory.back(block, kept);
  sim::core().memory.back(copy, kept);
  std::memcpy(copy, block, kept);
  heap_free(block, site);
  return copy;
}
int rcufarm_met_posix_memalign(void** result, std::size_t alignment, std::size_t bytes) {
  if (!is_power_of_two(alignment) || alignment % sizeof(void*) != 0) return EINVAL;
  if (!in_run()) return ::posix_memalign(result, alignment, bytes);
  void* memory = heap_alloc(bytes, alignment, RCUFARM_CALLER);
  if (memory == nullptr) return ENOMEM;
  *result = memory;
  return 0;
}
void* rcufarm_met_aligned_alloc(std::size_t alignment, std::size_t bytes) {
  if (!is_power_of_two(alignment)) return errno = EINVAL, nullptr;
  return in_run() ? allocated(bytes, alignment, RCUFARM_CALLER) : std::aligned_alloc(alignment, bytes);
}
void* rcufarm_met_memalign(std::size_t alignment, std::size_t bytes) {
  return in_run() ? allocated(bytes, alignment, RCUFARM_CALLER) : std::aligned_alloc(alignment, bytes);
}
std::size_t rcufarm_met_malloc_usable_size(void* block) {
  return block == nullptr ? 0 : heap_bytes(block, RCUFARM_CALLER);
}

void* rcufarm_met_mmap(void* wanted, std::size_t bytes, int protection, int flags, int file, off_t offset) {
  const sim::Site& site = RCUFARM_CALLER;
  if (!in_run()) return ::mmap(wanted, bytes, protection, flags, file, offset);
  if ((flags & MAP_ANONYMOUS) == 0) refuse("mmap() of a file", site);
  if ((flags & MAP_FIXED) != 0) refuse("mmap() with MAP_FIXED", site);
  const std::size_t whole = (bytes + page - 1) / page * page;
  void* memory = zeroed(allocated(whole, page, site), whole);
  return memory == nullptr ? MAP_FAILED : memory;
}
int rcufarm_met_munmap(void* memory, std::size_t bytes) {
  const sim::Site& site = RCUFARM_CALLER;
  if (!in_run()) return ::munmap(memory, bytes);
  const std::size_t whole = (bytes + page - 1) / page * page;
  // What was mapped for the sake of an alignment goes back at once. A step for nobody: it was nobody's.
  if (sim::core().memory.trim(memory, whole)) return 0;
  if (heap_bytes(memory, site) > whole) refuse("munmap() of a part of a mapping that was in use", site);
  heap_free(memory, site);
  return 0;
}
int rcufarm_met_madvise(void* memory, std::size_t bytes, int advice) {
  if (advice == MADV_DONTNEED && in_run()) zeroed(memory, bytes);
  return 0;
}
int rcufarm_met_mprotect(void*, std::size_t, int) { return 0; }

// ---- C++ ----------------------------------------------------------------------------------------------------------------

[[noreturn]] static void out_of_memory(const sim::Site& site) {
  end_run("operator new has no memory, and throws: the machine does not go on from there", site);
}
void* rcufarm_met__Znwm(std::size_t bytes) {
  if (!in_run()) return std::malloc(bytes == 0 ? 1 : bytes);
  const sim::Site& site = RCUFARM_CALLER;
  void* memory = heap_alloc(bytes, malloc_alignment, site);
  if (memory == nullptr) out_of_memory(site);
  return memory;
}
void* rcufarm_met__Znam(std::size_t bytes) {
  if (!in_run()) return std::malloc(bytes == 0 ? 1 : bytes);
  const sim::Site& site = RCUFARM_CALLER;
  void* memory = heap_alloc(bytes, malloc_alignment, site);
  if (memory == nullptr) out_of_memory(site);
  return memory;
}
void* rcufarm_met__ZnwmRKSt9nothrow_t(std::size_t bytes, const void*) {
  return in_run() ? heap_alloc(bytes, malloc_alignment, RCUFARM_CALLER) : std::malloc(bytes);
}
void* rcufarm_met__ZnamRKSt9nothrow_t(std::size_t bytes, const void*) {
  return in_run() ? heap_alloc(bytes, malloc_alignment, RCUFARM_CALLER) : std::malloc(bytes);
}
void* rcufarm_met__ZnwmSt11align_val_t(std::size_t bytes, std::size_t alignment) {
  if (!in_run()) return std::aligned_alloc(alignment, bytes);
  const sim::Site& site = RCUFARM_CALLER;
  void* memory = heap_alloc(bytes, alignment, site);
  if (memory == nullptr) out_of_memory(site);
  return memory;
}
#define DELETE(name, parameters)                           \
  void rcufarm_met_##name parameters {                     \
    if (in_run()) return heap_free(block, RCUFARM_CALLER); \
    std::free(block);                                      \
  }
DELETE(_ZdlPv, (void* block))
DELETE(_ZdaPv, (void* block))
DELETE(_ZdlPvm, (void* block, std::size_t))
DELETE(_ZdaPvm, (void* block, std::size_t))
DELETE(_ZdlPvSt11align_val_t, (void* block, std::size_t))
DELETE(_ZdlPvmSt11align_val_t, (void* block, std::size_t, std::size_t))
DELETE(_ZdlPvRKSt9nothrow_t, (void* block, const void*))

// A guard's first byte says that its static is there; the compiler looks at it without a call. The state stands in its upper half.
int rcufarm_met___cxa_guard_acquire(char* guard) {
  if (!in_run()) return *guard == 0 ? 1 : 0;
  const sim::Site& site = RCUFARM_CALLER;
  while (true) {
    const sim::Word seen = load_word(guard + 4, 4, site);
    if (seen == 2) return 0;
    if (seen == 0 && change_word(guard + 4, 4, sim::Effect::compare_exchange, 0, 1, site).wrote) return 1;
    sim::cpu_relax(site);
  }
}
void rcufarm_met___cxa_guard_release(char* guard) {
  if (!in_run()) return void(*guard = 1);
  const sim::Site& site = RCUFARM_CALLER;
  change_word(guard + 4, 4, sim::Effect::exchange, 0, 2, site);
  change_word(guard, 4, sim::Effect::exchange, 0, 1, site);
}
void rcufarm_met___cxa_guard_abort(char* guard) {
  if (in_run()) change_word(guard + 4, 4, sim::Effect::exchange, 0, 0, RCUFARM_CALLER);
}

// ---- who runs, where and when --------------------------------------------------------------------------------------------

pthread_t rcufarm_met_pthread_self() { return in_run() ? sim::index_of(sim::core().current->id) + 1 : 0; }

int rcufarm_met_sched_yield() { return sleep_for_others(RCUFARM_CALLER); }
int rcufarm_met_nanosleep(const timespec*, timespec*) { return sleep_for_others(RCUFARM_CALLER); }
int rcufarm_met_clock_nanosleep(clockid_t, int, const timespec*, timespec*) { return sleep_for_others(RCUFARM_CALLER); }
int rcufarm_met_usleep(unsigned) { return sleep_for_others(RCUFARM_CALLER); }
// Of nothing, as a way to sleep.
int rcufarm_met_poll(void* files, unsigned long count, int) {
  const sim::Site& site = RCUFARM_CALLER;
  if (files != nullptr && count != 0) refuse("poll() of files", site);
  return sleep_for_others(site);
}
// One that started itself, and one of the program's, may have a CPU together; callbacks have none of their own.
static int cpu_here() {
  const std::uint8_t cpu = sim::core().current->lane->cpu;
  return cpu == sim::no_cpu ? 0 : cpu;
}
int rcufarm_met_sched_getcpu() { return in_run() ? cpu_here() : 0; }
int rcufarm_met_getcpu(unsigned* cpu, unsigned* node) {
  if (cpu != nullptr) *cpu = static_cast<unsigned>(rcufarm_met_sched_getcpu());
  if (node != nullptr) *node = 0;
  return 0;
}
// No area of rseq is registered, as on a kernel without it: code asks sched_getcpu() then.
extern const unsigned rcufarm_met___rseq_size = 0;
extern const unsigned rcufarm_met___rseq_flags = 0;
extern const std::ptrdiff_t rcufarm_met___rseq_offset = 0;
int rcufarm_met_get_nprocs() { return in_run() ? static_cast<int>(sim::cpu_count()) : 1; }
long rcufarm_met_sysconf(int name) {
  switch (name) {
    case _SC_PAGESIZE: return page;
    case _SC_NPROCESSORS_CONF:
    case _SC_NPROCESSORS_ONLN: return rcufarm_met_get_nprocs();
    default: return ::sysconf(name);
  }
}
int rcufarm_met_getpagesize() { return page; }
int rcufarm_met_clock_gettime(clockid_t, timespec* now) {
  constexpr std::uint64_t second = 1'000'000'000;
  *now = {.tv_sec = static_cast<time_t>(nanoseconds() / second), .tv_nsec = static_cast<long>(nanoseconds() % second)};
  return 0;
}
time_t rcufarm_met_time(time_t* now) {
  constexpr std::uint64_t second = 1'000'000'000;
  const auto seconds = static_cast<time_t>(nanoseconds() / second);
  if (now != nullptr) *now = seconds;
  return seconds;
}
int rcufarm_met_gettimeofday(timeval* now, void*) {
  constexpr std::uint64_t microsecond = 1'000;
  constexpr std::uint64_t second = 1'000'000;
  const std::uint64_t microseconds = nanoseconds() / microsecond;
  *now = {.tv_sec = static_cast<time_t>(microseconds / second), .tv_usec = static_cast<long>(microseconds % second)};
  return 0;
}
char* rcufarm_met_getenv(const char*) { return nullptr; }

// ---- what the machine has none of: files, signals, other processes -----------------------------------------------------------

static int no_such_file() { return errno = ENOENT, -1; }
int rcufarm_met_open(const char*, int, ...) { return no_such_file(); }
int rcufarm_met_open64(const char*, int, ...) { return no_such_file(); }
int rcufarm_met_access(const char*, int) { return no_such_file(); }
void* rcufarm_met_fopen(const char*, const char*) { return no_such_file(), nullptr; }
void* rcufarm_met_opendir(const char*) { return no_such_file(), nullptr; }
char* rcufarm_met_realpath(const char*, char*) { return no_such_file(), nullptr; }
ssize_t rcufarm_met_read(int, void*, std::size_t) { return errno = EBADF, -1; }
int rcufarm_met_close(int) { return errno = EBADF, -1; }
int rcufarm_met_fclose(void*) { return errno = EBADF, -1; }
int rcufarm_met_closedir(void*) { return errno = EBADF, -1; }
void* rcufarm_met_readdir(void*) { return errno = EBADF, nullptr; }
int rcufarm_met_pthread_sigmask(int, const sigset_t*, sigset_t* before) {
  if (before != nullptr) sigemptyset(before);
  return 0;
}
int rcufarm_met_getrusage(int, rusage* used) { return std::memset(used, 0, sizeof *used), 0; }

// ---- system calls ---------------------------------------------------------------------------------------------------------

static long futex(int* word, int operation, int value, const sim::Site& site) {
  constexpr int wait = 0;
  constexpr int wake = 1;
  constexpr int wait_bitset = 9;
  constexpr int wake_bitset = 10;
  constexpr int command = 127;
  switch (operation & command) {
    case wait:
    case wait_bitset:
      if (static_cast<int>(load_word(word, sizeof(int), site)) != value) return errno = EAGAIN, -1;
      // It may wake for no reason.
      sim::cpu_relax(site);
      return 0;
    case wake:
    case wake_bitset: return sim::cpu_relax(site), 0;
    default: refuse("futex() with an operation other than wait and wake", site);
  }
}

long rcufarm_met_syscall(long number, long first, long second, long third, long, long, long) {
  const sim::Site& site = RCUFARM_CALLER;
  if (!in_run()) return errno = ENOSYS, -1;
  switch (number) {
    case SYS_futex:
      return futex(reinterpret_cast<int*>(first), static_cast<int>(second), static_cast<int>(third), site);
    case SYS_membarrier: {
      constexpr long query = 0;
      constexpr long all_commands = 0x7f;
      if (first == query) return all_commands;
      sim::cpu_relax(site);
      sim::Core& c = sim::core();
      // On every CPU a full fence, and all of them in one order with this one.
      if (c.is_weak) {
        sim::drain_all(c);
        sim::fence(c, sim::Fence::full);
      }
      c.for_each_lane([&c](const sim::Lane& lane) { c.clocks.join(c.clock(), lane.clock); });
      c.for_each_lane([&c](const sim::Lane& lane) { c.clocks.join(lane.clock, c.clock()); });
      c.advance();
      return 0;
    }
    case SYS_getcpu: return rcufarm_met_getcpu(reinterpret_cast<unsigned*>(first), reinterpret_cast<unsigned*>(second));
    case SYS_rseq: return errno = ENOSYS, -1;
    // The same bytes in each run.
    case SYS_getrandom:
      std::memset(reinterpret_cast<void*>(first), 0x5a, static_cast<std::size_t>(second));
      return second;
    case SYS_gettid: return static_cast<long>(rcufarm_met_pthread_self());
    case SYS_sched_yield: return rcufarm_met_sched_yield();
    default: refuse(("syscall(" + std::to_string(number) + ")").c_str(), site);
  }
}

// ---- the end --------------------------------------------------------------------------------------------------------------

// What is to be done as the process ends is not: the process goes on to the next run, and its own end knows nothing of any.
int rcufarm_met_atexit(void (*)()) { return 0; }
int rcufarm_met___cxa_atexit(void (*)(void*), void*, void*) { return 0; }

void rcufarm_met_abort() {
  if (!in_run()) std::abort();
  end_run("abort() was called", RCUFARM_CALLER);
}
void rcufarm_met_exit(int code) {
  if (!in_run()) std::exit(code);
  end_run("exit() was called", RCUFARM_CALLER);
}
void rcufarm_met__exit(int code) {
  if (!in_run()) _exit(code);
  end_run("_exit() was called", RCUFARM_CALLER);
}
void rcufarm_met___assert_fail(const char* claim, const char*, unsigned, const char*) {
  static std::string text;  // until the next one
  text = std::string("assertion failed: ") + claim;
  if (in_run()) end_run(text.c_str(), RCUFARM_CALLER);
  refuse(text.c_str(), RCUFARM_CALLER);
}

// ---- thread_local (-femulated-tls) ------------------------------------------------------------------------------------------

struct EmulatedVariable {
  std::size_t bytes;
  std::size_t alignment;
  std::size_t unused;
  const void* first_value;  // null: zeroes
};

void* __emutls_get_address(EmulatedVariable* control) {
  if (!in_run()) refuse("a thread_local variable before main", RCUFARM_CALLER);
  Thread& thread = CodeUnderTest::of_program().thread();
  for (const Thread::Variable& known : thread.variables) {
    if (known.control == control) return known.memory;
  }
  sim::Core& c = sim::core();
  if (control->alignment > sim::object_bytes_backed)
    refuse("a thread_local variable aligned to more than 128 bytes", RCUFARM_CALLER);
  void* memory = c.memory.host_memory(control->bytes);
  if (memory == nullptr) c.leave_at_limit("arena_bytes");
  if (control->first_value != nullptr) std::memcpy(memory, control->first_value, control->bytes);
  thread.variables.push_back({control, memory, control->bytes});
  return memory;
}
}
