// A stress worker's page as metrics: what the allocator and RCU did since it was looked at last.
//
// Job: differences of one page's sums, added to the counters. The page is the worker's; a meter serves one page. One thread.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>

#include "stress/metrics/metrics.h"
#include "stress/worker/mapped_page.h"

namespace rcufarm::stress {

class AllocatorMeter {
 public:
  explicit AllocatorMeter(std::filesystem::path page) : file_(std::move(page)) {}

  void read(Metrics& metrics);

 private:
  struct Seen {
    static constexpr unsigned buckets = 32;
    std::array<std::uint64_t, buckets> ns{};
    std::uint64_t ns_sum = 0;
    std::uint64_t first = 0;   // destroys, or callbacks queued
    std::uint64_t second = 0;  // callbacks invoked
  };
  // Adds what is new in a histogram by powers of two to one of ours.
  template <class Buckets>
  static void observe(Histogram& histogram, Seen& seen, const Buckets& buckets, std::uint64_t ns_sum);

  std::filesystem::path file_;
  std::optional<MappedPage> page_;
  Seen destroys_;
  std::array<Seen, 2> flavors_;
};

}  // namespace rcufarm::stress
