// The adapter: how the harness reaches an allocator on the simulated machine.
//
// Job: a table of functions over one instance of an allocator that lies in memory of the harness. mem_adapter.cpp is the
// one for alloc/mem; another allocator needs another such page and nothing else. The functions run inside a run, in the
// contexts that the allocator's contract allows; they make scheduling points through the kernel port alone. Patched
// copies of an allocator have the same names inside, so each is linked into a program of its own.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernel/types.h"

namespace rcufarm::harness {

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
  void* (*cache_alloc_flags)(void* instance, kernel::Gfp gfp);
  void (*free)(void* instance, void* user);
  void (*cache_free)(void* instance, void* user);
  void (*free_rcu)(void* instance, void* user);
  void (*cache_free_rcu)(void* instance, void* user);
  void (*raw_free)(void* user);
  void (*destroy)(void* instance, bool may_defer);
  // Objects that were freed or trimmed and are neither ready to be handed out nor in the slab; no point. May be null.
  std::int64_t (*pending)(const void* instance);
  // Those of them that irq_work should have taken from where they were put: none when it has just been served. May be null.
  std::int64_t (*stranded)(const void* instance);
};

// The adapter that is linked in.
const SimAllocator& linked_sim_allocator();

}  // namespace rcufarm::harness
