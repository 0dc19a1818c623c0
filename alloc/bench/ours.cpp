#include "bench/ours.h"

#include <cstdio>
#include <cstdlib>

namespace rcufarm::bench {

native::MachineConfig machine_config(unsigned cpus) {
  native::MachineConfig config;
  config.cpus = cpus;
  config.slab.backing = native::Backing::pages;
  config.slab.poison = false;
  config.slab.quarantine = false;
  return config;
}

OwnedAllocator::OwnedAllocator(native::Machine& machine, int size) : machine_(machine) {
  const native::CpuOwner on_cpu(machine_, kernel::Cpu{0});
  if (bpf_mem_alloc_init(&ma_, size, false) == 0) return;
  std::fputs("bench: bpf_mem_alloc_init failed: is there no memory left?\n", stderr);
  std::abort();
}

OwnedAllocator::~OwnedAllocator() {
  {
    const native::CpuOwner on_cpu(machine_, kernel::Cpu{0});
    bpf_mem_alloc_destroy(&ma_);
  }
  machine_.flush_workqueue();
}

}  // namespace rcufarm::bench
