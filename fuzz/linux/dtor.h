// A destructor for the elements of an allocator (bpf_mem_alloc_set_dtor), and what it may be called for.
//
// Job: the user that sets one, and the oracle: it runs once for each object that goes back to the slab (by raw_free alone without it),
// never for one that a user has, and never after its context was freed. The context is memory of the machine's slab, which each run
// of the destructor reads: a context that is freed too early, twice or never is found like any other memory; other breaches are
// warnings. Whether a reader may still see an object is accused where it goes back (oracle/object_life.h). Books of one run.
#pragma once

#include "sim_port/hooks.h"

namespace rcufarm::linux_shim {

// Before a run.
void begin_dtors();
// For bpf_mem_alloc_set_dtor of this allocator. Null where the slab has no memory: then it has none.
void* new_dtor_context(const void* ma);
void run_dtor(void* object, void* context);
void free_dtor_context(void* context);
// What the user does with an object; of allocators without a destructor nothing is kept.
void dtor_handed_out(const void* ma, const void* object);
void dtor_freed(const void* object);
void dtor_freed_raw(const void* object);
// kfree() of a slab object.
void dtor_memory_freed(const void* memory, const sim::Site& site);

}  // namespace rcufarm::linux_shim
