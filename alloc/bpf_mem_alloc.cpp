// The C functions of bpf_mem_alloc.h over mem::MemAlloc.
//
// Job: names and types. Built natively only: C names know no inline namespace that would keep two kernels apart.
#include "bpf_mem_alloc.h"

#include "mem/mem_alloc.h"

#include <cerrno>
#include <new>

using rcufarm::kernel::Gfp;
using rcufarm::mem::Error;
using rcufarm::mem::MemAlloc;

static_assert(sizeof(struct bpf_mem_alloc) >= sizeof(MemAlloc));
static_assert(alignof(struct bpf_mem_alloc) >= alignof(MemAlloc));
static_assert(BPF_MEM_ALLOC_SIZE_MAX == MemAlloc::alloc_size_max);

namespace {
// A zeroed struct is one that was never initialised: all of MemAlloc's members are empty when zero.
MemAlloc& of(struct bpf_mem_alloc* ma) { return *std::launder(reinterpret_cast<MemAlloc*>(ma)); }
}  // namespace

extern "C" {

// flatten: the hit path is one function, without a call in it.

int bpf_mem_alloc_init(struct bpf_mem_alloc* ma, int size, bool percpu) {
  switch ((new (ma) MemAlloc)->init(size, percpu)) {
    case Error::none: return 0;
    case Error::invalid: return -EINVAL;
    case Error::no_memory: return -ENOMEM;
  }
  return -EINVAL;
}

void bpf_mem_alloc_destroy(struct bpf_mem_alloc* ma) { of(ma).destroy(); }

[[gnu::flatten]] void* bpf_mem_alloc(struct bpf_mem_alloc* ma, size_t size) { return of(ma).alloc(size); }
[[gnu::flatten]] void bpf_mem_free(struct bpf_mem_alloc* ma, void* ptr) { of(ma).free(ptr); }
[[gnu::flatten]] void bpf_mem_free_rcu(struct bpf_mem_alloc* ma, void* ptr) { of(ma).free_rcu(ptr); }

[[gnu::flatten]] void* bpf_mem_cache_alloc(struct bpf_mem_alloc* ma) { return of(ma).cache_alloc(); }
void* bpf_mem_cache_alloc_flags(struct bpf_mem_alloc* ma, enum bpf_gfp flags) {
  return of(ma).cache_alloc_flags(flags == BPF_GFP_KERNEL ? Gfp::kernel : Gfp::nowait);
}
[[gnu::flatten]] void bpf_mem_cache_free(struct bpf_mem_alloc* ma, void* ptr) { of(ma).cache_free(ptr); }
[[gnu::flatten]] void bpf_mem_cache_free_rcu(struct bpf_mem_alloc* ma, void* ptr) { of(ma).cache_free_rcu(ptr); }

void bpf_mem_cache_raw_free(void* ptr) { MemAlloc::cache_raw_free(ptr); }

}  // extern "C"
