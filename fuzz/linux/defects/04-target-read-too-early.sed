# Destroy reads a cache's flags in the right order, but each cache once: the callback of a later one has an earlier one as its
# target, and sets that one's flag after it was read. What hides this is that a draining cache is freed inline, so that goes.
# Found as: callback-on-freed-cache|warning|use-after-free|freed-in-use
/^static void do_call_rcu_ttrace/,/^}/ {
  /__free_rcu(&c->rcu_ttrace);/ {
    N
    d
  }
}
/^void bpf_mem_alloc_destroy/,/^}/ {
  s/call_rcu_ttrace_in_progress/THE_OTHER/
  s/call_rcu_in_progress/call_rcu_ttrace_in_progress/
  s/THE_OTHER/call_rcu_in_progress/
}
