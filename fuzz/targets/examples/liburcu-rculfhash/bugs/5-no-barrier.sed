# Destroy does not wait for deferred frees, which add behind its back.
# Found as: leak|use-after-free|callback-on-freed-cache|freed-in-use|crash
/^void rcufarm_target_destroy/,/^}/{
/rcu_barrier();/d
}
