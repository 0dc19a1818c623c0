# In: include/urcu/static/wfcqueue.h
# Two who enqueue at once take one tail: the node of one is lost.
# Found as: leak|no-end|crash|use-after-free|handed-out-twice|data-race
/^static inline bool ___cds_wfcq_append/,/^}/s/old_tail = uatomic_xchg(&tail->p, new_tail);/old_tail = CMM_LOAD_SHARED(tail->p); uatomic_set(\&tail->p, new_tail);/
