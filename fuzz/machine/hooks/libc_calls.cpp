// What code from elsewhere calls of the C library, met by the machine.
//
// Job: each function here is called rcufarm_met_NAME and stands for NAME: whoever builds the code renames what it calls
// (fuzz/targets/adopt.py), so that the machine's own calls stay the library's. Memory is the machine's, locks are its locks, time
// is its number of points, and whoever sleeps lets others go first. Called by the code under test, in a run; outside of one, that is
// in constructors before main, memory is the library's and nothing waits.
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

// glibc's mutex begins with the word that says who has it: 0 is nobody. Its kind stands at byte 16; a count of our own behind.
sim::Word* word_of(void* lock) { return static_cast<sim::Word*>(lock); }
struct MutexRest {
  sim::Word owner;
  std::int32_t unused[2];
  std::int32_t kind;
  std::int32_t count;
};
MutexRest& rest_of(pthread_mutex_t* mutex) { return *reinterpret_cast<MutexRest*>(mutex); }
bool is_mine(const sim::Word* word) { return *word == sim::index_of(sim::core().current->id) + 1; }
bool is_recursive(pthread_mutex_t* mutex) { return rest_of(mutex).kind == PTHREAD_MUTEX_RECURSIVE; }

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

void init_mutex(pthread_mutex_t* mutex, bool is_recursive) {
  std::memset(mutex, 0, sizeof *mutex);
  rest_of(mutex).kind = is_recursive ? PTHREAD_MUTEX_RECURSIVE : PTHREAD_MUTEX_NORMAL;
}

void destroy_mutex(pthread_mutex_t* mutex, const sim::Site& site) {
  if (in_run() && watching(mutex) != nullptr && *word_of(mutex) != 0) end_run("a locked mutex is destroyed", site);
}

int lock_mutex(pthread_mutex_t* mutex, const sim::Site& site) {
  if (!in_run()) return 0;
  note_progress();
  if (watching(mutex) == nullptr) refuse("pthread_mutex_lock() for a mutex on a stack", site);
  if (is_recursive(mutex) && is_mine(word_of(mutex))) return ++rest_of(mutex).count, 0;
  sim::lock(word_of(mutex), site);
  return 0;
}

int unlock_mutex(pthread_mutex_t* mutex, const sim::Site& site) {
  if (!in_run()) return 0;
  note_progress();
  if (!is_mine(word_of(mutex))) end_run("a mutex is unlocked by a thread that has not locked it", site);
  if (is_recursive(mutex) && rest_of(mutex).count > 0) return --rest_of(mutex).count, 0;
  sim::unlock(word_of(mutex), site);
  return 0;
}

int try_lock_mutex(pthread_mutex_t* mutex, const sim::Site& site) {
  if (!in_run()) return 0;
  if (watching(mutex) == nullptr) refuse("pthread_mutex_trylock() for a mutex on a stack", site);
  if (is_recursive(mutex) && is_mine(word_of(mutex))) return ++rest_of(mutex).count, 0;
  if (sim::try_lock(word_of(mutex), site)) return note_progress(), 0;
  note_idle(site);
  return EBUSY;
}

sim::Word load_word(const void* word, unsigned bytes, const sim::Site& site) {
  sim::Core& c = sim::core();
  const sim::SiteNumber number = c.sites.number_of(site);
  c.point(sim::Op::atomic_load, false, word, number);
  return sim::perform(c, {.op = sim::Op::atomic_load,
                          .noted = sim::Op::atomic_load,
                          .shown = sim::Op::atomic_load,
                          .effect = sim::Effect::load,
                          .order = kernel::Order::acquire,
                          .address = word,
                          .bytes = bytes,
                          .site = number,
                          .is_newest = true})
      .value;
}

sim::Performed change_word(void* word, unsigned bytes, sim::Effect effect, sim::Word expected, sim::Word operand,
                           const sim::Site& site) {
  sim::Core& c = sim::core();
  const sim::SiteNumber number = c.sites.number_of(site);
  const sim::Op op =
      effect == sim::Effect::compare_exchange ? sim::Op::atomic_compare_exchange : sim::Op::atomic_exchange;
  c.point(op, true, word, number);
  note_progress();
  return sim::perform(c, {.op = op,
                          .noted = op,
                          .shown = op,
                          .effect = effect,
                          .order = kernel::Order::acq_rel,
                          .address = word,
                          .bytes = bytes,
                          .site = number,
                          .operand = operand,
                          .expected = expected,
                          .is_newest = true});
}

// A condition variable counts its signals. Who waits may wake without one, as the contract allows.
int wait_for(void* condition, pthread_mutex_t* mutex, const sim::Site& site) {
  if (!in_run()) return 0;
  const sim::Word before = load_word(condition, sizeof(sim::Word), site);
  unlock_mutex(mutex, site);
  while (load_word(condition, sizeof(sim::Word), site) == before) sim::cpu_relax(site);
  return lock_mutex(mutex, site);
}

int wait_a_while_for(void* condition, pthread_mutex_t* mutex, const sim::Site& site) {
  if (!in_run()) return 0;
  const sim::Word before = load_word(condition, sizeof(sim::Word), site);
  unlock_mutex(mutex, site);
  sim::cpu_relax(site);
  const bool has_come = load_word(condition, sizeof(sim::Word), site) != before;
  lock_mutex(mutex, site);
  return has_come ? 0 : ETIMEDOUT;
}

void signal(void* condition, const sim::Site& site) {
  if (in_run()) change_word(condition, sizeof(sim::Word), sim::Effect::add, 0, 1, site);
}

// For the first of those who come with this word; the others wait until it is over. 0, 1 while it runs, 2.
void call_once(void* control, void (*function)(), const sim::Site& site) {
  if (!in_run()) return function();
  while (true) {
    const sim::Word seen = load_word(control, sizeof(int), site);
    if (seen == 2) return;
    if (seen == 0 && change_word(control, sizeof(int), sim::Effect::compare_exchange, 0, 1, site).wrote) break;
    sim::cpu_relax(site);
  }
  function();
  change_word(control, sizeof(int), sim::Effect::exchange, 0, 2, site);
}

unsigned create_key(void (*destructor)(void*)) {
  std::vector<Key>& keys = CodeUnderTest::of_program().keys;
  keys.push_back({true, destructor});
  return static_cast<unsigned>(keys.size() - 1);
}

int delete_key(unsigned key) {
  std::vector<Key>& keys = CodeUnderTest::of_program().keys;
  if (key >= keys.size() || !keys[key].is_used) return EINVAL;
  keys[key] = Key{};
  return 0;
}

void* value_of(unsigned key) {
  if (!in_run()) return nullptr;
  const std::vector<void*>& mine = CodeUnderTest::of_program().thread().keys;
  return key < mine.size() ? mine[key] : nullptr;
}

void set_value(unsigned key, const void* value) {
  if (!in_run()) return;
  std::vector<void*>& mine = CodeUnderTest::of_program().thread().keys;
  if (mine.size() <= key) mine.resize(key + 1);
  mine[key] = const_cast<void*>(value);
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

// ---- threads ------------------------------------------------------------------------------------------------------------

pthread_t rcufarm_met_pthread_self() { return in_run() ? sim::index_of(sim::core().current->id) + 1 : 0; }

int rcufarm_met_pthread_mutex_init(pthread_mutex_t* mutex, const pthread_mutexattr_t* attributes) {
  int kind = PTHREAD_MUTEX_NORMAL;
  if (attributes != nullptr) pthread_mutexattr_gettype(attributes, &kind);
  return init_mutex(mutex, kind == PTHREAD_MUTEX_RECURSIVE), 0;
}
int rcufarm_met_pthread_mutex_destroy(pthread_mutex_t* mutex) { return destroy_mutex(mutex, RCUFARM_CALLER), 0; }
int rcufarm_met_pthread_mutex_lock(pthread_mutex_t* mutex) { return lock_mutex(mutex, RCUFARM_CALLER); }
int rcufarm_met_pthread_mutex_unlock(pthread_mutex_t* mutex) { return unlock_mutex(mutex, RCUFARM_CALLER); }
int rcufarm_met_pthread_mutex_trylock(pthread_mutex_t* mutex) { return try_lock_mutex(mutex, RCUFARM_CALLER); }

// A spin lock is a word of its own, of four bytes.
int rcufarm_met_pthread_spin_init(pthread_spinlock_t* lock, int) { return *const_cast<int*>(lock) = 0; }
int rcufarm_met_pthread_spin_destroy(pthread_spinlock_t*) { return 0; }
int rcufarm_met_pthread_spin_trylock(pthread_spinlock_t* lock) {
  if (!in_run()) return 0;
  int* word = const_cast<int*>(lock);
  return change_word(word, sizeof(int), sim::Effect::compare_exchange, 0, 1, RCUFARM_CALLER).wrote ? 0 : EBUSY;
}
int rcufarm_met_pthread_spin_lock(pthread_spinlock_t* lock) {
  if (!in_run()) return 0;
  const sim::Site& site = RCUFARM_CALLER;
  int* word = const_cast<int*>(lock);
  while (!change_word(word, sizeof(int), sim::Effect::compare_exchange, 0, 1, site).wrote) sim::cpu_relax(site);
  return 0;
}
int rcufarm_met_pthread_spin_unlock(pthread_spinlock_t* lock) {
  if (in_run()) change_word(const_cast<int*>(lock), sizeof(int), sim::Effect::exchange, 0, 0, RCUFARM_CALLER);
  return 0;
}

int rcufarm_met_pthread_cond_init(pthread_cond_t* condition, const pthread_condattr_t*) {
  std::memset(condition, 0, sizeof *condition);
  return 0;
}
int rcufarm_met_pthread_cond_destroy(pthread_cond_t*) { return 0; }
int rcufarm_met_pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* mutex) {
  return wait_for(condition, mutex, RCUFARM_CALLER);
}
int rcufarm_met_pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex, const timespec*) {
  return wait_a_while_for(condition, mutex, RCUFARM_CALLER);
}
int rcufarm_met_pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex, clockid_t, const timespec*) {
  return wait_a_while_for(condition, mutex, RCUFARM_CALLER);
}
int rcufarm_met_pthread_cond_signal(pthread_cond_t* condition) { return signal(condition, RCUFARM_CALLER), 0; }
int rcufarm_met_pthread_cond_broadcast(pthread_cond_t* condition) { return signal(condition, RCUFARM_CALLER), 0; }

int rcufarm_met_pthread_once(pthread_once_t* control, void (*function)()) {
  return call_once(control, function, RCUFARM_CALLER), 0;
}

int rcufarm_met_pthread_key_create(pthread_key_t* key, void (*destructor)(void*)) {
  return *key = create_key(destructor), 0;
}
int rcufarm_met_pthread_key_delete(pthread_key_t key) { return delete_key(key); }
void* rcufarm_met_pthread_getspecific(pthread_key_t key) { return value_of(key); }
int rcufarm_met_pthread_setspecific(pthread_key_t key, const void* value) { return set_value(key, value), 0; }

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
