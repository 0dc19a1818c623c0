# pop() moves the ring's head by a store, so that two CPUs take one object.
# Found as: handed-out-twice|corrupted-list|warning|no-end
s/if (try_cmpxchg_release(&slot->head, &head, head + 1))/if (READ_ONCE(slot->head) == head \&\& (WRITE_ONCE(slot->head, head + 1), true))/
