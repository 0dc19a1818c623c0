# A lookup outside of a read section: no grace period waits for it.
# Found as: handed-out-twice|leak|crash|use-after-free|no-end|corrupted
/^void\* rcufarm_target_alloc/,/^}/{
/rcu_read_lock();/d
/rcu_read_unlock();/d
}
