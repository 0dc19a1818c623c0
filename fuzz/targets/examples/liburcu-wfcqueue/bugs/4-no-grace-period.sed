# A deferred free enqueues the object at once, under its readers.
# Found as: reused-under-reader|corrupted
/^void rcufarm_target_free_deferred/,/^}/s/call_rcu(&object_of(bytes)->rcu, enqueue)/enqueue(\&object_of(bytes)->rcu)/
