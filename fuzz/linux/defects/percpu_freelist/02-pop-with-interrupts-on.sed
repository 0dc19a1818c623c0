# pop() leaves interrupts on, so that an irq waits for the lock of the task under it.
# Found as: deadlock|double-lock
/^struct pcpu_freelist_node \*pcpu_freelist_pop(/,/^}/s/local_irq_\(save\|restore\)(flags)/(void)flags/
