# The ring has room for half of the objects, so that some come on top of others when all are on one CPU.
# Found as: handed-out-twice|corrupted-list|leak|corrupted|freed-twice|use-after-free
s/capacity = roundup_pow_of_two(nr_objs);/capacity = roundup_pow_of_two((nr_objs + 1) \/ 2);/
