# In: include/urcu/static/lfstack.h
# A pop takes the head by a load and a store: two threads get one node.
# Found as: handed-out-twice|leak|crash|use-after-free|reused-under-reader|no-end|corrupted
/^struct cds_lfs_node \*___cds_lfs_pop/,/^}/s/uatomic_cmpxchg(&s->head, head, next_head) == head/(uatomic_set(\&s->head, next_head), 1)/
