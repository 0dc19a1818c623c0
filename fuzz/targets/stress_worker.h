// The worker of stress_native: random scenarios on real threads, one after another, in a process of its own.
//
// Job: run until something is found or time is up. What it is doing lies in memory shared with its parent, so that a worker
// that dies of a sanitizer or a signal loses neither its counts nor its input.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace rcufarm::targets {

inline constexpr std::size_t stress_input_bytes_max = 1U << 16U;

// Shared by parent and worker. One writer (the worker).
struct StressState {
  std::atomic<std::uint64_t> runs{0};
  std::atomic<std::uint64_t> runs_implied{0};  // those of them where rcu_trace_implies_rcu_gp() is true
  std::atomic<std::uint64_t> operations{0};
  std::atomic<std::uint64_t> objects{0};
  std::atomic<std::uint32_t> input_bytes{0};  // of the present run's scenario, encoded
  std::byte input[stress_input_bytes_max];
};

struct StressPlan {
  std::uint64_t seed = 1;
  double seconds = 60;
};

inline constexpr int stress_exit_found = 1;

// Runs in the worker; gives its exit code: 0 when time is up, stress_exit_found after the first finding, which it has
// printed to stderr.
int stress_until_found(const StressPlan& plan, StressState& state);

}  // namespace rcufarm::targets
