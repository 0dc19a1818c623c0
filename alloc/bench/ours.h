// Our allocator, as a subject of (a) and (b).
//
// Job: one machine with a CPU for each thread, one fixed-size and one size-class allocator on it, and the two ways to
// call them. Owned by main; its subjects must not outlive it.
#pragma once

#include "bpf_mem_alloc.h"
#include "native/cpu_owner.h"
#include "native/machine.h"

#include "bench/subject.h"

namespace rcufarm::bench {

// The native kernel as benchmarks use it: nothing of the allocator is switched off, only what the machine does for
// finding mistakes and what users of an allocator do not pay for: poison and quarantine of its slab.
native::MachineConfig machine_config(unsigned cpus);

// The thread of that number owns the CPU of that number.
class CpuHolder {
 public:
  CpuHolder(native::Machine& machine, unsigned index) : owner_(machine, static_cast<kernel::Cpu>(index)) {}

 private:
  native::CpuOwner owner_;
};

// bpf_mem_cache_alloc and bpf_mem_cache_free: objects of one size.
class CacheSubject {
 public:
  CacheSubject(native::Machine& machine, struct bpf_mem_alloc& ma)
      : machine_(&machine), ma_(&ma), allocate_(opaque(&bpf_mem_cache_alloc)), release_(opaque(&bpf_mem_cache_free)) {}
  void* allocate() const { return allocate_(ma_); }
  void release(void* object) const { release_(ma_, object); }
  CpuHolder enter_thread(unsigned index) const { return {*machine_, index}; }

 private:
  native::Machine* machine_;
  struct bpf_mem_alloc* ma_;
  void* (*allocate_)(struct bpf_mem_alloc*);
  void (*release_)(struct bpf_mem_alloc*, void*);
};
static_assert(Subject<CacheSubject>);

// bpf_mem_alloc and bpf_mem_free: objects of any size.
class ClassesSubject {
 public:
  ClassesSubject(native::Machine& machine, struct bpf_mem_alloc& ma)
      : machine_(&machine), ma_(&ma), allocate_(opaque(&::bpf_mem_alloc)), release_(opaque(&bpf_mem_free)) {}
  void* allocate() const { return allocate_(ma_, object_bytes); }
  void release(void* object) const { release_(ma_, object); }
  CpuHolder enter_thread(unsigned index) const { return {*machine_, index}; }

 private:
  native::Machine* machine_;
  struct bpf_mem_alloc* ma_;
  void* (*allocate_)(struct bpf_mem_alloc*, std::size_t);
  void (*release_)(struct bpf_mem_alloc*, void*);
};
static_assert(Subject<ClassesSubject>);

// A bpf_mem_alloc for as long as it lives. Made and destroyed on CPU 0; aborts if there is no memory for it.
class OwnedAllocator {
 public:
  // size: as of bpf_mem_alloc_init
  OwnedAllocator(native::Machine& machine, int size);
  // Returns when all objects are back in the slab.
  ~OwnedAllocator();
  OwnedAllocator(const OwnedAllocator&) = delete;
  OwnedAllocator& operator=(const OwnedAllocator&) = delete;
  struct bpf_mem_alloc& get() {
    return ma_;
  }

 private:
  native::Machine& machine_;
  struct bpf_mem_alloc ma_ {};
};

class OurMachine {
 public:
  OurMachine() : machine_(machine_config(2)), cache_(machine_, object_bytes), classes_(machine_, 0) {}
  CacheSubject cache_subject() { return {machine_, cache_.get()}; }
  ClassesSubject classes_subject() { return {machine_, classes_.get()}; }

 private:
  native::Machine machine_;
  OwnedAllocator cache_;
  OwnedAllocator classes_;
};

}  // namespace rcufarm::bench
