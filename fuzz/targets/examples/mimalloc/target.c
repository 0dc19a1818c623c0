/* mimalloc as one source, as its own static.c has it. Two things of the platform it does otherwise here: a thread is told by the
 * address of a thread_local variable (its portable way) and not by a register, and it begins with the first call, not before main. */
#include <features.h>
#undef __GLIBC__
#define constructor
#define destructor
#include <static.c>
#undef constructor
#undef destructor

#include <rcufarm_target.h>

int rcufarm_target_init(void) { return mi_process_init(), 0; }
void rcufarm_target_thread_begin(void) { mi_thread_init(); }
void* rcufarm_target_alloc(size_t bytes) { return mi_malloc(bytes); }
void rcufarm_target_free(void* object, size_t bytes) {
  (void)bytes;
  mi_free(object);
}
