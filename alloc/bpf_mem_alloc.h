/*
 * bpf_mem_alloc in C: the functions of the seed (the patch that introduces bpf_mem_free_rcu) by their names.
 *
 * The calling thread has to be on a machine and own a CPU of it: see native/rcufarm_machine.h. Contexts: init, destroy
 * and cache_alloc_flags with BPF_GFP_KERNEL: task context with interrupts on, outside a regular read section, since they
 * may sleep. raw_free: task and irq. All others: task, irq and nmi.
 *
 * Bad arguments: a null object is ignored; a size of 0 or above BPF_MEM_ALLOC_SIZE_MAX gives NULL; an object that is
 * not a live one of the allocator (another's, or freed already) is reported to the machine and left alone; the second
 * destroy does nothing, and so do all calls after the first, allocations giving NULL. A struct is used only after
 * bpf_mem_alloc_init() gave 0, or was zeroed; who initialises one that is in use has lost what was in it.
 */
#ifndef RCUFARM_BPF_MEM_ALLOC_H
#define RCUFARM_BPF_MEM_ALLOC_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Opaque: the caller only gives it a place. */
struct bpf_mem_alloc {
  void* opaque[8];
};

/* May the call sleep? (gfp_t, as far as this allocator asks.) */
enum bpf_gfp { BPF_GFP_NOWAIT = 0, BPF_GFP_KERNEL = 1 };

/* The largest size that bpf_mem_alloc() serves, in bytes. */
#define BPF_MEM_ALLOC_SIZE_MAX (4096 - sizeof(void*))

/*
 * size > 0: for the bpf_mem_cache_ functions, objects of `size` bytes; with percpu, of a pointer to `size` bytes on
 * each CPU. size = 0: for bpf_mem_alloc() and bpf_mem_free(), any size.
 * 0, -EINVAL (negative or too large a size, percpu without size) or -ENOMEM. Task context.
 */
int bpf_mem_alloc_init(struct bpf_mem_alloc* ma, int size, bool percpu);

/* When no user and no reader is left. Waits for callbacks in the background if there are any. Task context. */
void bpf_mem_alloc_destroy(struct bpf_mem_alloc* ma);

/* Like kmalloc and kfree. */
void* bpf_mem_alloc(struct bpf_mem_alloc* ma, size_t size);
void bpf_mem_free(struct bpf_mem_alloc* ma, void* ptr);     /* may be handed out again at once */
void bpf_mem_free_rcu(struct bpf_mem_alloc* ma, void* ptr); /* not before all present regular readers have left */

/* Like kmem_cache_alloc and kmem_cache_free. */
void* bpf_mem_cache_alloc(struct bpf_mem_alloc* ma);
void* bpf_mem_cache_alloc_flags(struct bpf_mem_alloc* ma, enum bpf_gfp flags);
void bpf_mem_cache_free(struct bpf_mem_alloc* ma, void* ptr);
void bpf_mem_cache_free_rcu(struct bpf_mem_alloc* ma, void* ptr);

/* Straight to the slab; the caller has waited for a tasks-trace and a regular grace period. Legal after destroy. */
void bpf_mem_cache_raw_free(void* ptr);

#ifdef __cplusplus
}
#endif

#endif
