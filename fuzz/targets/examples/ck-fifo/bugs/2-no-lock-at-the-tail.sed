# Two threads enqueue at once.
# Found as: handed-out-twice|leak|crash|use-after-free|freed-twice|no-end
/ck_fifo_spsc_enqueue_lock/d
/ck_fifo_spsc_enqueue_unlock/d
