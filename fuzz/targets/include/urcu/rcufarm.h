/* liburcu's interface, for code that runs on the simulated machine.
 *
 * Job: all headers of this folder are this one. Each flavour's read sections, call_rcu and grace periods are the machine's;
 * operations on words are the compiler's atomics, which the machine sees. Names and meanings are those of liburcu 0.13's manual. */
#ifndef RCUFARM_URCU_H
#define RCUFARM_URCU_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct rcu_head {
  struct rcu_head* next;
  void (*func)(struct rcu_head* head);
};

void rcufarm_urcu_read_lock(void);
void rcufarm_urcu_read_unlock(void);
int rcufarm_urcu_read_ongoing(void);
void rcufarm_urcu_call(struct rcu_head* head, void (*func)(struct rcu_head* head));
void rcufarm_urcu_synchronize(void);
void rcufarm_urcu_barrier(void);
void rcufarm_urcu_defer(void (*function)(void* argument), void* argument);
void rcufarm_urcu_relax(void);

/* Threads that need no registration. */
#define rcu_init() ((void)0)
#define rcu_defer_register_thread() (0)
#define rcu_defer_unregister_thread() rcufarm_urcu_barrier()
#define rcu_defer_barrier() rcufarm_urcu_barrier()
#define rcu_defer_barrier_thread() rcufarm_urcu_barrier()

#ifdef RCUFARM_URCU_QSBR
/* A registered thread reads until it says that it is quiescent. */
#define rcu_register_thread() rcufarm_urcu_read_lock()
#define rcu_unregister_thread() rcufarm_urcu_read_unlock()
#define rcu_read_lock() ((void)0)
#define rcu_read_unlock() ((void)0)
#define rcu_thread_offline() rcufarm_urcu_read_unlock()
#define rcu_thread_online() rcufarm_urcu_read_lock()
#define rcu_quiescent_state() (rcufarm_urcu_read_unlock(), rcufarm_urcu_read_lock())
#define RCUFARM_URCU_OFFLINE(call)                    \
  do {                                                \
    int rcufarm_online = rcufarm_urcu_read_ongoing(); \
    if (rcufarm_online) rcufarm_urcu_read_unlock();   \
    call;                                             \
    if (rcufarm_online) rcufarm_urcu_read_lock();     \
  } while (0)
#define synchronize_rcu() RCUFARM_URCU_OFFLINE(rcufarm_urcu_synchronize())
#define rcu_barrier() RCUFARM_URCU_OFFLINE(rcufarm_urcu_barrier())
#else
#define rcu_register_thread() ((void)0)
#define rcu_unregister_thread() ((void)0)
#define rcu_read_lock() rcufarm_urcu_read_lock()
#define rcu_read_unlock() rcufarm_urcu_read_unlock()
#define rcu_thread_offline() ((void)0)
#define rcu_thread_online() ((void)0)
#define rcu_quiescent_state() ((void)0)
#define synchronize_rcu() rcufarm_urcu_synchronize()
#define rcu_barrier() rcufarm_urcu_barrier()
#endif
#define rcu_read_ongoing() rcufarm_urcu_read_ongoing()
#define call_rcu(head, func) rcufarm_urcu_call(head, func)
#define defer_rcu(function, argument) rcufarm_urcu_defer(function, argument)

#define rcu_dereference(p) __atomic_load_n(&(p), __ATOMIC_CONSUME)
#define rcu_assign_pointer(p, value) __atomic_store_n(&(p), (value), __ATOMIC_RELEASE)
#define rcu_set_pointer(p, value) __atomic_store_n(p, value, __ATOMIC_RELEASE)
#define rcu_xchg_pointer(p, value) __atomic_exchange_n(p, value, __ATOMIC_SEQ_CST)
#define rcu_cmpxchg_pointer(p, expected, value)                                                  \
  __extension__({                                                                                \
    __typeof__(*(p)) rcufarm_seen = (expected);                                                  \
    __atomic_compare_exchange_n(p, &rcufarm_seen, value, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); \
    rcufarm_seen;                                                                                \
  })

#define CMM_LOAD_SHARED(x) __atomic_load_n(&(x), __ATOMIC_RELAXED)
#define CMM_STORE_SHARED(x, value) __atomic_store_n(&(x), (value), __ATOMIC_RELAXED)
#define CMM_ACCESS_ONCE(x) (*(__volatile__ __typeof__(x)*)&(x))
#define uatomic_read(p) __atomic_load_n(p, __ATOMIC_RELAXED)
#define uatomic_set(p, value) __atomic_store_n(p, value, __ATOMIC_RELAXED)
#define uatomic_xchg(p, value) __atomic_exchange_n(p, value, __ATOMIC_SEQ_CST)
#define uatomic_cmpxchg(p, expected, value) rcu_cmpxchg_pointer(p, expected, value)
#define uatomic_add(p, n) ((void)__atomic_fetch_add(p, n, __ATOMIC_RELAXED))
#define uatomic_sub(p, n) ((void)__atomic_fetch_sub(p, n, __ATOMIC_RELAXED))
#define uatomic_inc(p) uatomic_add(p, 1)
#define uatomic_dec(p) uatomic_sub(p, 1)
#define uatomic_or(p, bits) ((void)__atomic_fetch_or(p, bits, __ATOMIC_RELAXED))
#define uatomic_and(p, bits) ((void)__atomic_fetch_and(p, bits, __ATOMIC_RELAXED))
#define uatomic_add_return(p, n) __atomic_add_fetch(p, n, __ATOMIC_SEQ_CST)
#define uatomic_sub_return(p, n) __atomic_sub_fetch(p, n, __ATOMIC_SEQ_CST)
#define cmm_barrier() __atomic_signal_fence(__ATOMIC_SEQ_CST)
#define cmm_smp_mb() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define cmm_smp_rmb() __atomic_thread_fence(__ATOMIC_ACQUIRE)
#define cmm_smp_wmb() __atomic_thread_fence(__ATOMIC_RELEASE)
#define caa_cpu_relax() rcufarm_urcu_relax()
#define caa_container_of(p, type, member) ((type*)((char*)(p)-offsetof(type, member)))
#define caa_likely(x) __builtin_expect(!!(x), 1)
#define caa_unlikely(x) __builtin_expect(!!(x), 0)

#ifdef __cplusplus
}
#endif

#endif
