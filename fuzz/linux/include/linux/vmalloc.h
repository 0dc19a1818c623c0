// Memory of whole pages: here of the slab, as all memory is.
#pragma once

#include <linux/slab.h>

#define __vmalloc_node(bytes, align, gfp, node, caller) kmalloc_node(bytes, gfp, node)
#define __vmalloc(bytes, gfp) kmalloc(bytes, gfp)
#define vmalloc(bytes) kmalloc(bytes, GFP_KERNEL)
#define vzalloc(bytes) kzalloc(bytes, GFP_KERNEL)
#define vfree(object) kfree(object)
#define kvmalloc_node(bytes, gfp, node) kmalloc_node(bytes, gfp, node)
#define kvmalloc(bytes, gfp) kmalloc(bytes, gfp)
#define kvzalloc(bytes, gfp) kzalloc(bytes, gfp)
