// liburcu, as much of it as is used.
//
// Job: two of its flavours in one shape. rcu_memb.cpp and rcu_bp.cpp each include one of its headers, never with
// _LGPL_SOURCE: inlined readers would be instrumented by ThreadSanitizer, which cannot understand them.
#pragma once

#include "kernel/types.h"

namespace rcufarm::native {

struct RcuLibrary {
  void (*read_lock)();
  void (*read_unlock)();
  void (*synchronize)();
  void (*register_thread)();
  void (*unregister_thread)();
};

extern const RcuLibrary rcu_memb;
extern const RcuLibrary rcu_bp;

// regular: memb, tasks_trace: bp. Each has readers of its own.
inline const RcuLibrary& library_of(kernel::RcuFlavor flavor) noexcept {
  return flavor == kernel::RcuFlavor::regular ? rcu_memb : rcu_bp;
}

// The calling thread may read from now on, until it ends. Cheap when it is registered. Not in a signal handler.
void register_rcu_reader();

// Returns when the read sections that have begun in this process have ended, as far as can be seen from outside. A
// hint about when to ask the library, which alone decides whether they have.
void wait_for_older_readers(kernel::RcuFlavor flavor);

// Returns when whoever is inside a section is seen to leave it soon, which a thread that was preempted there is not (by
// the caller's own thread, often); or after a millisecond. The same kind of hint.
void wait_until_readers_move(kernel::RcuFlavor flavor);

}  // namespace rcufarm::native
