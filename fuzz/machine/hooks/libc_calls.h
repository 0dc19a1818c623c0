// What the files share that meet calls of libraries.
//
// Job: locks, conditions and keys, which POSIX, C11 and C++ have under three names, and operations on a word of theirs. lock_calls.cpp
// owns them; called in a run, but for what says otherwise.
#pragma once

#include <pthread.h>

#include "machine/hooks/code_under_test.h"
#include "machine/memory/perform.h"

namespace rcufarm::hooks {

inline bool in_run() { return sim::core_of_thread() != nullptr; }

// Does not return: the finding is `text`, at `site`.
[[noreturn]] void end_run(const char* text, const sim::Site& site);
// The same, where the last exception of this thread was thrown.
[[noreturn]] void end_run_for_exception(const char* text);
// Once, from where on std::terminate() ends a run and not the process.
void watch_for_terminate();

sim::Word load_word(const void* word, unsigned bytes, const sim::Site& site);
sim::Performed change_word(void* word, unsigned bytes, sim::Effect effect, sim::Word expected, sim::Word operand,
                           const sim::Site& site);

// These do nothing outside of a run. Results are those of POSIX.
void init_mutex(pthread_mutex_t* mutex, bool is_recursive);
void destroy_mutex(pthread_mutex_t* mutex, const sim::Site& site);
int lock_mutex(pthread_mutex_t* mutex, const sim::Site& site);
int try_lock_mutex(pthread_mutex_t* mutex, const sim::Site& site);
int unlock_mutex(pthread_mutex_t* mutex, const sim::Site& site);
int wait_for(void* condition, pthread_mutex_t* mutex, const sim::Site& site);
int wait_a_while_for(void* condition, pthread_mutex_t* mutex, const sim::Site& site);
void signal(void* condition, const sim::Site& site);
void call_once(void* control, void (*function)(), const sim::Site& site);

// Of pthread_key_create and its like.
unsigned create_key(void (*destructor)(void*));
int delete_key(unsigned key);
void* value_of(unsigned key);
void set_value(unsigned key, const void* value);

}  // namespace rcufarm::hooks
