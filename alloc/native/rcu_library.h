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

// Where the library sleeps for long between two looks whether readers have left (rcu_bp.cpp).
inline bool sleeps_between_looks(kernel::RcuFlavor flavor) noexcept { return flavor == kernel::RcuFlavor::tasks_trace; }

}  // namespace rcufarm::native
