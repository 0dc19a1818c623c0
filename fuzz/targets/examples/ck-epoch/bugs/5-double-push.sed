# A free pushes the object when its epoch has ended, and it was pushed before.
# Found as: handed-out-twice|leak|no-end|crash|use-after-free|reused-under-reader|freed-twice
/^void rcufarm_target_free(/,/^}/s/free_later(bytes);/push(\&object_of(bytes)->epoch); free_later(bytes);/
