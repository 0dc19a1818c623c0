# In: src/alloc.c
# The link is written when the block is on the list already.
# Found as: data-race|crash|corrupted|handed-out-twice|use-after-free|no-end
/^static mi_decl_noinline void _mi_free_block_mt/,/^}/{
/mi_block_set_next(page, block, mi_tf_block(tfree));/d
s/} while (!mi_atomic_cas_weak_release(&page->xthread_free, &tfree, tfreex));/&\n  if (!use_delayed) mi_block_set_next(page, block, mi_tf_block(tfree));/
}
