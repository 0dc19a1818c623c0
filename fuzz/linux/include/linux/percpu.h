// Per-CPU memory, zeroed. A block whose size is a constant is a struct of the allocator's own, and has all its bytes; of
// another, which is for users, the first 128 of each CPU's.
#pragma once

#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/gfp.h>

void* rcufarm_alloc_percpu(size_t bytes, gfp_t gfp, bool is_own);
void free_percpu(void* memory);
void* rcufarm_per_cpu(const void* memory, unsigned int cpu);
void* rcufarm_this_cpu(const void* memory);

#define __alloc_percpu_gfp(bytes, align, gfp) rcufarm_alloc_percpu(bytes, gfp, __builtin_constant_p(bytes))
#define __alloc_percpu(bytes, align) __alloc_percpu_gfp(bytes, align, GFP_KERNEL)
#define alloc_percpu_gfp(type, gfp) ((type*)rcufarm_alloc_percpu(sizeof(type), gfp, true))
#define alloc_percpu(type) alloc_percpu_gfp(type, GFP_KERNEL)
#define per_cpu_ptr(memory, cpu) ((__typeof__(&*(memory)))rcufarm_per_cpu(memory, (unsigned int)(cpu)))
#define this_cpu_ptr(memory) ((__typeof__(&*(memory)))rcufarm_this_cpu(memory))
#define raw_cpu_ptr(memory) this_cpu_ptr(memory)
