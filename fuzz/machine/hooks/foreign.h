// Memory operations of code that is not written on the port: C with types of its own, in the machine's memory.
//
// Job: what sim_port/hooks.h does for words, for scalars of 1, 2, 4 and 8 bytes at their natural alignment, and for loads and
// stores that the compiler announces. Two ints that share a word are two places here; what is smaller than four bytes
// shares a place with its neighbours. Memory that is not the machine's (stacks, globals, the host's) is not watched:
// operations on it are plain ones, without a point. Called in a run, by a shim (fuzz/linux); outside of one the compiler's
// announcements do nothing.
#pragma once

#include "kernel/types.h"
#include "machine/engine/context_id.h"
#include "machine/engine/memory_model.h"
#include "sim_port/hooks.h"

namespace rcufarm::sim::foreign {

// Is this address the machine's, and are we in a run?
bool is_watched(const void* address);

// The compiler's: the access itself comes right after. `address` is watched.
void before_access(const void* address, unsigned bytes, bool writes, const Site& site);

Word load(const void* address, unsigned bytes, kernel::Order order, const Site& site);
void store(void* address, unsigned bytes, Word value, kernel::Order order, const Site& site);
// These return what was there before.
Word exchange(void* address, unsigned bytes, Word value, kernel::Order order, const Site& site);
Word compare_exchange(void* address, unsigned bytes, Word expected, Word desired, kernel::Order order,
                      const Site& site);
Word fetch_add(void* address, unsigned bytes, Word n, kernel::Order order, const Site& site);
// One step for all contexts of its CPU (the kernel's local_t), and no order for others. Returns the new value.
Word add_local(void* address, unsigned bytes, Word n, const Site& site);
// A whole range, without a point: what a copy or a fill does to it.
void note_range(const void* address, std::size_t bytes, bool writes, const Site& site);

// What the last operation on this word released is taken over: for operations that are full barriers there and no more
// than a release here.
void acquire(const Word* word);

// A fence of its own. No point: what it orders are the accesses around it.
void fence(Fence kind, const Site& site);

// A CPU's instance of per-CPU memory of either kind. Anything else comes back as it is.
void* percpu_instance(void* memory, unsigned cpu);

// Of a slab object that is alive: what was asked for.
std::size_t bytes_asked(const void* object, const Site& site);
void free_percpu(void* memory, const Site& site);

// Interrupts of this CPU: how many have turned them off, nested ones included; in irq and nmi at least 1.
unsigned interrupts_off();
// May the current context sleep, as far as its kind goes? Tasks and works.
bool in_task();
bool in_nmi();
ContextId current_context();

}  // namespace rcufarm::sim::foreign
