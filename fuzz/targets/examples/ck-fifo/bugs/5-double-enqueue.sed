# A free enqueues the object twice.
# Found as: handed-out-twice|freed-twice|leak|crash|no-end|use-after-free
/^static void enqueue/,/^}/s/^  ck_fifo_spsc_enqueue_unlock(&fifo);/  ck_fifo_spsc_entry_t* again = malloc(sizeof(*again));\n  if (again != NULL) ck_fifo_spsc_enqueue(\&fifo, again, object_of_epoch(entry));\n&/
