# push() takes no lock.
# Found as: leak|handed-out-twice|freed-twice|corrupted-list|bad-free
/^static inline void ___pcpu_freelist_push(/,/^}/s/^\traw_spin_\(un\)\?lock.*//
