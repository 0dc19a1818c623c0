# Two threads dequeue at once.
# Found as: handed-out-twice|leak|crash|use-after-free|freed-twice|no-end
/ck_fifo_spsc_dequeue_lock/d
/ck_fifo_spsc_dequeue_unlock/d
