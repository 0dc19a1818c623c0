// Threads that the code under test starts itself.
//
// Job: another task of the run, from where it is started on, and the end of one. It has a CPU that no task of the program has as long
// as there is one. Its number is counted from above, so that it stays the same when a program loses a task. Called in a run, by
// what meets pthread_create and its like (hooks/thread_calls.cpp).
#pragma once

#include "machine/engine/context_id.h"
#include "machine/engine/program.h"
#include "sim_port/site.h"

namespace rcufarm::sim {

// All that the caller has done happens before all that the thread does. A point. More than there is room for end the run
// (End::limit, "threads_started_max").
ContextId start_thread(Function run, void* argument, const Site& site);
// Waits for its end: all that it did happens before the return. A point. Of a started one, in a task or main.
void join_thread(ContextId thread, const Site& site);
bool has_ended(ContextId thread);
// Of the current task: it does nothing any more.
[[noreturn]] void end_thread();

}  // namespace rcufarm::sim
