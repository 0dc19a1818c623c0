# Destroy does not wait for deferred frees: their callbacks come to chunks that are gone.
# Found as: use-after-free|freed-in-use|callback-on-freed-cache|leak
/^  rcu_barrier();/d
