# A free adds the node at once, and once more behind a grace period.
# Found as: handed-out-twice|leak|crash|use-after-free|no-end|reused-under-reader|freed-twice
/^void rcufarm_target_free(/,/^}/s/free_later(bytes);/add(\&object_of(bytes)->rcu); free_later(bytes);/
