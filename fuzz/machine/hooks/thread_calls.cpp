// What code from elsewhere calls to have threads, and what those wait with beside mutexes (lock_calls.cpp), met by the machine.
//
// Job: threads of POSIX, C11 and C++ are tasks of the run; read-write locks, semaphores and condition variables of C++ stand on the
// machine's accesses. Names and renaming as in libc_calls.cpp. Called by the code under test; outside of a run no thread
// begins.
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <threads.h>

#include <cstring>
#include <string>
#include <thread>

#include "machine/hooks/code_under_test.h"
#include "machine/hooks/libc_calls.h"
#include "machine/hooks/places.h"
#include "machine/kernel/threads.h"

using namespace rcufarm;
using namespace rcufarm::hooks;

namespace {

bool is_task() {
  const sim::ContextKind kind = sim::core().current->kind;
  return kind == sim::ContextKind::task || kind == sim::ContextKind::main;
}

sim::ContextId context_of(pthread_t thread) { return static_cast<sim::ContextId>(thread - 1); }
pthread_t self() { return sim::index_of(sim::core().current->id) + 1; }
bool is_started(pthread_t thread) {
  return thread != 0 && thread <= sim::context_count && sim::core().started.contains(context_of(thread));
}
Thread& thread_of(pthread_t thread) { return CodeUnderTest::of_program().thread_of(context_of(thread)); }

[[noreturn]] void end_self() {
  CodeUnderTest::of_program().thread_ends();
  sim::end_thread();
}

struct Begin {
  void* (*function)(void*);
  int (*function_of_int)(void*);  // C11's; one of them is null
  void* argument;
};

void run_thread(void* argument) {
  const Begin begin = *static_cast<Begin*>(argument);
  try {
    CodeUnderTest::of_program().thread().result =
        begin.function != nullptr ? begin.function(begin.argument)
                                  : reinterpret_cast<void*>(std::intptr_t{begin.function_of_int(begin.argument)});
  } catch (...) {
    end_run_for_exception("an exception leaves a thread");
  }
  CodeUnderTest::of_program().thread_ends();
}

pthread_t start(const Begin& what, const char* call, const sim::Site& site) {
  if (!in_run()) refuse((std::string(call) + " before main").c_str(), site);
  note_progress();
  sim::Core& c = sim::core();
  auto* begin = static_cast<Begin*>(c.memory.host_memory(sizeof(Begin)));
  if (begin == nullptr) c.leave_at_limit("arena_bytes");
  *begin = what;
  const sim::ContextId id = sim::start_thread(&run_thread, begin, site);
  return sim::index_of(id) + 1;
}

int join(pthread_t thread, void** result, const char* call, const sim::Site& site) {
  if (!in_run()) return ESRCH;
  if (!is_task()) refuse((std::string(call) + " in a callback").c_str(), site);
  if (thread == self()) return EDEADLK;
  if (!is_started(thread)) end_run("a thread is joined that nobody has started", site);
  Thread& joined = thread_of(thread);
  if (joined.is_detached) end_run("a thread is joined that was joined or detached before", site);
  note_progress();
  joined.is_detached = true;
  sim::join_thread(context_of(thread), site);
  if (result != nullptr) *result = joined.result;
  return 0;
}

int detach(pthread_t thread, const sim::Site& site) {
  if (!in_run() || !is_started(thread)) return ESRCH;
  if (thread_of(thread).is_detached) end_run("a thread is detached that was joined or detached before", site);
  thread_of(thread).is_detached = true;
  return 0;
}

[[noreturn]] void exit_thread(void* result, const char* call, const sim::Site& site) {
  if (!in_run() || !is_started(self()))
    refuse((std::string(call) + " in a thread that it has not started").c_str(), site);
  CodeUnderTest::of_program().thread().result = result;
  end_self();
}

// ---- read-write locks: one word, how many read, or that one writes ----------------------------------------------------------

constexpr sim::Word writes = 0x80000000U;

bool try_read(void* lock, const sim::Site& site) {
  const sim::Word seen = load_word(lock, sizeof(int), site);
  return seen != writes && change_word(lock, sizeof(int), sim::Effect::compare_exchange, seen, seen + 1, site).wrote;
}
bool try_write(void* lock, const sim::Site& site) {
  return change_word(lock, sizeof(int), sim::Effect::compare_exchange, 0, writes, site).wrote;
}
int unlock(void* lock, const sim::Site& site) {
  const sim::Word seen = load_word(lock, sizeof(int), site);
  if (seen == 0) end_run("a read-write lock is unlocked that nobody has", site);
  if (seen == writes) {
    change_word(lock, sizeof(int), sim::Effect::exchange, 0, 0, site);
  } else {
    change_word(lock, sizeof(int), sim::Effect::add, 0, ~sim::Word{0}, site);
  }
  return 0;
}
template <class Try>
int until(Try attempt, void* lock, const sim::Site& site) {
  if (!in_run()) return 0;
  if (watching(lock) == nullptr) refuse("a lock on a stack", site);
  while (!attempt(lock, site)) sim::cpu_relax(site);
  return 0;
}
template <class Try>
int once(Try attempt, void* lock, int otherwise, const sim::Site& site) {
  if (!in_run()) return 0;
  if (watching(lock) == nullptr) refuse("a lock on a stack", site);
  return attempt(lock, site) ? 0 : otherwise;
}

bool try_down(void* semaphore, const sim::Site& site) {
  const sim::Word seen = load_word(semaphore, sizeof(int), site);
  return seen != 0 && change_word(semaphore, sizeof(int), sim::Effect::compare_exchange, seen, seen - 1, site).wrote;
}

int c11_result(int error) {
  switch (error) {
    case 0: return thrd_success;
    case EBUSY: return thrd_busy;
    case ETIMEDOUT: return thrd_timedout;
    case ENOMEM: return thrd_nomem;
    default: return thrd_error;
  }
}

}  // namespace

extern "C" {

// ---- POSIX ----------------------------------------------------------------------------------------------------------------

int rcufarm_met_pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*function)(void*),
                               void* argument) {
  *thread = start({function, nullptr, argument}, "pthread_create()", RCUFARM_CALLER);
  int state = PTHREAD_CREATE_JOINABLE;
  if (attributes != nullptr) pthread_attr_getdetachstate(attributes, &state);
  thread_of(*thread).is_detached = state == PTHREAD_CREATE_DETACHED;
  return 0;
}
int rcufarm_met_pthread_join(pthread_t thread, void** result) {
  return join(thread, result, "pthread_join()", RCUFARM_CALLER);
}
int rcufarm_met_pthread_detach(pthread_t thread) { return detach(thread, RCUFARM_CALLER); }
[[noreturn]] void rcufarm_met_pthread_exit(void* result) { exit_thread(result, "pthread_exit()", RCUFARM_CALLER); }

int rcufarm_met_pthread_rwlock_init(pthread_rwlock_t* lock, const pthread_rwlockattr_t*) {
  std::memset(lock, 0, sizeof *lock);
  return 0;
}
int rcufarm_met_pthread_rwlock_destroy(pthread_rwlock_t*) { return 0; }
int rcufarm_met_pthread_rwlock_rdlock(pthread_rwlock_t* lock) { return until(try_read, lock, RCUFARM_CALLER); }
int rcufarm_met_pthread_rwlock_tryrdlock(pthread_rwlock_t* lock) { return once(try_read, lock, EBUSY, RCUFARM_CALLER); }
int rcufarm_met_pthread_rwlock_wrlock(pthread_rwlock_t* lock) { return until(try_write, lock, RCUFARM_CALLER); }
int rcufarm_met_pthread_rwlock_trywrlock(pthread_rwlock_t* lock) {
  return once(try_write, lock, EBUSY, RCUFARM_CALLER);
}
int rcufarm_met_pthread_rwlock_unlock(pthread_rwlock_t* lock) { return in_run() ? unlock(lock, RCUFARM_CALLER) : 0; }

int rcufarm_met_sem_init(sem_t* semaphore, int, unsigned value) {
  std::memset(semaphore, 0, sizeof *semaphore);
  std::memcpy(semaphore, &value, sizeof value);
  return 0;
}
int rcufarm_met_sem_destroy(sem_t*) { return 0; }
int rcufarm_met_sem_wait(sem_t* semaphore) { return until(try_down, semaphore, RCUFARM_CALLER); }
int rcufarm_met_sem_trywait(sem_t* semaphore) {
  if (once(try_down, semaphore, EAGAIN, RCUFARM_CALLER) == 0) return 0;
  return errno = EAGAIN, -1;
}
int rcufarm_met_sem_post(sem_t* semaphore) {
  if (in_run()) change_word(semaphore, sizeof(int), sim::Effect::add, 0, 1, RCUFARM_CALLER);
  return 0;
}

// ---- C11: glibc's types are those of POSIX -------------------------------------------------------------------------------------

static_assert(sizeof(mtx_t) == sizeof(pthread_mutex_t) && sizeof(cnd_t) == sizeof(pthread_cond_t));
static_assert(sizeof(thrd_t) == sizeof(pthread_t) && sizeof(once_flag) == sizeof(pthread_once_t));

int rcufarm_met_thrd_create(thrd_t* thread, int (*function)(void*), void* argument) {
  *thread = start({nullptr, function, argument}, "thrd_create()", RCUFARM_CALLER);
  return thrd_success;
}
int rcufarm_met_thrd_join(thrd_t thread, int* result) {
  void* given = nullptr;
  const int error = join(thread, &given, "thrd_join()", RCUFARM_CALLER);
  if (result != nullptr) *result = static_cast<int>(reinterpret_cast<std::intptr_t>(given));
  return c11_result(error);
}
int rcufarm_met_thrd_detach(thrd_t thread) { return c11_result(detach(thread, RCUFARM_CALLER)); }
[[noreturn]] void rcufarm_met_thrd_exit(int result) {
  exit_thread(reinterpret_cast<void*>(std::intptr_t{result}), "thrd_exit()", RCUFARM_CALLER);
}
thrd_t rcufarm_met_thrd_current() { return in_run() ? self() : 0; }
int rcufarm_met_thrd_equal(thrd_t a, thrd_t b) { return a == b ? 1 : 0; }
void rcufarm_met_thrd_yield() {
  if (in_run()) sim::cpu_relax(RCUFARM_CALLER);
}
int rcufarm_met_thrd_sleep(const timespec*, timespec*) {
  if (in_run()) sim::cpu_relax(RCUFARM_CALLER);
  return 0;
}
int rcufarm_met_mtx_init(mtx_t* mutex, int kind) {
  init_mutex(reinterpret_cast<pthread_mutex_t*>(mutex), (kind & mtx_recursive) != 0);
  return thrd_success;
}
void rcufarm_met_mtx_destroy(mtx_t* mutex) { destroy_mutex(reinterpret_cast<pthread_mutex_t*>(mutex), RCUFARM_CALLER); }
int rcufarm_met_mtx_lock(mtx_t* mutex) {
  return c11_result(lock_mutex(reinterpret_cast<pthread_mutex_t*>(mutex), RCUFARM_CALLER));
}
int rcufarm_met_mtx_trylock(mtx_t* mutex) {
  return c11_result(try_lock_mutex(reinterpret_cast<pthread_mutex_t*>(mutex), RCUFARM_CALLER));
}
int rcufarm_met_mtx_unlock(mtx_t* mutex) {
  return c11_result(unlock_mutex(reinterpret_cast<pthread_mutex_t*>(mutex), RCUFARM_CALLER));
}
int rcufarm_met_cnd_init(cnd_t* condition) { return std::memset(condition, 0, sizeof *condition), thrd_success; }
void rcufarm_met_cnd_destroy(cnd_t*) {}
int rcufarm_met_cnd_wait(cnd_t* condition, mtx_t* mutex) {
  return c11_result(wait_for(condition, reinterpret_cast<pthread_mutex_t*>(mutex), RCUFARM_CALLER));
}
int rcufarm_met_cnd_timedwait(cnd_t* condition, mtx_t* mutex, const timespec*) {
  return c11_result(wait_a_while_for(condition, reinterpret_cast<pthread_mutex_t*>(mutex), RCUFARM_CALLER));
}
int rcufarm_met_cnd_signal(cnd_t* condition) { return signal(condition, RCUFARM_CALLER), thrd_success; }
int rcufarm_met_cnd_broadcast(cnd_t* condition) { return signal(condition, RCUFARM_CALLER), thrd_success; }
void rcufarm_met_call_once(once_flag* flag, void (*function)()) { call_once(flag, function, RCUFARM_CALLER); }
int rcufarm_met_tss_create(tss_t* key, void (*destructor)(void*)) {
  return *key = create_key(destructor), thrd_success;
}
void rcufarm_met_tss_delete(tss_t key) { delete_key(key); }
void* rcufarm_met_tss_get(tss_t key) { return value_of(key); }
int rcufarm_met_tss_set(tss_t key, void* value) { return set_value(key, value), thrd_success; }

// ---- C++, as libstdc++ 12 has it in its library -----------------------------------------------------------------------------------

// std::thread::_M_start_thread(std::unique_ptr<_State>, void (*)()), and what the thread runs.
void rcufarm_met__ZNSt6thread15_M_start_threadESt10unique_ptrINS_6_StateESt14default_deleteIS1_EEPFvvE(
    pthread_t* thread, std::thread::_State** state, void (*)()) {
  const auto run = [](void* argument) -> void* {
    auto* mine = static_cast<std::thread::_State*>(argument);
    mine->_M_run();
    delete mine;
    return nullptr;
  };
  std::thread::_State* mine = *state;
  *state = nullptr;
  *thread = start({run, nullptr, mine}, "std::thread", RCUFARM_CALLER);
}
void rcufarm_met__ZNSt6thread4joinEv(pthread_t* thread) {
  join(*thread, nullptr, "std::thread::join()", RCUFARM_CALLER);
  *thread = 0;
}
void rcufarm_met__ZNSt6thread6detachEv(pthread_t* thread) {
  detach(*thread, RCUFARM_CALLER);
  *thread = 0;
}
unsigned rcufarm_met__ZNSt6thread20hardware_concurrencyEv() { return in_run() ? sim::cpu_count() : 1; }

void rcufarm_met__ZNSt18condition_variableC1Ev(void* condition) { std::memset(condition, 0, sizeof(pthread_cond_t)); }
void rcufarm_met__ZNSt18condition_variableD1Ev(void*) {}
// Of a std::unique_lock the first word is the mutex.
void rcufarm_met__ZNSt18condition_variable4waitERSt11unique_lockISt5mutexE(void* condition, pthread_mutex_t** lock) {
  wait_for(condition, *lock, RCUFARM_CALLER);
}
void rcufarm_met__ZNSt18condition_variable10notify_oneEv(void* condition) { signal(condition, RCUFARM_CALLER); }
void rcufarm_met__ZNSt18condition_variable10notify_allEv(void* condition) { signal(condition, RCUFARM_CALLER); }

// std::call_once says by two thread_local variables of the library what is to be called.
struct EmulatedVariable {
  std::size_t bytes = sizeof(void*);
  std::size_t alignment = sizeof(void*);
  std::size_t unused = 0;
  const void* first_value = nullptr;
};
void* __emutls_get_address(EmulatedVariable* control);
EmulatedVariable rcufarm_once_callable asm("__emutls_v._ZSt15__once_callable");
EmulatedVariable rcufarm_once_call asm("__emutls_v._ZSt11__once_call");
void rcufarm_met___once_proxy() { (*static_cast<void (**)()>(__emutls_get_address(&rcufarm_once_call)))(); }

// A thread_local with a destructor.
int rcufarm_met___cxa_thread_atexit(void (*destructor)(void*), void* object, void*) {
  if (in_run()) CodeUnderTest::of_program().thread().at_exit.push_back({destructor, object});
  return 0;
}
}
