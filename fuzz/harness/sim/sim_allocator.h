// The adapter: how the harness reaches an allocator on the simulated machine.
//
// Job: a table of functions over one instance of an allocator that lies in memory of the harness. mem_adapter.cpp is the
// one for alloc/mem; another allocator needs another such page and nothing else. The functions run inside a run, in the
// contexts that the allocator's contract allows; they make scheduling points through the kernel port alone. Patched
// copies of an allocator have the same names inside, so each is linked into a program of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "kernel/types.h"
#include "machine/engine/memory_model.h"
#include "oracle/kind.h"
#include "oracle/sections.h"
#include "scenario/language.h"
#include "sim_port/site.h"

namespace rcufarm::harness {

inline constexpr std::int64_t not_told = -1;

// What an allocator counts of itself. Exact at rest: nobody is in a call, no irq_work is raised, and no callback is in
// flight. A number that it does not count is not_told, and is not looked at.
struct SimAccounts {
  std::int64_t objects = not_told;   // that are its own: neither the user's nor the slab's
  std::int64_t ready = not_told;     // of those, on the lists that alloc takes from
  std::int64_t pending = not_told;   // of those, the others: freed or trimmed and not ready to be handed out
  std::int64_t stranded = not_told;  // of those, what irq_work takes from where it was put, whenever it runs
  std::int64_t unraised = not_told;  // of those, what may not be there without irq_work being raised
  std::int64_t allocs = not_told;    // that gave an object
  std::int64_t frees = not_told;     // by free
  std::int64_t nulls = not_told;     // of alloc, for what it could serve
  // Of those, by their cause: over another operation of the cache, or as the last refill failed.
  std::int64_t nulls_nested = not_told;
  std::int64_t nulls_of_slab = not_told;
  std::int64_t nulls_of_cgroup = not_told;
  std::int64_t in_flight = not_told;  // callbacks
  std::int64_t frees_rcu = not_told;  // by free_rcu
  std::int64_t from_slab = not_told;  // objects that it ever got from the slab
  // Callbacks of each flavour that were invoked, each behind a grace period.
  std::int64_t grace_regular = not_told;
  std::int64_t grace_tasks_trace = not_told;
};

// What more there is to an allocator of user space (fuzz/targets). There is one instance of it, and it hands out pieces of the memory
// that it has (parts.h). Its users are threads, each on a CPU of its own, and who destroys it is the last.
// What may be null is not called.
struct UserSpace {
  std::size_t (*size_of)(std::size_t wanted) = nullptr;  // the size to ask for where a scenario says `wanted`
  void (*thread_begin)() = nullptr;
  void (*thread_end)() = nullptr;
  void (*read_lock)() = nullptr;
  void (*read_unlock)() = nullptr;
  void (*quiescent)() = nullptr;
  bool (*was_fair)() = nullptr;    // of a run that did not end: could everybody go on whom others waited for?
  bool defers_in_sections = true;  // may a reader free by free_deferred in its own section?
  bool memory_fails = true;        // is malloc without memory now and then?
  unsigned threads = 0;            // CPUs for threads that it starts itself
  std::size_t link_bytes = 0;      // first bytes of an object that it may use once the object is freed, readers or not
  sim::MemoryModel model = sim::MemoryModel::c11;  // the one beside sc that it is written for
};

struct SimAllocator {
  const char* name;
  std::size_t bytes;  // of an instance
  std::size_t align;
  // From the slab object's start to what the user is given.
  std::size_t header_bytes;

  void (*construct)(void* instance);
  // size 0: size classes. False: no memory.
  bool (*init)(void* instance, int size, bool percpu);
  void* (*alloc)(void* instance, std::size_t size);  // size classes
  void* (*cache_alloc)(void* instance);              // one size
  // This one, free_rcu, cache_free_rcu and raw_free may be null: the allocator has none, and is not asked for it.
  void* (*cache_alloc_flags)(void* instance, kernel::Gfp gfp);
  // Null is ignored by all that free.
  void (*free)(void* instance, void* user);
  void (*cache_free)(void* instance, void* user);
  void (*free_rcu)(void* instance, void* user);
  void (*cache_free_rcu)(void* instance, void* user);
  void (*raw_free)(void* user);
  // Does nothing where nothing was made, or the second time.
  void (*destroy)(void* instance, bool may_defer);
  // No scheduling points in either. May be null.
  SimAccounts (*accounts)(const void* instance);
  // Objects that alloc can give on all CPUs together without asking anybody; of size classes those for this size, else
  // size is 0.
  std::int64_t (*ready)(const void* instance, std::size_t size);
  std::size_t size_max;  // that alloc serves; 0 bytes are not served
  bool percpu;           // does init make caches of per-CPU objects?
  // What a fuzz engine is told of an instance's state, as a number: which lists hold nothing, few or many objects, what is
  // in flight. Equal states give equal numbers in each run; there should be hundreds, not millions. No point. May be null.
  std::uint64_t (*state)(const void* instance);
  // Is it written by C++'s rules of order? What is not has missing order accused only if somebody asks for it.
  bool orders_by_cpp = true;
  // How much that free_rcu was given may wait behind a grace period in flight until the allocator asks that one to hurry. 0: it
  // promises nothing.
  std::size_t unhurried_bytes = 0;
  // Does it charge its objects to the cgroup of its user?
  bool charges = true;
  // Where in its source a call returns to; function "": that is not in its source. Null: the place of the last operation on shared
  // memory has to do.
  sim::Site (*place_of)(const void* return_address) = nullptr;
  // Are its points each load and store that a compiler found? Most of those matter to nobody, and a random search is asked at
  // the others alone (sim/sharing.h) unless somebody wants otherwise.
  bool announced = false;
  // What holds for its version of the kernel (fuzz/linux/rules.py). Does a tasks-trace grace period imply a regular one? Empty: the
  // scenario says.
  std::optional<bool> trace_implies_rcu_gp = std::nullopt;
  // Whom do its frees wait for, before memory goes back to the slab?
  oracle::Readers readers = oracle::Readers::both;
  // Does irq_work run in a thread (PREEMPT_RT)?
  bool irq_work_in_thread = false;
  // What it has of the scenario language: nothing else is drawn, enumerated or taken from a text.
  scenario::Language language = {};
  // Kinds of findings that mean nothing of it: a pool of fixed size may well give null.
  oracle::KindSet meaningless = {};
  // Gives up an object that its user still had when destroy began, of its own accord: in any context, once. Null: none may be left.
  void (*drop)(void* instance, void* user) = nullptr;
  // Does the owner of this object find what the adapter wrote into it when it was handed out? A point. Null: it wrote nothing.
  bool (*is_intact)(void* instance, void* user) = nullptr;
  const UserSpace* user_space = nullptr;
  // Before a run's first construct: forgets the last one. May be null.
  void (*begin_run)() = nullptr;
};

// The adapter that is linked in.
const SimAllocator& linked_sim_allocator();

}  // namespace rcufarm::harness
