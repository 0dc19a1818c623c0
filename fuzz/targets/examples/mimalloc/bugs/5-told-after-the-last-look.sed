# In: src/heap.c
# A thread that ends empties its heap's list of blocks that others have freed, and does not tell them before that it ends: who frees
# later pushes onto a heap that is gone.
# Needs: 60 seconds
# Found as: use-after-free|crash|data-race|corrupted|handed-out-twice|no-end
s/mi_heap_visit_pages(heap, &mi_heap_page_never_delayed_free, NULL, NULL);/;/
