// Allocation failure on demand.
//
// Job: say of each allocation whether it is to fail. Any thread, outside nmi. Costs a load where nothing is planned.
#pragma once

#include <atomic>
#include <cstdint>

#include "native/slab_config.h"

namespace rcufarm::native {

class Failures {
 public:
  explicit Failures(FailurePlan plan) : plan_(std::move(plan)) {
    planned_ = plan_.nth != 0 || plan_.every != 0 || !plan_.bits.empty();
  }

  // Counts an allocation and decides it. Relaxed: the number is all that is shared.
  bool next_fails() noexcept {
    if (take_demanded()) return true;
    if (!planned_) return false;
    const std::uint64_t number = count_.fetch_add(1, std::memory_order_relaxed) + 1;
    if (number == plan_.nth) return true;
    if (plan_.every != 0 && number % plan_.every == 0) return true;
    return number <= plan_.bits.size() && plan_.bits[number - 1] == '1';
  }

  // The next n allocations fail, besides the plan. 0: none any more.
  void demand(std::uint64_t n) noexcept { demanded_.store(n, std::memory_order_relaxed); }

 private:
  bool take_demanded() noexcept {
    std::uint64_t left = demanded_.load(std::memory_order_relaxed);
    while (left != 0) {
      if (demanded_.compare_exchange_weak(left, left - 1, std::memory_order_relaxed)) return true;
    }
    return false;
  }

  const FailurePlan plan_;
  bool planned_ = false;
  std::atomic<std::uint64_t> count_{0};
  std::atomic<std::uint64_t> demanded_{0};
};

}  // namespace rcufarm::native
