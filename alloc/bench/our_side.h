// Our side of (c) and (d): bpf_mem_cache_alloc and bpf_mem_cache_free_rcu.
//
// Job: a machine of its own with one allocator; the updater on CPU 0, the reader on CPU 1 in sections of both flavours,
// so that both grace periods have somebody to wait for. Owned by one case in a process of its own.
#pragma once

#include "kernel/kernel.h"

#include "bpf_mem_alloc.h"
#include "native/cpu_owner.h"
#include "native/machine.h"

#include <cstdint>

#include "bench/child_case.h"
#include "bench/ours.h"

namespace rcufarm::bench {

class OurSide {
 public:
  explicit OurSide(const native::MachineConfig& config) : machine_(config), allocator_(machine_, object_bytes) {}

  CpuHolder enter_updater() { return {machine_, 0}; }
  CpuHolder enter_reader() { return {machine_, 1}; }

  class Section {
    kernel::ReadSection regular_{kernel::RcuFlavor::regular};
    kernel::ReadSection tasks_trace_{kernel::RcuFlavor::tasks_trace};
  };
  Section read_section() { return {}; }

  void* allocate() { return bpf_mem_cache_alloc(&allocator_.get()); }
  void defer_free(void* object) { bpf_mem_cache_free_rcu(&allocator_.get(), object); }

  // Returns when everything is back in the slab; no use after it.
  void settle() {
    bpf_mem_alloc_destroy(&allocator_.get());
    const native::WaitWithoutCpu waiting;
    machine_.flush_workqueue();
    slab_allocations_ = machine_.slab().stats().allocations;
  }

  void describe(Figures& figures) const {
    const auto count = [&](kernel::RcuFlavor flavor) {
      return static_cast<double>(machine_.rcu(flavor).grace_periods);
    };
    figures["regular_grace_periods"] = count(kernel::RcuFlavor::regular);
    figures["tasks_trace_grace_periods"] = count(kernel::RcuFlavor::tasks_trace);
    figures["regular_grace_periods_answered"] = static_cast<double>(machine_.rcu(kernel::RcuFlavor::regular).answered);
    figures["regular_grace_period_max_ms"] =
        static_cast<double>(machine_.rcu(kernel::RcuFlavor::regular).grace_period_ns_max) / 1e6;
    figures["slab_allocations"] = static_cast<double>(slab_allocations_);
  }

 private:
  native::Machine machine_;
  OwnedAllocator allocator_;
  std::uint64_t slab_allocations_ = 0;
};

}  // namespace rcufarm::bench
