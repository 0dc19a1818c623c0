// Peak memory of this process above a base.
//
// Job: sample the resident set from a thread of its own. The kernel's own high-water mark (VmHWM) lags by up to 32
// pages for each CPU, which is as much as the smaller side of a comparison uses; /proc/self/statm is exact, so it is
// read often instead. Owned by one case in a process of its own: peaks do not mix.
#pragma once

#include <pthread.h>

#include <atomic>
#include <cstdint>
#include <thread>

namespace rcufarm::bench {

// Brings all file-backed pages of this process into memory and turns huge pages off, so that a page that becomes
// resident later is one that somebody asked memory for. Call it before the base is taken.
void settle_resident_set();

// Bytes of this process that are resident now.
std::int64_t resident_bytes();

class PeakMemory {
 public:
  // Takes the base and starts to sample.
  PeakMemory();
  ~PeakMemory();
  PeakMemory(const PeakMemory&) = delete;
  PeakMemory& operator=(const PeakMemory&) = delete;

  // Ends sampling. Returns the largest number of bytes above the base that was seen; 0 if it never rose.
  std::int64_t finish();

  // CPU time of the sampling thread so far, to be left out of a figure. Before finish() only.
  std::int64_t sampler_cpu_ns();

 private:
  static constexpr std::int64_t period_ns = 250'000;

  void sample();
  void run();

  std::int64_t base_bytes_;
  std::atomic<std::int64_t> peak_bytes_;
  std::atomic<bool> started_{false};
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace rcufarm::bench
