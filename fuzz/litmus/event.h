// The events of a litmus test.
//
// Job: what an interpreter gives for each thread and what a memory model judges. Plain values, no state.
// The words are those of the kernel's tools/memory-model and of herd7: an execution is a set of events with the relations
// po (program order), rf (which write a read reads), co (the order of the writes to a location), rmw, addr, data, ctrl.
#pragma once

#include <cstdint>
#include <vector>

namespace rcufarm::litmus {

using Value = std::int64_t;  // an int, or the address of a location: see Program::address_of()
using Location = std::uint32_t;

enum class EventKind : std::uint8_t {
  read,
  write,
  fence,
  rcu_lock,    // rcu_read_lock
  rcu_unlock,  // rcu_read_unlock
  sync_rcu,    // synchronize_rcu, synchronize_rcu_expedited
  srcu_lock,   // srcu_read_lock; `location`: the srcu_struct, `value`: the index that it returned
  srcu_unlock,
  sync_srcu,
};

// Of a read or write. C11: relaxed is `once`.
enum class Order : std::uint8_t { plain, once, acquire, release, acq_rel, seq_cst };

enum class Fence : std::uint8_t {
  none,
  mb,
  rmb,
  wmb,
  barrier,
  before_atomic,
  after_atomic,
  after_spinlock,
  after_unlock_lock,
  after_srcu_read_unlock,
  // C11
  acquire,
  release,
  acq_rel,
  seq_cst,
};

// What a read or write is part of.
enum class Part : std::uint8_t {
  access,    // a load or store
  rmw,       // a read-modify-write; one without a write has failed
  noreturn,  // the same, of an operation that returns nothing (atomic_add, atomic_inc …)
  lock,      // LKR and LKW: spin_lock's read and write
  unlock,    // UL: spin_unlock's write
  is_locked  // RL, RU: spin_is_locked's read
};

struct Event {
  unsigned thread = 0;
  unsigned index = 0;  // in program order of its thread
  EventKind kind = EventKind::fence;
  Order order = Order::once;
  Fence fence = Fence::none;
  Part part = Part::access;
  Location location = 0;
  Value value = 0;  // read or written
  // Of a write of a read-modify-write or lock: the index of its read. -1: none.
  int rmw_read = -1;
  // Reads of this thread, by index, on whose values this one depends: its address, what it writes, whether it happens.
  std::vector<unsigned> addr, data, ctrl;
  unsigned line = 0;  // in the test's file, for people
};

// What one thread does, given the values that its first reads returned, in program order: everything up to and including
// the first read that has none yet (its `value` means nothing), or to the end.
struct ThreadTrace {
  std::vector<Event> events;
  bool ended = false;  // false: the last event is a read without a value
  // The thread cannot go on this way: a loop was unrolled as often as is allowed. The execution does not count.
  bool cut = false;
  // Registers by number, once it has ended: Program has their names.
  std::vector<Value> registers;
};

}  // namespace rcufarm::litmus
