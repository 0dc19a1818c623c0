// The slab as an allocator sees it.
//
// Job: declarations; slab_calls.cpp turns them into calls of the machine's Slab. Which contexts may call what:
// kernel/README.md.
#pragma once

#include <cstddef>

#include "kernel/types.h"

namespace rcufarm::kernel {
inline namespace native {

class ObjCgroup;  // native/obj_cgroup.h

// Aligned to 16 bytes. Null: `why` says whose limit it was. `node` is a wish; the native kernel has one node.
void* kmalloc_node(std::size_t bytes, Gfp gfp, Cpu node, ObjCgroup* objcg, AllocFailure& why) noexcept;
void kfree(const void* object) noexcept;
// Bytes that the object was rounded up to; 0 for what is no live object (which is reported).
std::size_t ksize(const void* object) noexcept;
// Zeroed, `bytes` for each CPU.
void* alloc_percpu(std::size_t bytes, Gfp gfp, ObjCgroup* objcg, AllocFailure& why) noexcept;
void free_percpu(void* object) noexcept;
void* per_cpu_ptr(void* object, Cpu cpu) noexcept;
// Null: the machine has no object cgroup. What it gives has to be put.
ObjCgroup* get_obj_cgroup_from_current() noexcept;
void obj_cgroup_put(ObjCgroup* objcg) noexcept;

}  // namespace native
}  // namespace rcufarm::kernel
