// The slab.
#pragma once

#include <linux/gfp.h>

#define ZERO_SIZE_PTR ((void*)16)
#define ZERO_OR_NULL_PTR(p) ((unsigned long)(p) <= (unsigned long)ZERO_SIZE_PTR)
#define KMALLOC_MIN_SIZE 8
#define NUMA_NO_NODE (-1)

void* kmalloc_node(size_t bytes, gfp_t gfp, int node);
#define kmalloc(bytes, gfp) kmalloc_node(bytes, gfp, NUMA_NO_NODE)
#define kzalloc(bytes, gfp) kmalloc_node(bytes, (gfp) | __GFP_ZERO, NUMA_NO_NODE)
#define kzalloc_node(bytes, gfp, node) kmalloc_node(bytes, (gfp) | __GFP_ZERO, node)
void* kmemdup(const void* from, size_t bytes, gfp_t gfp);
void kfree(const void* object);
size_t ksize(const void* object);
// What the kernel's sizes round up to.
size_t kmalloc_size_roundup(size_t bytes);
