// kernel/bpf/percpu_freelist.c: a list of free elements for each CPU under a lock, and one more for an nmi that gets none of them.
//
// The user is a BPF hash map: its elements lie in one block, each with its list node in front, and the list is emptied before it is
// destroyed. Contract: pop and push in tasks, irqs and nmis; the calls with two underscores where interrupts are off.
#include <kernel/bpf/percpu_freelist.h>
#include <linux/gfp.h>
#include <linux/irqflags.h>
#include <linux/slab.h>
#include "pools/pool.h"

struct element {
  struct pcpu_freelist_node node;
  long of_user;
};
struct map {
  struct pcpu_freelist list;
  struct element* elements;
};

static void* destroyed(struct map* map) {
  pcpu_freelist_destroy(&map->list);
  rcufarm_pool_ends(map);
  kfree(map->elements);
  kfree(map);
  return NULL;
}
static void* make(unsigned int objects) {
  struct map* map = kzalloc(sizeof(*map), GFP_KERNEL);
  unsigned int i;
  if (!map) return NULL;
  map->elements = kcalloc(objects, sizeof(struct element), GFP_KERNEL);
  if (!map->elements || pcpu_freelist_init(&map->list)) {
    kfree(map->elements);
    kfree(map);
    return NULL;
  }
  for (i = 0; i < objects; ++i)
    if (rcufarm_pool_element(map, &map->elements[i])) return destroyed(map);
  pcpu_freelist_populate(&map->list, map->elements, sizeof(struct element), objects);
  return map;
}
static void* pop(void* pool) {
  struct map* map = pool;
  return irqs_disabled() ? __pcpu_freelist_pop(&map->list) : pcpu_freelist_pop(&map->list);
}
static void push(void* pool, void* element) {
  struct map* map = pool;
  if (irqs_disabled())
    __pcpu_freelist_push(&map->list, element);
  else
    pcpu_freelist_push(&map->list, element);
}
// What the list has lost stays behind, and is a leak.
static void fini(void* pool) {
  struct map* map = pool;
  void* element;
  while ((element = pcpu_freelist_pop(&map->list)) != NULL) rcufarm_pool_element_ends(map, element);
  pcpu_freelist_destroy(&map->list);
  kfree(map->elements);
  kfree(map);
}

struct rcufarm_pool rcufarm_linked_pool(void) {
  return (struct rcufarm_pool){
      .file = "kernel/bpf/percpu_freelist.c",
      .code = (const void*)pcpu_freelist_init,
      .cache_type = "pcpu_freelist_head",
      .named = {{"make", "list", "pcpu_freelist", false}},
      .make_name = "pcpu_freelist_init",
      .pop_name = "pcpu_freelist_pop",
      .push_name = "pcpu_freelist_push",
      .fini_name = "pcpu_freelist_destroy",
      .drop_name = "",
      .user_offset = offsetof(struct element, of_user),
      .nmi = true,
      .make = make,
      .pop = pop,
      .push = push,
      .drop = NULL,
      .fini = fini,
  };
}
