// lib/objpool.c: a ring of objects for each CPU, taken and put back without a lock, by kretprobes and rethooks.
//
// The user is one of them: the pool's head lies in memory of its own, which goes when the last object is given up. Contract: pop and
// push in tasks and irqs; fini when no push is under way any more, with objects still in use, which are then dropped, each once, by
// whoever has them.
#include <linux/gfp.h>
#include <linux/objpool.h>
#include <linux/slab.h>
#include "pools/pool.h"

static int made(void* element, void* pool) { return rcufarm_pool_element(pool, element); }
static int released(struct objpool_head* pool, void* context) {
  rcufarm_pool_ends(context);
  kfree(pool);
  return 0;
}
static void* make(unsigned int objects) {
  struct objpool_head* pool = kzalloc(sizeof(*pool), GFP_KERNEL);
  if (!pool) return NULL;
  if (objpool_init(pool, (int)objects, 2 * sizeof(long), objects % 2 ? GFP_KERNEL : GFP_ATOMIC, pool, made, released) ==
      0)
    return pool;
  released(pool, pool);
  return NULL;
}
static void* pop(void* pool) { return objpool_pop(pool); }
static void push(void* pool, void* element) { objpool_push(element, pool); }
static void drop(void* pool, void* element) { objpool_drop(element, pool); }
static void fini(void* pool) { objpool_fini(pool); }

struct rcufarm_pool rcufarm_linked_pool(void) {
  return (struct rcufarm_pool){
      .file = "lib/objpool.c",
      .code = (const void*)objpool_init,
      .cache_type = "",
      .named = {{"make", "pool", "objpool_head", false},
                {"objpool_init", "slots", "", false},
                {"objpool_init_percpu_slots", "slot", "objpool_slot", true}},
      .make_name = "objpool_init",
      .pop_name = "objpool_pop",
      .push_name = "objpool_push",
      .fini_name = "objpool_fini",
      .drop_name = "objpool_drop",
      .user_offset = 0,
      .nmi = false,
      .make = make,
      .pop = pop,
      .push = push,
      .drop = drop,
      .fini = fini,
  };
}
