// Slab, per-CPU memory, object cgroup, PerCpu<T>.
//
// Job: the allocation calls, and the handle of one T for each CPU.
#pragma once

#include <new>

#include "sim_port/detail.h"

namespace rcufarm::kernel {
inline namespace sim {

// A machine has one, and counts what is charged to it.
struct ObjCgroup;

inline Cpu smp_processor_id() { return static_cast<Cpu>(::rcufarm::sim::this_cpu()); }
inline unsigned nr_cpus() { return ::rcufarm::sim::cpu_count(); }

// The node is of no consequence here: all memory is equally far.
inline void* kmalloc_node(std::size_t bytes, Gfp gfp, Cpu /*node*/, ObjCgroup* objcg, AllocFailure& why,
                          const detail::Site& site = detail::Site::here()) {
  return ::rcufarm::sim::slab_alloc(bytes, gfp, objcg != nullptr, why, site);
}
inline void kfree(void* object, const detail::Site& site = detail::Site::here()) {
  if (object != nullptr) ::rcufarm::sim::slab_free(object, site);
}
inline std::size_t ksize(const void* object) { return ::rcufarm::sim::slab_size(object); }
inline void* alloc_percpu(std::size_t bytes, Gfp gfp, ObjCgroup* objcg, AllocFailure& why,
                          const detail::Site& site = detail::Site::here()) {
  return ::rcufarm::sim::percpu_alloc(bytes, gfp, objcg != nullptr, why, site);
}
inline void free_percpu(void* memory, const detail::Site& site = detail::Site::here()) {
  if (memory != nullptr) ::rcufarm::sim::percpu_free(memory, site);
}
inline void* per_cpu_ptr(void* memory, Cpu cpu) {
  return ::rcufarm::sim::percpu_of(memory, static_cast<unsigned>(cpu));
}
inline ObjCgroup* get_obj_cgroup_from_current(const detail::Site& site = detail::Site::here()) {
  // Never looked into: a pointer that is not null, and the same in every run.
  return ::rcufarm::sim::objcg_get(site) ? reinterpret_cast<ObjCgroup*>(std::uintptr_t{16}) : nullptr;
}
inline void obj_cgroup_put(ObjCgroup* objcg, const detail::Site& site = detail::Site::here()) {
  if (objcg != nullptr) ::rcufarm::sim::objcg_put(site);
}

template <class T>
class PerCpu {
  using Site = detail::Site;

 public:
  static PerCpu create(Gfp gfp, const Site& site = Site::here()) {
    PerCpu handle;
    handle.base_ = static_cast<char*>(::rcufarm::sim::caches_alloc(sizeof(T), handle.stride_, gfp, site));
    if (handle.base_ == nullptr) return handle;
    handle.cpus_ = nr_cpus();
    for (unsigned i = 0; i < handle.cpus_; ++i) new (handle.base_ + i * handle.stride_) T();
    return handle;
  }

  explicit operator bool() const { return base_ != nullptr; }
  T& on(Cpu cpu) const { return *std::launder(reinterpret_cast<T*>(base_ + static_cast<unsigned>(cpu) * stride_)); }
  T& this_cpu() const { return on(smp_processor_id()); }
  bool contains(const void* address) const {
    const auto offset = reinterpret_cast<std::uintptr_t>(address) - reinterpret_cast<std::uintptr_t>(base_);
    return base_ != nullptr && offset < cpus_ * stride_ && offset % stride_ < sizeof(T);
  }
  void destroy(const Site& site = Site::here()) {
    if (base_ == nullptr) return;
    for (unsigned i = 0; i < cpus_; ++i) on(static_cast<Cpu>(i)).~T();
    ::rcufarm::sim::caches_free(base_, site);
    base_ = nullptr;
  }

 private:
  char* base_ = nullptr;
  std::size_t stride_ = 0;
  unsigned cpus_ = 0;
};

}  // namespace sim
}  // namespace rcufarm::kernel
