// What happens in a run, for those who watch: oracles, feedback, diagrams.
//
// Job: the types of events, violations and ends, and the observer that gets them. Plain values; nothing here knows the
// machine. An observer is called on the stack of the context that caused the event, at once and in order; it must not
// call the machine's kernel functions, and whatever it does is no scheduling point and no happens-before edge. It may
// end the run with Machine::stop().
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernel/types.h"
#include "machine/engine/context_id.h"
#include "sim_port/site.h"

namespace rcufarm::sim {

// The operations of the source at which a context may be switched. Counter has none.
enum class Op : std::uint8_t {
  none,
  start,  // the first step of a context, before any operation
  atomic_load,
  atomic_store,
  atomic_exchange,
  atomic_compare_exchange,
  plain_load,
  plain_store,
  local_load,
  local_store,
  llist_empty,
  llist_add,
  llist_add_batch,
  llist_del_all,
  llist_del_first,  // also del_first_n: read the head, read each node's next, exchange the head
  llist_set_all,
  llist_add_local,        // two: read the head and write the node, write the head
  llist_del_all_local,    // two: read the head, write it
  llist_del_first_local,  // two: read head and node, write the head
  irq_off,                // the outermost local_irq_save
  irq_on,                 // no point: the outermost local_irq_restore
  lock,
  unlock,
  irq_work_claim,
  irq_work_raise,
  irq_work_sync,
  read_lock,
  read_unlock,
  call_rcu,
  synchronize_rcu,
  rcu_barrier,
  request_urgent_qs,
  slab_alloc,
  slab_free,
  percpu_alloc,
  percpu_free,
  queue_work,
  objcg_get,
  objcg_put,
  cpu_relax,
  touch,  // a user's look at an object's bytes
  migrate,
  call,  // the host's begin_call and end_call
  wait,  // the host's waits
};
inline constexpr unsigned op_count = static_cast<unsigned>(Op::wait) + 1;
// Whose names people are told: Linux's, or those of a program's C library.
enum class Vocabulary : std::uint8_t { kernel, user_space };
const char* name_of(Op op, Vocabulary vocabulary = Vocabulary::kernel);

enum class EventKind : std::uint8_t {
  // Rare: every observer that wants them gets these.
  call_begin,      // value: the host's number
  call_end,        // value: the host's number
  alloc,           // object, bytes; value: 1 if charged to an object cgroup; text: "slab", "percpu" or "per-CPU caches"
  alloc_failed,    // bytes; failure
  free,            // object
  call_rcu,        // address: the head; flavor; value: 1 if hurried; other: the callback's serial number
  callback_begin,  // address: the head; flavor; other: serial
  callback_end,    // flavor; other: serial. The head may be freed by now
  grace_period,    // flavor: the readers that callbacks or synchronize_rcu waited for have left
  section_begin,   // flavor: the outermost ReadSection of the context
  section_end,     // flavor
  synchronize_begin,  // flavor
  synchronize_end,    // flavor
  barrier_begin,      // flavor
  barrier_end,        // flavor
  urgent_qs,
  irq_work_claimed,  // address
  irq_work_raised,   // address
  irq_work_begin,    // address
  irq_work_end,      // address
  program_raised,    // value: the program
  program_begin,     // value: the program; context: the program's
  program_end,       // value: the program
  work_queued,       // address
  work_begin,        // address
  work_end,
  task_begin,  // context
  task_end,    // context
  migrate,     // cpu: the new one; value: the old one
  warn,        // text
  misuse,      // text: what; address: the object; site.function: the call
  objcg_get,   // value: 1 if there was one to get
  objcg_put,
  violation,  // see Violation; the last event of a run
  // Traced: only if Settings::trace is set.
  access,          // op, order, address, object, offset, value, other, store
  context_switch,  // context: the next one; value: index of the one before
  irq_off,
  irq_on,
  lock,     // address, store, made
  unlock,   // address, made
  blocked,  // op, address: what it waits for
};
inline constexpr unsigned event_kind_count = static_cast<unsigned>(EventKind::blocked) + 1;
const char* name_of(EventKind kind);

inline constexpr std::uint8_t no_cpu = 0xff;

struct Event {
  EventKind kind{};
  ContextId context = idle_context;
  std::uint8_t cpu = no_cpu;  // no_cpu: callbacks and the workqueue
  Op op = Op::none;
  kernel::Order order = kernel::Order::relaxed;
  kernel::RcuFlavor flavor = kernel::RcuFlavor::regular;
  kernel::AllocFailure failure = kernel::AllocFailure::none;
  std::uint64_t step = 0;         // scheduling points passed since the run began
  const void* address = nullptr;  // differs from process to process: never part of a signature
  std::uint32_t object = 0;       // 0: not in the arena; else the serial number, from 1, of an allocation of this run
  std::uint32_t offset = 0;       // bytes from the object's start to `address`
  std::uint64_t bytes = 0;        // asked for; of an access: a store that comes right after the event, so many bytes
  std::uint64_t value = 0;        // access: read by a load, written by a store or read-modify-write
  std::uint64_t other = 0;        // access: read by a read-modify-write
  std::uint32_t store = 0;        // access: the store that a load or read-modify-write read; 0: what was there at first
  std::uint32_t made = 0;         // access: the number of the store that this one made; 0: none
  std::uint32_t missed = 0;       // access: the newest store of the word, where it reads an older one; else 0
  std::uint32_t before = 0;       // access: the store that its own takes its place before; 0: it is the newest
  Site site{};
  const char* text = "";
};

enum class ViolationKind : std::uint8_t {
  none,
  // Found by the machine; the run ends there.
  use_after_free,      // first: the free; second: the access
  out_of_bounds,       // second: the access past the object's size, or to memory never handed out
  double_free,         // first: the first free; second: the second
  bad_free,            // second: a free of what is no object's start, or with the other allocator's function
  data_race,           // first, second: unordered accesses, one a write, at least one plain
  unordered_free,      // first: an access that does not happen-before second, the free of its memory
  freed_while_queued,  // first: the call_rcu, queue_work or irq_work_queue; second: the free of the memory it is in
  freed_while_locked,  // first: the lock; second: the free
  broken_batch,        // second: llist_add_batch(first, last); address: last, which is not behind first
  queued_twice,        // first, second: two call_rcu or queue_work of one head
  illegal_context,     // second: the operation; text: why
  double_lock,         // first: the lock; second: the same context locks again
  unbalanced,          // second: a task, program or callback that ends inside a section, with interrupts off or locked
  deadlock,            // second: one of those that wait for ever; text lists all
  // Found by others and handed to Machine::stop().
  host,
};
const char* name_of(ViolationKind kind);

// One party of a violation.
struct Party {
  ContextId context = idle_context;
  std::uint8_t cpu = no_cpu;
  Op op = Op::none;
  std::uint64_t step = 0;
  Site site{};  // function "" if the machine does not know it any more
};

struct Violation {
  ViolationKind kind = ViolationKind::none;
  Party first;  // function "" where a kind has only one
  Party second;
  const void* address = nullptr;
  std::uint32_t object = 0;  // that the address is in; of per-CPU caches, their guards included
  std::uint32_t offset = 0;
  std::uint64_t host_code = 0;  // of ViolationKind::host
  const char* text = "";        // static, or in the machine's memory until its next run
};

// Null, or a field of what null was taken for.
inline bool is_near_null(const void* address) {
  constexpr std::uintptr_t page = 4096;
  return reinterpret_cast<std::uintptr_t>(address) < page;
}
inline constexpr const char* null_pointer_text = "a null pointer";

enum class End : std::uint8_t {
  finished,   // all contexts have ended, nothing is queued
  violation,  // Outcome::violation says which
  points,     // the limit of points; the same on replay. Outcome::violation.second: who was where
  limit,      // another limit; Outcome::limit names it
  unknown_word,  // the program used memory of this process that the machine does not watch; Outcome::violation.second says where
  given_up,  // the strategy did not want to see the rest: it is not searched, and proves nothing
};
const char* name_of(End end);

// Kinds of events, a bit each.
using EventKinds = std::uint64_t;
static_assert(event_kind_count < 64);
constexpr EventKinds kind_bit(EventKind kind) { return EventKinds{1} << static_cast<unsigned>(kind); }

class Observer {
 public:
  virtual ~Observer() = default;
  virtual void on_event(const Event& event) = 0;
  // Those that it wants to see; asked when it is set. It is spared the others, and the machine the work.
  virtual EventKinds kinds() const { return ~EventKinds{0}; }
};

}  // namespace rcufarm::sim
