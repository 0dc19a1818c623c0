// What code from elsewhere locks and waits with, met by the machine: mutexes, spin locks, condition variables, once, keys.
//
// Job: those of POSIX, and what C11's and C++'s names for them stand on (libc_calls.h). Locks are the machine's. Names and renaming as in
// libc_calls.cpp. Called by the code under test; outside of a run nothing waits.
#include <errno.h>
#include <pthread.h>

#include <cstring>

#include "machine/hooks/code_under_test.h"
#include "machine/hooks/libc_calls.h"
#include "machine/hooks/places.h"
#include "machine/memory/perform.h"

using namespace rcufarm;
using namespace rcufarm::hooks;

namespace {

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

}  // namespace

namespace rcufarm::hooks {

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
}
