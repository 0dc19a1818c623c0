/* Uses the installed allocator and nothing else of its project; the exit code is the number of objects that leaked. */
#include <bpf_mem_alloc.h>
#include <native/rcufarm_machine.h>
#include <stdio.h>
#include <string.h>

int main(void) {
  struct rcufarm_machine* machine = rcufarm_machine_create(2, true);
  if (machine == NULL || rcufarm_thread_attach(machine, RCUFARM_ANY_CPU) != 0) {
    fprintf(stderr, "consumer: no machine\n");
    return 100;
  }
  struct bpf_mem_alloc allocator;
  if (bpf_mem_alloc_init(&allocator, 64, false) != 0) {
    fprintf(stderr, "consumer: no allocator\n");
    return 101;
  }
  void* object = bpf_mem_cache_alloc(&allocator);
  if (object == NULL) {
    fprintf(stderr, "consumer: no object\n");
    return 102;
  }
  memset(object, 0, 64);
  bpf_mem_cache_free_rcu(&allocator, object);
  bpf_mem_alloc_destroy(&allocator);
  rcufarm_thread_detach();
  rcufarm_machine_settle(machine);
  const size_t leaks = rcufarm_machine_live_objects(machine);
  printf("consumer: %zu objects leaked\n", leaks);
  rcufarm_machine_destroy(machine);
  return (int)leaks;
}
