# drop() reads the count and stores it, so that two that drop at once count one: the pool is never freed, or twice.
# Found as: leak|use-after-free|freed-twice|warning|freed-under-user
/^int objpool_drop(/,/^}/s/if (refcount_dec_and_test(&pool->ref))/refcount_set(\&pool->ref, refcount_read(\&pool->ref) - 1);\n\tif (refcount_read(\&pool->ref) == 0)/
