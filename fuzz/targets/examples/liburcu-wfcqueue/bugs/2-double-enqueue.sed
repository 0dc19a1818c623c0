# A free enqueues the object twice.
# Found as: handed-out-twice|no-end|use-after-free|freed-twice|leak|crash
/^void rcufarm_target_free(/,/^}/s/enqueue(&object_of(bytes)->rcu);/enqueue(\&object_of(bytes)->rcu); enqueue(\&object_of(bytes)->rcu);/
