# push() leaves interrupts on, so that an irq's push comes between the reservation and the sequence, which then goes back.
# Found as: leak|handed-out-twice|corrupted-list|freed-under-user
/^static inline int objpool_push(/,/^}/{
s/raw_local_irq_save(flags)/flags = 0/
s/raw_local_irq_restore(flags)/(void)flags/
}
