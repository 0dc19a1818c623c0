/*
 * A machine for C programs: what has to be there before the functions of bpf_mem_alloc.h can be called.
 *
 *   struct rcufarm_machine* machine = rcufarm_machine_create(2, true);
 *   rcufarm_thread_attach(machine, RCUFARM_ANY_CPU);
 *   ... bpf_mem_alloc_init(), bpf_mem_alloc(), ... bpf_mem_alloc_destroy() ...
 *   rcufarm_thread_detach();
 *   rcufarm_machine_settle(machine);
 *   size_t leaks = rcufarm_machine_live_objects(machine);
 *   rcufarm_machine_destroy(machine);
 *
 * Mistakes in the use of these functions (detaching a thread that is not attached, a machine that ends with threads on
 * it) end the program with a text. Functions that give an int give 0, or a negative errno.
 */
#ifndef RCUFARM_MACHINE_H
#define RCUFARM_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct rcufarm_machine;

enum rcufarm_rcu_flavor { RCUFARM_RCU_REGULAR = 0, RCUFARM_RCU_TASKS_TRACE = 1 };

#define RCUFARM_ANY_CPU (-1)

/* NULL: `cpus` is 0 or more than 64. trace_implies: is a tasks-trace grace period a regular one as well? */
struct rcufarm_machine* rcufarm_machine_create(unsigned cpus, bool trace_implies_rcu_gp);
/* No thread may be attached. Waits for what is queued; gives memory that was not freed back. */
void rcufarm_machine_destroy(struct rcufarm_machine* machine);

/* Waits until no callback and no work is queued or running. */
void rcufarm_machine_settle(struct rcufarm_machine* machine);
/* Objects of the slab that were not freed: leaks, once everything is destroyed and settled. */
size_t rcufarm_machine_live_objects(struct rcufarm_machine* machine);
/* Warnings, misuse, illegal contexts, and what is wrong in the slab's books. */
uint64_t rcufarm_machine_reports(struct rcufarm_machine* machine);
/* The same in words, a line each, on standard error. */
void rcufarm_machine_print_reports(struct rcufarm_machine* machine);

/* The calling thread owns a CPU from now on, after waiting its turn. -EINVAL: no such CPU. */
int rcufarm_thread_attach(struct rcufarm_machine* machine, int cpu);
void rcufarm_thread_detach(void);
/* Gives the CPU up and waits for another. -EINVAL: no such CPU. */
int rcufarm_thread_migrate(int cpu);

/* Sections nest, up to 64 deep. */
void rcufarm_rcu_read_lock(enum rcufarm_rcu_flavor flavor);
void rcufarm_rcu_read_unlock(enum rcufarm_rcu_flavor flavor);
/* Outside read sections. */
void rcufarm_synchronize_rcu(enum rcufarm_rcu_flavor flavor);
void rcufarm_rcu_barrier(enum rcufarm_rcu_flavor flavor);

#ifdef __cplusplus
}
#endif

#endif
