// Marked accesses, and hints.
#pragma once

#include <linux/compiler_types.h>
#include <linux/types.h>

#define likely(condition) __builtin_expect(!!(condition), 1)
#define unlikely(condition) __builtin_expect(!!(condition), 0)
#define barrier() __asm__ __volatile__("" ::: "memory")

// Scalars of up to eight bytes. Relaxed: no order but that of one variable.
unsigned long rcufarm_read_once(const volatile void* address, unsigned int bytes);
void rcufarm_write_once(volatile void* address, unsigned int bytes, unsigned long value);
unsigned long rcufarm_load_acquire(const volatile void* address, unsigned int bytes);
void rcufarm_store_release(volatile void* address, unsigned int bytes, unsigned long value);

#define READ_ONCE(x) ((__typeof__(x))rcufarm_read_once(&(x), sizeof(x)))
#define WRITE_ONCE(x, value) rcufarm_write_once(&(x), sizeof(x), (unsigned long)(__typeof__(x))(value))
#define smp_load_acquire(p) ((__typeof__(*(p)))rcufarm_load_acquire((p), sizeof(*(p))))
#define smp_store_release(p, value) rcufarm_store_release((p), sizeof(*(p)), (unsigned long)(__typeof__(*(p)))(value))
// The access is what it is; that it races is wanted. It is watched as a marked one.
#define data_race(x) READ_ONCE(x)

// Fences. Under sequential consistency there is nothing for them to do. What stands beside a read-modify-write is taken for a full
// one, wherever it stands.
enum rcufarm_fence { rcufarm_fence_full, rcufarm_fence_read, rcufarm_fence_write };
void rcufarm_fence(enum rcufarm_fence kind);

#define smp_mb() rcufarm_fence(rcufarm_fence_full)
#define smp_rmb() rcufarm_fence(rcufarm_fence_read)
#define smp_wmb() rcufarm_fence(rcufarm_fence_write)
#define smp_mb__before_atomic() smp_mb()
#define smp_mb__after_atomic() smp_mb()
#define smp_mb__after_spinlock() smp_mb()
