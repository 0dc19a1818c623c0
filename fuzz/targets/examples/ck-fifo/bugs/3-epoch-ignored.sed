# A deferred free enqueues the object at once.
# Found as: reused-under-reader|corrupted|handed-out-twice|leak
/^void rcufarm_target_free_deferred/,/^}/s/free_later(bytes)/enqueue(\&object_of(bytes)->epoch)/
