// The allocator's functions, as one table. Compiled anew for each tree, against that tree's linux/bpf_mem_alloc.h and its rules
// (rules.h, which rules.py makes and the compiler includes first).
//
// Job: what an older kernel lacks is null in the table. Not instrumented: nothing here is the allocator's.
#include <linux/bpf_mem_alloc.h>

#include <linux/gfp.h>
#include <linux/kconfig.h>
#include <linux/memcontrol.h>
#include <linux/slab.h>
#include "calls.h"

void bpf_mem_free_rcu(struct bpf_mem_alloc* ma, void* object) __attribute__((weak));
void bpf_mem_cache_free_rcu(struct bpf_mem_alloc* ma, void* object) __attribute__((weak));
void bpf_mem_cache_raw_free(void* object) __attribute__((weak));
void* bpf_mem_cache_alloc_flags(struct bpf_mem_alloc* ma, gfp_t flags) __attribute__((weak));
void bpf_mem_alloc_set_dtor(struct bpf_mem_alloc* ma, void (*dtor)(void*, void*), void (*context_free)(void*),
                            void* context) __attribute__((weak));

static int init(void* ma, int size, bool percpu) { return bpf_mem_alloc_init(ma, size, percpu); }
#if RCUFARM_RULE_PERCPU_OF_ANY_SIZE == 2
static int init_percpu(void* ma, int size) {
  struct obj_cgroup* objcg = IS_ENABLED(CONFIG_MEMCG) ? get_obj_cgroup_from_current() : NULL;
  const int error = bpf_mem_alloc_percpu_init(ma, objcg);
  if (error) obj_cgroup_put(objcg);
  return error ? error : bpf_mem_alloc_percpu_unit_init(ma, size);
}
#elif RCUFARM_RULE_PERCPU_OF_ANY_SIZE == 1
static int init_percpu(void* ma, int size) { return bpf_mem_alloc_init(ma, 0, true); }
#else
#define init_percpu NULL
#endif
// Nothing, or an object: what stands for zero bytes is none, and may be freed as the slab's may.
static void* alloc(void* ma, size_t size) {
  void* object = bpf_mem_alloc(ma, size);
  if (!ZERO_OR_NULL_PTR(object)) return object;
  if (object) bpf_mem_free(ma, object);
  return NULL;
}
static void* cache_alloc(void* ma) { return bpf_mem_cache_alloc(ma); }
static void* cache_alloc_flags(void* ma, bool may_sleep) {
  return bpf_mem_cache_alloc_flags(ma, may_sleep ? GFP_KERNEL : GFP_NOWAIT);
}
static void free_(void* ma, void* object) { bpf_mem_free(ma, object); }
static void cache_free(void* ma, void* object) { bpf_mem_cache_free(ma, object); }
static void free_rcu(void* ma, void* object) { bpf_mem_free_rcu(ma, object); }
static void cache_free_rcu(void* ma, void* object) { bpf_mem_cache_free_rcu(ma, object); }
static void set_dtor(void* ma, void (*dtor)(void*, void*), void (*context_free)(void*), void* context) {
  bpf_mem_alloc_set_dtor(ma, dtor, context_free, context);
}
static void destroy(void* ma) { bpf_mem_alloc_destroy(ma); }

struct rcufarm_calls rcufarm_linked_calls(void) {
  struct rcufarm_calls calls = {
      .bytes = sizeof(struct bpf_mem_alloc),
      .code = (const void*)bpf_mem_cache_alloc,
      .charges = IS_ENABLED(CONFIG_MEMCG),
      .trace_implies_rcu_gp = RCUFARM_RULE_TRACE_IMPLIES_RCU_GP,
      .readers = RCUFARM_RULE_READERS,
      .kmalloc_min_size = KMALLOC_MIN_SIZE,
      .irq_work_in_thread = IS_ENABLED(CONFIG_PREEMPT_RT),
      .init = init,
      .init_percpu_of_any_size = init_percpu,
      .alloc = alloc,
      .cache_alloc = cache_alloc,
      .cache_alloc_flags = bpf_mem_cache_alloc_flags ? cache_alloc_flags : NULL,
      .free = free_,
      .cache_free = cache_free,
      .free_rcu = bpf_mem_free_rcu ? free_rcu : NULL,
      .cache_free_rcu = bpf_mem_cache_free_rcu ? cache_free_rcu : NULL,
      .raw_free = bpf_mem_cache_raw_free,
      .set_dtor = bpf_mem_alloc_set_dtor ? set_dtor : NULL,
      .destroy = destroy,
  };
  return calls;
}
