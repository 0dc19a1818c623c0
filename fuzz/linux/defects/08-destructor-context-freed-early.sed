# The destructor's context is freed by destroy itself, and callbacks that destroy leaves to a work still use it.
# Found as: use-after-free
/^static void destroy_mem_alloc/,/^}/ s/^\tif (!rcu_in_progress) {/\tif (ma->dtor_ctx_free)\n\t\tma->dtor_ctx_free(ma->dtor_ctx);\n\tma->dtor_ctx_free = NULL;\n&/
