/* Your allocator, as rcufarm calls it: define these in C, or in C++ as extern "C", in a file that your manifest names.
 *
 * init, alloc and free have to be there; each other one is used if it is. They run on a simulated machine, many times in one
 * process: globals and statics have their first values at each run, memory that was not given back is a leak, and
 * thread_local variables are each simulated thread's own. What fails says so by its value; nothing throws.
 * fuzz/targets/ADOPT.md begins with an example. */
#ifndef RCUFARM_TARGET_H
#define RCUFARM_TARGET_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Once, before all else; 0: it is ready. Then once, behind all else: everything that init and the others took is given back (where
 * there is no destroy, nothing is expected back). */
int rcufarm_target_init(void);
void rcufarm_target_destroy(void);

/* At least so many bytes, or NULL. By any thread, as all that follows. */
void* rcufarm_target_alloc(size_t bytes);
/* The caller's alone: nobody looks at it any more. `bytes` as it was asked for. */
void rcufarm_target_free(void* object, size_t bytes);
/* Readers may still look at it, and will find what it holds until their sections have ended (manifest: contract.link_bytes). */
void rcufarm_target_free_deferred(void* object, size_t bytes);

/* First and last in each thread, the one that calls init and destroy included: after init, before destroy. */
void rcufarm_target_thread_begin(void);
void rcufarm_target_thread_end(void);

/* Around each look of a reader, nested sections included. */
void rcufarm_target_read_lock(void);
void rcufarm_target_read_unlock(void);
/* Between two operations of a thread, where it holds nothing. */
void rcufarm_target_quiescent(void);

#ifdef __cplusplus
}
#endif

#endif
