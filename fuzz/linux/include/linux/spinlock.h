// Raw spinlocks. Not in nmi. Spinlocks that sleep under CONFIG_PREEMPT_RT are taken as raw ones.
#pragma once

#include <linux/irqflags.h>

typedef struct {
  u64 word;  // 0: free
} raw_spinlock_t;
typedef raw_spinlock_t spinlock_t;

void raw_spin_lock_init(raw_spinlock_t* lock);
void raw_spin_lock(raw_spinlock_t* lock);
void raw_spin_unlock(raw_spinlock_t* lock);
bool raw_spin_trylock(raw_spinlock_t* lock);
unsigned long rcufarm_lock_irqsave(raw_spinlock_t* lock);
void raw_spin_unlock_irqrestore(raw_spinlock_t* lock, unsigned long flags);
void raw_spin_lock_irq(raw_spinlock_t* lock);
void raw_spin_unlock_irq(raw_spinlock_t* lock);
#define raw_spin_lock_irqsave(lock, flags) ((void)((flags) = rcufarm_lock_irqsave(lock)))

#define raw_spin_trylock_irqsave(lock, flags) \
  (local_irq_save(flags), raw_spin_trylock(lock) || (local_irq_restore(flags), false))
#define raw_spin_trylock_irq(lock) (local_irq_disable(), raw_spin_trylock(lock) || (local_irq_enable(), false))

#define spin_lock_init(lock) raw_spin_lock_init(lock)
#define spin_lock(lock) raw_spin_lock(lock)
#define spin_unlock(lock) raw_spin_unlock(lock)
#define spin_lock_irqsave(lock, flags) raw_spin_lock_irqsave(lock, flags)
#define spin_unlock_irqrestore(lock, flags) raw_spin_unlock_irqrestore(lock, flags)

#define spin_trylock(lock) raw_spin_trylock(lock)
#define spin_trylock_irq(lock) raw_spin_trylock_irq(lock)
#define spin_trylock_irqsave(lock, flags) raw_spin_trylock_irqsave(lock, flags)
#define spin_lock_irq(lock) raw_spin_lock_irq(lock)
#define spin_unlock_irq(lock) raw_spin_unlock_irq(lock)

DEFINE_LOCK_GUARD_1(raw_spinlock, raw_spinlock_t, raw_spin_lock(_T->lock), raw_spin_unlock(_T->lock))
DEFINE_LOCK_GUARD_1_COND(raw_spinlock, _try, raw_spin_trylock(_T->lock))
DEFINE_LOCK_GUARD_1(raw_spinlock_nested, raw_spinlock_t, raw_spin_lock(_T->lock), raw_spin_unlock(_T->lock))
DEFINE_LOCK_GUARD_1(raw_spinlock_irq, raw_spinlock_t, raw_spin_lock_irq(_T->lock), raw_spin_unlock_irq(_T->lock))
DEFINE_LOCK_GUARD_1_COND(raw_spinlock_irq, _try, raw_spin_trylock_irq(_T->lock))
DEFINE_LOCK_GUARD_1(raw_spinlock_irqsave, raw_spinlock_t, raw_spin_lock_irqsave(_T->lock, _T->flags),
                    raw_spin_unlock_irqrestore(_T->lock, _T->flags), unsigned long flags)
DEFINE_LOCK_GUARD_1_COND(raw_spinlock_irqsave, _try, raw_spin_trylock_irqsave(_T->lock, _T->flags))
DEFINE_LOCK_GUARD_1(spinlock, spinlock_t, spin_lock(_T->lock), spin_unlock(_T->lock))
DEFINE_LOCK_GUARD_1_COND(spinlock, _try, spin_trylock(_T->lock))
DEFINE_LOCK_GUARD_1(spinlock_irq, spinlock_t, spin_lock_irq(_T->lock), spin_unlock_irq(_T->lock))
DEFINE_LOCK_GUARD_1_COND(spinlock_irq, _try, spin_trylock_irq(_T->lock))
DEFINE_LOCK_GUARD_1(spinlock_irqsave, spinlock_t, spin_lock_irqsave(_T->lock, _T->flags),
                    spin_unlock_irqrestore(_T->lock, _T->flags), unsigned long flags)
DEFINE_LOCK_GUARD_1_COND(spinlock_irqsave, _try, spin_trylock_irqsave(_T->lock, _T->flags))
