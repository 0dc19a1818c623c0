# In: src/alloc.c
# A free by another thread is taken for one by the owner of the page.
# Found as: data-race|crash|corrupted|handed-out-twice|use-after-free|no-end
s/const bool          is_local= (_mi_thread_id() == mi_atomic_load_relaxed(&segment->thread_id));/const bool          is_local= true;/
