# In: src/alloc.c
# A block that another thread frees is pushed before its link is there to see for whoever takes the list.
# Needs: 60 seconds
# Found as: data-race|crash|corrupted|handed-out-twice|use-after-free|no-end
s/mi_atomic_cas_weak_release(&page->xthread_free, &tfree, tfreex));/mi_atomic_cas_weak(\&page->xthread_free, \&tfree, tfreex, mi_memory_order(relaxed), mi_memory_order(relaxed)));/
