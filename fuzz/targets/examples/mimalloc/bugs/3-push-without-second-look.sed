# In: src/alloc.c
# A block that another thread frees is pushed by a load and a store. What the owner took in between is on the list again.
# Needs: 60 seconds
# Found as: handed-out-twice|corrupted|data-race|crash|use-after-free|no-end
/_mi_free_block_mt(mi_page_t\* page, mi_block_t\* block)$/,/racy read/s/while (!mi_atomic_cas_weak_release(&page->xthread_free, &tfree, tfreex));/while (mi_atomic_store_release(\&page->xthread_free, tfreex), false);/
