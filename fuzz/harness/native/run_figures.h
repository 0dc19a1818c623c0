// What a native run shows of the allocator and of RCU, for metrics.
//
// Job: sums over one run that its owner asked for. Filled by the run's threads; read when the run is over.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>

#include "mem/mem_alloc.h"
#include "native/rcu_stats.h"

namespace rcufarm::harness {

struct RunFigures {
  static constexpr unsigned buckets = 32;

  // Relaxed throughout: figures for people, they order nothing.
  std::array<std::atomic<std::int64_t>, mem::list_count> objects{};  // on the lists, as each destroy found them
  std::array<std::atomic<std::int64_t>, mem::list_count> bytes{};
  std::atomic<std::uint64_t> destroys{0};
  std::atomic<std::uint64_t> destroy_ns_sum{0};
  std::array<std::atomic<std::uint64_t>, buckets> destroy_ns{};   // [i]: destroys of 2^i to 2^(i+1) - 1 ns
  std::array<native::RcuStats, kernel::rcu_flavor_count> rcu{};   // once the run has settled
  std::array<std::uint64_t, kernel::rcu_flavor_count> pending{};  // callbacks, when the tasks had ended

  void before_destroy(const mem::Statistics& statistics) {
    for (unsigned i = 0; i < mem::list_count; ++i) {
      objects[i].fetch_add(statistics.objects[i], std::memory_order_relaxed);
      bytes[i].fetch_add(statistics.bytes[i], std::memory_order_relaxed);
    }
  }
  void after_destroy(std::uint64_t ns) {
    const unsigned width = static_cast<unsigned>(std::bit_width(ns));
    const unsigned bucket = width == 0 ? 0 : width - 1;
    destroys.fetch_add(1, std::memory_order_relaxed);
    destroy_ns_sum.fetch_add(ns, std::memory_order_relaxed);
    destroy_ns[bucket < buckets ? bucket : buckets - 1].fetch_add(1, std::memory_order_relaxed);
  }
};

}  // namespace rcufarm::harness
