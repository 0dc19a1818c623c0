# Over v1: drop() counts down without order, so that on arm64 and POWER the last one frees the pool before a user's store has
# reached it.
# Found as: use-after-free|freed-in-use|freed-under-user
# Model: kernel
s/head != READ_ONCE(slot->last)/head != smp_load_acquire(\&slot->last)/
s/READ_ONCE(slot->last) - head - 1/smp_load_acquire(\&slot->last) - head - 1/
/^int objpool_drop(/,/^}/s/if (refcount_dec_and_test(&pool->ref))/int seen = refcount_read(\&pool->ref), found;\n\twhile ((found = cmpxchg_relaxed(\&pool->ref.refs.counter, seen, seen - 1)) != seen)\n\t\tseen = found;\n\tif (seen == 1)/
