// Counter: a statistic.
//
// Job: a sum that orders nothing. Any context.
#pragma once

#include <atomic>
#include <cstdint>

namespace rcufarm::kernel {
inline namespace native {

// Relaxed throughout: statistics order nothing.
class Counter {
 public:
  constexpr Counter() noexcept = default;
  Counter(const Counter&) = delete;
  Counter& operator=(const Counter&) = delete;

  void add(std::int64_t n) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  void add_shared(std::int64_t n) noexcept { value_.fetch_add(n, std::memory_order_relaxed); }
  std::int64_t read() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

}  // namespace native
}  // namespace rcufarm::kernel
