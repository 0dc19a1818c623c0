# In: src/page.c
# Who collects does not see the links of what other threads have pushed.
# Found as: data-race|crash|corrupted|handed-out-twice|use-after-free|no-end
/^static void _mi_page_thread_free_collect/,/^}/s/mi_atomic_cas_weak_acq_rel(&page->xthread_free, &tfree, tfreex)/mi_atomic_cas_weak(\&page->xthread_free, \&tfree, tfreex, mi_memory_order(relaxed), mi_memory_order(relaxed))/
