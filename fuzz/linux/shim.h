// What the shim's sources have in common: the machine, the kernel's headers as the shim has them, and where a call comes from.
//
// Job: include in the one order that works (the shim's headers define min, max and current). Every function of the shim that
// the kernel's code calls is `extern "C"`, out of line, and names its caller by RCUFARM_CALLER.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "machine/hooks/foreign.h"
#include "machine/hooks/places.h"
#include "sim_port/hooks.h"

extern "C" {
#include <asm/local.h>
#include <linux/irq_work.h>
#include <linux/llist.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/rcupdate_trace.h>
#include <linux/refcount.h>
#include <linux/workqueue.h>
}

// The shim's own are the library's.
#undef memcpy
#undef memset
#undef memcmp

#define RCUFARM_CALLER ::rcufarm::hooks::place_of(__builtin_return_address(0))

namespace rcufarm::linux_shim {

namespace foreign = ::rcufarm::sim::foreign;

// Of what begins with the machine's word: lists, locks, heads, work.
template <class T>
sim::Word* word_of(T* item) {
  static_assert(sizeof(T) >= sizeof(sim::Word));
  return reinterpret_cast<sim::Word*>(item);
}
template <class T>
const sim::Word* word_of(const T* item) {
  static_assert(sizeof(T) >= sizeof(sim::Word));
  return reinterpret_cast<const sim::Word*>(item);
}

// Before a run: slab.cpp forgets whom the contexts of the last one charged, and takes the version's KMALLOC_MIN_SIZE;
// kmem_cache.cpp forgets its caches.
void begin_slab(std::size_t kmalloc_min_size);
void begin_kmem_caches();
// Of a slab object so many bytes are there, however large it is.
std::size_t backed(std::size_t bytes);
// From the slab, zeroed and charged as `gfp` says.
void* allocate(std::size_t bytes, gfp_t gfp, const sim::Site& site);

}  // namespace rcufarm::linux_shim
