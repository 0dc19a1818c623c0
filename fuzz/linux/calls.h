// The allocator's functions, between the tree's C and the adapter's C++. `ma` is memory for a struct bpf_mem_alloc, zeroed
// before init.
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct rcufarm_calls {
  size_t bytes;      // of a struct bpf_mem_alloc
  const void* code;  // some function of the allocator's file
  bool charges;      // to object cgroups
  // The version's rules (rules.py). The first: 0 never, 1 always, 2 the scenario says; the second: 0 none, 1 regular, 2 both.
  int trace_implies_rcu_gp;
  int readers;
  size_t kmalloc_min_size;
  bool irq_work_in_thread;
  int (*init)(void* ma, int size, bool percpu);
  int (*init_percpu_of_any_size)(void* ma, int size);  // for objects of this size; may be null
  void* (*alloc)(void* ma, size_t size);
  void* (*cache_alloc)(void* ma);
  void* (*cache_alloc_flags)(void* ma, bool may_sleep);  // may be null, as the three below
  void (*free)(void* ma, void* object);
  void (*cache_free)(void* ma, void* object);
  void (*free_rcu)(void* ma, void* object);
  void (*cache_free_rcu)(void* ma, void* object);
  void (*raw_free)(void* object);
  // May be null. The destructor runs for each object that goes back to the slab, the other when nothing runs any more.
  void (*set_dtor)(void* ma, void (*dtor)(void* object, void* context), void (*context_free)(void* context),
                   void* context);
  void (*destroy)(void* ma);
};

struct rcufarm_calls rcufarm_linked_calls(void);
