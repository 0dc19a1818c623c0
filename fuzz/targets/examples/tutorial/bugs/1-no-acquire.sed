# Whoever takes the depot's list does not see the links behind its first block.
# Found as: data-race|crash|handed-out-twice|corrupted|use-after-free
s/return atomic_exchange_explicit(&depot, NULL, memory_order_acquire)/return atomic_exchange_explicit(\&depot, NULL, memory_order_relaxed)/
