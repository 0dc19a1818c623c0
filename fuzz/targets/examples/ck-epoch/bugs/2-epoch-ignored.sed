# A deferred free pushes the object at once.
# Found as: reused-under-reader|corrupted|handed-out-twice|leak
/^void rcufarm_target_free_deferred/,/^}/s/free_later(bytes)/push(\&object_of(bytes)->epoch)/
