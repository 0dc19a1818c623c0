// Visiting all caches of an allocator.
//
// Job: one loop over CPUs and classes, for init, statistics and destroy. Task context.
#pragma once

#include "mem/mem_alloc.h"

namespace rcufarm::mem {
inline namespace RCUFARM_KERNEL_PORT {

// visit(MemCache&, Cpu)
template <class Visitor>
void CacheSet::for_each(Visitor visit) const {
  for (unsigned i = 0; i < kernel::nr_cpus(); ++i) {
    const auto cpu = static_cast<kernel::Cpu>(i);
    if (single) visit(single.on(cpu), cpu);
    if (classes) {
      for (MemCache& c : classes.on(cpu).cache) visit(c, cpu);
    }
  }
}

// destroy.cpp: ends all caches of a set.
void destroy_caches(CacheSet& caches, Deferral deferral);

}  // namespace RCUFARM_KERNEL_PORT
}  // namespace rcufarm::mem
