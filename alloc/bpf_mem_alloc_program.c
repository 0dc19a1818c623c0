/* A C program that uses the allocator through its C header alone. Gives 0, or the line of the first check that failed. */
#include <errno.h>
#include <string.h>

#include "bpf_mem_alloc.h"
#include "native/rcufarm_machine.h"

#define CHECK(condition)               \
  do {                                 \
    if (!(condition)) return __LINE__; \
  } while (0)

static int use_cache(void) {
  struct bpf_mem_alloc ma;
  CHECK(bpf_mem_alloc_init(&ma, 64, false) == 0);
  void* a = bpf_mem_cache_alloc(&ma);
  void* b = bpf_mem_cache_alloc_flags(&ma, BPF_GFP_KERNEL);
  CHECK(a != NULL && b != NULL && a != b);
  memset(a, 1, 64);
  memset(b, 2, 64);
  bpf_mem_cache_free(&ma, a);
  CHECK(bpf_mem_cache_alloc(&ma) == a);
  rcufarm_rcu_read_lock(RCUFARM_RCU_REGULAR);
  bpf_mem_cache_free_rcu(&ma, a);
  CHECK(((char*)a)[63] == 1);
  rcufarm_rcu_read_unlock(RCUFARM_RCU_REGULAR);
  rcufarm_synchronize_rcu(RCUFARM_RCU_TASKS_TRACE);
  bpf_mem_cache_raw_free(b);
  bpf_mem_cache_free(&ma, NULL);
  bpf_mem_alloc_destroy(&ma);
  bpf_mem_alloc_destroy(&ma);
  return 0;
}

static int use_size_classes(void) {
  struct bpf_mem_alloc ma;
  CHECK(bpf_mem_alloc_init(&ma, 0, true) == -EINVAL);
  CHECK(bpf_mem_alloc_init(&ma, -1, false) == -EINVAL);
  CHECK(bpf_mem_alloc_init(&ma, 0, false) == 0);
  CHECK(bpf_mem_alloc(&ma, 0) == NULL);
  CHECK(bpf_mem_alloc(&ma, BPF_MEM_ALLOC_SIZE_MAX + 1) == NULL);
  void* p = bpf_mem_alloc(&ma, BPF_MEM_ALLOC_SIZE_MAX);
  void* q = bpf_mem_alloc(&ma, 1);
  CHECK(p != NULL && q != NULL);
  memset(p, 3, BPF_MEM_ALLOC_SIZE_MAX);
  CHECK(rcufarm_thread_migrate(1) == 0);
  bpf_mem_free(&ma, p);
  bpf_mem_free_rcu(&ma, q);
  bpf_mem_alloc_destroy(&ma);
  return 0;
}

static int use_percpu(void) {
  struct bpf_mem_alloc ma;
  CHECK(bpf_mem_alloc_init(&ma, 16, true) == 0);
  void** p = bpf_mem_cache_alloc(&ma);
  CHECK(p != NULL && *p != NULL);
  bpf_mem_cache_free_rcu(&ma, p);
  bpf_mem_alloc_destroy(&ma);
  return 0;
}

/* What can be detected is reported, each time, and changes nothing. */
static int use_wrongly(struct rcufarm_machine* machine) {
  struct bpf_mem_alloc mine = {0};
  struct bpf_mem_alloc other;
  CHECK(bpf_mem_cache_alloc(&mine) == NULL); /* never initialised */
  CHECK(rcufarm_machine_reports(machine) == 1);
  CHECK(bpf_mem_alloc_init(&mine, 64, false) == 0 && bpf_mem_alloc_init(&other, 64, false) == 0);
  void* p = bpf_mem_cache_alloc(&other);
  bpf_mem_cache_free(&mine, p);
  CHECK(rcufarm_machine_reports(machine) == 2);
  bpf_mem_cache_free(&other, p);
  CHECK(rcufarm_machine_reports(machine) == 2);
  bpf_mem_cache_free(&other, p);
  CHECK(rcufarm_machine_reports(machine) == 3);
  bpf_mem_alloc_destroy(&mine);
  bpf_mem_alloc_destroy(&other);
  return 0;
}

int bpf_mem_alloc_program(void) {
  struct rcufarm_machine* machine = rcufarm_machine_create(2, false);
  CHECK(machine != NULL);
  CHECK(rcufarm_thread_attach(machine, 0) == 0);
  int line = use_cache();
  if (line == 0) line = use_size_classes();
  if (line == 0) line = use_percpu();
  if (line == 0 && rcufarm_machine_reports(machine) != 0) line = __LINE__;
  if (line == 0) line = use_wrongly(machine);
  rcufarm_thread_detach();
  rcufarm_machine_settle(machine);
  if (line == 0 && rcufarm_machine_live_objects(machine) != 0) line = __LINE__;
  rcufarm_machine_print_reports(machine);
  rcufarm_machine_destroy(machine);
  return line;
}
