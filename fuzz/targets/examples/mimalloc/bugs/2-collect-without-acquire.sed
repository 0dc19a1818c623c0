# In: src/page.c
# The owner takes the list of blocks that others have freed, and does not see the links in them.
# Needs: 60 seconds
# Found as: data-race|crash|corrupted|handed-out-twice|use-after-free|no-end
/_mi_page_thread_free_collect(mi_page_t\* page)$/,/^}/s/mi_atomic_cas_weak_acq_rel(&page->xthread_free/mi_atomic_cas_weak_release(\&page->xthread_free/
