// Figures of one RCU flavour, for people, metrics and tests.
#pragma once

#include <array>
#include <cstdint>

namespace rcufarm::native {

struct RcuStats {
  static constexpr unsigned buckets = 32;

  std::uint64_t grace_periods = 0;
  std::uint64_t answered =
      0;  // waits for this flavour's readers, for either flavour, that ended without asking liburcu
  std::uint64_t callbacks_queued = 0;  // barriers and synchronize are not counted
  std::uint64_t callbacks_invoked = 0;
  std::uint64_t callbacks_pending = 0;  // queued, and not invoked
  std::uint64_t grace_period_ns_min = 0;
  std::uint64_t grace_period_ns_max = 0;
  std::uint64_t grace_period_ns_sum = 0;
  // histogram[i]: grace periods of 2^i to 2^(i+1) - 1 ns; the last one all that are longer, the first 0 ns too.
  std::array<std::uint64_t, buckets> histogram{};
};

}  // namespace rcufarm::native
