# In: src/page.c
# Who collects what other threads have freed leaves the list where it is: it is collected again.
# Found as: data-race|crash|corrupted|handed-out-twice|use-after-free|no-end
/^static void _mi_page_thread_free_collect/,/^}/s/tfreex = mi_tf_set_block(tfree,NULL);/tfreex = tfree;/
