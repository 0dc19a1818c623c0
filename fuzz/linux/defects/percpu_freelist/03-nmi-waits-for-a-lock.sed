# An nmi's push waits for a lock, which it may have come over.
# Found as: illegal-context
/^void __pcpu_freelist_push(/,/^}/s/if (in_nmi())/if (0)/
