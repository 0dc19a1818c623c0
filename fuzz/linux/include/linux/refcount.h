// Reference counts. Giving one up is a release, and whoever gives up the last one has acquired what all others released.
#pragma once

#include <linux/atomic.h>
#include <linux/bug.h>

typedef struct {
  atomic_t refs;
} refcount_t;

#define REFCOUNT_INIT(n) \
  { ATOMIC_INIT(n) }
#define refcount_set(r, n) atomic_set(&(r)->refs, n)
#define refcount_read(r) atomic_read(&(r)->refs)
#define refcount_inc(r) atomic_inc(&(r)->refs)
#define refcount_add(n, r) atomic_add(n, &(r)->refs)
#define refcount_inc_not_zero(r) atomic_inc_not_zero(&(r)->refs)
bool rcufarm_refcount_sub(refcount_t* count, int n);
#define refcount_sub_and_test(n, r) rcufarm_refcount_sub(r, n)
#define refcount_dec_and_test(r) refcount_sub_and_test(1, r)
#define refcount_dec(r) ((void)refcount_sub_and_test(1, r))
