// The adapter: the kernel's allocator behind the harness' table.
#include <cstring>

#include "harness/sim/sim_allocator.h"
#include "linux/places.h"
#include "linux/shim.h"

extern "C" {
#include "linux/calls.h"
}

namespace rcufarm {

namespace {

const rcufarm_calls& calls() {
  static const rcufarm_calls table = rcufarm_linked_calls();
  return table;
}

// In front of a user's bytes: the list node. From 4096 bytes on there is no class.
constexpr std::size_t header = sizeof(void*);
constexpr std::size_t class_most = 4096;

harness::SimAllocator table_of(const rcufarm_calls& c) {
  return {
      .name = "kernel/bpf/memalloc.c",
      .bytes = c.bytes,
      .align = alignof(std::max_align_t),
      .header_bytes = header,
      .construct =
          [](void* ma) {
            linux_shim::begin_run();
            std::memset(ma, 0, calls().bytes);
          },
      .init = [](void* ma, int size, bool percpu) { return calls().init(ma, size, percpu) == 0; },
      .alloc = c.alloc,
      .cache_alloc = c.cache_alloc,
      .cache_alloc_flags =
          c.cache_alloc_flags == nullptr
              ? nullptr
              : +[](void* ma, kernel::Gfp gfp) { return calls().cache_alloc_flags(ma, gfp == kernel::Gfp::kernel); },
      .free = c.free,
      .cache_free = c.cache_free,
      .free_rcu = c.free_rcu,
      .cache_free_rcu = c.cache_free_rcu,
      .raw_free = c.raw_free,
      .destroy = [](void* ma, bool) { calls().destroy(ma); },
      .accounts = nullptr,
      .ready = nullptr,
      .size_max = class_most - header,
      .percpu = true,
      .state = nullptr,
      .orders_by_cpp = false,
      .charges = c.charges,
      .place_of =
          [](const void* return_address) {
            const sim::Site& site = linux_shim::place_of(return_address);
            return std::strstr(site.file, "kernel/bpf/") != nullptr ? site : sim::Site{};
          },
      .announced = true,
      .trace_implies_rcu_gp = c.trace_implies_rcu_gp == 2 ? std::nullopt : std::optional(c.trace_implies_rcu_gp == 1),
      .readers = static_cast<oracle::Readers>(c.readers),
  };
}

}  // namespace

namespace harness {
const SimAllocator& linked_sim_allocator() {
  static const SimAllocator table = table_of(calls());
  return table;
}
}  // namespace harness

}  // namespace rcufarm
