// The slab.
#pragma once

#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/overflow.h>
#include <linux/string.h>

#define ZERO_SIZE_PTR ((void*)16)
#define ZERO_OR_NULL_PTR(p) ((unsigned long)(p) <= (unsigned long)ZERO_SIZE_PTR)
// A rule of the version (rules.py).
#ifndef KMALLOC_MIN_SIZE
#define KMALLOC_MIN_SIZE 8
#endif
#define NUMA_NO_NODE (-1)

void* kmalloc_node(size_t bytes, gfp_t gfp, int node);
#define kmalloc(bytes, gfp) kmalloc_node(bytes, gfp, NUMA_NO_NODE)
#define kzalloc(bytes, gfp) kmalloc_node(bytes, (gfp) | __GFP_ZERO, NUMA_NO_NODE)
#define kzalloc_node(bytes, gfp, node) kmalloc_node(bytes, (gfp) | __GFP_ZERO, node)
void* kmemdup(const void* from, size_t bytes, gfp_t gfp);
void kfree(const void* object);
// Of what stands for zero bytes, and of all below it, 0. __ksize() knows the first alone.
size_t ksize(const void* object);
size_t __ksize(const void* object);
// What the kernel's sizes round up to.
size_t kmalloc_size_roundup(size_t bytes);
#define kcalloc(n, bytes, gfp) kzalloc((size_t)(n) * (bytes), gfp)
#define kmalloc_array(n, bytes, gfp) kmalloc((size_t)(n) * (bytes), gfp)
#define kvfree(object) kfree(object)
#define kfree_sensitive(object) kfree(object)
DEFINE_FREE(kfree, void*, if (!IS_ERR(_T)) kfree(_T))

// From any context, and without a lock: where it cannot have one it gives nothing, as in an nmi.
void* kmalloc_nolock(size_t bytes, gfp_t gfp, int node);
#define kfree_nolock(object) kfree(object)

// Caches of one size. With SLAB_TYPESAFE_BY_RCU what is freed is given out again at once, and stays memory until the cache goes.
struct kmem_cache;
typedef unsigned int slab_flags_t;
#define SLAB_HWCACHE_ALIGN ((slab_flags_t)0x01u)
#define SLAB_PANIC ((slab_flags_t)0x02u)
#define SLAB_ACCOUNT ((slab_flags_t)0x04u)
#define SLAB_TYPESAFE_BY_RCU ((slab_flags_t)0x08u)
#define SLAB_NO_MERGE ((slab_flags_t)0x10u)
struct kmem_cache* kmem_cache_create(const char* name, unsigned int bytes, unsigned int align, slab_flags_t flags,
                                     void (*made)(void*));
void kmem_cache_destroy(struct kmem_cache* cache);
void* kmem_cache_alloc_node(struct kmem_cache* cache, gfp_t gfp, int node);
void kmem_cache_free(struct kmem_cache* cache, void* object);
unsigned int kmem_cache_size(struct kmem_cache* cache);
#define kmem_cache_alloc(cache, gfp) kmem_cache_alloc_node(cache, gfp, NUMA_NO_NODE)
#define kmem_cache_zalloc(cache, gfp) kmem_cache_alloc_node(cache, (gfp) | __GFP_ZERO, NUMA_NO_NODE)
#define KMEM_CACHE(type, flags) kmem_cache_create(#type, sizeof(struct type), __alignof__(struct type), flags, NULL)
