# A lock of its own, whose unlock is a store that orders nothing: on arm64 and POWER the next owner sees the list as it was.
# Found as: leak|handed-out-twice|freed-twice|corrupted-list|corrupted|use-after-free|bad-free
# Model: kernel
s/#include <linux\/spinlock.h>/&\n#include <linux\/atomic.h>/
s/raw_spinlock_t lock/atomic_t lock/
s/raw_spin_lock_init(\([^;]*\));/atomic_set(\1, 0);/
s/raw_spin_lock(\([^;]*\));/while (atomic_xchg_acquire(\1, 1)) cpu_relax();/
s/raw_spin_trylock(\(&[^)]*\))/!atomic_xchg_acquire(\1, 1)/
s/raw_spin_unlock(\([^;]*\));/atomic_set(\1, 0);/
