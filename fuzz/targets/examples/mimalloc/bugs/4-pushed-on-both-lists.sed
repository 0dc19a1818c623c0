# In: src/alloc.c
# A block that another thread frees goes to its page's list and to its heap's as well.
# Needs: 60 seconds
# Found as: handed-out-twice|corrupted|data-race|crash|use-after-free|no-end
/_mi_free_block_mt(mi_page_t\* page, mi_block_t\* block)$/,/^}/s/^  if mi_unlikely(use_delayed) {/  {/
# Its own word for it, which would fail at once.
s/mi_assert_internal(mi_tf_delayed(tfree) == MI_DELAYED_FREEING);/;/
