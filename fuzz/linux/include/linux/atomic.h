// Atomic counters, and read-modify-writes of any scalar. Those that return something are full barriers; those that do not,
// reads and sets are relaxed.
#pragma once

#include <linux/compiler.h>
#include <linux/types.h>

typedef struct {
  int counter;
} atomic_t;
typedef struct {
  long counter;
} atomic64_t;
typedef atomic64_t atomic_long_t;

#define ATOMIC_INIT(n) \
  { (n) }

enum rcufarm_order { rcufarm_relaxed, rcufarm_acquire, rcufarm_release, rcufarm_full };

// These return what was there before.
unsigned long rcufarm_xchg(volatile void* address, unsigned int bytes, unsigned long value, enum rcufarm_order order);
unsigned long rcufarm_cmpxchg(volatile void* address, unsigned int bytes, unsigned long expected, unsigned long desired,
                              enum rcufarm_order order);
unsigned long rcufarm_fetch_add(volatile void* address, unsigned int bytes, unsigned long n, enum rcufarm_order order);

#define RCUFARM_XCHG(p, value, order) \
  ((__typeof__(*(p)))rcufarm_xchg((p), sizeof(*(p)), (unsigned long)(__typeof__(*(p)))(value), order))
#define RCUFARM_CMPXCHG(p, old, value, order)                                                   \
  ((__typeof__(*(p)))rcufarm_cmpxchg((p), sizeof(*(p)), (unsigned long)(__typeof__(*(p)))(old), \
                                     (unsigned long)(__typeof__(*(p)))(value), order))
#define RCUFARM_TRY_CMPXCHG(p, old, value, order)                          \
  ({                                                                       \
    __typeof__(*(p)) expected_ = *(old);                                   \
    __typeof__(*(p)) found_ = RCUFARM_CMPXCHG(p, expected_, value, order); \
    if (found_ != expected_) *(old) = found_;                              \
    found_ == expected_;                                                   \
  })
#define xchg(p, value) RCUFARM_XCHG(p, value, rcufarm_full)
#define xchg_relaxed(p, value) RCUFARM_XCHG(p, value, rcufarm_relaxed)
#define xchg_acquire(p, value) RCUFARM_XCHG(p, value, rcufarm_acquire)
#define xchg_release(p, value) RCUFARM_XCHG(p, value, rcufarm_release)
#define cmpxchg(p, old, value) RCUFARM_CMPXCHG(p, old, value, rcufarm_full)
#define cmpxchg_relaxed(p, old, value) RCUFARM_CMPXCHG(p, old, value, rcufarm_relaxed)
#define cmpxchg_acquire(p, old, value) RCUFARM_CMPXCHG(p, old, value, rcufarm_acquire)
#define cmpxchg_release(p, old, value) RCUFARM_CMPXCHG(p, old, value, rcufarm_release)
#define try_cmpxchg(p, old, value) RCUFARM_TRY_CMPXCHG(p, old, value, rcufarm_full)
#define try_cmpxchg_acquire(p, old, value) RCUFARM_TRY_CMPXCHG(p, old, value, rcufarm_acquire)
#define try_cmpxchg_release(p, old, value) RCUFARM_TRY_CMPXCHG(p, old, value, rcufarm_release)

#define RCUFARM_ADD(v, n, order) \
  ((__typeof__((v)->counter))rcufarm_fetch_add(&(v)->counter, sizeof((v)->counter), (unsigned long)(long)(n), order))
#define atomic_read(v) READ_ONCE((v)->counter)
#define atomic_set(v, n) WRITE_ONCE((v)->counter, n)
#define atomic_read_acquire(v) smp_load_acquire(&(v)->counter)
#define atomic_set_release(v, n) smp_store_release(&(v)->counter, n)
#define atomic_xchg(v, n) xchg(&(v)->counter, n)
#define atomic_xchg_acquire(v, n) xchg_acquire(&(v)->counter, n)
#define atomic_xchg_release(v, n) xchg_release(&(v)->counter, n)
#define atomic_xchg_relaxed(v, n) xchg_relaxed(&(v)->counter, n)
#define atomic_cmpxchg(v, old, n) cmpxchg(&(v)->counter, old, n)
#define atomic_try_cmpxchg(v, old, n) try_cmpxchg(&(v)->counter, old, n)
#define atomic_add(n, v) ((void)RCUFARM_ADD(v, n, rcufarm_relaxed))
#define atomic_sub(n, v) ((void)RCUFARM_ADD(v, -(n), rcufarm_relaxed))
#define atomic_inc(v) atomic_add(1, v)
#define atomic_dec(v) atomic_sub(1, v)
#define atomic_fetch_add(n, v) RCUFARM_ADD(v, n, rcufarm_full)
#define atomic_fetch_inc(v) atomic_fetch_add(1, v)
#define atomic_add_return(n, v) (RCUFARM_ADD(v, n, rcufarm_full) + (n))
#define atomic_sub_return(n, v) (RCUFARM_ADD(v, -(n), rcufarm_full) - (n))
#define atomic_inc_return(v) atomic_add_return(1, v)
#define atomic_dec_return(v) atomic_sub_return(1, v)
#define atomic_dec_and_test(v) (atomic_dec_return(v) == 0)
#define atomic_inc_not_zero(v) rcufarm_inc_not_zero(&(v)->counter)
bool rcufarm_inc_not_zero(int* counter);

#define atomic64_read(v) atomic_read(v)
#define atomic64_set(v, n) atomic_set(v, n)
#define atomic64_add(n, v) atomic_add(n, v)
#define atomic64_inc(v) atomic_inc(v)
#define atomic64_dec(v) atomic_dec(v)
#define atomic64_xchg(v, n) atomic_xchg(v, n)
#define atomic_long_read(v) atomic_read(v)
#define atomic_long_set(v, n) atomic_set(v, n)
#define atomic_long_add(n, v) atomic_add(n, v)
#define atomic_long_inc(v) atomic_inc(v)
#define atomic_long_dec(v) atomic_dec(v)
