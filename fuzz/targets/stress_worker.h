// The worker of stress_native: random scenarios on real threads, one after another, in a process of its own.
//
// Job: run until something is found or time is up. What it is doing lies in memory shared with its parent, so that a worker
// that dies of a sanitizer or a signal loses neither its counts nor its input. With --page that memory is a file, for
// whoever else wants to see it.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace rcufarm::targets {

inline constexpr std::size_t stress_input_bytes_max = 1U << 16U;
// What the file of --page begins with; another layout has another number.
inline constexpr std::uint64_t stress_page_magic = 0x7263754661726d01U;
inline constexpr unsigned stress_lists = 7;
inline constexpr unsigned stress_flavors = 2;
inline constexpr unsigned stress_buckets = 32;

// Of one RCU flavour, summed over all runs; pending as the last run's tasks left it.
struct StressRcu {
  std::atomic<std::uint64_t> callbacks_queued{0};
  std::atomic<std::uint64_t> callbacks_invoked{0};
  std::atomic<std::uint64_t> callbacks_pending{0};
  std::atomic<std::uint64_t> grace_period_ns_sum{0};
  std::array<std::atomic<std::uint64_t>, stress_buckets> grace_period_ns{};  // [i]: of 2^i to 2^(i+1) - 1 ns
};

// Shared by parent and worker. One writer (the worker).
struct StressState {
  std::atomic<std::uint64_t> magic{stress_page_magic};
  std::atomic<std::uint64_t> runs{0};
  std::atomic<std::uint64_t> runs_implied{0};  // those of them where rcu_trace_implies_rcu_gp() is true
  std::atomic<std::uint64_t> operations{0};
  std::atomic<std::uint64_t> objects{0};
  // On the allocator's lists, in the order of mem::List, as the destroys of the last run found them.
  std::array<std::atomic<std::int64_t>, stress_lists> list_objects{};
  std::array<std::atomic<std::int64_t>, stress_lists> list_bytes{};
  std::atomic<std::uint64_t> destroys{0};
  std::atomic<std::uint64_t> destroy_ns_sum{0};
  std::array<std::atomic<std::uint64_t>, stress_buckets> destroy_ns{};  // [i]: of 2^i to 2^(i+1) - 1 ns
  std::array<StressRcu, stress_flavors> rcu{};                          // in the order of kernel::RcuFlavor
  std::atomic<std::uint32_t> input_bytes{0};                            // of the present run's scenario, encoded
  std::byte input[stress_input_bytes_max];
};

struct StressPlan {
  std::uint64_t seed = 1;
  double seconds = 60;
};

// No sanitizer's: those end a process with 1 and 66.
inline constexpr int stress_exit_found = 3;

// Runs in the worker; gives its exit code: 0 when time is up, stress_exit_found after the first run with findings, which it
// has told (harness/record.h).
int stress_until_found(const StressPlan& plan, StressState& state);

}  // namespace rcufarm::targets
