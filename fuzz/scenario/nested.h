// What the operations of a nested program do.
//
// Job: one list of what an irq or an nmi may call, for real threads and for the simulator. No state; any context.
#pragma once

#include "scenario/operations.h"

namespace rcufarm::scenario {

// user: bool free(slot), free_rcu(slot); alloc: bool(). False: skipped.
template <class User, class Alloc>
bool run_nested(const Operation& op, User& user, Alloc alloc) {
  switch (op.kind) {
    case OpKind::alloc: return alloc();
    case OpKind::free: return user.free(op.slot);
    case OpKind::free_rcu: return user.free_rcu(op.slot);
    case OpKind::alloc_flags:
    case OpKind::raw_free:
    case OpKind::touch:
    case OpKind::enter:
    case OpKind::leave:
    case OpKind::irq_off:
    case OpKind::irq_on:
    case OpKind::raise:
    case OpKind::migrate:
    case OpKind::fail_next:
    case OpKind::synchronize:
    case OpKind::destroy:
    case OpKind::yield:
    case OpKind::pause: return false;  // nested_op_kinds() has none of them
  }
  return false;
}

}  // namespace rcufarm::scenario
