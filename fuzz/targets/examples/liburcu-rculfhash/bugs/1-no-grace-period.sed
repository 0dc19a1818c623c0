# A deferred free adds the node again at once, under those who walk over it.
# Found as: reused-under-reader|corrupted|handed-out-twice|leak|no-end|crash|use-after-free
/^void rcufarm_target_free_deferred/,/^}/s/free_later(bytes)/add(\&object_of(bytes)->rcu)/
