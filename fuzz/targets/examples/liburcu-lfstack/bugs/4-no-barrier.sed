# Destroy does not wait for deferred frees, which push behind its back.
# Found as: leak|use-after-free|callback-on-freed-cache|freed-in-use
/^  rcu_barrier();/d
