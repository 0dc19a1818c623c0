# A node is pushed again while somebody pops: its next may be another one by then (ABA).
# Found as: handed-out-twice|leak|reused-under-reader|crash|use-after-free
/^void rcufarm_target_free(/,/^}/s/free_later(bytes)/push(\&object_of(bytes)->rcu)/
