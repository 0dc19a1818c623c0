# pop() tries with the head that it has seen first, for ever if another took that object.
# Found as: no-end
s/if (try_cmpxchg_release(&slot->head, &head, head + 1))/if (cmpxchg_release(\&slot->head, head, head + 1) == head)/
