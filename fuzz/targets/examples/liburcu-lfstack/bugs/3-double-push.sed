# A deferred free pushes the node at once, and once more after the grace period.
# Found as: handed-out-twice|reused-under-reader|leak|no-end|use-after-free|queued-twice|corrupted
/^void rcufarm_target_free_deferred/,/^}/s/free_later(bytes);/push(\&object_of(bytes)->rcu); free_later(bytes);/
