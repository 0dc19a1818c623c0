# A free looks for the size class by the size of the slab object: of a per-CPU object that is its header of 16 bytes.
# Found as: crash|warning|wrong-size|wrong-list|corrupted-list|use-after-free|leak
/^void notrace bpf_mem_free(/,/^}/ s/bpf_mem_cache_idx(c->unit_size)/bpf_mem_cache_idx(ksize(ptr - LLIST_NODE_SZ))/
/^void notrace bpf_mem_free_rcu(/,/^}/ s/bpf_mem_cache_idx(c->unit_size)/bpf_mem_cache_idx(ksize(ptr - LLIST_NODE_SZ))/
