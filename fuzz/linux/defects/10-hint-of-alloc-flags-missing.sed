# An object that alloc_flags gets from the slab itself does not say which cache it is from: a free takes its target from there.
# Found as: crash|corrupted-list
/^void notrace \*bpf_mem_cache_alloc_flags(/,/^}/ {
  /^\t\tif (ret)$/ {
    N
    d
  }
}
