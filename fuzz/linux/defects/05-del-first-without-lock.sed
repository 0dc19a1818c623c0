# Refill takes single nodes without the lock that keeps it from a callback that takes all.
# Found as: use-after-free
/^static void alloc_bulk/,/^}/ s/scoped_guard(raw_spinlock_irqsave, &c->lock)//
